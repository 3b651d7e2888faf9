package billing

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// RunMonth runs the monthly run of the months through one that is over, when
// the platform operator asks. A dry run changes nothing, and counts what the
// run would do. Since the run comes by itself too, there may be nothing left to
// do.
//
// It fails with [authz.ErrForbidden] or [ErrMonthNotOver] (A47). Where resellers
// cannot be charged, the others are, and it fails for good.
func RunMonth(ctx context.Context, db *store.DB, in MonthRun) (*Outcome, error) {
	if err := authz.RequireOperator(ctx); err != nil {
		return nil, err
	}
	month := fee.MonthIn(in.Month, db.Zone)
	if db.Clock.Now().Before(month.End) {
		return nil, ErrMonthNotOver.On("month")
	}
	do := Run
	if in.IsDryRun {
		do = foresee
	}
	done, err := do(ctx, db, in.Month)
	if err != nil {
		return nil, err
	}
	return &done, nil
}

// foresee counts what [Run] would do now.
func foresee(ctx context.Context, db *store.DB, through calendar.Month) (all Outcome, err error) {
	ctx = viewer.System(ctx)
	c := db.Read(ctx)
	waiting := ledger.ChargedThroughLT(through.String())
	ended := func(resellerID string, until time.Time) (n int, err error) {
		err = row(ctx, c, `SELECT count(*) FROM services
			WHERE reseller_id = $1 AND ends_at <= $2 AND ends_at IS NOT NULL AND status <> 'ENDED'`, []any{resellerID, until}, &n)
		return n, err
	}
	for last := ""; ; {
		ledgers, err := c.Ledger.Query().Where(waiting, ledger.ResellerIDGT(last)).WithReseller().
			Order(ent.Asc(ledger.FieldResellerID)).Limit(page).All(ctx)
		if err != nil {
			return all, fmt.Errorf("look for resellers to charge: %w", err)
		}
		for _, led := range ledgers {
			n, err := ended(led.ResellerID, calendar.Start(through.Next(), db.Zone))
			if err != nil {
				return all, fmt.Errorf("count services that expire: %w", err)
			}
			all.Ended += n
			if n, err = fees(ctx, db, led, through); err != nil {
				return all, err
			}
			all.Booked += n
		}
		if len(ledgers) < page {
			return all, nil
		}
		last = ledgers[len(ledgers)-1].ResellerID
	}
}

// fees counts the months through one that a reseller has still to pay for.
func fees(ctx context.Context, db *store.DB, led *ent.Ledger, through calendar.Month) (n int, err error) {
	m, err := calendar.ParseMonth(led.ChargedThrough)
	if err != nil {
		return 0, err
	}
	for m = m.Next(); !through.Before(m); m = m.Next() {
		due, err := Due(ctx, db.View(ctx), led.Edges.Reseller, m)
		if err != nil {
			return 0, err
		}
		if due.Count > 0 {
			n++
		}
	}
	return n, nil
}
