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
	for _, role := range append([]string{"OWNER"}, world.Roles...) {
		asker, decider := dealer.Owner, reseller.Owner
		if role != "OWNER" {
			asker, decider = dealer.Employee(role), reseller.Employee(role)
		}
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
