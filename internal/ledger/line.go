package ledger

import (
	"strings"

	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
)

// Charge is what a reseller pays for a month: booked with a MONTHLY_FEE, or
// what is to be booked as things stand.
type Charge struct {
	ResellerID string
	Month      calendar.Month
	Amount     int64 // minor units: the sum of the lines
	Currency   string
	IsBooked   bool
	Count      int // of the lines, where it is not booked; otherwise the rows tell
}

// ChargeLine is the fee of one account and package for one month, booked or
// not.
type ChargeLine struct {
	FeeKey
	ServiceID string // the latest of the lives that it is for
	Amount    int64  // minor units
	Currency  string
}

// FeeKey is what there is at most one fee for (A3).
type FeeKey struct {
	fee.Key
	Month calendar.Month
}

// linePrefix begins the ids of lines.
const linePrefix = "fee_"

// ChargeLineID returns the id of the line with a key. It is made of the key
// alone, so that a line that is forecast keeps its id when it is booked.
func ChargeLineID(k FeeKey) string {
	return linePrefix + strings.Join([]string{k.ResellerID, k.Month.String(), k.SerialNumber, k.PackageID}, ".")
}

// ParseChargeLineID reads an id back. It reports false for what
// [ChargeLineID] does not write.
func ParseChargeLineID(id string) (k FeeKey, ok bool) {
	rest, isLine := strings.CutPrefix(id, linePrefix)
	parts := strings.Split(rest, ".")
	if !isLine || len(parts) != 4 || parts[0] == "" || parts[2] == "" || parts[3] == "" {
		return FeeKey{}, false
	}
	month, err := calendar.ParseMonth(parts[1])
	if err != nil {
		return FeeKey{}, false
	}
	return FeeKey{Key: fee.Key{ResellerID: parts[0], SerialNumber: parts[2], PackageID: parts[3]}, Month: month}, true
}
