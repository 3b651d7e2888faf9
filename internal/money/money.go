// Package money writes and reads exact amounts.
//
// An amount is an int64 of minor units, the smallest the currency has, and the
// ISO 4217 code of the currency: 1250 with EUR is €12.50, 1250 with JPY is
// ¥1,250 and 1250 with KWD is KWD 1.250. No amount is ever rounded, and none is
// ever a float.
package money

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/bojanz/currency"

	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
)

// Refusals of [Parse]. (A25, A54)
var (
	ErrInvalidAmount   = errs.New(errs.Invalid, "errorInvalidAmount")
	ErrTooFine         = errs.New(errs.Invalid, "errorAmountTooFine")
	ErrTooLarge        = errs.New(errs.Invalid, "errorAmountTooLarge")
	ErrInvalidCurrency = errs.New(errs.Invalid, "errorInvalidCurrency")
)

// ValidCurrency reports whether code is a currency of ISO 4217, in upper case.
func ValidCurrency(code string) bool {
	_, ok := currency.GetDigits(code)
	return ok
}

// Parse returns the minor units of an amount in major units: digits, perhaps
// with a minus before them, and perhaps with a point and more digits.
//
// It fails with [ErrInvalidCurrency], [ErrInvalidAmount] (anything else, such
// as an exponent, a comma or a blank), [ErrTooFine] (more digits behind the
// point than the currency has, zeros too) or [ErrTooLarge]; all are *errs.Error.
func Parse(amount, code string) (minor int64, err error) {
	digits, ok := currency.GetDigits(code)
	if !ok {
		return 0, ErrInvalidCurrency
	}
	unsigned, negative := strings.CutPrefix(amount, "-")
	whole, fraction, pointed := strings.Cut(unsigned, ".")
	if !isDigits(whole) || pointed && !isDigits(fraction) {
		return 0, ErrInvalidAmount
	}
	if len(fraction) > int(digits) {
		return 0, ErrTooFine.With("currency", code).With("count", int(digits))
	}
	number := whole + fraction + strings.Repeat("0", int(digits)-len(fraction))
	if negative {
		number = "-" + number
	}
	minor, err = strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, ErrTooLarge
	}
	return minor, nil
}

// AtLeast returns the smallest number of minor units that is not below an
// amount in major units: what "1.005" of EUR begins with is 101. Other than
// [Parse] it takes any number of digits behind the point, up to 64 in all, and
// what is beyond an int64 is its largest or smallest value. It is for filters,
// which keep what is not below a bound.
//
// It fails with [ErrInvalidCurrency] or [ErrInvalidAmount].
func AtLeast(amount, code string) (minor int64, err error) {
	digits, ok := currency.GetDigits(code)
	if !ok {
		return 0, ErrInvalidCurrency
	}
	whole, fraction, pointed := strings.Cut(strings.TrimPrefix(amount, "-"), ".")
	if len(amount) > 64 || !isDigits(whole) || pointed && !isDigits(fraction) {
		return 0, ErrInvalidAmount
	}
	exact, ok := new(big.Rat).SetString(amount + "e" + strconv.Itoa(int(digits)))
	if !ok {
		return 0, ErrInvalidAmount
	}
	up := new(big.Int).Add(exact.Num(), exact.Denom())
	up.Sub(up, big.NewInt(1)).Div(up, exact.Denom()) // Euclidean: down, below zero too
	switch {
	case up.IsInt64():
		return up.Int64(), nil
	case up.Sign() < 0:
		return math.MinInt64, nil
	}
	return math.MaxInt64, nil
}

// Decimal writes an amount in major units, with all the digits that the
// currency has: "1234.50". [Parse] reads it back. It panics when there is no
// such currency: any number of digits would be another amount.
func Decimal(minor int64, code string) string {
	digits := mustDigits(code)
	number := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, number = "-", number[1:]
	}
	if digits == 0 {
		return sign + number
	}
	if short := digits + 1 - len(number); short > 0 {
		number = strings.Repeat("0", short) + number
	}
	point := len(number) - digits
	return sign + number[:point] + "." + number[point:]
}

// formatters write amounts as the people of a language do.
var formatters = map[i18n.Language]*currency.Formatter{
	i18n.English: currency.NewFormatter(currency.NewLocale("en")),
	i18n.Polish:  currency.NewFormatter(currency.NewLocale("pl")),
}

// Format writes an amount for people: "€1,234.50" in English and "1234,50 €" in
// Polish, with no-break spaces. It panics when there is no such currency.
func Format(minor int64, code string, l i18n.Language) string {
	f := formatters[l]
	if f == nil {
		f = formatters[i18n.English]
	}
	mustDigits(code)
	amount, err := currency.NewAmountFromInt64(minor, code)
	if err != nil {
		panic("money: " + err.Error())
	}
	return f.Format(amount)
}

func mustDigits(code string) int {
	digits, ok := currency.GetDigits(code)
	if !ok {
		panic("money: no currency " + strconv.Quote(code))
	}
	return int(digits)
}

func isDigits(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}
