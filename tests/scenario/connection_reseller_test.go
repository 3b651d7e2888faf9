package scenario

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

// section reads a section of Your dealers: all connections in a state.
func section(w *world.World, p *world.Person, companyID, status string) world.Answer {
	w.Helper()
	return links(w, p, companyID, "dealerConnections", world.Vars{"filter": world.Vars{"status": []string{status}}})
}

// decides takes a step about a connection.
func decides(p *world.Person, step, id string, more ...world.Vars) world.Answer {
	input := world.Vars{"connectionId": id}
	for _, m := range more {
		for name, value := range m {
			input[name] = value
		}
	}
	selection := "connection { " + linkFields + " }"
	if step == "connectionCancel" {
		selection = "cancelledConnectionId"
	}
	return p.Mutate(step, input, selection)
}

// The Requests section shows the pending requests with contact details; a
// single one is read by its id. Approved, with a number or without, the dealer
// stands in the Active section, and sees it live. A stranger sees nothing.
// (R43 R44 R45 R46 R47 R49 R50 R51)
func TestConnectionApprove(t *testing.T) {
	w := world.New(t)
	dealer, second, reseller, stranger := w.Dealer("Night Watch"), w.Dealer("Second"), w.Reseller("Central Station"), w.Reseller("Stranger")
	first, other := dealer.Requests(reseller), second.Requests(reseller)
	manager := reseller.Employee("SERVICE_MANAGER")
	node := `query($id: ID!) { node(id: $id) { ... on DealerLink { ` + linkFields + ` } } }`

	waiting := section(w, manager, reseller.ID, "PENDING")
	w.Equal(waiting.Int("totalCount"), 2)
	w.Equal(fmt.Sprint(waiting.Texts("nodes", "id")), fmt.Sprint([]string{other, first}))
	w.Equal(waiting.Text("nodes.1.dealer.contact.email"), dealer.Email)
	w.Equal(waiting.Text("nodes.1.dealer.contact.phone"), "+48 22 123 45 67")
	w.Equal(waiting.Text("nodes.1.dealer.contact.address"), "Prosta 1, Warszawa")
	one := w.OK(manager.Query(node, world.Vars{"id": first}))
	w.Equal(one.Text("node.dealer.name"), "Night Watch")
	w.Equal(fmt.Sprint(one.Texts("node.availableActions", "")), "[APPROVE REJECT]")
	w.Equal(w.OK(stranger.Owner.Query(node, world.Vars{"id": first})).Get("node"), nil)
	w.Refused(decides(stranger.Owner, "connectionApprove", first), "NOT_FOUND input.connectionId")

	streams := []*world.Stream{dealer.Owner.Connections(dealer.ID, ""), manager.Connections(reseller.ID, "")}
	for _, s := range streams {
		for e := s.Next(); e.Get("isCaughtUp") != true; {
			e = s.Next()
		}
	}
	a := w.OK(decides(manager, "connectionApprove", first, world.Vars{"dealerNumber": " D-17 "}))
	w.Equal(a.Text("connection.status"), "ACTIVE")
	w.Equal(a.Text("connection.dealerNumber"), "D-17")
	w.Equal(a.Int("connection.version"), 2)
	for _, s := range streams {
		e := s.Next()
		w.Equal(e.Text("kind"), "CHANGE")
		w.Equal(e.Text("connection.id"), first)
		w.Equal(e.Text("connection.status"), "ACTIVE")
		w.Equal(e.Text("connection.dealerNumber"), "D-17")
	}
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Text("nodes.0.dealerNumber"), "D-17")
	letter(w, dealer.Email, "The reseller Central Station has approved your connection request", 1)

	b := w.Refused(decides(manager, "connectionApprove", other, world.Vars{"dealerNumber": "D-17"}), "TAKEN input.dealerNumber")
	w.Equal(b.Text("userErrors.0.existing.id"), first)
	w.Equal(section(w, manager, reseller.ID, "PENDING").Int("totalCount"), 1)
	w.Equal(w.OK(decides(manager, "connectionApprove", other)).Get("connection.dealerNumber"), nil)
	active := section(w, manager, reseller.ID, "ACTIVE")
	w.Equal(fmt.Sprint(active.Texts("nodes", "dealer.name")), "[Second Night Watch]")
	w.Equal(active.Text("nodes.1.dealerNumber"), "D-17")
	w.Equal(active.Text("nodes.1.dealer.contact.website"), "https://night-watch.example")
	w.Equal(section(w, manager, reseller.ID, "PENDING").Int("totalCount"), 0)
	w.Equal(links(w, stranger.Owner, stranger.ID, "dealerConnections").Int("totalCount"), 0)

	found := links(w, manager, reseller.ID, "dealerConnections", world.Vars{"filter": world.Vars{"search": "d-1"}})
	w.Equal(fmt.Sprint(found.Texts("nodes", "id")), fmt.Sprint([]string{first}))
	named := links(w, manager, reseller.ID, "dealerConnections", world.Vars{"orderBy": world.Vars{"field": "PARTNER_NAME", "direction": "ASC"}})
	w.Equal(fmt.Sprint(named.Texts("nodes", "dealer.name")), "[Night Watch Second]")
}

// End to end: from the request to a running service, each in its turn.
// (R42 R43 R48)
func TestConnectionApprove_EndToEnd(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	villa := dealer.Hub("Villa 7")
	id := dealer.Requests(reseller)
	w.Refused(dealer.Activates(villa), "CONNECTION_NOT_ACTIVE")
	w.OK(decides(reseller.Owner, "connectionApprove", id, world.Vars{"dealerNumber": "1"}))
	w.Equal(w.OK(dealer.Activates(villa)).Text("service.status"), "ACTIVE")
	w.Equal(dealer.Owner.Tile(villa), "ACTIVATED")
}

// A rejected request leaves the Requests section; the dealer sees it, with the
// words of the reseller, who may still change its mind. (R45 R52, A4)
func TestConnectionReject(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	id := dealer.Requests(reseller)
	stream := dealer.Owner.Connections(dealer.ID, "")
	w.Equal(stream.Next().Text("connection.status"), "PENDING")
	w.Advance("2026-01-16T08:00:00Z")
	a := w.OK(decides(reseller.Employee("SENIOR_SERVICE_MANAGER"), "connectionReject", id, world.Vars{"reason": " We are full. "}))
	w.Equal(a.Text("connection.status"), "REJECTED")
	w.Equal(a.Text("connection.statusChangedAt"), "2026-01-16T08:00:00Z")
	w.Equal(fmt.Sprint(a.Texts("connection.availableActions", "")), "[APPROVE]")
	w.Equal(section(w, reseller.Owner, reseller.ID, "PENDING").Int("totalCount"), 0)
	w.Equal(stream.Next().Text("connection.status"), "REJECTED")
	yours := links(w, dealer.Owner, dealer.ID, "resellerConnections")
	w.Equal(yours.Text("nodes.0.status"), "REJECTED")
	w.Equal(yours.Text("nodes.0.statusReason"), "We are full.")
	w.Equal(len(yours.List("nodes.0.availableActions")), 0)
	letter(w, dealer.Email, "The reseller Central Station has rejected your connection request", 1)
	a = w.OK(decides(reseller.Owner, "connectionApprove", id))
	w.Equal(a.Text("connection.status"), "ACTIVE")
	w.Equal(a.Get("connection.statusReason"), nil)
}

// A suspended dealer stands in its own section and cannot activate over this
// reseller, but over another; what runs goes on, and can be deactivated and
// resumed. Resumed after any time it is active again, with number and
// contacts. (R53 R54 R55 R56, A8, A36)
func TestConnectionSuspend(t *testing.T) {
	w := world.New(t)
	dealer, reseller, other := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Other")
	w.Package("AJAX_SIM")
	running, next, third := dealer.Hub("Running"), dealer.Hub("Next"), dealer.Hub("Third")
	id := dealer.Requests(reseller)
	w.OK(decides(reseller.Owner, "connectionApprove", id, world.Vars{"dealerNumber": "D-17"}))
	w.OK(dealer.Activates(running))

	a := w.OK(decides(reseller.Owner, "connectionSuspend", id, world.Vars{"reason": "Unpaid bills"}))
	w.Equal(a.Text("connection.status"), "SUSPENDED")
	w.Equal(fmt.Sprint(section(w, reseller.Owner, reseller.ID, "SUSPENDED").Texts("nodes", "id")), fmt.Sprint([]string{id}))
	w.Equal(section(w, reseller.Owner, reseller.ID, "ACTIVE").Int("totalCount"), 0)
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Text("nodes.0.statusReason"), "Unpaid bills")
	letter(w, dealer.Email, "The reseller Central Station has suspended the connection", 1)

	w.Refused(dealer.Activates(next), "CONNECTION_SUSPENDED")
	w.Refused(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": next.ID, "connectionId": id}, `hub { id }`), "CONNECTION_SUSPENDED")
	w.Equal(dealer.Owner.Tile(running), "ACTIVATED")
	for _, step := range []string{"serviceDeactivate", "serviceResume", "serviceSuspend", "serviceResume"} {
		w.OK(dealer.Owner.Mutate(step, world.Vars{"hubId": running.ID}, `hub { id }`))
	}
	dealer.Connects(other)
	w.OK(dealer.Activates(next)) // the other one is the only active
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": running.ID}, `hub { id }`))
	w.Refused(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": running.ID, "connectionId": id}, `hub { id }`), "CONNECTION_SUSPENDED")

	w.Advance("2027-03-01T00:00:00Z")
	a = w.OK(decides(reseller.Owner, "connectionResume", id))
	w.Equal(a.Text("connection.status"), "ACTIVE")
	w.Equal(a.Text("connection.dealerNumber"), "D-17")
	w.Equal(a.Get("connection.statusReason"), nil)
	w.Equal(a.Text("connection.dealer.contact.email"), dealer.Email)
	w.Equal(section(w, reseller.Owner, reseller.ID, "SUSPENDED").Int("totalCount"), 0)
	w.Equal(section(w, reseller.Owner, reseller.ID, "ACTIVE").Int("totalCount"), 1)
	w.OK(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": third.ID, "connectionId": id}, `hub { id }`))
}

// The number can be changed, taken away and given to another, in any state,
// by the reseller alone. (R46 R50, A24)
func TestConnectionDealerNumber(t *testing.T) {
	w := world.New(t)
	dealer, second, reseller, other := w.Dealer("Night Watch"), w.Dealer("Second"), w.Reseller("Central Station"), w.Reseller("Other")
	id, elsewhere, taken := dealer.Requests(reseller), dealer.Requests(other), second.Requests(reseller)
	number := func(p *world.Person, id string, input world.Vars) world.Answer {
		return decides(p, "connectionDealerNumberUpdate", id, input)
	}
	set := func(n any) world.Vars { return world.Vars{"dealerNumber": n} }
	for _, step := range []string{"", "connectionReject", "connectionApprove", "connectionSuspend", "connectionResume"} {
		if step != "" {
			w.OK(decides(reseller.Owner, step, id))
		}
		w.Equal(w.OK(number(reseller.Owner, id, set("N-"+step))).Text("connection.dealerNumber"), "N-"+step)
		w.Equal(w.OK(number(reseller.Owner, id, nil)).Text("connection.dealerNumber"), "N-"+step) // left out keeps
		w.Equal(w.OK(number(reseller.Owner, id, set(nil))).Get("connection.dealerNumber"), nil)
	}
	w.OK(number(reseller.Owner, id, set("7")))
	w.OK(number(other.Owner, elsewhere, set("7"))) // within another reseller it is free
	a := w.Refused(number(reseller.Owner, taken, set("7")), "TAKEN input.dealerNumber")
	w.Equal(a.Text("userErrors.0.existing.id"), id)
	w.OK(number(reseller.Owner, id, set(nil)))
	w.OK(number(reseller.Owner, taken, set("7")))
	w.Refused(number(reseller.Owner, id, set("123456789012345678901234567890123")), "INVALID input.dealerNumber")
	w.Refused(number(dealer.Owner, id, set("8")), "FORBIDDEN input.connectionId")
	w.Refused(number(reseller.Employee("INSTALLER"), id, set("8")), "NOT_FOUND input.connectionId")
	w.Refused(number(other.Owner, id, set("8")), "NOT_FOUND input.connectionId")
	w.Fails(w.Mutate("connectionDealerNumberUpdate", world.Vars{"connectionId": id}, `connection { id }`), "UNAUTHENTICATED")
}

// linkSteps are the steps of a connection with their names in refusals.
var linkSteps = map[string]string{
	"connectionApprove": "APPROVE", "connectionReject": "REJECT", "connectionCancel": "CANCEL",
	"connectionSuspend": "SUSPEND", "connectionResume": "RESUME",
}

// linkLeads says where the steps lead from each state.
var linkLeads = map[string]map[string]string{
	"PENDING":   {"connectionApprove": "ACTIVE", "connectionReject": "REJECTED", "connectionCancel": ""},
	"REJECTED":  {"connectionApprove": "ACTIVE"},
	"ACTIVE":    {"connectionSuspend": "SUSPENDED"},
	"SUSPENDED": {"connectionResume": "ACTIVE"},
	"gone":      {},
}

// linkWays says how a connection comes into a state.
var linkWays = map[string][]string{
	"PENDING": nil, "ACTIVE": {"connectionApprove"}, "REJECTED": {"connectionReject"},
	"SUSPENDED": {"connectionApprove", "connectionSuspend"}, "gone": {"connectionCancel"},
}

// dealerOf and resellerOf are further companies of somebody who has one.
func dealerOf(w *world.World, p *world.Person, name string) *world.Company {
	w.Helper()
	c := p.Founds(name)
	w.OK(p.Mutate("companyDealerEnroll", world.Vars{"companyId": c.ID, "registrationNumber": "1", "acceptsTerms": true}, `company { id }`))
	return c
}

func resellerOf(w *world.World, p *world.Person, name string) *world.Company {
	w.Helper()
	c := p.Founds(name)
	w.OK(w.Operator().Mutate("companyResellerEnroll", world.Vars{"companyId": c.ID, "currency": "EUR"}, `company { id }`))
	return c
}

// bring makes a connection and brings it into a state.
func bring(w *world.World, dealer, reseller *world.Company, state string) string {
	w.Helper()
	id := dealer.Requests(reseller)
	for _, step := range linkWays[state] {
		who := reseller.Owner
		if step == "connectionCancel" {
			who = dealer.Owner
		}
		w.OK(decides(who, step, id))
	}
	return id
}

// Every step that a state allows, by each role whose step it is: it leads
// where the decisions say. (R15 R45 R52 R53 R55, A4)
func TestConnectionSteps_Taken(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	askers := []*world.Person{dealer.Owner, dealer.Employee("SENIOR_SERVICE_MANAGER"), dealer.Employee("SERVICE_MANAGER")}
	deciders := []*world.Person{reseller.Owner, reseller.Employee("SENIOR_SERVICE_MANAGER"), reseller.Employee("SERVICE_MANAGER")}
	n := 0
	for state, leads := range linkLeads {
		for step, to := range leads {
			for i := range deciders {
				n++
				if step == "connectionCancel" {
					id := bring(w, dealer, resellerOf(w, reseller.Owner, fmt.Sprint("Reseller ", n)), state)
					w.Equal(w.OK(decides(askers[i], step, id)).Text("cancelledConnectionId"), id)
					continue
				}
				id := bring(w, dealerOf(w, dealer.Owner, fmt.Sprint("Dealer ", n)), reseller, state)
				w.Equal(w.OK(decides(deciders[i], step, id)).Text("connection.status"), to)
			}
		}
	}
}

// Every step from every state that is not the person's to take, or that the
// state does not allow, by every role of both sides and by others: it is
// refused and changes nothing. (R15 R30 R33 R43 R52 R53 R55, A4, A34, A52, A53)
func TestConnectionSteps_Refused(t *testing.T) {
	w := world.New(t)
	dealer, reseller, stranger := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Stranger")
	askers := []*world.Person{dealer.Owner, dealer.Employee("SENIOR_SERVICE_MANAGER"), dealer.Employee("SERVICE_MANAGER")}
	deciders := []*world.Person{reseller.Owner, reseller.Employee("SENIOR_SERVICE_MANAGER"), reseller.Employee("SERVICE_MANAGER")}
	blind := []*world.Person{reseller.Employee("INSTALLER"), dealer.Employee("INSTALLER"), stranger.Owner, w.Person("Nobody")}
	id := bring(w, dealer, reseller, "gone")
	for _, next := range []struct{ state, by string }{
		{"gone", ""}, {"PENDING", ""}, {"REJECTED", "connectionReject"}, {"ACTIVE", "connectionApprove"}, {"SUSPENDED", "connectionSuspend"},
	} {
		switch {
		case next.state == "PENDING":
			id = dealer.Requests(reseller)
		case next.by != "":
			w.OK(decides(reseller.Owner, next.by, id))
		}
		for step := range linkSteps {
			side, wrong := deciders, append([]*world.Person{w.Operator()}, askers...)
			if step == "connectionCancel" {
				side, wrong = askers, append([]*world.Person{w.Operator()}, deciders...)
			}
			w.Fails(w.Mutate(step, world.Vars{"connectionId": id}, `__typename`), "UNAUTHENTICATED")
			for _, p := range blind {
				w.Refused(decides(p, step, id), "NOT_FOUND input.connectionId")
			}
			for _, p := range wrong {
				w.Refused(decides(p, step, id), map[bool]string{true: "NOT_FOUND", false: "FORBIDDEN"}[next.state == "gone"]+" input.connectionId")
			}
			for _, p := range side {
				if next.state == "gone" {
					w.Refused(decides(p, step, id), "NOT_FOUND input.connectionId")
				} else if _, allowed := linkLeads[next.state][step]; !allowed {
					refusedByState(w, decides(p, step, id), id, next.state)
				}
			}
		}
		if next.state != "gone" {
			w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Text("nodes.0.status"), next.state)
		}
	}
}

// refusedByState checks a refusal by the state, and what it tells.
func refusedByState(w *world.World, a world.Answer, id, state string) {
	w.Helper()
	w.Refused(a, "INVALID_STATE input.connectionId")
	w.Equal(a.Text("userErrors.0.__typename"), "StateError")
	w.Equal(a.Text("userErrors.0.subject.id"), id)
	w.Equal(len(a.List("userErrors.0.allowedActions")), 0)
	var want []string
	for step := range linkLeads[state] {
		want = append(want, linkSteps[step])
	}
	got := a.Texts("userErrors.0.allowedConnectionActions", "")
	slices.Sort(want)
	slices.Sort(got)
	w.Equal(fmt.Sprint(got), fmt.Sprint(want))
}

// Approved and rejected at the same moment: one after the other, each by the
// state the one before left. (R45 R52)
func TestConnectionSteps_AtOnce(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	id := dealer.Requests(reseller)
	steps := []string{"connectionApprove", "connectionReject", "connectionApprove", "connectionReject", "connectionCancel"}
	answers := make([]world.Answer, len(steps))
	var all sync.WaitGroup
	for i, step := range steps {
		who := reseller.Owner
		if step == "connectionCancel" {
			who = dealer.Owner
		}
		all.Go(func() { answers[i] = decides(who, step, id) })
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if codes := a.Codes(); len(codes) == 0 {
			w.OK(a)
			won++
		} else if codes[0] != "INVALID_STATE input.connectionId" && codes[0] != "NOT_FOUND input.connectionId" {
			t.Errorf("refused with %v", codes)
		}
	}
	now := links(w, dealer.Owner, dealer.ID, "resellerConnections")
	if now.Int("totalCount") == 1 { // not withdrawn
		w.Equal(now.Int("nodes.0.version"), 1+won)
	}
}

// Who sees what of a connection: owner and managers of both sides, and the
// operator. An installer reads neither list nor node, others nothing at all.
// (R43 R49 R51, A9, A34, A50, A51, A52, A53)
func TestConnection_Visibility(t *testing.T) {
	w := world.New(t)
	dealer, reseller, stranger := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Dealer("Stranger")
	id := bring(w, dealer, reseller, "SUSPENDED")
	stranger.Requests(reseller)
	node := func(p *world.Person) any {
		return w.OK(p.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": id})).Get("node")
	}
	count := func(p *world.Person, c *world.Company, field string) int {
		return links(w, p, c.ID, field).Int("totalCount")
	}
	for _, role := range world.AllRoles {
		asker, decider := dealer.InRole(role), reseller.InRole(role)
		sees := role != "INSTALLER"
		w.Equal(node(asker) != nil, sees)
		w.Equal(node(decider) != nil, sees)
		w.Equal(count(asker, dealer, "resellerConnections"), map[bool]int{true: 1}[sees])
		w.Equal(count(decider, reseller, "dealerConnections"), map[bool]int{true: 2}[sees])
		w.Equal(count(asker, reseller, "dealerConnections"), 0) // a partner's lists are empty
		if sees {
			w.Equal(count(decider, dealer, "resellerConnections"), 0)
		}
	}
	w.Equal(node(stranger.Owner), nil)
	w.Equal(node(w.Person("Nobody")), nil)
	w.Equal(node(w.Operator()) != nil, true)
	w.Equal(count(w.Operator(), reseller, "dealerConnections"), 2)
	w.Equal(count(w.Operator(), dealer, "resellerConnections"), 1)
	w.Fails(w.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": id}), "UNAUTHENTICATED")
}

// The lists take as many statements for many connections as for few. (R49)
func TestConnection_Statements(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	read := func() int {
		return len(w.Statements(func() {
			w.Equal(links(w, reseller.Owner, reseller.ID, "dealerConnections").Int("totalCount") > 0, true)
		}))
	}
	first := w.Dealer("Dealer 0")
	bring(w, first, reseller, "ACTIVE")
	few := read()
	for i := range 8 {
		bring(w, dealerOf(w, first.Owner, fmt.Sprint("Dealer ", i+1)), reseller, "ACTIVE")
	}
	w.Equal(read(), few)
}
