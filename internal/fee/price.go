package fee

import (
	"time"

	"partnerhub/ent"
)

// PriceAt returns what an account is charged a month for a package, in minor
// units, by a first paying instant: the price [InForce] then. Where the
// currency had none yet, as after a reseller's change of currency (A44), it is
// the first that came. ok is false where the currency has no price at all.
func PriceAt(prices []*ent.PackagePrice, currency string, at time.Time) (minor int64, ok bool) {
	if minor, ok = InForce(prices, currency, at); ok {
		return minor, ok
	}
	var first *ent.PackagePrice
	for _, p := range prices {
		if p.Currency == currency && (first == nil || p.ValidFrom.Before(first.ValidFrom)) {
			first = p
		}
	}
	if first == nil {
		return 0, false
	}
	return first.Amount, true
}

// InForce returns what a package costs a month in a currency, in minor units:
// the latest of its prices that holds at the instant (A26). ok is false where
// none does.
func InForce(prices []*ent.PackagePrice, currency string, at time.Time) (minor int64, ok bool) {
	var latest *ent.PackagePrice
	for _, p := range prices {
		holds := p.Currency == currency && !p.ValidFrom.After(at)
		if holds && (latest == nil || p.ValidFrom.After(latest.ValidFrom)) {
			latest = p
		}
	}
	if latest == nil {
		return 0, false
	}
	return latest.Amount, true
}
