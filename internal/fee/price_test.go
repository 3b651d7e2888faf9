package fee_test

import (
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/internal/fee"
)

// A price holds from its instant on, until a later one does, and each currency
// goes by its own; before its first it goes by that. (A25 A26 A44)
func TestPriceAt(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	prices := []*ent.PackagePrice{
		{Currency: "EUR", Amount: 700, ValidFrom: day(20)},
		{Currency: "EUR", Amount: 500, ValidFrom: day(1)},
		{Currency: "EUR", Amount: 600, ValidFrom: day(10)},
		{Currency: "PLN", Amount: 0, ValidFrom: day(5)},
	}
	for _, c := range []struct {
		currency string
		at       time.Time
		want     int64
		ok       bool // there is a price
		inForce  bool // it holds at the instant
	}{
		{"EUR", day(1).Add(-time.Microsecond), 500, true, false},
		{"EUR", day(1).AddDate(-1, 0, 0), 500, true, false},
		{"EUR", day(1), 500, true, true},
		{"EUR", day(10).Add(-time.Microsecond), 500, true, true},
		{"EUR", day(10), 600, true, true},
		{"EUR", day(31), 700, true, true},
		{"PLN", day(4), 0, true, false},
		{"PLN", day(6), 0, true, true}, // costs nothing, which is a price too
		{"USD", day(31), 0, false, false},
	} {
		if got, ok := fee.PriceAt(prices, c.currency, c.at); got != c.want || ok != c.ok {
			t.Errorf("PriceAt(%s, %s) = %d, %v, want %d, %v", c.currency, c.at, got, ok, c.want, c.ok)
		}
		if got, ok := fee.InForce(prices, c.currency, c.at); ok != c.inForce || ok && got != c.want {
			t.Errorf("InForce(%s, %s) = %d, %v, want %v", c.currency, c.at, got, ok, c.inForce)
		}
	}
}
