package scenario

import (
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
