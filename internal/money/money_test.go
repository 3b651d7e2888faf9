package money_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/bojanz/currency"
	"pgregory.net/rapid"

	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/money"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		want             int64
		err              error
	}{
		{"12.50", "EUR", 1250, nil},
		{"12.5", "EUR", 1250, nil},
		{"12", "EUR", 1200, nil},
		{"0", "EUR", 0, nil},
		{"-0", "EUR", 0, nil},
		{"0.01", "PLN", 1, nil},
		{"-0.01", "PLN", -1, nil},
		{"007.00", "PLN", 700, nil},
		{"1234", "JPY", 1234, nil},
		{"-1234", "JPY", -1234, nil},
		{"1.234", "KWD", 1234, nil},
		{"1.2345", "CLF", 12345, nil},
		{"92233720368547758.07", "EUR", math.MaxInt64, nil},
		{"-92233720368547758.08", "EUR", math.MinInt64, nil},
		{"9223372036854775807", "JPY", math.MaxInt64, nil},

		{"92233720368547758.08", "EUR", 0, money.ErrTooLarge},
		{"-92233720368547758.09", "EUR", 0, money.ErrTooLarge},
		{strings.Repeat("9", 1000), "EUR", 0, money.ErrTooLarge},
		{"12.505", "EUR", 0, money.ErrTooFine},
		{"12.500", "EUR", 0, money.ErrTooFine},
		{"12.0", "JPY", 0, money.ErrTooFine},
		{"1.2345", "KWD", 0, money.ErrTooFine},
		{"", "EUR", 0, money.ErrInvalidAmount},
		{"-", "EUR", 0, money.ErrInvalidAmount},
		{".", "EUR", 0, money.ErrInvalidAmount},
		{"12.", "EUR", 0, money.ErrInvalidAmount},
		{".5", "EUR", 0, money.ErrInvalidAmount},
		{"+5", "EUR", 0, money.ErrInvalidAmount},
		{"--5", "EUR", 0, money.ErrInvalidAmount},
		{"5-", "EUR", 0, money.ErrInvalidAmount},
		{"1.2.3", "EUR", 0, money.ErrInvalidAmount},
		{"1.-2", "EUR", 0, money.ErrInvalidAmount},
		{"12,50", "EUR", 0, money.ErrInvalidAmount},
		{"1 000", "EUR", 0, money.ErrInvalidAmount},
		{"1_000", "EUR", 0, money.ErrInvalidAmount},
		{" 12", "EUR", 0, money.ErrInvalidAmount},
		{"12\n", "EUR", 0, money.ErrInvalidAmount},
		{"1e3", "EUR", 0, money.ErrInvalidAmount},
		{"0x10", "EUR", 0, money.ErrInvalidAmount},
		{"NaN", "EUR", 0, money.ErrInvalidAmount},
		{"Inf", "EUR", 0, money.ErrInvalidAmount},
		{"١٢", "EUR", 0, money.ErrInvalidAmount},
		{"12", "", 0, money.ErrInvalidCurrency},
		{"12", "eur", 0, money.ErrInvalidCurrency},
		{"12", "EURO", 0, money.ErrInvalidCurrency},
		{"12", "XXX", 0, money.ErrInvalidCurrency},
	} {
		got, err := money.Parse(c.amount, c.currency)
		if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("Parse(%.40q, %q) = %d, %v; want %d, %v", c.amount, c.currency, got, err, c.want, c.err)
		}
	}
}

// The refusals have sentences, with the digits of the currency where they help.
func TestParse_Sentences(t *testing.T) {
	for _, c := range []struct{ amount, currency, en, pl string }{
		{"1.005", "EUR", "Amounts in EUR have no more than 2 decimal places.", "Kwoty w EUR mają najwyżej 2 miejsca po przecinku."},
		{"1.5", "JPY", "Amounts in JPY have no more than 0 decimal places.", "Kwoty w JPY mają najwyżej 0 miejsc po przecinku."},
		{"x", "EUR", "Enter an amount such as 1234.50.", "Wprowadź kwotę w postaci 1234.50."},
		{"1", "x", "Enter a valid currency code, for example EUR.", "Wprowadź prawidłowy kod waluty, na przykład EUR."},
		{"99999999999999999999", "EUR", "This amount is too large.", "Ta kwota jest zbyt duża."},
	} {
		_, err := money.Parse(c.amount, c.currency)
		e, ok := errors.AsType[*errs.Error](err)
		if !ok {
			t.Fatalf("Parse(%q, %q): %v", c.amount, c.currency, err)
		}
		if en := i18n.Text(i18n.English, e.Message, e.Args); en != c.en {
			t.Errorf("%q, want %q", en, c.en)
		}
		if pl := i18n.Text(i18n.Polish, e.Message, e.Args); pl != c.pl {
			t.Errorf("%q, want %q", pl, c.pl)
		}
	}
}

func TestAtLeast(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		want             int64
		err              error
	}{
		{"12.50", "EUR", 1250, nil},
		{"12.501", "EUR", 1251, nil},
		{"-12.501", "EUR", -1250, nil},
		{"-12.50", "EUR", -1250, nil},
		{"0.0000001", "EUR", 1, nil},
		{"12.5", "JPY", 13, nil},
		{"1.2345", "KWD", 1235, nil},
		{strings.Repeat("9", 60), "EUR", math.MaxInt64, nil},
		{"-" + strings.Repeat("9", 60), "EUR", math.MinInt64, nil},
		{strings.Repeat("9", 65), "EUR", 0, money.ErrInvalidAmount},
		{"1e3", "EUR", 0, money.ErrInvalidAmount},
		{"1/3", "EUR", 0, money.ErrInvalidAmount},
		{"", "EUR", 0, money.ErrInvalidAmount},
		{"1.", "EUR", 0, money.ErrInvalidAmount},
		{"1", "XXX", 0, money.ErrInvalidCurrency},
	} {
		got, err := money.AtLeast(c.amount, c.currency)
		if got != c.want || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("AtLeast(%.40q, %q) = %d, %v; want %d, %v", c.amount, c.currency, got, err, c.want, c.err)
		}
	}
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		want     string
	}{
		{123450, "PLN", "1234.50"},
		{0, "PLN", "0.00"},
		{1, "PLN", "0.01"},
		{-1, "PLN", "-0.01"},
		{-10, "PLN", "-0.10"},
		{100, "PLN", "1.00"},
		{0, "JPY", "0"},
		{-1234, "JPY", "-1234"},
		{1, "KWD", "0.001"},
		{1234567, "KWD", "1234.567"},
		{12345, "CLF", "1.2345"},
		{math.MaxInt64, "EUR", "92233720368547758.07"},
		{math.MinInt64, "EUR", "-92233720368547758.08"},
		{math.MinInt64, "JPY", "-9223372036854775808"},
	} {
		if got := money.Decimal(c.minor, c.currency); got != c.want {
			t.Errorf("Decimal(%d, %q) = %q, want %q", c.minor, c.currency, got, c.want)
		}
	}
}

func TestFormat(t *testing.T) {
	for _, c := range []struct {
		minor    int64
		currency string
		en, pl   string
	}{
		{1250, "PLN", "PLN_12.50", "12,50_zł"},
		{123450, "EUR", "€1,234.50", "1234,50_€"},
		{1234567890, "PLN", "PLN_12,345,678.90", "12_345_678,90_zł"},
		{-1, "EUR", "-€0.01", "-0,01_€"},
		{0, "USD", "$0.00", "0,00_$"},
		{1250, "JPY", "¥1,250", "1250_¥"},
		{1250, "KWD", "KWD_1.250", "1,250_KWD"},
		{math.MinInt64, "EUR", "-€92,233,720,368,547,758.08", "-92_233_720_368_547_758,08_€"},
		{math.MaxInt64, "EUR", "€92,233,720,368,547,758.07", "92_233_720_368_547_758,07_€"},
	} {
		for l, want := range map[i18n.Language]string{i18n.English: c.en, i18n.Polish: c.pl, "de": c.en} {
			want = strings.ReplaceAll(want, "_", "\u00a0")
			if got := money.Format(c.minor, c.currency, l); got != want {
				t.Errorf("Format(%d, %q, %q) = %q, want %q", c.minor, c.currency, l, got, want)
			}
		}
	}
}

// An amount of no currency is no amount: better no answer than a wrong one.
func TestUnknownCurrency(t *testing.T) {
	for name, write := range map[string]func(){
		"Decimal": func() { money.Decimal(1, "XXX") },
		"Format":  func() { money.Format(1, "", i18n.English) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s wrote an amount of no currency", name)
				}
			}()
			write()
		}()
	}
}

func TestValidCurrency(t *testing.T) {
	for code, want := range map[string]bool{"EUR": true, "PLN": true, "JPY": true, "eur": false, "": false, "XXX": false, "EU": false} {
		if money.ValidCurrency(code) != want {
			t.Errorf("ValidCurrency(%q) = %v", code, !want)
		}
	}
}

// What is written reads back as the same amount, in every currency, and is
// exactly the amount as a fraction.
func TestRoundTrip(t *testing.T) {
	codes := currency.GetCurrencyCodes()
	rapid.Check(t, func(t *rapid.T) {
		minor, code := rapid.Int64().Draw(t, "minor"), rapid.SampledFrom(codes).Draw(t, "currency")
		written := money.Decimal(minor, code)
		if read, err := money.Parse(written, code); err != nil || read != minor {
			t.Fatalf("%d %s is written %q and read %d, %v", minor, code, written, read, err)
		}
		digits, _ := currency.GetDigits(code)
		exact, ok := new(big.Rat).SetString(written)
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
		if want := new(big.Rat).SetFrac(big.NewInt(minor), scale); !ok || exact.Cmp(want) != 0 {
			t.Fatalf("%d %s is written %q", minor, code, written)
		}
	})
}
