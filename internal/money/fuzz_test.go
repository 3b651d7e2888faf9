package money_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/bojanz/currency"

	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/money"
)

// Whatever is read is exactly what stood there: never rounded, never wrapped.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"12.50", "-0.001", "1e3", "", ".", "99999999999999999999", "007", "1.", "-.5", "0.0000"} {
		for _, code := range []string{"EUR", "JPY", "KWD", "XXX"} {
			f.Add(s, code)
		}
	}
	f.Fuzz(func(t *testing.T, amount, code string) {
		minor, err := money.Parse(amount, code)
		if err != nil {
			if _, ok := errors.AsType[*errs.Error](err); !ok || minor != 0 {
				t.Fatalf("Parse(%q, %q) = %d, %v", amount, code, minor, err)
			}
			return
		}
		want, ok := new(big.Rat).SetString(amount)
		got, _ := new(big.Rat).SetString(money.Decimal(minor, code))
		if !ok || want.Cmp(got) != 0 {
			t.Fatalf("Parse(%q, %q) = %d", amount, code, minor)
		}
	})
}

// A bound is the first amount that is not below what stands there.
func FuzzAtLeast(f *testing.F) {
	for _, s := range []string{"12.501", "-12.501", "0.0000001", "-0", "9223372036854775807.01", "-9223372036854775808.5", strings.Repeat("9", 64), "1e9", "1/3"} {
		for _, code := range []string{"EUR", "JPY", "KWD", "XXX"} {
			f.Add(s, code)
		}
	}
	f.Fuzz(func(t *testing.T, amount, code string) {
		minor, err := money.AtLeast(amount, code)
		if err != nil {
			if minor != 0 || !errors.Is(err, money.ErrInvalidAmount) && !errors.Is(err, money.ErrInvalidCurrency) {
				t.Fatalf("AtLeast(%q, %q) = %d, %v", amount, code, minor, err)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(amount)
		if !ok {
			t.Fatalf("AtLeast(%q, %q) = %d", amount, code, minor)
		}
		digits, _ := currency.GetDigits(code)
		exact.Mul(exact, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
		above := exact.Cmp(new(big.Rat).SetInt64(minor)) <= 0
		below := exact.Cmp(new(big.Rat).SetInt(new(big.Int).Sub(big.NewInt(minor), big.NewInt(1)))) > 0
		if !above && minor != math.MaxInt64 || !below && minor != math.MinInt64 {
			t.Fatalf("AtLeast(%q, %q) = %d", amount, code, minor)
		}
	})
}

// What people read has the digits of the amount, all of them and in order, and
// a minus where it is below zero.
func FuzzFormat(f *testing.F) {
	for _, minor := range []int64{0, 1, -1, 1250, -123456, math.MaxInt64, math.MinInt64} {
		for _, code := range []string{"EUR", "JPY", "KWD", "CLF", "XXX"} {
			f.Add(minor, code)
		}
	}
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, s)
	}
	f.Fuzz(func(t *testing.T, minor int64, code string) {
		if !money.ValidCurrency(code) {
			return
		}
		exact := money.Decimal(minor, code)
		if read, err := money.Parse(exact, code); err != nil || read != minor {
			t.Fatalf("%d %s is written %q and read %d, %v", minor, code, exact, read, err)
		}
		for _, l := range []i18n.Language{i18n.English, i18n.Polish} {
			if got := money.Format(minor, code, l); digits(got) != digits(exact) || strings.Contains(got, "-") != (minor < 0) {
				t.Fatalf("%s %s is %q in %s", exact, code, got, l)
			}
		}
	})
}
