package world

import (
	"fmt"
	"slices"
	"time"
)

// Advance moves the test clock, as the operator, to an instant such as
// 2026-02-01T00:00:00Z. It stops before each month boundary on the way: what is
// booked there must be what was forecast.
func (w *World) Advance(to string) {
	w.Helper()
	if len(w.resellers) == 0 {
		w.advance(to)
		return
	}
	end := w.instant(to)
	for {
		a := w.OK(w.Query(`{ serverInfo { now nextMonthAt } }`))
		boundary := w.instant(a.Text("serverInfo.nextMonthAt"))
		if boundary.After(end) {
			break
		}
		if last := boundary.Add(-time.Microsecond); last.After(w.instant(a.Text("serverInfo.now"))) {
			w.advance(last.Format(time.RFC3339Nano))
		}
		w.BooksForecasts(func() { w.advance(boundary.Format(time.RFC3339Nano)) })
		if boundary.Equal(end) {
			return
		}
	}
	w.advance(to)
}

func (w *World) advance(to string) {
	w.Helper()
	w.OK(w.Operator().Mutate("clockAdvance", Vars{"to": to}, `serverInfo { now }`))
}

func (w *World) instant(text string) time.Time {
	w.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		w.Fatal(err)
	}
	return at
}

// BooksForecasts reads the next charge of every reseller, has turn turn the
// month, and fails the test unless exactly that is booked then: to the minor
// unit, line by line, under the same ids.
func (w *World) BooksForecasts(turn func()) {
	w.Helper()
	forecasts := map[*Company]charge{}
	for _, c := range w.resellers {
		if forecast, ok := c.forecast(); ok {
			forecasts[c] = forecast
		}
	}
	turn()
	for c, forecast := range forecasts {
		booked := c.booked(forecast)
		if booked.amount != forecast.amount || booked.balance != forecast.balance || !slices.Equal(booked.lines, forecast.lines) {
			w.Errorf("%s: forecast were %v, booked are %v", c.Name, forecast, booked)
		}
	}
}

// charge is the fees of a month, before or after they are booked.
type charge struct {
	month   string
	amount  int      // minor units
	balance int      // after it
	lines   []string // each with its id, its account and its amount
}

const chargeSelection = `month amount { minorUnits } lines(first: 50, after: $after) {
	totalCount nodes { id month amount { minorUnits } service { id } } pageInfo { hasNextPage endCursor } }`

// forecast reads the next charge; a reseller that is deleted has none.
func (c *Company) forecast() (charge, bool) {
	c.w.Helper()
	there := true
	next := c.charge(func(after any) (Answer, string) {
		a := c.w.OK(c.w.Operator().Query(`query($id: ID!, $after: String) { company(id: $id) { resellerOverview {
			balance { minorUnits } nextCharge { `+chargeSelection+` } } } }`, Vars{"id": c.ID, "after": after}))
		there = a.Get("company") != nil
		return a, "company.resellerOverview."
	}, "nextCharge.", "balance.minorUnits")
	next.balance -= next.amount
	return next, there
}

// booked reads the fee of the month of a forecast. Where there is none, the
// balance is to have stayed.
func (c *Company) booked(forecast charge) charge {
	c.w.Helper()
	found := c.w.OK(c.w.Operator().Query(`query($id: ID!) { company(id: $id) {
		transactions(first: 50, filter: {type: [MONTHLY_FEE]}) { nodes { id charge { month } } } } }`, Vars{"id": c.ID}))
	var id string
	for _, t := range found.List("company.transactions.nodes") {
		if t := (Answer{Data: t}); t.Text("charge.month") == forecast.month {
			c.w.Equal(id, "") // one fee for a month
			id = t.Text("id")
		}
	}
	if id == "" {
		return charge{month: forecast.month, balance: forecast.balance}
	}
	return c.charge(func(after any) (Answer, string) {
		return c.w.OK(c.w.Operator().Query(`query($id: ID!, $after: String) { node(id: $id) { ... on Transaction {
			balanceAfter { minorUnits } charge { `+chargeSelection+` } } } }`, Vars{"id": id, "after": after})), "node."
	}, "charge.", "balanceAfter.minorUnits")
}

// charge reads all pages of a charge. read answers with the page behind a
// cursor, and says where the charge hangs.
func (c *Company) charge(read func(after any) (a Answer, at string), place, balance string) charge {
	c.w.Helper()
	var whole charge
	var after any
	sum := 0
	for {
		a, at := read(after)
		whole.balance = a.Int(at + balance)
		at += place
		whole.month, whole.amount = a.Text(at+"month"), a.Int(at+"amount.minorUnits")
		for _, line := range a.List(at + "lines.nodes") {
			line := Answer{Data: line}
			sum += line.Int("amount.minorUnits")
			c.w.Equal(line.Text("month"), whole.month)
			whole.lines = append(whole.lines, fmt.Sprintf("%s %s %d", line.Text("id"), line.Text("service.id"), line.Int("amount.minorUnits")))
		}
		if a.Get(at+"lines.pageInfo.hasNextPage") != true {
			c.w.Equal(a.Int(at+"lines.totalCount"), len(whole.lines))
			c.w.Equal(whole.amount, sum)
			return whole
		}
		after = a.Get(at + "lines.pageInfo.endCursor")
	}
}
