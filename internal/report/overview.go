// Package report holds what a reseller reads of its business: the figures of
// the Dashboard and of Payment history, each dealer's share in them, and what
// the next monthly run will charge.
//
// The figures come from kept counters (package tally), so they cost the same
// with many accounts as with few. All of them are read in the one read
// transaction of an answer and speak of one instant, so that they add up.
package report

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/ledger"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// Overview is the figures of one reseller, as in the schema's type
// ResellerOverview. Amounts are minor units of Currency, and not for everybody
// who may see the rest (A9).
type Overview struct {
	ID                 string // of the ledger
	Reseller           *ent.Company
	Version            int64  // grows with every change of the figures
	Currency           string // ISO 4217
	CreditLimit        *int64 // null is no limit (A20)
	Balance            int64  // below zero the reseller owes
	MonthlyFee         int64  // run-rate of the accounts that pay: those of the dealers add up to it (A18)
	ActiveDealerCount  int    // with at least one account now (A17)
	ActiveAccountCount int
	HasBegun           bool // a dealer has activated through the reseller once (A17)

	ledger *ent.Ledger
	rows   []tally.Share
}

// Overviews returns the figures of those of the companies that are resellers
// and whose Services module the viewer may see (R28). The others are left out.
func Overviews(ctx context.Context, v store.View, companies []*ent.Company) (map[*ent.Company]*Overview, error) {
	var ids []string
	for _, company := range companies {
		if company.ResellerSince != nil && authz.CanRead(ctx, authz.ViewServicesModule, company.ID) {
			ids = append(ids, company.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	ledgers, err := v.Ledger.Query().Where(ledger.ResellerIDIn(ids...)).All(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("read ledgers: %w", err)
	}
	rows, err := figures(ctx, v, tally.Scope{ResellerIDs: ids})
	if err != nil {
		return nil, err
	}
	byReseller := make(map[string]*ent.Ledger, len(ledgers))
	for _, l := range ledgers {
		byReseller[l.ResellerID] = l
	}
	overviews := make(map[*ent.Company]*Overview, len(ids))
	for _, company := range companies {
		if l := byReseller[company.ID]; l != nil {
			overviews[company] = overview(company, l, rows[company.ID])
		}
	}
	return overviews, nil
}

func overview(reseller *ent.Company, l *ent.Ledger, rows []tally.Share) *Overview {
	o := &Overview{
		ID: l.ID, Reseller: reseller, Version: l.Version, Currency: *reseller.Currency, CreditLimit: reseller.CreditLimit,
		Balance: l.Balance, HasBegun: l.FirstActivatedAt != nil, ledger: l, rows: rows,
	}
	dealers := map[string]bool{}
	for _, row := range rows {
		o.MonthlyFee += row.MonthlyFee
		o.ActiveAccountCount += row.Accounts
		if row.Accounts > 0 {
			dealers[row.DealerID] = true
		}
	}
	o.ActiveDealerCount = len(dealers)
	return o
}

// ByID returns the figures with the ids, those of ledgers, as far as the
// viewer may see them.
func ByID(ctx context.Context, v store.View, ids []string) ([]*Overview, error) {
	owners, err := v.Ledger.Query().Where(ledger.IDIn(ids...)).Select(ledger.FieldResellerID).Strings(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("look for ledgers: %w", err)
	}
	if len(owners) == 0 {
		return nil, nil
	}
	resellers, err := v.Company.Query().Where(company.IDIn(owners...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read resellers: %w", err)
	}
	found, err := Overviews(ctx, v, resellers)
	return slices.Collect(maps.Values(found)), err
}

// figures returns the figures of each reseller, by dealer and package.
func figures(ctx context.Context, v store.View, of tally.Scope) (map[string][]tally.Share, error) {
	all, err := tally.Read(ctx, v.Client, of, v.Now, v.Zone)
	if err != nil {
		return nil, err
	}
	byReseller := make(map[string][]tally.Share, len(of.ResellerIDs))
	for _, row := range all {
		byReseller[row.ResellerID] = append(byReseller[row.ResellerID], row)
	}
	return byReseller, nil
}
