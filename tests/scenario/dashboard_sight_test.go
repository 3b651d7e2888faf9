package scenario

import (
	"fmt"
	"strings"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// amountsOn is every way to an amount of a reseller, as a person walks it.
func amountsOn(w *world.World, p *world.Person, reseller *world.Company, ids world.Vars) (text string, a world.Answer) {
	w.Helper()
	a = w.OK(p.Query(`fragment M on Money { amount minorUnits formatted }
		fragment P on ServicePackage { monthlyFee { ...M } eur: monthlyFee(currency: "EUR") { ...M } prices { monthlyFee { ...M } } }
		fragment S on HubService { monthlyFee { ...M } package { ...P } }
		fragment C on Charge { month amount { ...M } lines { nodes { amount { ...M } service { ...S } } } }
		fragment A on DealerActivity { activeAccountCount monthlyFee { ...M } packages { activeAccountCount monthlyFee { ...M } package { ...P } }
			accounts { nodes { ...S } } }
		fragment O on ResellerOverview { activeAccountCount activeDealerCount creditLimit { ...M } balance { ...M } monthlyFee { ...M } nextCharge { ...C }
			dealers { nodes { ...A connection { activity { ...A } } } } }
		query($r: ID!, $d: ID!, $o: ID!, $a: ID!, $l: ID!, $s: ID!, $p: ID!) {
			company(id: $r) { resellerOverview { ...O } dealerActivity(dealerId: $d) { ...A } services { nodes { ...S } }
				dealerConnections { nodes { activity { ...A } } } }
			dealer: company(id: $d) { resellerConnections { nodes { activity { ...A } } } services { nodes { ...S } } }
			overview: node(id: $o) { ...O } activity: node(id: $a) { ...A } link: node(id: $l) { ... on DealerLink { activity { ...A } } }
			service: node(id: $s) { ...S } package: node(id: $p) { ...P } servicePackages { nodes { ...P } } }`,
		ids, world.Vars{"r": reseller.ID}))
	return fmt.Sprint(a.Data), a
}

// Amounts are for those of a reseller who may see its money; its other managers
// see the same figures without them, on every path; nobody else sees the
// figures at all. The operator sees everything. (R17 R28 R58 R59, A9)
func TestDashboard_WhoSees(t *testing.T) {
	for _, seniorOnly := range []bool{false, true} {
		t.Run(fmt.Sprint("finance-senior-only ", seniorOnly), func(t *testing.T) {
			w := world.New(t, world.Lavish, func(c *server.Config) { c.FinanceSeniorOnly = seniorOnly })
			sim := w.Package("AJAX_SIM")
			central, other, night, day := w.Reseller("Central Station"), w.Reseller("Other Station"), w.Dealer("Night Watch"), w.Dealer("Day Watch")
			w.OK(enrollsReseller(w.Operator(), central, world.Vars{"creditLimit": "90.00"}))
			link := night.Connects(central)
			day.Connects(central)
			activates(w, night, link, sim, 2)
			o := dashboard(w, central.Owner, central)
			ids := world.Vars{"d": night.ID, "o": o.Text("id"), "a": o.Text("dealers.nodes.0.id"), "l": link, "p": sim,
				"s": o.Text("dealers.nodes.0.accounts.nodes.0.id")}
			seniors, manager := []*world.Person{central.Owner, central.Employee(world.Roles[0])}, central.Employee(world.Roles[1])
			if !seniorOnly {
				seniors, manager = append(seniors, manager), nil
			}
			want, _ := amountsOn(w, central.Owner, central, ids)
			if strings.Count(want, "amount:5.00") < 15 || !strings.Contains(want, "amount:90.00") {
				t.Errorf("the owner sees %s", want)
			}
			for _, p := range seniors {
				got, _ := amountsOn(w, p, central, ids)
				w.Equal(got, want)
			}
			text, a := amountsOn(w, w.Operator(), central, ids)
			w.Equal(strings.Contains(text, "amount:90.00"), true)
			w.Equal(a.Int("company.resellerOverview.monthlyFee.minorUnits"), 1000)
			if manager != nil {
				text, a = amountsOn(w, manager, central, ids)
				w.Equal(strings.Contains(text, "minorUnits"), false)
				for _, path := range []string{"company.resellerOverview", "overview", "company.dealerActivity", "activity", "link.activity",
					"company.resellerOverview.dealers.nodes.0", "company.dealerConnections.nodes.1.activity", "activity.packages.0"} {
					w.Equal(a.Int(path+".activeAccountCount"), 2)
				}
				w.Equal(a.Get("company.resellerOverview.nextCharge"), nil)
				w.Equal(len(a.List("activity.accounts.nodes")), 2)
			}
			blind := []*world.Person{central.Employee("INSTALLER"), other.Owner, night.Owner, night.Employee(world.Roles[0]), night.Employee("INSTALLER"),
				day.Owner, w.Person("Eve"), w.Company("Plain").Owner}
			for _, p := range blind {
				text, a := amountsOn(w, p, central, ids)
				for _, path := range []string{"company.resellerOverview", "company.dealerActivity", "overview", "activity", "link.activity"} {
					if got := a.Get(path); got != nil {
						t.Errorf("%s sees at %s: %v", p.Name, path, got)
					}
				}
				w.Equal(strings.Contains(text, "activeAccountCount"), false)
				if p != other.Owner { // who sees its own price of the package
					w.Equal(strings.Contains(text, "minorUnits"), false)
				}
			}
			w.Equal(dashboard(w, night.Owner, night).Data, nil) // a dealer has no such figures
		})
	}
}

// A reseller opens a dealer that is connected, be it suspended, and reads its
// contacts there; a request, a refusal or a stranger has no activity and shows
// nothing. (R60 R63, A50)
func TestDashboard_Dealer(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM")
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	link := night.Requests(central)
	opens := func(dealer *world.Company) world.Answer {
		t.Helper()
		a := w.OK(central.Owner.Query(activityOf+` query($r: ID!, $d: ID!, $l: ID!, $n: ID!) { company(id: $r) { dealerActivity(dealerId: $d) { ...A } resellerOverview { dealers { totalCount } } }
			link: node(id: $l) { ... on DealerLink { activity { id } } } activity: node(id: $n) { id } }`,
			world.Vars{"r": central.ID, "d": dealer.ID, "l": link, "n": "dac" + link[3:]}))
		w.Equal(a.Text("link.activity.id"), a.Text("company.dealerActivity.id"))
		w.Equal(a.Text("activity.id"), a.Text("company.dealerActivity.id"))
		w.Equal(a.Int("company.resellerOverview.dealers.totalCount") > 0, a.Get("company.dealerActivity") != nil)
		a.Data = a.Get("company.dealerActivity")
		return a
	}
	w.Equal(opens(night).Data, nil)
	w.OK(decides(central.Owner, "connectionReject", link))
	w.Equal(opens(night).Data, nil)
	w.OK(decides(central.Owner, "connectionApprove", link, world.Vars{"dealerNumber": "N-7"}))
	activates(w, night, link, sim, 1)
	for _, status := range []string{"ACTIVE", "SUSPENDED"} {
		a := opens(night)
		w.Equal(share(a), "500 1=1+0 AJAX_SIM:1:500")
		w.Equal(a.Text("dealer.contact.email"), night.Email)
		w.Equal(a.Text("dealer.contact.phone"), "+48 22 123 45 67")
		w.Equal(a.Text("connection.dealerNumber")+a.Text("connection.status"), "N-7"+status)
		if status == "ACTIVE" {
			w.OK(decides(central.Owner, "connectionSuspend", link))
		}
	}
	stranger := w.Dealer("Stranger")
	for _, id := range []string{stranger.ID, central.ID, "co_none", ""} {
		a := w.OK(central.Owner.Query(`query($r: ID!, $d: ID!) { company(id: $r) { dealerActivity(dealerId: $d) { id } } dealer: company(id: $d) { contact { email } } }`,
			world.Vars{"r": central.ID, "d": id}))
		w.Equal(a.Get("company.dealerActivity"), nil)
		w.Equal(a.Get("dealer") != nil, id == central.ID)
	}
}

// A dealer that is deleted is gone from the rows; what it owes is charged
// still. A reseller is kept by what it is about to be charged, and by a balance
// that is not zero. (A10 A45)
func TestDashboard_Deleted(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM")
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	link := night.Connects(central)
	hub := activates(w, night, link, sim, 1)[0]
	id := dashboard(w, central.Owner, central).Text("dealers.nodes.0.id")
	w.OK(takes(night.Owner, "serviceStop", hub))
	w.Refused(deletes(central.Owner, central), "INVALID_STATE input.companyId")
	w.OK(deletes(night.Owner, night))
	o := addsUp(w, central)
	w.Equal(top(o), "0 0 0 0 2026-01 500/1")
	w.Equal(row(o, night), "no row")
	w.Equal(o.Text("nextCharge.lines.nodes.0.service.dealer.id"), night.ID) // named still
	w.Equal(w.OK(central.Owner.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": id})).Get("node"), nil)
	blockers := func() []string {
		return w.OK(central.Owner.Query(`query($id: ID!) { company(id: $id) { deletionBlockers { code } } }`, world.Vars{"id": central.ID})).
			Texts("company.deletionBlockers", "code")
	}
	same(w, blockers(), "INVALID_STATE")
	w.Advance("2026-02-02T00:00:00Z")
	w.Equal(top(addsUp(w, central)), "-500 0 0 0 2026-02 0/0")
	same(w, blockers(), "INVALID_STATE")
}
