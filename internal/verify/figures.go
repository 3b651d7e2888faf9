package verify

import (
	"context"
	"fmt"

	"partnerhub/internal/fee"
	"partnerhub/internal/tally"
)

// owner is a reseller with the currency of its fees, and the last month that
// it is charged for.
type owner struct{ id, currency, chargedThrough string }

// everyReseller runs look for each reseller that has a ledger. They are read
// by the hundred: on PostgreSQL nothing else can be asked while rows come.
func (i *inspection) everyReseller(ctx context.Context, look func(owner) error) error {
	const page = 100
	for after := ""; ; {
		var found []owner
		var o owner
		err := i.each(ctx, fmt.Sprintf(`
			SELECT c.id, coalesce(c.currency, ''), l.charged_through FROM companies c JOIN ledgers l ON l.reseller_id = c.id
			WHERE c.id > '%s' ORDER BY c.id LIMIT %d`, after, page), // ids are ours
			[]any{&o.id, &o.currency, &o.chargedThrough}, func() { found = append(found, o) })
		if err != nil {
			return err
		}
		for _, o := range found {
			after = o.id
			if err := look(o); err != nil {
				return err
			}
		}
		if len(found) < page {
			return nil
		}
	}
}

// lookAtCounters counts the accounts and fees of each reseller anew.
func lookAtCounters(ctx context.Context, i *inspection) error {
	return i.everyReseller(ctx, func(o owner) error {
		differences, err := tally.Compare(ctx, i.c, o.id, i.now, i.db.Zone)
		for _, d := range differences {
			i.broken(o.id, "%s of package %s through dealer %s: kept %s, counted %s", d.Row, d.PackageID, d.DealerID, d.Kept, d.Counted)
		}
		return err
	})
}

// lookAtForecasts compares what the counters say of the running month's fees
// with what the monthly run would find in the history. While the run of the
// month before is still to come, services whose end has passed count as live,
// and nobody asks the counters: the next charge is that month's.
func lookAtForecasts(ctx context.Context, i *inspection) error {
	view, month := i.db.View(ctx), fee.MonthOf(i.now, i.db.Zone)
	return i.everyReseller(ctx, func(o owner) error {
		if o.chargedThrough != month.Prev().String() {
			return nil
		}
		shares, err := tally.Read(ctx, i.c, tally.Scope{ResellerIDs: []string{o.id}}, i.now, i.db.Zone)
		if err != nil {
			return err
		}
		lines, args := fee.Lines(view.Dialect, fee.Span{ResellerID: o.id, Currency: o.currency, Month: month})
		rows, err := i.c.QueryContext(ctx, "SELECT count(*), CAST(coalesce(sum(amount), 0) AS bigint) FROM ("+lines+") AS found", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		var n, sum int64
		for rows.Next() {
			if err := rows.Scan(&n, &sum); err != nil {
				return err
			}
		}
		if total := tally.Total(shares); total.NextCharge != sum || int64(total.NextLines) != n {
			i.broken(o.id, "%d in %d fees for %s by the counters, %d in %d by the history", total.NextCharge, total.NextLines, month, sum, n)
		}
		return rows.Err()
	})
}
