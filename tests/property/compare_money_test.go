package property_test

import (
	"context"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/transaction"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/tests/property/model"
)

// productMoney is each reseller's money as the product has it.
func (p *play) productMoney(ctx context.Context) (f facts) {
	for _, c := range p.cast.resellers {
		led, err := p.db.Read(ctx).Ledger.Query().Where(ledger.ResellerID(c.ID)).Only(ctx)
		if err != nil {
			p.fatal("%v", err)
		}
		f.add("%s: balance %d, charged through %s", c.ID, led.Balance, led.ChargedThrough)
		f = append(f, p.productHistory(ctx, c)...)
		f = append(f, p.productForecast(ctx, c, led.ChargedThrough)...)
	}
	return append(f, p.productLines(ctx)...)
}

// productLines are the fees that were booked, or are being prepared.
func (p *play) productLines(ctx context.Context) (f facts) {
	all, err := p.db.Read(ctx).ChargeLine.Query().All(ctx)
	if err != nil {
		p.fatal("%v", err)
	}
	for _, l := range all {
		f.add("%s pays for %s of hub %s with %s: %d, by %s", l.ResellerID, l.Month, l.SerialNumber, l.PackageID, l.Amount, l.ServiceID)
	}
	slices.Sort(f)
	return f
}

func (p *play) modelLines() (f facts) {
	for _, l := range p.w.Lines {
		f.add("%s pays for %s of hub %s with %s: %d, by %s", l.Reseller.ID, l.Month, l.Serial, l.Package.ID, l.Amount, l.Service.ID)
	}
	slices.Sort(f)
	return f
}

func (p *play) productHistory(ctx context.Context, c *model.Company) (f facts) {
	all, err := p.db.Read(ctx).Transaction.Query().Where(transaction.ResellerID(c.ID)).
		Order(ent.Asc(transaction.FieldNumber)).All(ctx)
	if err != nil {
		p.fatal("%v", err)
	}
	for i, t := range all {
		if t.Type == transaction.TypeMONTHLY_FEE && i < len(c.Account.Transactions) {
			c.Account.Transactions[i].ID = t.ID // nobody asked for it, so nobody was told
		}
		f.add("%s %d: %s %s %d, then %d, at %s for %q, corrects %q", c.ID, t.Number, t.Type, t.Direction, t.Amount, t.BalanceAfter,
			instant(&t.OccurredAt), orEmpty(t.Month), orEmpty(t.CorrectsID))
	}
	return f
}

// productForecast is what the next run will charge.
func (p *play) productForecast(ctx context.Context, c *model.Company, charged string) (f facts) {
	reseller, err := p.db.Read(ctx).Company.Get(ctx, c.ID)
	if err != nil {
		p.fatal("%v", err)
	}
	last, err := calendar.ParseMonth(charged)
	if err != nil {
		p.fatal("%v", err)
	}
	lines, err := billing.Forecast(ctx, p.db.View(ctx), reseller, last.Next(), billing.Place{}, false, 100)
	if err != nil {
		p.fatal("forecast: %v", err)
	}
	for _, l := range lines {
		f.add("%s will pay for %s of hub %s with %s: %d, by %s", c.ID, l.Month, l.SerialNumber, l.PackageID, l.Amount, l.ServiceID)
	}
	slices.Sort(f)
	return f
}

func (p *play) modelForecast(c *model.Company) (f facts) {
	for _, l := range p.w.Figures(c).NextLines {
		f.add("%s will pay for %s of hub %s with %s: %d, by %s", c.ID, l.Month, l.Serial, l.Package.ID, l.Amount, l.Service.ID)
	}
	slices.Sort(f)
	return f
}

func orEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (p *play) modelMoney() (f facts) {
	for _, c := range p.cast.resellers {
		f.add("%s: balance %d, charged through %s", c.ID, c.Account.Balance(), c.Account.Charged)
		for _, t := range c.Account.Transactions {
			direction := "DEBIT"
			if t.Credit {
				direction = "CREDIT"
			}
			f.add("%s %d: %s %s %d, then %d, at %s for %q, corrects %q", c.ID, t.Number, t.Type, direction, t.Amount, t.After,
				instant(&t.At), t.Month, t.Corrects)
		}
		f = append(f, p.modelForecast(c)...)
	}
	return append(f, p.modelLines()...)
}
