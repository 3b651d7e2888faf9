package fee

import (
	"time"

	"partnerhub/ent"
)

// PriceAt returns what a package costs a month in a currency, in minor units:
// the latest of its prices that holds at the instant (A26). Where the currency
// had none yet, as after a reseller's change of currency (A44), it is the first
// that came. ok is false where the currency has no price at all.
func PriceAt(prices []*ent.PackagePrice, currency string, at time.Time) (minor int64, ok bool) {
	var best *ent.PackagePrice
	for _, p := range prices {
		if p.Currency == currency && (best == nil || better(p, best, at)) {
			best = p
		}
	}
	if best == nil {
		return 0, false
	}
	return best.Amount, true
}

// better reports whether p rather than q is the price at an instant: the later
// of those that hold, else the earlier.
func better(p, q *ent.PackagePrice, at time.Time) bool {
	pHolds, qHolds := !p.ValidFrom.After(at), !q.ValidFrom.After(at)
	if pHolds != qHolds {
		return pHolds
	}
	return p.ValidFrom.After(q.ValidFrom) == pHolds
}
