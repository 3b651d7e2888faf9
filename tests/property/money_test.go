package property_test

import (
	"fmt"

	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/ent/transaction"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/ledger"
	"partnerhub/internal/money"
	"partnerhub/tests/property/model"
)

func transactionID(t *ent.Transaction) string { return t.ID }

func (p *play) replenish(c model.Call, reseller *model.Company, amount int64, currency string) {
	c.Input = fmt.Sprint(reseller.ID, amount, currency)
	p.log("%s REPLENISH %s %d %s key %q", c.By.ID, reseller.ID, amount, currency, c.Key)
	p.do(p.w.Replenish(c, reseller, amount, currency), func() (string, error) {
		made, err := ledger.Replenish(as(c.By), p.db, ledger.Replenishment{
			ResellerID: reseller.ID, Amount: money.Input{Amount: decimal(amount), Currency: currency}, IdempotencyKey: c.Key,
		})
		return idOf(made, err, transactionID)
	})
}

func (p *play) adjust(c model.Call, of *model.Transaction, credit bool, amount int64, currency string) {
	c.Input = fmt.Sprint(of.ID, credit, amount, currency)
	p.log("%s ADJUST %s %d of %s credit %v %d %s key %q", c.By.ID, of.Type, of.Number, of.Reseller.ID, credit, amount, currency, c.Key)
	direction := transaction.DirectionDEBIT
	if credit {
		direction = transaction.DirectionCREDIT
	}
	p.do(p.w.Adjust(c, of, credit, amount, currency), func() (string, error) {
		made, err := ledger.Adjust(as(c.By), p.db, ledger.Adjustment{
			TransactionID: of.ID, Direction: direction, Amount: money.Input{Amount: decimal(amount), Currency: currency},
			Note: "as agreed", IdempotencyKey: c.Key,
		})
		return idOf(made, err, transactionID)
	})
}

func (p *play) run(by *model.Person, through model.Month, dry bool) {
	p.log("%s RUN through %s dry %v", by.ID, through, dry)
	code, want := p.w.Run(by, through, dry)
	got, err := billing.RunMonth(as(by), p.db, billing.MonthRun{
		Month: calendar.Month{Year: through.Year, Month: through.Month}, IsDryRun: dry,
	})
	if answer := p.code(err); answer != code {
		p.fatal("answered %q (%v), the model says %q", answer, err, code)
	}
	if code == "" && (got.Ended != want.Ended || got.Booked != want.Transactions) {
		p.fatal("the run did %+v, the model says %+v", got, want)
	}
}

func (p *play) drawRun(r *rapid.T) {
	through := p.w.MonthOf(p.w.Now).Add(-rapid.IntRange(1, 3).Draw(r, "months back"))
	dry := chance(r, "dry", 6)
	if chance(r, "too early", 1) {
		p.run(p.cast.operator, p.w.MonthOf(p.w.Now), dry)
		return
	}
	p.run(p.somebody(r, p.anOperator), through, dry)
}
func (p *play) drawReplenish(r *rapid.T) {
	c := from(r, "reseller", p.cast.resellers)
	if chance(r, "odd", 1) {
		c = from(r, "company", p.w.Companies)
	}
	p.replenish(p.bookingCall(r), c, p.drawAmount(r), p.drawCurrency(r, c))
}

// bookingCall draws who books; there is always a key, and most are new.
func (p *play) bookingCall(r *rapid.T) model.Call {
	c := model.Call{By: p.somebody(r, p.anOperator)}
	p.bookings++
	c.Key = fmt.Sprint("booking ", p.bookings)
	if chance(r, "old key", 4) {
		c.Key = fmt.Sprint("booking ", from(r, "key", []int{1, 2}))
	}
	return c
}

func (p *play) drawAmount(r *rapid.T) int64 {
	return from(r, "amount", []int64{1, 75, 500, 501, 2000, 10000, 0})
}

func (p *play) drawCurrency(r *rapid.T, c *model.Company) string {
	if c.Account == nil || chance(r, "foreign", 1) {
		return "PLN"
	}
	return c.Account.Currency
}

func (p *play) drawAdjust(r *rapid.T) {
	var all []*model.Transaction
	for _, c := range p.cast.resellers {
		all = append(all, c.Account.Transactions...)
	}
	if len(all) == 0 {
		return
	}
	t := from(r, "transaction", all)
	p.adjust(p.bookingCall(r), t, chance(r, "credit", 6), p.drawAmount(r), p.drawCurrency(r, t.Reseller))
}

func (p *play) drawEnroll(r *rapid.T) {
	c := from(r, "reseller", p.cast.resellers)
	if chance(r, "odd", 1) {
		c = p.cast.dealers[0]
	}
	var limit *int64
	if chance(r, "limited", 10) {
		owed := int64(0) // which the limit is about
		if c.Account != nil {
			owed = max(0, -c.Account.Balance())
		}
		limit = ptr(from(r, "limit", []int64{owed, owed, owed + 1, max(0, owed-1), 500}))
	}
	currency := "EUR"
	if c.ID == "co_r1" && chance(r, "PLN", 8) {
		currency = "PLN"
	}
	p.enroll(p.somebody(r, p.anOperator), c, currency, limit)
}
