package report

import (
	"context"
	"fmt"

	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/ledger"
	"partnerhub/internal/store"
)

// NextCharges returns what the next monthly run will charge each reseller, as
// things stand: for the first month that is not charged yet (A18). Nothing due
// is a charge of zero (A59).
//
// It comes from the counters while that month is the running one. Where the run
// is late, it comes from the history, as the run itself will find it.
func NextCharges(ctx context.Context, v store.View, overviews []*Overview) (map[*Overview]*ledger.Charge, error) {
	running := calendar.MonthOf(v.Now, v.Zone)
	charges := make(map[*Overview]*ledger.Charge, len(overviews))
	for _, o := range overviews {
		last, err := calendar.ParseMonth(o.ledger.ChargedThrough)
		if err != nil {
			return nil, fmt.Errorf("read the last charged month of a reseller: %w", err)
		}
		c := &ledger.Charge{ResellerID: o.Reseller.ID, Month: last.Next(), Currency: o.Currency}
		if c.Month == running {
			for _, row := range o.rows {
				c.Amount += row.NextCharge
				c.Count += row.NextLines
			}
		} else {
			due, err := billing.Due(ctx, v, o.Reseller, c.Month)
			if err != nil {
				return nil, err
			}
			c.Amount, c.Count = due.Amount, due.Count
		}
		charges[o] = c
	}
	return charges, nil
}
