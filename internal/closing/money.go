package closing

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/fee"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// addMoney adds to the lists what the resellers among the companies owe, are
// owed, or are to be charged.
func addMoney(ctx context.Context, c *ent.Client, at Moment, companies []*ent.Company, lists map[*ent.Company]errs.List) error {
	resellers := map[string]*ent.Company{}
	ids := []string{}
	for _, company := range companies {
		if company.ResellerSince != nil {
			resellers[company.ID] = company
			ids = append(ids, company.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ledgers, err := c.Ledger.Query().Where(ledger.ResellerIDIn(ids...)).All(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("read balances: %w", err)
	}
	shares, err := tally.Read(ctx, c, tally.Scope{ResellerIDs: ids}, at.Now, at.Zone)
	if err != nil {
		return err
	}
	due := map[string]bool{}
	for _, s := range shares {
		due[s.ResellerID] = due[s.ResellerID] || s.NextCharge > 0
	}
	for _, l := range ledgers {
		late, err := isLate(ctx, c, at, resellers[l.ResellerID], l)
		if err != nil {
			return err
		}
		state := errs.State{SubjectID: l.ResellerID}
		list := lists[resellers[l.ResellerID]]
		if l.Balance != 0 {
			list = append(list, ErrBalance.About(state))
		}
		if late || due[l.ResellerID] {
			list = append(list, ErrNextCharge.About(state))
		}
		if len(list) > 0 {
			lists[resellers[l.ResellerID]] = list
		}
	}
	return nil
}

// isLate reports whether a reseller is due to pay for a month that is over and
// that the run has not come to.
func isLate(ctx context.Context, c *ent.Client, at Moment, reseller *ent.Company, l *ent.Ledger) (bool, error) {
	charged, err := calendar.ParseMonth(l.ChargedThrough)
	if err != nil {
		return false, fmt.Errorf("read a ledger: %w", err)
	}
	for m := charged.Next(); m.Before(calendar.MonthOf(at.Now, at.Zone)); m = m.Next() {
		text, args := fee.Lines(at.Dialect, fee.Span{ResellerID: l.ResellerID, Currency: *reseller.Currency, Month: fee.MonthIn(m, at.Zone)})
		rows, err := c.QueryContext(ctx, "SELECT 1 FROM ("+text+") AS line LIMIT 1", args...)
		if err != nil {
			return false, fmt.Errorf("look for what is due: %w", err)
		}
		due := rows.Next()
		if err := rows.Close(); err != nil || rows.Err() != nil {
			return false, fmt.Errorf("look for what is due: %w", errors.Join(err, rows.Err()))
		}
		if due {
			return true, nil
		}
	}
	return false, nil
}
