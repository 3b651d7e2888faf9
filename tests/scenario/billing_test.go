package scenario_test

import (
	"fmt"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// fees are the monthly fees of a reseller, the oldest first, as
// " 2026-01 5.00", each with the accounts on its statement in brackets.
func fees(w *world.World, reseller *world.Company) string {
	w.Helper()
	a := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { transactions(first: 50, filter: {type: [MONTHLY_FEE]}) { nodes {
		direction color occurredAt amount { amount }
		charge { month amount { amount } lines { totalCount nodes { amount { minorUnits } service { hub { name } } } } } } } } }`,
		world.Vars{"id": reseller.ID}))
	list := ""
	for i := len(a.List("company.transactions.nodes")) - 1; i >= 0; i-- {
		at := fmt.Sprintf("company.transactions.nodes.%d.", i)
		w.Equal(a.Text(at+"direction")+" "+a.Text(at+"color"), "DEBIT RED")
		w.Equal(a.Text(at+"charge.amount.amount"), a.Text(at+"amount.amount"))
		list += " " + a.Text(at+"charge.month") + " " + a.Text(at+"amount.amount") + " ["
		for j := range a.List(at + "charge.lines.nodes") {
			line := fmt.Sprintf("%scharge.lines.nodes.%d.", at, j)
			list += fmt.Sprintf("%s %d;", a.Text(line+"service.hub.name"), a.Int(line+"amount.minorUnits"))
		}
		list += "]"
	}
	return list
}

// activates starts services on a hub with a connection and a package.
func (f *firm) activates(h *world.Hub, connection, pkg string) {
	f.Helper()
	f.OK(f.dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": h.ID, "connectionId": connection, "packageId": pkg}, `service { id }`))
}

// runs has the operator run a month, or try it dry.
func runs(w *world.World, p *world.Person, month string, dry bool) world.Answer {
	w.Helper()
	return p.Mutate("billingRun", world.Vars{"month": month, "isDryRun": dry}, `endedServiceCount transactionCount`)
}

// The fee of an account lands with the month's end on the ledger of the
// reseller it was activated with and on no other, as a statement with the
// account on it; services that expire end after it. (R82 R83 R88, A2 A3)
func TestBilling_thatReseller(t *testing.T) {
	f := newFirm(t)
	other := f.Reseller("Second Station")
	second := f.dealer.Connects(other)
	villa, shop, depot := f.dealer.Hub("Villa"), f.dealer.Hub("Shop"), f.dealer.Hub("Depot")
	f.activates(villa, f.connection, f.pkg)
	f.activates(shop, second, f.pkg)
	f.activates(depot, second, f.pkg)
	f.OK(f.takes(f.dealer.Owner, "Deactivate", depot))
	f.Advance("2026-01-31T23:59:59.999999Z")
	f.Equal(fees(f.World, f.reseller)+fees(f.World, other), "")
	f.Advance("2026-02-01T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), " 2026-01 5.00 [Villa 500;]")
	f.Equal(fees(f.World, other), " 2026-01 10.00 [Shop 500;Depot 500;]")
	f.shows(f.dealer.Owner, depot, "ACTIVATION_REQUIRED", false, false)
	f.Advance("2026-03-01T00:00:00Z")
	f.Equal(fees(f.World, other), " 2026-01 10.00 [Shop 500;Depot 500;] 2026-02 5.00 [Shop 500;]")
	a := f.OK(f.Query(`{ serverInfo { lastClosedMonth } }`))
	f.Equal(a.Text("serverInfo.lastClosedMonth"), "2026-02")
}

// One account and package make one fee in a month, however often they stop and
// begin; a month wholly paused is free, any other is not. (A3 A5 A6 A30 A39)
func TestBilling_onceAMonth(t *testing.T) {
	f := newFirm(t)
	often, paused := f.dealer.Hub("Often"), f.dealer.Hub("Paused")
	for day := range 3 {
		f.Advance(fmt.Sprintf("2026-01-%dT00:00:00Z", 16+day))
		f.OK(f.dealer.Activates(often))
		f.OK(f.takes(f.dealer.Owner, "Stop", often))
	}
	f.OK(f.dealer.Activates(paused))
	f.Advance("2026-01-20T00:00:00Z")
	f.OK(f.takes(f.dealer.Owner, "Suspend", paused))
	f.Advance("2026-03-01T00:00:00Z") // February was wholly paused
	f.OK(f.takes(f.dealer.Owner, "Resume", paused))
	f.Advance("2026-04-01T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), " 2026-01 10.00 [Often 500;Paused 500;] 2026-03 5.00 [Paused 500;]")
}

// A trial is free to the end of the month in which its days run out, and gone
// when it is stopped: a second activation pays. (A3 A28 A40)
func TestBilling_trial(t *testing.T) {
	f := newFirm(t)
	f.Package("AJAX_SIM", world.Vars{"trialDays": 10}) // from the 15th to the end of January
	kept, stopped := f.dealer.Hub("Kept"), f.dealer.Hub("Stopped")
	f.OK(f.dealer.Activates(kept))
	f.OK(f.dealer.Activates(stopped))
	f.OK(f.takes(f.dealer.Owner, "Stop", stopped))
	f.Advance("2026-02-10T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), "")
	f.OK(f.dealer.Activates(stopped))
	f.OK(f.takes(f.dealer.Owner, "Deactivate", stopped))
	f.Advance("2026-03-01T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), " 2026-02 10.00 [Kept 500;Stopped 500;]")
}

// A month is charged at the price of its first paying instant; a new price is
// that of the months to come, and of what begins from then on. (A26 A41)
func TestBilling_price(t *testing.T) {
	f := newFirm(t)
	before, after := f.dealer.Hub("Before"), f.dealer.Hub("After")
	f.OK(f.dealer.Activates(before))
	f.Advance("2026-01-16T00:00:00Z")
	f.Package("AJAX_SIM", world.Vars{"monthlyFees": []world.Vars{{"amount": "7.50", "currency": "EUR"}}})
	f.OK(f.takes(f.dealer.Owner, "Stop", before))
	f.OK(f.dealer.Activates(before)) // its month began at 5.00
	f.OK(f.dealer.Activates(after))
	f.Advance("2026-03-01T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), " 2026-01 12.50 [Before 500;After 750;] 2026-02 15.00 [Before 750;After 750;]")
}

// A dealer may be deleted with a month that is not booked yet: it still is. (A45)
func TestBilling_deletedDealer(t *testing.T) {
	f := newFirm(t)
	h := f.dealer.Hub("Villa")
	f.OK(f.dealer.Activates(h))
	f.OK(f.takes(f.dealer.Owner, "Stop", h))
	f.OK(f.dealer.Owner.Mutate("companyDelete", world.Vars{"companyId": f.dealer.ID, "confirmName": "Night Watch"}, `deletedCompanyId`))
	f.Advance("2026-02-01T00:00:00Z")
	f.Equal(fees(f.World, f.reseller), " 2026-01 5.00 [Villa 500;]")
}

// The operator alone may have a month run, once it is over; the run has come by
// itself, so there is nothing left. (A47)
func TestBilling_byHand(t *testing.T) {
	f := newFirm(t)
	f.OK(f.dealer.Activates(f.dealer.Hub("Villa")))
	for _, dry := range []bool{false, true} {
		for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Owner} {
			f.Refused(runs(f.World, p, "2025-12", dry), "FORBIDDEN")
		}
		a := f.Refused(runs(f.World, f.Operator(), "2026-01", dry), "INVALID")
		f.Equal(a.Get("endedServiceCount"), nil)
	}
	f.Fails(runs(f.World, f.Nobody(), "2025-12", false), "UNAUTHENTICATED")
	f.Fails(runs(f.World, f.Operator(), "2025-13", false), "BAD_USER_INPUT")
	f.Advance("2026-02-01T00:00:00Z")
	for _, dry := range []bool{true, false, false} {
		a := f.OK(runs(f.World, f.Operator(), "2026-01", dry))
		f.Equal(a.Int("endedServiceCount"), 0)
		f.Equal(a.Int("transactionCount"), 0)
	}
	f.Equal(fees(f.World, f.reseller), " 2026-01 5.00 [Villa 500;]")
}

// A server that was off over two boundaries catches up by itself as it starts,
// month by month. (A46)
func TestBilling_catchesUp(t *testing.T) {
	f := newFirm(t, world.InZone(t, "Europe/Warsaw"))
	expiring := f.dealer.Hub("Expiring")
	f.OK(f.dealer.Activates(expiring))
	f.OK(f.takes(f.dealer.Owner, "Deactivate", expiring))
	f.OK(f.dealer.Activates(f.dealer.Hub("Villa")))
	later := world.Start.AddDate(0, 2, 0)
	f.BooksForecasts(func() {
		f.Restart(func(c *server.Config) { c.TestClock = &later })
		f.Within(time.Minute, "the months are booked", func() bool {
			return fees(f.World, f.reseller) == " 2026-01 10.00 [Expiring 500;Villa 500;] 2026-02 5.00 [Villa 500;]"
		})
	})
	f.ended(f.hub(f.dealer.Owner, expiring).Text("services.nodes.0.id"), "2026-01-31T23:00:00Z")
}
