package closing

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// addMoney adds to the lists what the resellers among the companies owe, are
// owed, or are to be charged.
func addMoney(ctx context.Context, v store.View, companies []*ent.Company, lists map[*ent.Company]errs.List) error {
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
	ledgers, err := v.Ledger.Query().Where(ledger.ResellerIDIn(ids...)).All(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("read balances: %w", err)
	}
	shares, err := tally.Read(ctx, v.Client, tally.Scope{ResellerIDs: ids}, v.Now, v.Zone)
	if err != nil {
		return err
	}
	due := map[string]bool{}
	for _, s := range shares {
		due[s.ResellerID] = due[s.ResellerID] || s.NextCharge > 0
	}
	for _, l := range ledgers {
		late, err := isLate(ctx, v, resellers[l.ResellerID], l)
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
func isLate(ctx context.Context, v store.View, reseller *ent.Company, l *ent.Ledger) (bool, error) {
	charged, err := calendar.ParseMonth(l.ChargedThrough)
	if err != nil {
		return false, fmt.Errorf("read a ledger: %w", err)
	}
	for m := charged.Next(); m.Before(calendar.MonthOf(v.Now, v.Zone)); m = m.Next() {
		due, err := billing.Due(ctx, v, reseller, m)
		if err != nil || due.Count > 0 {
			return due.Count > 0, err
		}
	}
	return false, nil
}
