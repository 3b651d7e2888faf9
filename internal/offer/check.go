package offer

import (
	"errors"
	"regexp"
	"strconv"

	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/money"
)

// Refusals of what is said of a package.
var (
	// ErrCode answers a code of other characters than letters, digits, and
	// dots, dashes and underscores between them.
	ErrCode = errs.New(errs.Invalid, "errorPackageCode")
	// ErrTwice answers a language or currency that one input names twice.
	ErrTwice = errs.New(errs.Invalid, "errorNamedTwice")
	// ErrEnglishName answers a new package without a name in English, which
	// stands in for every language that is missing.
	ErrEnglishName = errs.New(errs.Required, "errorPackageEnglishName")
	// ErrFee answers a fee below zero.
	ErrFee = errs.New(errs.Invalid, "errorFeeNegative")
	// ErrTrialDays answers free days below zero or above "max".
	ErrTrialDays = errs.New(errs.Invalid, "errorTrialDays")
)

// Limits of what is said of a package.
const (
	maxCode      = 50   // characters
	maxTrialDays = 3650 // ten years
)

// code is a short name that fits a URL, a file name and a column.
var code = regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`)

// checked is a package whose form is right.
type checked struct {
	code   string
	names  map[string]string // by language
	prices []price           // one per currency, in the order of the input
}

type price struct {
	currency string
	amount   int64 // minor units
}

// check checks the form of all that is said.
func check(in Package) (c checked, err error) {
	var wrong errs.List
	c.code = form.Text(&wrong, in.Code, maxCode, true, "code")
	if c.code != "" && !code.MatchString(c.code) {
		wrong.Add(ErrCode.On("code"))
	}
	c.names = checkNames(&wrong, in.Names)
	c.prices = checkFees(&wrong, in.MonthlyFees)
	if d := in.TrialDays; d != nil && (*d < 0 || *d > maxTrialDays) {
		wrong.Add(ErrTrialDays.With("max", maxTrialDays).On("trialDays"))
	}
	return c, wrong.Err()
}

func checkNames(wrong *errs.List, in []*Text) map[string]string {
	names := map[string]string{}
	for i, n := range in {
		at := strconv.Itoa(i)
		language := form.Language(wrong, n.Language, "names", at, "language")
		if l, ok := i18n.Match(language); ok && string(l) != language {
			language = string(l) // "pl-PL" is said in Polish
		}
		text := form.Text(wrong, n.Text, form.MaxName, true, "names", at, "text")
		if _, ok := names[language]; ok && language != "" {
			wrong.Add(ErrTwice.On("names", at, "language"))
		}
		names[language] = text
	}
	return names
}

func checkFees(wrong *errs.List, in []*money.Input) (prices []price) {
	seen := map[string]bool{}
	for i, fee := range in {
		at := strconv.Itoa(i)
		switch amount, err := money.Parse(fee.Amount, fee.Currency); {
		case errors.Is(err, money.ErrInvalidCurrency):
			wrong.Add(money.ErrInvalidCurrency.On("monthlyFees", at, "currency"))
		case err != nil:
			for _, e := range errs.Refusals(err) {
				wrong.Add(e.On("monthlyFees", at, "amount"))
			}
		case amount < 0:
			wrong.Add(ErrFee.On("monthlyFees", at, "amount"))
		default:
			prices = append(prices, price{fee.Currency, amount})
		}
		if seen[fee.Currency] {
			wrong.Add(ErrTwice.On("monthlyFees", at, "currency"))
		}
		seen[fee.Currency] = true
	}
	return prices
}
