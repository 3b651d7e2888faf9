package tally

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/packageprice"
	"partnerhub/internal/fee"
	"partnerhub/internal/viewer"
)

// prices are what packages cost resellers, each in its currency.
type prices struct {
	currencies map[string]string              // by reseller
	packages   map[string][]*ent.PackagePrice // by package
}

// readPrices reads the currencies of resellers and all prices of packages.
func readPrices(ctx context.Context, c *ent.Client, resellerIDs, packageIDs []string) (p prices, err error) {
	ctx = viewer.System(ctx)
	p = prices{map[string]string{}, map[string][]*ent.PackagePrice{}}
	resellers, err := c.Company.Query().Where(company.IDIn(resellerIDs...), company.CurrencyNotNil()).
		Select(company.FieldCurrency).All(ctx)
	if err != nil {
		return p, fmt.Errorf("read the currencies of resellers: %w", err)
	}
	for _, r := range resellers {
		p.currencies[r.ID] = *r.Currency
	}
	found, err := c.PackagePrice.Query().Where(packageprice.PackageIDIn(packageIDs...)).All(ctx)
	if err != nil {
		return p, fmt.Errorf("read the prices of packages: %w", err)
	}
	for _, price := range found {
		p.packages[price.PackageID] = append(p.packages[price.PackageID], price)
	}
	return p, nil
}

// of returns what the package of a fee key costs its reseller at an instant, in
// minor units: 0 where it has no price in the currency.
func (p prices) of(k fee.Key) func(time.Time) int64 {
	return func(at time.Time) int64 {
		minor, _ := fee.PriceAt(p.packages[k.PackageID], p.currencies[k.ResellerID], at)
		return minor
	}
}
