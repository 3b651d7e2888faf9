package property_test

import (
	"context"
	"slices"

	"partnerhub/ent/company"
	"partnerhub/internal/report"
	"partnerhub/internal/store"
	"partnerhub/tests/property/model"
)

// productFigures are the figures of the Dashboard as each reseller's owner
// reads them, with what the next run will charge.
func (p *play) productFigures(ctx context.Context) (f facts) {
	view := p.db.View(ctx)
	for _, c := range p.cast.resellers {
		ctx := within(ctx, p.boss(c))
		resellers, err := view.Company.Query().Where(company.ID(c.ID)).All(ctx)
		if err != nil {
			p.fatal("%v", err)
		}
		overviews, err := report.Overviews(ctx, view, resellers)
		if err != nil {
			p.fatal("overview: %v", err)
		}
		o, ok := overviews[resellers[0]]
		if !ok {
			p.fatal("%s has no overview", c.ID)
		}
		f.add("%s: balance %d %s, limit %s, fee %d, dealers %d, accounts %d, begun %v", c.ID, o.Balance, o.Currency,
			or(o.CreditLimit), o.MonthlyFee, o.ActiveDealerCount, o.ActiveAccountCount, o.HasBegun)
		charges, err := report.NextCharges(ctx, view, []*report.Overview{o})
		if err != nil {
			p.fatal("next charge: %v", err)
		}
		f.add("%s: next %s of %d %s in %d lines", c.ID, charges[o].Month, charges[o].Amount, charges[o].Currency, charges[o].Count)
		f = append(f, p.productDealers(ctx, view, o)...)
	}
	return f
}

func (p *play) productDealers(ctx context.Context, view store.View, o *report.Overview) (f facts) {
	dealers, err := report.Dealers(ctx, view, []*report.Overview{o}, nil)
	if err != nil {
		p.fatal("dealers: %v", err)
	}
	for _, a := range dealers[o] {
		if a.ActiveAccountCount == 0 {
			continue
		}
		f.add("%s with %s: %d accounts, %d paid, %d on trial, fee %d", o.Reseller.ID, a.Dealer.ID,
			a.ActiveAccountCount, a.PaidAccountCount, a.TrialAccountCount, a.MonthlyFee)
		for _, s := range a.Packages {
			f.add("%s with %s, package %s: %d accounts, fee %d", o.Reseller.ID, a.Dealer.ID, s.PackageID, s.ActiveAccountCount, s.MonthlyFee)
		}
	}
	slices.Sort(f)
	return f
}

func (p *play) modelFigures() (f facts) {
	for _, c := range p.cast.resellers {
		g, a := p.w.Figures(c), c.Account
		f.add("%s: balance %d %s, limit %s, fee %d, dealers %d, accounts %d, begun %v", c.ID, a.Balance(), a.Currency,
			or(a.Limit), g.MonthlyFee, g.Dealers, g.Accounts, a.EverActive)
		f.add("%s: next %s of %d %s in %d lines", c.ID, g.NextMonth, g.NextAmount, a.Currency, len(g.NextLines))
		f = append(f, modelDealers(c, g)...)
	}
	return f
}

func modelDealers(c *model.Company, g model.Figures) (f facts) {
	sums := map[*model.Company]model.Share{}
	for _, s := range g.Shares {
		sum := sums[s.Dealer]
		sum.Accounts, sum.Paid, sum.Trial = sum.Accounts+s.Accounts, sum.Paid+s.Paid, sum.Trial+s.Trial
		sum.MonthlyFee += s.MonthlyFee
		sums[s.Dealer] = sum
		f.add("%s with %s, package %s: %d accounts, fee %d", c.ID, s.Dealer.ID, s.Package.ID, s.Accounts, s.MonthlyFee)
	}
	for dealer, sum := range sums {
		f.add("%s with %s: %d accounts, %d paid, %d on trial, fee %d", c.ID, dealer.ID, sum.Accounts, sum.Paid, sum.Trial, sum.MonthlyFee)
	}
	slices.Sort(f)
	return f
}
