package scenario

import (
	"slices"
	"testing"

	"partnerhub/tests/world"
)

const hubList = `query($id: ID!, $filter: HubFilter, $by: HubOrder, $first: Int, $after: String) { company(id: $id) {
	hubs(filter: $filter, orderBy: $by, first: $first, after: $after) { totalCount nodes { name } pageInfo { hasNextPage endCursor } } } }`

const serviceList = `query($id: ID!, $filter: HubServiceFilter, $by: HubServiceOrder, $first: Int, $after: String) { company(id: $id) {
	services(filter: $filter, orderBy: $by, first: $first, after: $after) { totalCount nodes { status hub { name } reseller { name } } pageInfo { hasNextPage endCursor } } } }`

// A dealer finds its hubs by name, serial number, tile, card and service,
// sorted as it likes (R75 R77), and nobody else finds them (A34, A50, A51).
func TestCompanyHubs(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	lodz, attic, cellar := dealer.Hub("Łódź office"), dealer.Hub("Attic"), dealer.HubWithoutSIM("Cellar")
	w.OK(dealer.Activates(lodz))

	names := func(p *world.Person, filter world.Vars, by world.Vars) []string {
		t.Helper()
		a := w.OK(p.Query(hubList, world.Vars{"id": dealer.ID, "filter": filter, "by": by}))
		w.Equal(a.Int("company.hubs.totalCount"), len(a.List("company.hubs.nodes")))
		return a.Texts("company.hubs.nodes", "name")
	}
	for _, c := range []struct {
		what   string
		filter world.Vars
		want   []string
	}{
		{"all", nil, []string{"Łódź office", "Attic", "Cellar"}},
		{"search without marks", world.Vars{"search": "lodz"}, []string{"Łódź office"}},
		{"serial number", world.Vars{"serialNumber": world.Vars{"eq": attic.Serial}}, []string{"Attic"}},
		{"serial numbers", world.Vars{"serialNumber": world.Vars{"in": []string{attic.Serial, cellar.Serial}}}, []string{"Attic", "Cellar"}},
		{"tile", world.Vars{"tile": []string{"ACTIVATED"}}, []string{"Łódź office"}},
		{"tiles", world.Vars{"tile": []string{"ACTIVATION_REQUIRED", "UNAVAILABLE"}}, []string{"Attic", "Cellar"}},
		{"no card", world.Vars{"hasAjaxSim": false}, []string{"Cellar"}},
		{"a service", world.Vars{"hasService": true}, []string{"Łódź office"}},
		{"no service", world.Vars{"hasService": false}, []string{"Attic", "Cellar"}},
		{"object", world.Vars{"objectId": []string{attic.ObjectID}}, []string{"Attic"}},
		{"country", world.Vars{"country": []string{"DE"}}, []string{}},
		{"added before", world.Vars{"createdAt": world.Vars{"lt": "2026-01-15T12:00:00Z"}}, []string{}},
		{"added since", world.Vars{"createdAt": world.Vars{"gte": "2026-01-15T12:00:00Z"}}, []string{"Łódź office", "Attic", "Cellar"}},
	} {
		if got := names(dealer.Owner, c.filter, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, got, c.want)
		}
	}
	if got := names(dealer.Owner, nil, world.Vars{"field": "NAME", "direction": "DESC"}); !slices.Equal(got, []string{"Łódź office", "Cellar", "Attic"}) {
		t.Errorf("by name: %v", got)
	}
	page := w.OK(dealer.Owner.Query(hubList, world.Vars{"id": dealer.ID, "first": 2}))
	w.Equal(page.Get("company.hubs.pageInfo.hasNextPage"), true)
	rest := w.OK(dealer.Owner.Query(hubList, world.Vars{"id": dealer.ID, "first": 2, "after": page.Text("company.hubs.pageInfo.endCursor")}))
	if got := rest.Texts("company.hubs.nodes", "name"); !slices.Equal(got, []string{"Cellar"}) {
		t.Errorf("second page: %v", got)
	}

	for _, role := range world.Roles {
		if got := names(dealer.Employee(role), nil, nil); len(got) != 3 {
			t.Errorf("%s of the dealer sees %v", role, got)
		}
	}
	if got := names(reseller.Owner, nil, nil); len(got) != 0 {
		t.Errorf("the reseller lists the dealer's hubs: %v", got)
	}
	stranger := w.Dealer("Stranger").Owner
	w.Equal(w.OK(stranger.Query(hubList, world.Vars{"id": dealer.ID})).Get("company"), nil)
	w.Fails(w.Query(hubList, world.Vars{"id": dealer.ID}), "UNAUTHENTICATED")
}

// The dealer lists the services on its hubs, the reseller those it is billed
// for, past ones included; nobody lists another's (A34, A50, A51).
func TestCompanyServices(t *testing.T) {
	w := world.New(t)
	dealer, other := w.Dealer("Night Watch"), w.Dealer("Safe Homes")
	central, guardian := w.Reseller("Central Station"), w.Reseller("Guardian")
	pkg := w.Package("AJAX_SIM", world.Vars{"trialDays": 10})
	first, second := dealer.Connects(central), dealer.Connects(guardian)
	other.Connects(central)
	activate := func(c *world.Company, h *world.Hub, connection string) {
		t.Helper()
		input := world.Vars{"hubId": h.ID}
		if connection != "" {
			input["connectionId"] = connection
		}
		w.OK(c.Owner.Mutate("serviceActivate", input, `service { id }`))
	}
	villa, shop, mill, home := dealer.Hub("Villa"), dealer.Hub("Shop"), dealer.Hub("Mill"), other.Hub("Home")
	activate(dealer, villa, first)
	activate(dealer, shop, second)
	activate(dealer, mill, first)
	activate(other, home, "")
	w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": villa.ID}, `hub { id }`))
	w.Advance("2026-01-17T12:00:00Z")
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": mill.ID}, `hub { id }`))

	hubs := func(p *world.Person, c *world.Company, filter, by world.Vars) []string {
		t.Helper()
		a := w.OK(p.Query(serviceList, world.Vars{"id": c.ID, "filter": filter, "by": by}))
		w.Equal(a.Int("company.services.totalCount"), len(a.List("company.services.nodes")))
		names := []string{}
		for i := range a.List("company.services.nodes") {
			names = append(names, world.Answer{Data: a.List("company.services.nodes")[i]}.Text("hub.name"))
		}
		return names
	}
	for _, c := range []struct {
		what   string
		viewer *world.Person
		of     *world.Company
		filter world.Vars
		want   []string
	}{
		{"of the dealer", dealer.Owner, dealer, nil, []string{"Mill", "Shop", "Villa"}},
		{"of the reseller", central.Owner, central, nil, []string{"Home", "Mill", "Villa"}},
		{"of another reseller", guardian.Owner, guardian, nil, []string{"Shop"}},
		{"of the dealer, to its reseller", central.Owner, dealer, nil, []string{}},
		{"of the reseller, to its dealer", dealer.Owner, central, nil, []string{}},
		{"of the reseller, to the operator", w.Operator(), central, nil, []string{"Home", "Mill", "Villa"}},
		{"ended", dealer.Owner, dealer, world.Vars{"status": []string{"ENDED"}}, []string{"Mill"}},
		{"live", dealer.Owner, dealer, world.Vars{"status": []string{"ACTIVE", "EXPIRING"}}, []string{"Shop", "Villa"}},
		{"trial", dealer.Owner, dealer, world.Vars{"isTrial": true}, []string{"Shop", "Villa"}},
		{"no trial", dealer.Owner, dealer, world.Vars{"isTrial": false}, []string{"Mill"}},
		{"last free month", dealer.Owner, dealer, world.Vars{"trialLastMonth": []string{"2026-01"}}, []string{"Mill", "Shop", "Villa"}},
		{"another last free month", dealer.Owner, dealer, world.Vars{"trialLastMonth": []string{"2026-02"}}, []string{}},
		{"by dealer", central.Owner, central, world.Vars{"dealerId": []string{other.ID}}, []string{"Home"}},
		{"by reseller", dealer.Owner, dealer, world.Vars{"resellerId": []string{guardian.ID}}, []string{"Shop"}},
		{"by package", dealer.Owner, dealer, world.Vars{"packageId": []string{pkg}}, []string{"Mill", "Shop", "Villa"}},
		{"by country", dealer.Owner, dealer, world.Vars{"country": []string{"DE"}}, []string{}},
		{"ended within two days", dealer.Owner, dealer, world.Vars{"endedWithinDays": 2}, []string{"Mill"}},
		{"ended within one day", dealer.Owner, dealer, world.Vars{"endedWithinDays": 1}, []string{}},
		{"ends in February", dealer.Owner, dealer, world.Vars{"endsAt": world.Vars{"gte": "2026-02-01T00:00:00Z"}}, []string{"Villa"}},
		{"changed lately", dealer.Owner, dealer, world.Vars{"updatedAt": world.Vars{"gte": "2026-01-17T00:00:00Z"}}, []string{"Mill"}},
		{"activated before", dealer.Owner, dealer, world.Vars{"activatedAt": world.Vars{"lt": "2026-01-15T12:00:00Z"}}, []string{}},
	} {
		if got := hubs(c.viewer, c.of, c.filter, nil); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, got, c.want)
		}
	}
	if got := hubs(dealer.Owner, dealer, nil, world.Vars{"field": "ENDS_AT", "direction": "ASC"}); !slices.Equal(got, []string{"Mill", "Villa", "Shop"}) {
		t.Errorf("by end: %v", got)
	}
	if got := hubs(dealer.Owner, dealer, nil, world.Vars{"field": "UPDATED_AT"}); got[0] != "Mill" {
		t.Errorf("by change: %v", got)
	}
	// By end, over pages of one.
	cursor, found := any(nil), []string{}
	for range 3 {
		a := w.OK(dealer.Owner.Query(serviceList, world.Vars{"id": dealer.ID, "by": world.Vars{"field": "ENDS_AT", "direction": "ASC"}, "first": 1, "after": cursor}))
		found = append(found, a.Text("company.services.nodes.0.hub.name"))
		cursor = a.Text("company.services.pageInfo.endCursor")
	}
	if !slices.Equal(found, []string{"Mill", "Villa", "Shop"}) {
		t.Errorf("by end, over pages: %v", found)
	}
	installer := central.Employee("INSTALLER")
	if got := hubs(installer, central, nil, nil); len(got) != 0 {
		t.Errorf("the reseller's installer lists %v (R28)", got)
	}
}
