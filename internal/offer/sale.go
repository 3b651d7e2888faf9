// Package offer holds the packages the platform sells, and their prices.
package offer

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/servicepackage"
	"partnerhub/internal/viewer"
)

// OnSale returns the packages that take new activations, the oldest first,
// each with all its prices for [PriceAt] (R79, A43).
func OnSale(ctx context.Context, c *ent.Client) ([]*ent.ServicePackage, error) {
	packages, err := c.ServicePackage.Query().
		Where(servicepackage.ArchivedAtIsNil()).
		WithPrices().
		Order(ent.Asc(servicepackage.FieldID)).
		All(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the packages on sale: %w", err)
	}
	return packages, nil
}

// PriceAt returns what a package costs a month, in minor units of the
// currency: the latest of its prices that holds at the instant (A26). ok is
// false where it has none. The package must have been read with its prices.
func PriceAt(p *ent.ServicePackage, currency string, at time.Time) (minor int64, ok bool) {
	var from time.Time
	for _, price := range p.Edges.Prices {
		if price.Currency == currency && !price.ValidFrom.After(at) && (!ok || price.ValidFrom.After(from)) {
			minor, from, ok = price.Amount, price.ValidFrom, true
		}
	}
	return minor, ok
}
