package ledger_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/ledger"
)

// The id of a line tells its key, and nothing else is an id of a line.
func TestChargeLineID(t *testing.T) {
	k := ledger.FeeKey{
		Key:   fee.Key{ResellerID: "co_0ch5", SerialNumber: "00A1", PackageID: "pkg_7"},
		Month: calendar.Month{Year: 2026, Month: time.January},
	}
	id := ledger.ChargeLineID(k)
	if id != "fee_co_0ch5.2026-01.00A1.pkg_7" {
		t.Errorf("id %s", id)
	}
	if got, ok := ledger.ParseChargeLineID(id); !ok || got != k {
		t.Errorf("read back: %v, %v", got, ok)
	}
	for _, id := range []string{
		"", "fee_", "fee_co_1", "co_1.2026-01.00A1.pkg_7", "fee_co_1.2026-13.00A1.pkg_7", "fee_co_1.2026-1.00A1.pkg_7",
		"fee_.2026-01.00A1.pkg_7", "fee_co_1.2026-01..pkg_7", "fee_co_1.2026-01.00A1.", "fee_co_1.2026-01.00A1.pkg_7.x",
	} {
		if got, ok := ledger.ParseChargeLineID(id); ok {
			t.Errorf("%q is read as %v", id, got)
		}
	}
}

// An id is read as the key that it was made of, and no other text as any key.
func FuzzParseChargeLineID(f *testing.F) {
	f.Add("co_0ch5", "2026-01", "00A1", "pkg_7")
	f.Add("co_0ch5", "2026-01.00A1", "00A2", "pkg_7")
	f.Add("co_1.2026-01", "2026-02", "00A1", "pkg_7.")
	f.Add("", "0000-13", "", "fee_")
	f.Fuzz(func(t *testing.T, reseller, month, serial, pkg string) {
		parts := []string{reseller, month, serial, pkg}
		id := "fee_" + strings.Join(parts, ".")
		k, ok := ledger.ParseChargeLineID(id)
		m, err := calendar.ParseMonth(month)
		want := ledger.FeeKey{Key: fee.Key{ResellerID: reseller, SerialNumber: serial, PackageID: pkg}, Month: m}
		if isOne := err == nil && strings.Count(id, ".") == 3 && !slices.Contains(parts, ""); isOne && (!ok || k != want) {
			t.Fatalf("%q is read as %+v, %t", id, k, ok)
		}
		if ok && ledger.ChargeLineID(k) != id || !ok && k != (ledger.FeeKey{}) {
			t.Fatalf("%q is read as %+v, %t", id, k, ok)
		}
	})
}
