package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// activities reads a company's log as somebody.
func activities(w *world.World, p *world.Person, companyID string, arguments ...world.Vars) world.Answer {
	w.Helper()
	variables := append([]world.Vars{{"id": companyID}}, arguments...)
	a := w.OK(p.Query(`query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: ActivityFilter) {
		company(id: $id) { activities(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
			totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
			nodes { id occurredAt action summary actor { id name email } subject { __typename id } } } } }`, variables...))
	a.Data = a.Get("company.activities")
	return a
}

// filter is the argument of that name.
func filter(of world.Vars) world.Vars { return world.Vars{"filter": of} }

// Each effect has one entry in the log of every company concerned, newest
// first, with who did it, to what, and a sentence in the reader's language.
// (R47, A9, A34, A52, A59)
func TestActivity_Connection(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	id := dealer.Requests(reseller)
	manager := reseller.Employee("SERVICE_MANAGER")
	w.Advance("2026-01-16T08:00:00Z")
	for _, step := range []string{"connectionReject", "connectionApprove", "connectionSuspend", "connectionResume"} {
		w.OK(decides(manager, step, id, map[string]world.Vars{"connectionReject": {"reason": "secret words"}}[step]))
	}
	w.OK(decides(manager, "connectionDealerNumberUpdate", id, world.Vars{"dealerNumber": "D-17"}))
	want := []string{"connectionDealerNumberUpdate", "connectionResume", "connectionSuspend", "connectionApprove", "connectionReject", "connectionRequest"}
	for _, side := range []*world.Company{dealer, reseller} {
		log := activities(w, side.Owner, side.ID, filter(world.Vars{"subjectId": id}))
		w.Equal(fmt.Sprint(log.Texts("nodes", "action")), fmt.Sprint(want))
		w.Equal(log.Int("totalCount"), len(want))
		w.Equal(log.Text("nodes.0.subject.id"), id)
		w.Equal(log.Text("nodes.0.subject.__typename"), "DealerLink")
		w.Equal(log.Text("nodes.0.occurredAt"), "2026-01-16T08:00:00Z")
		w.Equal(log.Text("nodes.0.actor.name"), manager.Name)
		w.Equal(log.Text("nodes.4.summary"), "The reseller Central Station rejected the connection request of the dealer Night Watch.")
		w.Equal(log.Text("nodes.5.actor.id"), dealer.Owner.ID)
		log = activities(w, side.Owner.Speaks("pl"), side.ID, filter(world.Vars{"subjectId": id}))
		w.Equal(log.Text("nodes.5.summary"), "Sprzedawca Night Watch wysłał żądanie połączenia do Resellera Central Station.")
	}
	// Of the partner's person one has the name, and no more.
	log := activities(w, dealer.Owner, dealer.ID, filter(world.Vars{"action": []string{"connectionResume"}}))
	w.Equal(log.Int("totalCount"), 1)
	w.Equal(log.Text("nodes.0.actor.email"), "")
	log = activities(w, reseller.Owner, reseller.ID, filter(world.Vars{"action": []string{"connectionResume"}}))
	w.Equal(log.Text("nodes.0.actor.email"), manager.Email)
	for _, e := range activities(w, dealer.Owner, dealer.ID).List("nodes") {
		if strings.Contains(fmt.Sprint(e), "secret") {
			t.Errorf("a reason stands in a log: %v", e)
		}
	}
}

// An invitation is in the log of the dealer alone; once withdrawn, its entries
// stay and their subject is gone. (A23, A34)
func TestActivity_Invitation(t *testing.T) {
	w := world.New(t)
	dealer, plain := w.Dealer("Night Watch"), w.Company("Plain")
	sent := w.OK(requests(dealer.Owner, dealer, byEmail(plain.Email)))
	w.OK(decides(dealer.Owner, "connectionCancel", sent.Text("connection.id")))
	log := activities(w, dealer.Owner, dealer.ID, world.Vars{"first": 2})
	w.Equal(log.Text("nodes.0.summary"), "The dealer Night Watch withdrew the connection request to the reseller "+plain.Email+".")
	w.Equal(log.Text("nodes.1.summary"), "The dealer Night Watch sent a connection request to the reseller "+plain.Email+".")
	w.Equal(log.Get("nodes.0.subject"), nil)
	w.Equal(log.Get("nodes.1.subject"), nil)
	w.Equal(activities(w, plain.Owner, plain.ID, filter(world.Vars{"action": []string{"connectionRequest", "connectionCancel"}})).Int("totalCount"), 0)
}

// A reseller's log tells of the services billed to it in names that it may
// know: no reasons, no addresses, no money; the hub is its to see while it
// pays for it. (A9, A34, A45, A50)
func TestActivity_Service(t *testing.T) {
	w := world.New(t)
	dealer, reseller, other := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Other")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa 7")
	w.OK(dealer.Activates(villa))
	w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": villa.ID, "reason": "secret words"}, `hub { id }`))
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID, "reason": "secret words"}, `hub { id }`))
	want := []string{"serviceStop", "serviceDeactivate", "serviceActivate"}
	for _, side := range []*world.Company{dealer, reseller} {
		log := activities(w, side.Owner, side.ID, filter(world.Vars{"action": want}))
		w.Equal(fmt.Sprint(log.Texts("nodes", "action")), fmt.Sprint(want))
		w.Equal(log.Text("nodes.2.summary"), "Ajax Services were activated on the hub Villa 7 (object: Villa 7). Reseller: Central Station.")
		w.Equal(log.Text("nodes.0.actor.name"), dealer.Owner.Name)
		w.Equal(strings.Contains(fmt.Sprint(log.Data), "secret"), false)
	}
	full := activities(w, reseller.Owner, reseller.ID)
	for _, word := range []string{"street", "5.00", villa.ICCID} {
		w.Equal(strings.Contains(fmt.Sprint(full.Data), word), false)
	}
	for _, action := range full.Texts("nodes", "action") {
		if strings.HasPrefix(action, "object") || action == "hubAdd" {
			t.Errorf("the reseller's log tells of %s", action)
		}
	}
	w.Equal(activities(w, other.Owner, other.ID, filter(world.Vars{"action": want})).Int("totalCount"), 0)
}

// The calendar acts as nobody. (A63)
func TestActivity_Calendar(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa 7")
	w.OK(dealer.Activates(villa))
	w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": villa.ID}, `hub { id }`))
	w.Advance("2026-02-01T00:00:00Z")
	for _, side := range []*world.Company{dealer, reseller} {
		log := activities(w, side.Owner.Speaks("pl"), side.ID, filter(world.Vars{"action": []string{"serviceExpire"}}))
		w.Equal(log.Int("totalCount"), 1)
		w.Equal(log.Get("nodes.0.actor"), nil)
		w.Equal(log.Text("nodes.0.summary"), "Usługi Ajax na hubie Villa 7 (obiekt: Villa 7) zakończyły się wraz z końcem miesiąca.")
	}
}

// Owner and managers read the log, and the operator; for an installer, a
// partner and the company's neighbours in a list it is empty, and its entries
// cannot be had by their ids. (R20 R21, A51, A52, A53)
func TestActivity_Visibility(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	dealer.Connects(reseller)
	entry := activities(w, dealer.Owner, dealer.ID).Text("nodes.0.id")
	node := func(p *world.Person) any {
		return w.OK(p.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": entry})).Get("node")
	}
	for _, c := range []struct {
		who   *world.Person
		reads bool
	}{
		{dealer.Owner, true}, {dealer.Employee("SENIOR_SERVICE_MANAGER"), true}, {dealer.Employee("SERVICE_MANAGER"), true},
		{w.Operator(), true}, {dealer.Employee("INSTALLER"), false}, {reseller.Owner, false},
	} {
		log := activities(w, c.who, dealer.ID)
		w.Equal(log.Int("totalCount") > 0 && len(log.List("nodes")) > 0, c.reads)
		w.Equal(log.Get("pageInfo.hasNextPage"), false)
		w.Equal(node(c.who) != nil, c.reads)
	}
	w.Equal(node(w.Dealer("Stranger").Owner), nil)
	w.Fails(w.Query(`query($id: ID!) { company(id: $id) { activities { totalCount } } }`, world.Vars{"id": dealer.ID}), "UNAUTHENTICATED")
}

// Filters by action, thing and time; pages there and back; a bounded number of
// statements, however many entries a page has.
func TestActivity_List(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	object := dealer.Object("Villa 7")
	for i := range 9 {
		w.Advance(fmt.Sprintf("2026-01-16T0%d:00:00Z", i))
		w.OK(dealer.Owner.Mutate("objectUpdate", world.Vars{"objectId": object, "name": fmt.Sprint("Villa ", i)}, `object { id }`))
	}
	read := func(of world.Vars, page ...world.Vars) world.Answer {
		return activities(w, dealer.Owner, dealer.ID, append(page, filter(of))...)
	}
	w.Equal(read(world.Vars{"action": []string{"objectUpdate"}}).Int("totalCount"), 9)
	w.Equal(read(world.Vars{"subjectId": object}).Int("totalCount"), 10)
	w.Equal(read(world.Vars{"subjectId": object, "action": []string{"objectCreate"}}).Int("totalCount"), 1)
	between := world.Vars{"occurredAt": world.Vars{"gte": "2026-01-16T02:00:00Z", "lt": "2026-01-16T05:00:00+01:00"}}
	w.Equal(fmt.Sprint(read(between).Texts("nodes", "occurredAt")), "[2026-01-16T03:00:00Z 2026-01-16T02:00:00Z]")
	w.Equal(read(world.Vars{"action": []string{"noSuchThing"}}).Int("totalCount"), 0)

	all := read(nil).Texts("nodes", "id")
	var there, back []string
	page := world.Vars{"first": 4}
	for more := true; more; {
		a := read(nil, page)
		there = append(there, a.Texts("nodes", "id")...)
		page = world.Vars{"first": 4, "after": a.Text("pageInfo.endCursor")}
		more = a.Get("pageInfo.hasNextPage") == true
	}
	page = world.Vars{"last": 4}
	for more := true; more; {
		a := read(nil, page)
		back = append(a.Texts("nodes", "id"), back...)
		page = world.Vars{"last": 4, "before": a.Text("pageInfo.startCursor")}
		more = a.Get("pageInfo.hasPreviousPage") == true
	}
	w.Equal(slices.Equal(there, all) && slices.Equal(back, all), true)

	one := len(w.Statements(func() { read(world.Vars{"action": []string{"objectUpdate"}}, world.Vars{"first": 1}) }))
	nine := len(w.Statements(func() { read(world.Vars{"action": []string{"objectUpdate"}}, world.Vars{"first": 9}) }))
	w.Equal(nine, one)
}

// Everything that people can do to a company, its people, objects and hubs has
// its entry, with a sentence in both languages. (R4 R11 R22 R26 R75 R76, A52)
func TestActivity_Actions(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	w.OK(dealer.Owner.Mutate("companyUpdate", world.Vars{"companyId": dealer.ID, "name": "Night Watch Ltd"}, `company { id }`))
	ewa := w.Person("Ewa Nowak")
	id := dealer.Employs(ewa, "INSTALLER")
	w.OK(dealer.Owner.Mutate("employeeRoleUpdate", world.Vars{"employeeId": id, "role": "SERVICE_MANAGER"}, `employee { id }`))
	w.OK(dealer.Owner.Mutate("employeeRemove", world.Vars{"employeeId": id}, `__typename`))
	villa := dealer.Hub("Villa 7")
	w.OK(dealer.Owner.Mutate("hubUpdate", world.Vars{"hubId": villa.ID, "name": "Villa 8"}, `hub { id }`))
	w.OK(dealer.Owner.Mutate("hubRemove", world.Vars{"hubId": villa.ID}, `__typename`))
	w.OK(dealer.Owner.Mutate("objectDelete", world.Vars{"objectId": villa.ObjectID}, `__typename`))
	want := map[string][2]string{
		"companyCreate":            {"The company Night Watch was registered.", "Zarejestrowano firmę Night Watch."},
		"companyDealerEnroll":      {"The company Night Watch was enrolled as a dealer.", "Firma Night Watch została zarejestrowana jako Sprzedawca."},
		"companyUpdate":            {"The details of the company Night Watch Ltd were changed.", "Zmieniono dane firmy Night Watch Ltd."},
		"employeeAdd":              {"Ewa Nowak was invited to join the company. Role: Installer.", "Zaproszono do firmy: Ewa Nowak. Rola: Instalator."},
		"employeeInvitationAccept": {"Ewa Nowak accepted the invitation to the company.", "Przyjęto zaproszenie do firmy: Ewa Nowak."},
		"employeeRoleUpdate":       {"The role of Ewa Nowak was changed. New role: Service Manager.", "Zmieniono rolę: Ewa Nowak. Nowa rola: Menadżer usług."},
		"employeeRemove":           {"Ewa Nowak was removed from the company.", "Usunięto z firmy: Ewa Nowak."},
		"objectCreate":             {"The object Villa 7 was created.", "Utworzono obiekt Villa 7."},
		"hubAdd":                   {"The hub Villa 7 was added to the object Villa 7.", "Dodano hub Villa 7 do obiektu Villa 7."},
		"hubUpdate":                {"The details of the hub Villa 8 were changed.", "Zmieniono dane huba Villa 8."},
		"hubRemove":                {"The hub Villa 8 was removed from the object Villa 7.", "Usunięto hub Villa 8 z obiektu Villa 7."},
		"objectDelete":             {"The object Villa 7 was deleted.", "Usunięto obiekt Villa 7."},
	}
	for i, p := range []*world.Person{dealer.Owner, dealer.Owner.Speaks("pl")} {
		got := map[string]string{}
		for _, e := range activities(w, p, dealer.ID).List("nodes") {
			e := world.Answer{Data: e}
			got[e.Text("action")] = e.Text("summary")
		}
		for action, sentences := range want {
			w.Equal(got[action], sentences[i])
		}
		w.Equal(len(got), len(want))
	}
}
