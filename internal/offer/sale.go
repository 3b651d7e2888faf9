// Package offer holds the packages the platform sells, and their prices.
package offer

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/servicepackage"
	"partnerhub/internal/viewer"
)

// OnSale returns the packages that take new activations, the oldest first,
// each with all its prices for [fee.InForce] (R79, A43).
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
