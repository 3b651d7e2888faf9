package tally_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/calendar"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/fee"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/money"
	"partnerhub/internal/offer"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
)

// Whatever happens to accounts, whenever, in whatever order: the counters are
// what a recount finds, and their forecast of the month is the sum of the lines
// that the monthly run would write. (A2 A17 A18 A26 A39 A41 A42)
func TestCounters_areARecount(t *testing.T) {
	for _, zone := range []string{"Europe/Warsaw", "America/Asuncion"} {
		t.Run(zone, func(t *testing.T) {
			w := newWorld(t, zone, time.Date(2023, 9, 20, 12, 0, 0, 0, time.UTC))
			rapid.Check(t, func(r *rapid.T) {
				w.populate()
				hubs := make([]*ent.Hub, 3)
				for i := range hubs {
					hubs[i] = w.hub(i, fmt.Sprintf("%d-%d", w.worlds, i))
				}
				for range rapid.IntRange(1, 15).Draw(r, "steps") {
					w.letTimePass(r)
					what := w.doSomething(r, hubs)
					w.agree(r, what)
				}
			})
		})
	}
}

// letTimePass moves the clock, or not, and has the calendar come: always at a
// month's end, for until then the figures are not those of the month.
func (w *world) letTimePass(r *rapid.T) {
	now := w.db.Clock.Now()
	next := calendar.NextBoundary(now, w.db.Zone)
	w.db.Clock.Set(rapid.SampledFrom([]time.Time{
		now, now, now, now.Add(tick), now.Add(time.Hour), now.AddDate(0, 0, 5), now.AddDate(0, 0, 40), next, next.Add(-tick),
	}).Draw(r, "clock"))
	if rapid.Bool().Draw(r, "sweep") {
		w.write(func(tx *store.Tx) {
			for _, reseller := range w.resellers {
				if err := tally.Sweep(w.system(), tx, reseller.ID); err != nil {
					r.Fatal(err)
				}
			}
		})
	}
	w.agreeCounters(r, "nothing but time")
	if _, err := lifecycle.EndDue(w.system(), w.db); err != nil {
		r.Fatal(err)
	}
}

// doSomething has somebody do what may be refused.
func (w *world) doSomething(r *rapid.T, hubs []*ent.Hub) string {
	i := rapid.IntRange(0, len(hubs)-1).Draw(r, "hub")
	ctx, in := w.boss(), lifecycle.Step{HubID: hubs[i].ID}
	var err error
	what := rapid.SampledFrom([]string{"activate", "activate", "deactivate", "suspend", "suspend", "resume", "resume", "stop", "stop", "move", "price", "price", "trial", "currency"}).Draw(r, "what")
	switch what {
	case "activate":
		pkg, reseller := rapid.IntRange(0, 1).Draw(r, "package"), rapid.IntRange(0, 1).Draw(r, "reseller")
		con := w.contracts[[2]string{hubs[i].CompanyID, w.resellers[reseller].ID}]
		_, err = lifecycle.Activate(ctx, w.db, lifecycle.Activation{HubID: hubs[i].ID, PackageID: &w.packages[pkg].ID, ConnectionID: &con.ID})
	case "deactivate":
		_, err = lifecycle.Deactivate(ctx, w.db, in)
	case "suspend":
		_, err = lifecycle.Suspend(ctx, w.db, in)
	case "resume":
		_, err = lifecycle.Resume(ctx, w.db, lifecycle.Resumption{HubID: hubs[i].ID})
	case "stop":
		_, err = lifecycle.Stop(ctx, w.db, in)
	case "move":
		if !w.lives(hubs[i]) {
			hubs[i] = w.move(hubs[i], rapid.IntRange(0, 2).Draw(r, "dealer"))
		}
	case "price":
		amount := rapid.SampledFrom([]string{"0", "5", "6.50", "7"}).Draw(r, "amount")
		_, err = offer.Save(ctx, w.db, offer.Package{Code: w.packages[i%2].Code, MonthlyFees: []*money.Input{{Amount: amount, Currency: "EUR"}}})
	case "currency":
		reseller := w.resellers[i%2]
		to := map[string]string{"EUR": "PLN", "PLN": "EUR"}[*reseller.Currency]
		if w.resellers[i%2], err = company.EnrollReseller(ctx, w.db, company.ResellerEnrollment{CompanyID: reseller.ID, Currency: to}); err != nil {
			r.Fatal(err) // there is no transaction yet
		}
	case "trial":
		_, err = offer.Save(ctx, w.db, offer.Package{Code: w.packages[i%2].Code, TrialDays: new(rapid.SampledFrom([]int{0, 10}).Draw(r, "days"))})
	}
	if err != nil && errs.Refusals(err) == nil {
		r.Fatalf("%s: %v", what, err)
	}
	return what
}

// agree holds counters, lines and fees of accounts together.
func (w *world) agree(r *rapid.T, what string) {
	w.agreeCounters(r, what)
	now, reader := w.db.Clock.Now(), w.db.Read(w.system())
	m := fee.MonthOf(now, w.db.Zone)
	for _, reseller := range w.resellers {
		found, err := tally.Read(w.system(), reader, tally.Scope{ResellerIDs: []string{reseller.ID}}, now, w.db.Zone)
		if err != nil {
			r.Fatal(err)
		}
		query, args := fee.Lines(w.db.Dialect(), fee.Span{ResellerID: reseller.ID, Currency: *reseller.Currency, Month: m})
		var lines int
		var sum int64
		w.one("SELECT count(*), coalesce(sum(amount), 0) FROM ("+query+") AS line", args, &lines, &sum)
		if total := tally.Total(found); total.NextCharge != sum || total.NextLines != lines {
			r.Fatalf("after %s at %s the forecast is %d in %d lines, history says %d in %d: %+v", what, now, total.NextCharge, total.NextLines, sum, lines, found)
		}
		w.agreeFees(r, reseller, tally.Total(found))
	}
}

// agreeFees adds up what the accounts of a reseller say of themselves (A18 A38).
func (w *world) agreeFees(r *rapid.T, reseller *ent.Company, want tally.Figures) {
	reader, now := w.db.Read(w.system()), w.db.Clock.Now()
	accounts := reader.Service.Query().Where(service.ResellerID(reseller.ID), service.StatusNEQ(service.StatusENDED)).AllX(w.system())
	fees, err := tally.Fees(w.system(), reader, accounts, now, w.db.Zone)
	if err != nil {
		r.Fatal(err)
	}
	got := tally.Figures{NextCharge: want.NextCharge, NextLines: want.NextLines}
	for _, s := range accounts {
		got.Accounts++
		got.MonthlyFee += fees[s.ID].Minor
		if lifecycle.OnTrial(s, now) {
			got.Trial++
		} else {
			got.Paid++
		}
	}
	if got != want {
		r.Fatalf("at %s the accounts add up to %+v, the counters say %+v", now, got, want)
	}
}

func (w *world) agreeCounters(r *rapid.T, what string) {
	for _, reseller := range w.resellers {
		differences, err := tally.Compare(w.system(), w.db.Read(w.system()), reseller.ID, w.db.Clock.Now(), w.db.Zone)
		if err != nil {
			r.Fatal(err)
		}
		for _, d := range differences {
			r.Fatalf("after %s at %s: %s", what, w.db.Clock.Now(), d)
		}
	}
}
