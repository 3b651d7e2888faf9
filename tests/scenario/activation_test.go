package scenario_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// Chapter "Activating Ajax Services": the tile under the hub turns from
// Activation required to Activated, on the device list and on the info screen;
// what can be chosen is chosen beforehand, and looking changes nothing.
// (R75 R76 R77 R78 R79 R80 R82 R84 R85 R86 R121, A12 A13 A37 A56)
func TestServiceActivate(t *testing.T) {
	f := newFirm(t)
	installer := f.dealer.Employee("INSTALLER")
	villa := f.dealer.Hub("Villa 7")
	tiles := installer.Tiles(world.Vars{"objectId": villa.ObjectID}, "")
	f.Equal(tiles.Next().Text("hub.tile.kind"), "ACTIVATION_REQUIRED")
	f.shows(installer, villa, "ACTIVATION_REQUIRED", false, false)
	f.Equal(f.onList(installer, villa).Text("tile.label"), "Activation required")

	for range 2 { // asking changes nothing
		screen := f.hub(installer, villa)
		f.same(screen.Texts("activationOptions.packages", "code"), []string{"AJAX_SIM"})
		f.Equal(screen.Text("activationOptions.preselectedPackage.id"), f.pkg)
		f.Equal(screen.Text("activationOptions.preselectedConnection.id"), f.connection)
		f.same(screen.Texts("activationOptions.connections", "reseller.name"), []string{"Central Station"})
		f.Equal(len(screen.List("activationOptions.blockers")), 0)
		f.Equal(screen.Int("tile.version"), 1)
		f.Equal(screen.Int("services.totalCount"), 0)
	}

	a := f.OK(f.takes(installer, "Activate", villa))
	f.Equal(a.Text("service.status"), "ACTIVE")
	f.Equal(a.Text("service.reseller.id"), f.reseller.ID)
	f.Equal(a.Text("service.package.id"), f.pkg)
	f.Equal(a.Text("service.dealer.id"), f.dealer.ID)
	f.Equal(a.Text("service.activatedAt"), "2026-01-15T12:00:00Z")
	f.Equal(a.Get("service.endsAt"), nil)
	f.Equal(a.Text("screen.code"), "SERVICES_ACTIVATED")
	f.Equal(a.Text("hub.tile.kind"), "ACTIVATED")
	f.Equal(a.Int("hub.tile.version"), 2)
	f.shows(installer, villa, "ACTIVATED", true, true)
	pushed := tiles.Next()
	f.Equal(pushed.Text("hub.tile.kind"), "ACTIVATED")
	f.Equal(pushed.Text("previousTile"), "ACTIVATION_REQUIRED")
	f.Equal(pushed.Text("action"), "ACTIVATE")
	f.same(pushed.Texts("hub.statusIcons", ""), []string{"STAR", "SIM_ACTIVE"})
	f.Equal(f.hub(installer, villa).Text("service.id"), a.Text("service.id"))
	f.Refused(f.takes(installer, "Activate", villa), "INVALID_STATE input.hubId")
}

// The history of a service and the logs of both companies tell of the step; the
// reseller's names no more than it may know. (R82 R86, A9 A50 A52)
func TestServiceActivate_history(t *testing.T) {
	f := newFirm(t)
	villa, boss := f.dealer.Hub("Villa 7"), f.reseller.Owner
	id := f.OK(f.takes(f.dealer.Owner, "Activate", villa)).Text("service.id")
	const service = `query($id: ID!) { node(id: $id) { ... on HubService { status monthlyFee { amount currency formatted }
		hub { id name serialNumber tile { kind hint version } statusIcons serviceActions { action } sim { iccid }
			service { id } services { totalCount } activationOptions { packages { id } connections { id } blockers { code } } }
		events { totalCount nodes { action occurredAt tile actor { name } } } } } }`
	for _, p := range []*world.Person{f.dealer.Owner, boss, f.Operator()} {
		a := f.OK(p.Query(service, world.Vars{"id": id}))
		f.Equal(a.Text("node.status"), "ACTIVE")
		f.Equal(a.Int("node.events.totalCount"), 1)
		f.Equal(a.Text("node.events.nodes.0.action"), "ACTIVATE")
		f.Equal(a.Text("node.events.nodes.0.tile"), "ACTIVATED")
		f.Equal(a.Text("node.events.nodes.0.actor.name"), f.dealer.Owner.Name)
		f.Equal(a.Text("node.hub.serialNumber"), villa.Serial)
		f.Equal(a.Int("node.hub.services.totalCount"), 1)
		switch p {
		case f.dealer.Owner:
			f.Equal(a.Get("node.monthlyFee"), nil)
			f.Equal(a.Text("node.hub.tile.kind"), "ACTIVATED")
		case boss:
			f.Equal(a.Text("node.monthlyFee.amount"), "5.00")
			f.Equal(a.Text("node.hub.tile.kind"), "UNAVAILABLE")
			f.Equal(a.Text("node.hub.tile.hint"), "")
			f.Equal(a.Int("node.hub.tile.version"), 0)
			f.Equal(a.Get("node.hub.sim"), nil)
			for _, list := range []string{"statusIcons", "serviceActions", "activationOptions.packages", "activationOptions.connections", "activationOptions.blockers"} {
				f.Equal(len(a.List("node.hub."+list)), 0)
			}
		default:
			f.Equal(a.Text("node.monthlyFee.currency"), "EUR")
			f.Equal(a.Text("node.hub.tile.kind"), "ACTIVATED")
		}
	}
	for _, p := range []*world.Person{f.dealer.Owner, boss} {
		company := map[*world.Person]string{f.dealer.Owner: f.dealer.ID, boss: f.reseller.ID}[p]
		a := f.OK(p.Query(`query($id: ID!) { company(id: $id) { activities(first: 1, filter: {action: ["serviceActivate"]}) {
			nodes { summary subject { id } actor { name } } } } }`, world.Vars{"id": company}))
		f.Equal(a.Text("company.activities.nodes.0.subject.id"), id)
		if said := a.Text("company.activities.nodes.0.summary"); !strings.Contains(said, "Villa 7") {
			t.Errorf("the log says %q", said)
		}
	}
}

// With the switch only a reseller's owner and senior service manager see money;
// a paying month goes by the price at its beginning. (R20 R21, A9 A26)
func TestServiceActivate_whoSeesTheFee(t *testing.T) {
	for _, seniorOnly := range []bool{false, true} {
		f := newFirm(t, func(c *server.Config) { c.FinanceSeniorOnly = seniorOnly })
		id := f.OK(f.dealer.Activates(f.dealer.Hub("Villa"))).Text("service.id")
		f.Advance("2026-01-18T00:00:00Z")
		f.Package("AJAX_SIM", world.Vars{"monthlyFees": []world.Vars{{"amount": "7.50", "currency": "EUR"}}})
		fee := func(p *world.Person) string {
			return f.OK(p.Query(`query($id: ID!) { node(id: $id) { ... on HubService { monthlyFee { amount } } } }`, world.Vars{"id": id})).Text("node.monthlyFee.amount")
		}
		plain := f.reseller.Employee("SERVICE_MANAGER")
		sees := map[*world.Person]bool{f.reseller.Owner: true, f.reseller.Employee("SENIOR_SERVICE_MANAGER"): true, plain: !seniorOnly,
			f.Operator(): true, f.dealer.Owner: false, f.dealer.Employee("SENIOR_SERVICE_MANAGER"): false, f.reseller.Employee("INSTALLER"): false}
		for _, month := range []struct{ to, fee string }{{"2026-01-20T00:00:00Z", "5.00"}, {"2026-02-01T00:00:00Z", "7.50"}} {
			f.Advance(month.to)
			for p, may := range sees {
				want := ""
				if may {
					want = month.fee
				}
				if got := fee(p); got != want {
					t.Errorf("senior only %v, %s, %s: %q, want %q", seniorOnly, month.to, p.Name, got, want)
				}
			}
		}
	}
}

// A person's own screen tells beforehand what the step would answer: here for
// everybody who may see the hub at all. (R71 R72 R73 R87 R97 R113 R124, A11 A16
// A34 A53)
func TestServiceActivate_whoMay(t *testing.T) {
	f := newFirm(t)
	for _, role := range world.AllRoles {
		p, h := f.dealer.InRole(role), f.dealer.Hub("Hub of "+role)
		f.same(f.open(p, h), []string{"ACTIVATE"})
		for _, step := range []string{"Activate", "Suspend", "Resume", "Deactivate", "Resume", "Stop"} {
			f.OK(f.takes(p, step, h))
		}
	}
	h := f.dealer.Hub("Villa")
	invited := f.Person("Invited")
	f.OK(f.dealer.Owner.Mutate("employeeAdd", world.Vars{"companyId": f.dealer.ID, "email": invited.Email, "role": "INSTALLER"}, ``))
	outside := []*world.Person{invited, f.Person("Nobody"), f.Dealer("Another dealer").Owner, f.Reseller("Another station").Owner}
	steps := []string{"Activate", "Deactivate", "Suspend", "Resume", "Stop"}
	for _, live := range []bool{false, true} {
		if live {
			f.OK(f.dealer.Activates(h))
		}
		for _, step := range steps {
			for _, p := range append(outside, f.reseller.Employee("INSTALLER")) {
				f.Refused(f.takes(p, step, h), "NOT_FOUND input.hubId")
			}
			f.Fails(f.Mutate("service"+step, world.Vars{"hubId": h.ID}, stepResult), "UNAUTHENTICATED")
			switch {
			case !live:
				f.Refused(f.takes(f.reseller.Owner, step, h), "NOT_FOUND input.hubId")
			default:
				f.Refused(f.takes(f.reseller.Owner, step, h), "FORBIDDEN input.hubId")
			}
			if step != "Suspend" && step != "Resume" {
				f.Refused(f.takes(f.Operator(), step, h), "FORBIDDEN input.hubId")
			}
		}
	}
	f.same(f.open(f.Operator(), h), []string{"SUSPEND"})
	f.Refused(f.dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": "hub_unknown"}, stepResult), "NOT_FOUND input.hubId")
}

// No card, a foreign card, and a company that is no dealer: the tile says why.
// (R8 R74, A10)
func TestServiceActivate_unavailable(t *testing.T) {
	f := newFirm(t)
	bare := f.dealer.HubWithoutSIM("Bare")
	foreign := f.dealer.HubWithoutSIM("Foreign")
	f.OK(f.dealer.Owner.Mutate("hubSimInstall", world.Vars{"hubId": foreign.ID, "sim": world.Vars{"iccid": "8948000000000999999", "isAjaxSim": false}}, ``))
	for _, h := range []*world.Hub{bare, foreign} {
		screen := f.hub(f.dealer.Owner, h)
		f.Equal(screen.Text("tile.kind"), "UNAVAILABLE")
		f.Equal(screen.Text("tile.hint"), "Ajax Services cannot be activated: the hub has no Ajax SIM installed.")
		f.same(screen.Texts("activationOptions.blockers", "code"), []string{"SIM_REQUIRED"})
		f.Equal(screen.Text("serviceActions.0.refusal.code"), "SIM_REQUIRED")
		f.Refused(f.dealer.Activates(h), "SIM_REQUIRED input.hubId")
	}
	f.same(f.hub(f.dealer.Owner, bare).Texts("statusIcons", ""), []string{})
	f.same(f.hub(f.dealer.Owner, foreign).Texts("statusIcons", ""), []string{"SIM_INACTIVE"})

	plain := f.Company("Plain company")
	h := plain.Hub("Villa")
	screen := f.hub(plain.Owner, h)
	f.Equal(screen.Text("tile.kind"), "UNAVAILABLE")
	f.Equal(screen.Text("tile.hint"), "Ajax Services cannot be activated: the company is not enrolled as a dealer.")
	for _, step := range []string{"Activate", "Deactivate", "Suspend", "Resume", "Stop"} {
		f.Refused(f.takes(plain.Owner, step, h), "NOT_A_DEALER input.hubId")
	}
}

// A trial lasts to the end of the month in which its days run out, and a hub
// has it once for each package. (A3 A28 A40)
func TestServiceActivate_trial(t *testing.T) {
	f := newFirm(t)
	trial := f.Package("TRIAL", world.Vars{"trialDays": 30})
	h := f.dealer.Hub("Villa")
	const selection = `service { id isTrial trialEndsAt trialLastMonth }`
	start := func() world.Answer {
		return f.OK(f.dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": h.ID, "packageId": trial}, selection))
	}
	a := start()
	f.Equal(a.Get("service.isTrial"), true)
	f.Equal(a.Text("service.trialEndsAt"), "2026-03-01T00:00:00Z")
	f.Equal(a.Text("service.trialLastMonth"), "2026-02")
	id := a.Text("service.id")
	isTrial := func() any {
		return f.OK(f.dealer.Owner.Query(`query($id: ID!) { node(id: $id) { ... on HubService { isTrial } } }`, world.Vars{"id": id})).Get("node.isTrial")
	}
	f.Advance("2026-02-28T23:59:59.999999Z")
	f.Equal(isTrial(), true)
	f.Advance("2026-03-01T00:00:00Z")
	f.Equal(isTrial(), false)
	f.OK(f.takes(f.dealer.Owner, "Stop", h))
	a = start()
	f.Equal(a.Get("service.isTrial"), false)
	f.Equal(a.Get("service.trialEndsAt"), nil)
	f.Equal(a.Get("service.trialLastMonth"), nil)
}

// Of twenty people who press the button at the same moment one activates; a
// repeated call with its key is answered as the first. (R92 R111, A1 A33 A35
// A48)
func TestServiceActivate_atTheSameMoment(t *testing.T) {
	f := newFirm(t)
	h := f.dealer.Hub("Villa")
	answers := make([]world.Answer, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = f.dealer.Activates(h) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if len(a.Codes()) == 0 {
			won++
			f.OK(a)
		} else {
			f.Refused(a, "INVALID_STATE input.hubId")
		}
	}
	f.Equal(won, 1)
	f.Equal(f.hub(f.dealer.Owner, h).Int("services.totalCount"), 1)

	shop := f.dealer.Hub("Shop")
	key := world.Vars{"idempotencyKey": "6f9619ff"}
	first := f.OK(f.takes(f.dealer.Owner, "Activate", shop, key)).Text("service.id")
	f.dealer.Owner.SignIn() // the key is the person's, not the session's
	f.Equal(f.OK(f.takes(f.dealer.Owner, "Activate", shop, key)).Text("service.id"), first)
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, key), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"idempotencyKey": ""}), "INVALID input.idempotencyKey")
	f.OK(f.takes(f.dealer.Owner, "Stop", shop))
	a := f.OK(f.takes(f.dealer.Owner, "Activate", shop, key)) // as it is now
	f.Equal(a.Text("service.id"), first)
	f.Equal(a.Text("service.status"), "ENDED")
	f.Equal(a.Text("hub.tile.kind"), "ACTIVATION_REQUIRED")
	f.Equal(a.Text("screen.code"), "ACTIVATION_REQUIRED")
	f.Advance("2026-01-16T12:00:00Z") // a day later the key is forgotten
	f.Equal(f.OK(f.takes(f.dealer.Owner, "Activate", shop, key)).Text("service.status"), "ACTIVE")
}

// A page of hubs with everything about their services takes as many statements
// for a hundred hubs as for twenty.
func TestServiceActivate_statements(t *testing.T) {
	f := newFirm(t, world.Lavish)
	f.Package("SECOND")
	place := f.dealer.Object("Warehouse")
	for i := range 100 {
		h := f.dealer.HubAt(place, fmt.Sprintf("Hub %d", i), i%7 != 0)
		switch i % 3 {
		case 0:
			continue
		case 1:
			f.takes(f.dealer.Owner, "Activate", h, world.Vars{"packageId": f.pkg})
		case 2:
			f.takes(f.dealer.Owner, "Activate", h, world.Vars{"packageId": f.pkg})
			f.takes(f.dealer.Owner, "Suspend", h)
		}
	}
	const document = `query($id: ID!, $first: Int!) { object(id: $id) { hubs(first: $first) { totalCount nodes {
		id name statusIcons sim { isActive } tile { kind label hint version }
		serviceActions { action isAvailable refusal { code ... on StateError { subject { id } } } }
		service { id status isTrial monthlyFee { amount } package { code name } reseller { name } dealer { name } hub { id } }
		services(first: 3) { totalCount nodes { id events(first: 2) { nodes { action actor { name } } } } }
		activationOptions { packages { code } preselectedPackage { id } connections { id reseller { name } } blockers { code } } } } } }`
	for _, p := range []*world.Person{f.dealer.Owner, f.dealer.Employee("INSTALLER"), f.reseller.Owner, f.Operator()} {
		count := func(first int) int {
			return len(f.Statements(func() { f.OK(p.Query(document, world.Vars{"id": place, "first": first})) }))
		}
		few, many := 0, 0
		f.Within(time.Minute, "as many statements for 20 hubs as for 100", func() bool {
			few, many = count(20), count(100) // those of a job may come between
			return few == many
		})
		t.Logf("%s: %d statements", p.Name, many)
	}
}
