package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// figuresOf is all that the Dashboard shows.
const figuresOf = `id version currency creditLimit { minorUnits } balance { minorUnits } monthlyFee { minorUnits currency }
	activeDealerCount activeAccountCount emptyState { code title text } reseller { id name }
	nextCharge { month amount { minorUnits currency } lines(first: 100) { totalCount nodes { month amount { minorUnits } service { id dealer { id } } } } }
	dealers(first: 20) { totalCount nodes { ...A } }`

const activityOf = `fragment A on DealerActivity { id dealer { id name contact { email phone website address } }
	connection { id dealerNumber status } monthlyFee { minorUnits }
	activeAccountCount paidAccountCount trialAccountCount
	packages { package { id code } activeAccountCount monthlyFee { minorUnits } }
	accounts(first: 25) { totalCount nodes { id isTrial status monthlyFee { minorUnits } package { code } } } }`

// dashboard is what a person sees of a reseller's figures.
func dashboard(w *world.World, p *world.Person, reseller *world.Company) world.Answer {
	w.Helper()
	a := w.OK(p.Query(activityOf+` query($id: ID!) { company(id: $id) { resellerOverview { `+figuresOf+` } } }`, world.Vars{"id": reseller.ID}))
	a.Data = a.Get("company.resellerOverview")
	return a
}

// sum counts accounts and their fees, in minor units.
type sum struct{ accounts, trial, fee int }

func (s sum) plus(o sum) sum { return sum{s.accounts + o.accounts, s.trial + o.trial, s.fee + o.fee} }

// recount counts the live services that are billed to a reseller, by dealer
// and package, from nothing but their list.
func recount(w *world.World, reseller *world.Company) map[string]sum {
	w.Helper()
	counted, after := map[string]sum{}, any(nil)
	for {
		a := w.OK(reseller.Owner.Query(`query($id: ID!, $after: String) { company(id: $id) {
			services(first: 100, after: $after, filter: {status: [ACTIVE, EXPIRING, SUSPENDED]}) { pageInfo { hasNextPage endCursor }
				nodes { isTrial dealer { name } package { code } monthlyFee { minorUnits } } } } }`, world.Vars{"id": reseller.ID, "after": after}))
		for _, s := range a.List("company.services.nodes") {
			s := world.Answer{Data: s}
			one := sum{accounts: 1, fee: s.Int("monthlyFee.minorUnits")}
			if s.Get("isTrial") == true {
				one.trial, one.fee = 1, 0
			}
			key := s.Text("dealer.name") + " " + s.Text("package.code")
			counted[key] = counted[key].plus(one)
		}
		if a.Get("company.services.pageInfo.hasNextPage") != true {
			return counted
		}
		after = a.Get("company.services.pageInfo.endCursor")
	}
}

// addsUp checks that the figures of one answer add up, and that they are those
// of a count over the services; it returns the answer.
func addsUp(w *world.World, reseller *world.Company) world.Answer {
	w.Helper()
	o, shown, all, dealers := dashboard(w, reseller.Owner, reseller), map[string]sum{}, sum{}, 0
	for _, d := range o.List("dealers.nodes") {
		d := world.Answer{Data: d}
		of, inPackages, listed := sum{d.Int("activeAccountCount"), d.Int("trialAccountCount"), d.Int("monthlyFee.minorUnits")}, sum{}, sum{}
		w.Equal(d.Int("paidAccountCount")+of.trial, of.accounts)
		for _, p := range d.List("packages") {
			p := world.Answer{Data: p}
			share := sum{accounts: p.Int("activeAccountCount"), fee: p.Int("monthlyFee.minorUnits")}
			if share.accounts == 0 {
				w.Errorf("a package of %s that is not in use", d.Text("dealer.name"))
			}
			inPackages, shown[d.Text("dealer.name")+" "+p.Text("package.code")] = inPackages.plus(share), share
		}
		for _, s := range d.List("accounts.nodes") {
			s := world.Answer{Data: s}
			one := sum{accounts: 1, fee: s.Int("monthlyFee.minorUnits")}
			if s.Get("isTrial") == true {
				one.trial, one.fee = 1, 0
			}
			listed = listed.plus(one)
		}
		w.Equal(d.Int("accounts.totalCount"), of.accounts)
		w.Equal(listed, of)
		w.Equal(inPackages, sum{accounts: of.accounts, fee: of.fee})
		if all = all.plus(of); of.accounts > 0 {
			dealers++
		}
	}
	w.Equal(o.Int("monthlyFee.minorUnits"), all.fee)
	w.Equal(o.Int("activeAccountCount"), all.accounts)
	w.Equal(o.Int("activeDealerCount"), dealers)
	counted := recount(w, reseller)
	for key, of := range counted {
		of.trial = 0
		w.Equal(fmt.Sprint(key, shown[key]), fmt.Sprint(key, of))
	}
	w.Equal(len(shown), len(counted))
	charged := 0
	for _, l := range o.List("nextCharge.lines.nodes") {
		charged += world.Answer{Data: l}.Int("amount.minorUnits")
	}
	w.Equal(o.Int("nextCharge.amount.minorUnits"), charged)
	w.Equal(o.Int("nextCharge.lines.totalCount"), len(o.List("nextCharge.lines.nodes")))
	return o
}

// top is the four figures at the top and what the next run charges: "balance
// fee dealers accounts month charge/lines".
func top(o world.Answer) string {
	return fmt.Sprint(o.Int("balance.minorUnits"), " ", o.Int("monthlyFee.minorUnits"), " ", o.Int("activeDealerCount"), " ", o.Int("activeAccountCount"), " ",
		o.Text("nextCharge.month"), " ", o.Int("nextCharge.amount.minorUnits"), "/", o.Int("nextCharge.lines.totalCount"))
}

// row is a dealer's share: "fee accounts=paid+trial code:accounts:fee …".
func row(o world.Answer, dealer *world.Company) string {
	for _, d := range o.List("dealers.nodes") {
		if d := (world.Answer{Data: d}); d.Text("dealer.id") == dealer.ID {
			return share(d)
		}
	}
	return "no row"
}

func share(d world.Answer) string {
	text := fmt.Sprint(d.Int("monthlyFee.minorUnits"), " ", d.Int("activeAccountCount"), "=", d.Int("paidAccountCount"), "+", d.Int("trialAccountCount"))
	for _, p := range d.List("packages") {
		p := world.Answer{Data: p}
		text += fmt.Sprint(" ", p.Text("package.code"), ":", p.Int("activeAccountCount"), ":", p.Int("monthlyFee.minorUnits"))
	}
	return text
}

// activates activates n new hubs of a dealer with a package.
func activates(w *world.World, dealer *world.Company, connection, pkg string, n int) []*world.Hub {
	w.Helper()
	hubs := make([]*world.Hub, n)
	for i := range hubs {
		hubs[i] = dealer.Hub(fmt.Sprint(dealer.Name, " ", i))
		w.OK(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": hubs[i].ID, "connectionId": connection, "packageId": pkg}, `service { id }`))
	}
	return hubs
}

// The Dashboard shows balance, monthly fee, dealers and accounts, each dealer's
// share and the packages in it. All of it adds up, equals a count over the
// services, and two resellers never mix. What was stopped within the month is
// in the next charge alone. (R57 R58 R59 R61 R62 R82 R132, A1 A18 A19 A38)
func TestDashboard(t *testing.T) {
	w := world.New(t)
	sim, plus := w.Package("AJAX_SIM"), w.Package("AJAX_PLUS", world.Vars{
		"monthlyFees": []world.Vars{fee("8.00", "EUR"), fee("30.00", "PLN")}, "trialDays": 30,
	})
	central, other, zloty := w.Reseller("Central Station"), w.Reseller("Other Station"), w.ResellerIn("Złoty Station", "PLN")
	night, day := w.Dealer("Night Watch"), w.Dealer("Day Watch")
	toCentral, toOther, toZloty, dayToCentral := night.Connects(central), night.Connects(other), night.Connects(zloty), day.Connects(central)
	w.Equal(strings.Join(tabs(central.Owner, central), " "), "DASHBOARD YOUR_DEALERS PAYMENT_HISTORY")
	for _, r := range []*world.Company{central, other, zloty} {
		w.Equal(top(addsUp(w, r)), "0 0 0 0 2026-01 0/0")
	}
	activates(w, night, toCentral, sim, 3)
	activates(w, night, toCentral, plus, 1)
	activates(w, day, dayToCentral, plus, 2)
	stopped := activates(w, day, dayToCentral, sim, 1)[0]
	activates(w, night, toOther, sim, 1)
	activates(w, night, toZloty, sim, 2)
	w.OK(takes(day.Owner, "serviceStop", stopped))

	o := addsUp(w, central)
	w.Equal(top(o), "0 1500 2 6 2026-01 2000/4")
	w.Equal(row(o, night), "1500 4=3+1 AJAX_SIM:3:1500 AJAX_PLUS:1:0")
	w.Equal(row(o, day), "0 2=0+2 AJAX_PLUS:2:0")
	w.Equal(o.Text("reseller.id"), central.ID)
	w.Equal(o.Text("currency")+o.Text("monthlyFee.currency")+o.Text("nextCharge.amount.currency"), "EUREUREUR")
	o = addsUp(w, other)
	w.Equal(top(o), "0 500 1 1 2026-01 500/1")
	w.Equal(row(o, night), "500 1=1+0 AJAX_SIM:1:500")
	w.Equal(row(o, day), "no row")
	o = addsUp(w, zloty)
	w.Equal(top(o), "0 4000 1 2 2026-01 4000/2")
	w.Equal(o.Text("monthlyFee.currency"), "PLN")
}

// Time alone changes figures: trials end and prices change with the month,
// without a command. The price of a running month stays that of the first
// paying instant, for each account its own. (R58 R61, A3 A18 A26 A38)
func TestDashboard_Time(t *testing.T) {
	w := world.New(t)
	sim, plus := w.Package("AJAX_SIM"), w.Package("AJAX_PLUS", world.Vars{"trialDays": 30})
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	link := night.Connects(central)
	activates(w, night, link, sim, 2)
	activates(w, night, link, plus, 1) // free until 1 March
	w.Equal(top(addsUp(w, central)), "0 1000 1 3 2026-01 1000/2")
	w.Advance("2026-01-20T00:00:00Z")
	w.OK(saves(w.Operator(), world.Vars{"monthlyFees": []world.Vars{fee("7.00", "EUR")}}))
	w.Equal(top(addsUp(w, central)), "0 1000 1 3 2026-01 1000/2")
	activates(w, night, link, sim, 1)
	w.Equal(top(addsUp(w, central)), "0 1700 1 4 2026-01 1700/3")
	w.Advance("2026-01-31T23:59:59Z")
	before := addsUp(w, central)
	w.Equal(top(before), "0 1700 1 4 2026-01 1700/3")
	w.Advance("2026-02-01T00:00:00Z")
	after := addsUp(w, central)
	w.Equal(top(after), "-1700 2100 1 4 2026-02 2100/3")
	if after.Int("version") <= before.Int("version") {
		t.Errorf("the version went from %d to %d with the month", before.Int("version"), after.Int("version"))
	}
	w.Advance("2026-02-28T23:59:59Z")
	o := addsUp(w, central)
	w.Equal(top(o), "-1700 2100 1 4 2026-02 2100/3")
	w.Equal(row(o, night), "2100 4=3+1 AJAX_SIM:3:2100 AJAX_PLUS:1:0")
	w.Advance("2026-03-01T00:00:00Z")
	o = addsUp(w, central)
	w.Equal(top(o), "-3800 2600 1 4 2026-03 2600/4")
	w.Equal(row(o, night), "2600 4=4+0 AJAX_SIM:3:2100 AJAX_PLUS:1:500")
}

// Paused accounts count as active and, after the trial, as paid, and are in the
// monthly fee. The next charge leaves out those that were paused all the month
// so far, and takes them in again from the first paying instant. (A6 A42)
func TestDashboard_Paused(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM")
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	hubs := activates(w, night, night.Connects(central), sim, 2)
	w.OK(takes(night.Owner, "serviceSuspend", hubs[0]))
	w.Equal(top(addsUp(w, central)), "0 1000 1 2 2026-01 500/1") // paused from its first instant on
	w.OK(takes(night.Owner, "serviceResume", hubs[0]))
	w.Advance("2026-01-20T00:00:00Z")
	w.OK(takes(night.Owner, "serviceSuspend", hubs[0]))
	w.Equal(top(addsUp(w, central)), "0 1000 1 2 2026-01 1000/2") // it ran for some days of the month
	w.Advance("2026-02-01T00:00:00Z")
	o := addsUp(w, central)
	w.Equal(top(o), "-1000 1000 1 2 2026-02 500/1")
	w.Equal(row(o, night), "1000 2=2+0 AJAX_SIM:2:1000")
	w.OK(takes(night.Owner, "serviceStop", hubs[0]))
	w.Equal(top(addsUp(w, central)), "-1000 500 1 1 2026-02 500/1") // paused all its days of February
	w.Advance("2026-02-10T00:00:00Z")
	w.OK(takes(night.Owner, "serviceSuspend", hubs[1]))
	w.OK(takes(night.Owner, "serviceDeactivate", activates(w, night, o.Text("dealers.nodes.0.connection.id"), sim, 1)[0]))
	w.Equal(top(addsUp(w, central)), "-1000 1000 1 2 2026-02 1000/2")
	w.Advance("2026-03-05T00:00:00Z") // one has expired, one is paused
	w.Equal(top(addsUp(w, central)), "-2000 500 1 1 2026-03 0/0")
	w.OK(takes(night.Owner, "serviceResume", hubs[1]))
	w.Equal(top(addsUp(w, central)), "-2000 500 1 1 2026-03 500/1")
}

// The empty screen shows only while no dealer has ever activated through the
// reseller; afterwards there are zeros. Connected dealers alone do not count.
// (R64 R65, A17)
func TestDashboard_Empty(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM", world.Vars{"trialDays": 30})
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	link := night.Connects(central)
	o := dashboard(w, central.Owner, central)
	w.Equal(o.Text("emptyState.code"), "DASHBOARD_EMPTY")
	w.Equal(o.Text("emptyState.text"), "Detailed information will be available once at least one dealer applies.")
	polish := dashboard(w, central.Owner.Speaks("pl"), central).Text("emptyState.text")
	if !strings.Contains(polish, "Szczegółowe informacje") || !strings.Contains(polish, "co najmniej jeden") {
		t.Errorf("in Polish: %s", polish)
	}
	w.Equal(row(o, night), "0 0=0+0")
	hub := activates(w, night, link, sim, 1)[0]
	w.Equal(dashboard(w, central.Owner, central).Get("emptyState"), nil)
	w.OK(takes(night.Owner, "serviceStop", hub))
	o = addsUp(w, central)
	w.Equal(top(o), "0 0 0 0 2026-01 0/0") // stopped within its trial: nothing is due (A59)
	w.Equal(o.Get("emptyState"), nil)
	w.Equal(row(o, night), "0 0=0+0")
}

// The version grows with every change of the figures, and only then. (A59)
func TestDashboard_Version(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM")
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	link := night.Connects(central)
	versions := []int{dashboard(w, central.Owner, central).Int("version")}
	grows := func() {
		t.Helper()
		versions = append(versions, dashboard(w, central.Owner, central).Int("version"))
		if !slices.IsSorted(versions) || versions[len(versions)-1] == versions[len(versions)-2] {
			t.Errorf("versions %v", versions)
		}
	}
	hub := activates(w, night, link, sim, 1)[0]
	grows()
	for _, step := range []string{"serviceSuspend", "serviceResume", "serviceStop"} {
		w.OK(takes(night.Owner, step, hub))
		grows()
	}
	w.Refused(takes(night.Owner, "serviceStop", hub), "INVALID_STATE")
	w.Equal(dashboard(w, central.Owner, central).Int("version"), versions[len(versions)-1])
}
