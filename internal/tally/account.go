package tally

import (
	"context"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/fee"
)

// Fee is what an account is charged a month.
type Fee struct {
	Minor    int64 // minor units
	Currency string
}

// Fees returns the monthly fee of each service, by its id: for those that live
// what the figures count for them, so that they add up to the figures (A18,
// A19). That is nothing on trial, else the price at the first paying instant of
// the running month or, where there is none yet, at the month's beginning. What
// is over goes by the last month it touched. A service has none where its
// package has no price in the reseller's currency.
//
// It takes four statements, however many services there are.
func Fees(ctx context.Context, c *ent.Client, services []*ent.Service, now time.Time, zone *time.Location) (map[string]Fee, error) {
	var resellers, packages []string
	keys, months := make([]fee.Key, len(services)), make([]fee.Month, len(services))
	since := now
	for i, s := range services {
		resellers, packages = append(resellers, s.ResellerID), append(packages, s.PackageID)
		keys[i], months[i] = fee.KeyOf(s), lastMonth(s, now, zone)
		if months[i].Start.Before(since) {
			since = months[i].Start
		}
	}
	lives, err := fee.Lives(ctx, c, since, keys...)
	if err != nil {
		return nil, err
	}
	p, err := readPrices(ctx, c, unique(resellers), unique(packages))
	if err != nil {
		return nil, err
	}
	fees := make(map[string]Fee, len(services))
	for i, s := range services {
		at := months[i].Start
		if first, _, isDue := fee.Due(lives[keys[i]], months[i]); isDue {
			at = first
		}
		currency := p.currencies[s.ResellerID]
		minor, ok := fee.PriceAt(p.packages[s.PackageID], currency, at)
		if !ok {
			continue
		}
		if s.Status != service.StatusENDED && fee.LifeOf(s, nil).OnTrial(now) {
			minor = 0
		}
		fees[s.ID] = Fee{minor, currency}
	}
	return fees, nil
}

// lastMonth returns the running month for a service that lives, and for one
// that is over the last month that it touched: not the one at whose first
// instant it ended, unless it began there (A39).
func lastMonth(s *ent.Service, now time.Time, zone *time.Location) fee.Month {
	if s.Status != service.StatusENDED || s.EndsAt == nil {
		return fee.MonthOf(now, zone)
	}
	m := fee.MonthOf(*s.EndsAt, zone)
	if m.Start.Equal(*s.EndsAt) && s.ActivatedAt.Before(m.Start) {
		return fee.MonthIn(m.Prev(), zone)
	}
	return m
}
