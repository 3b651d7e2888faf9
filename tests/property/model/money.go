package model

import (
	"slices"
	"time"
)

// Price is what a package costs from an instant on.
type Price struct {
	From   time.Time
	Amount int64 // minor units
}

// Package is a package of Ajax Services.
type Package struct {
	ID, Code  string
	TrialDays int
	SIM       bool
	Archived  bool
	Prices    map[string][]Price // by currency, in the order in which they were set
}

// at is the price in force at an instant: the last one that was set to hold
// from then or earlier; where there was none yet, the first.
func (p *Package) at(currency string, t time.Time) int64 {
	list := p.Prices[currency]
	if len(list) == 0 {
		return 0
	}
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].From.After(t) {
			return list[i].Amount
		}
	}
	first := list[0] // what was said later at the same instant replaces it
	for _, price := range list {
		if price.From.Equal(first.From) {
			first = price
		}
	}
	return first.Amount
}

// Save creates or changes a package (A43). Nil is left out.
func (w *World) Save(by *Person, code string, fees map[string]int64, trialDays *int, archived *bool) Outcome {
	if !by.Operator {
		return refuse("FORBIDDEN")
	}
	return Outcome{Do: func(id string) {
		var p *Package
		if i := slices.IndexFunc(w.Packages, func(p *Package) bool { return p.Code == code }); i >= 0 {
			p = w.Packages[i]
		} else {
			p = &Package{ID: id, Code: code, Prices: map[string][]Price{}}
			w.Packages = append(w.Packages, p)
		}
		if trialDays != nil {
			p.TrialDays = *trialDays
		}
		if archived != nil {
			p.Archived = *archived
		}
		for currency, amount := range fees {
			p.Prices[currency] = append(p.Prices[currency], Price{w.Now, amount})
		}
	}}
}

// Enroll makes a company a reseller, or changes what was agreed (A44).
func (w *World) Enroll(by *Person, c *Company, currency string, limit *int64) Outcome {
	switch {
	case !w.SeesCompany(by, c):
		return refuse("NOT_FOUND")
	case !by.Operator:
		return refuse("FORBIDDEN")
	case c.Dealer:
		return refuse("INVALID_STATE")
	case c.Account != nil && c.Account.Currency != currency && len(c.Account.Transactions) > 0:
		return refuse("INVALID_STATE")
	case c.Account != nil && c.Account.Currency != currency && !w.priced(c, currency):
		return refuse("NO_PRICE_IN_CURRENCY")
	}
	return Outcome{Do: func(string) {
		if c.Account == nil {
			c.Account = &Account{Charged: w.MonthOf(w.Now).Add(-1)}
		}
		c.Account.Currency, c.Account.Limit = currency, limit
	}}
}

// priced reports whether all that a reseller pays for, or has still to pay for,
// has a price in a currency (A25).
func (w *World) priced(c *Company, currency string) bool {
	unpaid := w.Start(c.Account.Charged.Add(1))
	return !slices.ContainsFunc(w.Services, func(s *Service) bool {
		matters := !s.Over || s.End.After(unpaid) || !s.Start.Before(unpaid)
		return s.Reseller == c && matters && len(s.Package.Prices[currency]) == 0
	})
}

// Transaction is a line of the payment history.
type Transaction struct {
	ID       string
	Reseller *Company
	Number   int
	Type     string
	Credit   bool
	Amount   int64 // minor units, above zero
	After    int64
	At       time.Time
	Month    string // of a MONTHLY_FEE
	Corrects string // of an ADJUSTMENT
}

// Signed is the amount as it changes the balance.
func (t *Transaction) Signed() int64 {
	if t.Credit {
		return t.Amount
	}
	return -t.Amount
}

func (w *World) book(c *Company, t *Transaction) {
	t.Reseller, t.At, t.Number = c, w.Now, len(c.Account.Transactions)+1
	t.After = c.Account.Balance() + t.Signed()
	c.Account.Transactions = append(c.Account.Transactions, t)
}

func always(string) bool { return true }

// Replenish books a payment.
func (w *World) Replenish(c Call, reseller *Company, amount int64, currency string) Outcome {
	switch {
	case amount <= 0:
		return refuse("INVALID")
	case !w.SeesCompany(c.By, reseller):
		return refuse("NOT_FOUND")
	case !c.By.Operator:
		return refuse("FORBIDDEN")
	}
	return w.once(c, "balanceReplenish", true, always, func() Outcome {
		switch {
		case reseller.Account == nil:
			return refuse("NOT_A_RESELLER")
		case currency != reseller.Account.Currency:
			return refuse("INVALID")
		}
		return Outcome{Do: func(id string) {
			w.book(reseller, &Transaction{ID: id, Type: "REPLENISHMENT", Credit: true, Amount: amount})
		}}
	})
}

// Adjust corrects a transaction (A29, A60).
func (w *World) Adjust(c Call, of *Transaction, credit bool, amount int64, currency string) Outcome {
	switch {
	case amount <= 0:
		return refuse("INVALID")
	case !c.By.Operator && !c.By.manages(of.Reseller): // A9
		return refuse("NOT_FOUND")
	case !c.By.Operator:
		return refuse("FORBIDDEN")
	}
	return w.once(c, "balanceAdjust", true, always, func() Outcome {
		if currency != of.Reseller.Account.Currency {
			return refuse("INVALID")
		}
		return Outcome{Do: func(id string) {
			w.book(of.Reseller, &Transaction{ID: id, Type: "ADJUSTMENT", Credit: credit, Amount: amount, Corrects: of.ID})
		}}
	})
}

// Booked is what a run did.
type Booked struct{ Ended, Transactions int }

// Run charges every month up to one that is over, reseller by reseller, and
// ends what expires (A2). A dry run only counts.
func (w *World) Run(by *Person, through Month, dry bool) (code string, b Booked) {
	switch {
	case !by.Operator:
		return "FORBIDDEN", b
	case w.Now.Before(w.Start(through.Add(1))):
		return "INVALID", b
	}
	return "", w.run(through, dry)
}

func (w *World) run(through Month, dry bool) (b Booked) {
	for _, c := range w.Companies {
		if c.Account == nil {
			continue
		}
		for m := c.Account.Charged.Add(1); !through.Before(m); m = m.Add(1) {
			b.Transactions += w.charge(c, m, dry)
		}
	}
	for _, s := range w.Services {
		if !s.Over && s.End != nil && !s.End.After(w.Start(through.Add(1))) {
			b.Ended++
			if !dry {
				w.finish(s)
			}
		}
	}
	return b
}

func (w *World) charge(c *Company, m Month, dry bool) (transactions int) {
	lines := w.Due(c, m)
	var sum int64
	for _, l := range lines {
		sum += l.Amount
	}
	if sum > 0 {
		transactions = 1
	}
	if dry {
		return transactions
	}
	c.Account.Charged = m
	w.Lines = append(w.Lines, lines...)
	if sum > 0 {
		w.book(c, &Transaction{Type: "MONTHLY_FEE", Amount: sum, Month: m.String()})
	}
	return transactions
}

// Advance moves the test clock and does the work of each boundary on the way,
// as if the time had passed by itself (A47).
func (w *World) Advance(by *Person, to time.Time) (code string) {
	switch {
	case !by.Operator:
		return "FORBIDDEN"
	case !to.After(w.Now):
		return "INVALID"
	}
	for b := w.NextBoundary(w.Now); !b.After(to); b = w.NextBoundary(b) {
		w.Now = b
		w.run(w.MonthOf(b).Add(-1), false)
	}
	w.Now = to
	return ""
}
