package property_test

import (
	"context"
	"slices"

	"partnerhub/internal/calendar"
	"partnerhub/internal/tally"
	"partnerhub/tests/property/model"
)

func (p *play) productFigures(ctx context.Context) (f facts) {
	for _, c := range p.cast.resellers {
		var own facts
		shares, err := tally.Read(ctx, p.db.Read(ctx), tally.Scope{ResellerIDs: []string{c.ID}}, p.db.Clock.Now(), p.db.Zone)
		if err != nil {
			p.fatal("%v", err)
		}
		sums := map[string]tally.Figures{}
		total := int64(0)
		for _, s := range shares {
			total += s.NextCharge
			if s.Accounts == 0 {
				continue
			}
			own.add("%s with %s, package %s: %d accounts, fee %d", c.ID, s.DealerID, s.PackageID, s.Accounts, s.MonthlyFee)
			q := sums[s.DealerID]
			q.Accounts += s.Accounts
			q.Paid += s.Paid
			q.Trial += s.Trial
			q.MonthlyFee += s.MonthlyFee
			sums[s.DealerID] = q
		}
		for d, sum := range sums {
			own.add("%s with %s: %d accounts, %d paid, %d on trial, fee %d", c.ID, d, sum.Accounts, sum.Paid, sum.Trial, sum.MonthlyFee)
		}
		slices.Sort(own)
		if c.Account.Charged.Add(1) == p.w.MonthOf(p.w.Now) {
			f.add("%s: next %d", c.ID, total)
		}
		f = append(f, own...)
	}
	_ = calendar.Month{}
	return f
}
func (p *play) modelFigures() (f facts) {
	for _, c := range p.cast.resellers {
		g := p.w.Figures(c)
		if c.Account.Charged.Add(1) == p.w.MonthOf(p.w.Now) {
			f.add("%s: next %d", c.ID, g.NextAmount)
		}
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
