package scenario

import (
	"fmt"
	"testing"

	"partnerhub/tests/world"
)

func deletes(p *world.Person, c *world.Company) world.Answer {
	return p.Mutate("companyDelete", world.Vars{"companyId": c.ID, "confirmName": c.Name}, `deletedCompanyId`)
}

// takes takes a step of the service on a hub.
func takes(p *world.Person, step string, h *world.Hub) world.Answer {
	return p.Mutate(step, world.Vars{"hubId": h.ID}, `service { id status }`)
}

// Neither the dealer nor the reseller of a service can be deleted while it
// lives, in whichever state. The refusal names the hubs, and is what the
// company tells beforehand. (R106 R108 A10)
func TestCompanyDelete_ServicesActive(t *testing.T) {
	w := world.New(t)
	w.Package("AJAX_SIM", world.Vars{"trialDays": 20})
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	dealer.Connects(reseller)
	villa, office := dealer.Hub("Villa"), dealer.Hub("Office")
	w.OK(dealer.Activates(villa)) // on trial
	w.OK(dealer.Activates(office))
	blocked := func(c *world.Company, hubs ...string) {
		t.Helper()
		refusal := w.Refused(deletes(c.Owner, c), "SERVICES_ACTIVE input.companyId")
		w.Equal(refusal.Text("userErrors.0.__typename"), "ServicesActiveError")
		w.Equal(refusal.Int("userErrors.0.activeServiceCount"), len(hubs))
		w.Equal(fmt.Sprint(refusal.Texts("userErrors.0.hubs", "id")), fmt.Sprint(hubs))
		told := seesCompany(w, c.Owner, c.ID)
		w.Equal(told.Text("deletionBlockers.0.code"), "SERVICES_ACTIVE")
		w.Equal(told.Text("deletionBlockers.0.message"), refusal.Text("userErrors.0.message"))
		w.Equal(fmt.Sprint(told.Texts("deletionBlockers.0.hubs", "id")), fmt.Sprint(hubs))
	}
	both := func(hubs ...string) {
		t.Helper()
		blocked(dealer, hubs...)
		blocked(reseller, hubs...)
	}
	both(villa.ID, office.ID)
	w.OK(takes(dealer.Owner, "serviceStop", office))
	both(villa.ID)
	w.OK(takes(dealer.Owner, "serviceDeactivate", villa))
	both(villa.ID)
	w.OK(takes(dealer.Owner, "serviceSuspend", villa))
	both(villa.ID)
	w.Advance("2026-01-31T23:59:59Z")
	both(villa.ID)
	w.Advance("2026-02-01T00:00:00Z")
	for _, c := range []*world.Company{reseller, dealer} {
		w.Equal(len(seesCompany(w, c.Owner, c.ID).List("deletionBlockers")), 0)
		w.Equal(w.OK(deletes(c.Owner, c)).Text("deletedCompanyId"), c.ID)
	}
}

// Only the owner deletes a company, and says its name exactly. (A34 A54)
func TestCompanyDelete_WhoAsks(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	for _, role := range world.Roles {
		w.Refused(deletes(c.Employee(role), c), "FORBIDDEN input.companyId")
	}
	w.Refused(deletes(w.Operator(), c), "FORBIDDEN input.companyId")
	w.Refused(deletes(w.Person("Eve"), c), "NOT_FOUND input.companyId")
	named := func(name string) world.Answer {
		return c.Owner.Mutate("companyDelete", world.Vars{"companyId": c.ID, "confirmName": name}, `deletedCompanyId`)
	}
	w.Refused(named(""), "REQUIRED input.confirmName")
	for _, name := range []string{"night watch", " Night Watch", "Night  Watch", "Day Watch"} {
		w.Refused(named(name), "INVALID input.confirmName")
	}
	if seesCompany(w, c.Owner, c.ID).Data == nil {
		t.Fatal("one of them deleted the company")
	}
	w.OK(deletes(c.Owner, c))
	w.Refused(deletes(c.Owner, c), "NOT_FOUND input.companyId")
}

// A deleted company is gone for everybody, with all it had: its people lose it,
// its partner the connection, and its numbers are free. What it did stays told
// where others could see it. (R106 A45)
func TestCompanyDelete(t *testing.T) {
	w := world.New(t)
	w.Package("AJAX_SIM")
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	connection := dealer.Connects(reseller)
	w.OK(dealer.Owner.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": world.Vars{"email": "new@station.example"}}, `connection { id }`))
	villa := dealer.Hub("Villa")
	service := w.OK(dealer.Activates(villa)).Text("service.id")
	w.OK(takes(dealer.Owner, "serviceStop", villa))
	manager := dealer.Employee("SERVICE_MANAGER")
	waiting := w.Person("Waiting")
	employee := invites(w, dealer, waiting, "INSTALLER")
	links := reseller.Owner.Connections(reseller.ID, "")
	w.Equal(links.Next().Text("connection.id"), connection)
	tiles := manager.Tiles(world.Vars{"companyId": dealer.ID}, "")
	w.Equal(tiles.Next().Text("hub.id"), villa.ID)

	w.OK(deletes(dealer.Owner, dealer))

	gone := links.Next()
	w.Equal(gone.Text("connectionId"), connection)
	w.Equal(gone.Get("connection"), nil)
	w.Equal(tiles.End(), "FORBIDDEN")
	for _, p := range []*world.Person{dealer.Owner, manager, waiting, w.Operator(), reseller.Owner} {
		for _, id := range []string{dealer.ID, villa.ID, villa.ObjectID, connection, employee} {
			if n := w.OK(p.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": id})).Get("node"); n != nil {
				t.Errorf("%s still sees %v", p.Name, n)
			}
		}
		if p != reseller.Owner {
			w.Equal(w.OK(p.Query(`{ viewer { employments { totalCount } } }`)).Int("viewer.employments.totalCount"), 0)
		}
	}
	w.Refused(manager.Mutate("objectCreate", world.Vars{"companyId": dealer.ID, "name": "Villa 8"}, `object { id }`), "NOT_FOUND")
	w.Refused(answers(waiting, "employeeInvitationAccept", employee), "NOT_FOUND input.employeeId")
	a := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { dealerConnections { totalCount } activities(first: 1) { nodes { action summary } } } }`, world.Vars{"id": reseller.ID}))
	w.Equal(a.Int("company.dealerConnections.totalCount"), 0)
	w.Equal(a.Text("company.activities.nodes.0.summary"), "The company Night Watch was deleted.")

	past := w.OK(reseller.Owner.Query(`query($id: ID!) { node(id: $id) { ... on HubService { status dealer { name } hub { name } } } }`, world.Vars{"id": service}))
	w.Equal(past.Text("node.dealer.name"), "Night Watch")
	w.Equal(past.Text("node.hub.name"), "Villa")

	other := w.Dealer("Other")
	w.OK(other.Owner.Mutate("hubAdd", world.Vars{
		"objectId": other.Object("House"), "serialNumber": villa.Serial, "name": "Second life",
		"sim": world.Vars{"iccid": villa.ICCID, "isAjaxSim": true},
	}, `hub { id }`))
	c := w.Person("New").Founds("Station")
	w.OK(c.Owner.Mutate("companyUpdate", world.Vars{"companyId": c.ID, "contact": world.Vars{"email": "new@station.example"}}, `company { id }`))
	w.OK(enrollsReseller(w.Operator(), c))
	a = w.OK(c.Owner.Query(`query($id: ID!) { company(id: $id) { dealerConnections { totalCount } } }`, world.Vars{"id": c.ID}))
	w.Equal(a.Int("company.dealerConnections.totalCount"), 0) // the invitation went with the company
}

// A deletion and an activation at one moment: one of them is refused. (R108)
func TestCompanyDelete_OrActivation(t *testing.T) {
	w := world.New(t)
	w.Package("AJAX_SIM")
	reseller := w.Reseller("Central Station")
	for round := range 6 {
		dealer := w.Dealer(fmt.Sprintf("Dealer %d", round))
		dealer.Connects(reseller)
		villa, installer := dealer.Hub("Villa"), dealer.Employee("INSTALLER")
		deleted, activated := make(chan world.Answer), make(chan world.Answer)
		go func() { deleted <- deletes(dealer.Owner, dealer) }()
		go func() { activated <- takes(installer, "serviceActivate", villa) }()
		d, a := <-deleted, <-activated
		if len(a.Codes()) == 0 {
			w.OK(a)
			w.Refused(d, "SERVICES_ACTIVE")
		} else {
			w.Refused(a, "NOT_FOUND")
			w.OK(d)
		}
	}
}
