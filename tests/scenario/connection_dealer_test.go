package scenario

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/tests/world"
)

// linkFields is what the tests look at of a connection.
const linkFields = `id status dealerNumber statusReason invitedEmail requestedAt statusChangedAt version availableActions
	dealer { id name contact { email phone website address } } reseller { id name contact { email phone website address } }`

// links reads one of a company's two lists of connections: field is
// resellerConnections or dealerConnections.
func links(w *world.World, p *world.Person, companyID, field string, arguments ...world.Vars) world.Answer {
	w.Helper()
	variables := append([]world.Vars{{"id": companyID}}, arguments...)
	a := w.OK(p.Query(fmt.Sprintf(`query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $filter: DealerLinkFilter, $orderBy: DealerLinkOrder) {
		company(id: $id) { list: %s(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
			totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { %s } } } }`, field, linkFields), variables...))
	a.Data = a.Get("company.list")
	return a
}

// requests sends a request as somebody, by a ResellerRef.
func requests(p *world.Person, dealer *world.Company, reseller world.Vars) world.Answer {
	return p.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": reseller}, "connection { "+linkFields+" }")
}

// letter waits until an address has got exactly n letters with a subject.
func letter(w *world.World, to, subject string, n int) {
	w.Helper()
	count := func() (found int) {
		for _, m := range w.Mails(to) {
			if m.Subject == subject {
				found++
			}
		}
		return found
	}
	w.Within(time.Minute, fmt.Sprintf("%d letters to %s: %s", n, to, subject), func() bool { return count() >= n })
	w.Equal(count(), n)
}

func byID(c *world.Company) world.Vars  { return world.Vars{"id": c.ID} }
func byEmail(address string) world.Vars { return world.Vars{"email": address} }
func connection(a world.Answer) world.Vars {
	return world.Vars{"connectionId": a.Text("connection.id")}
}

// In Your Resellers a dealer chooses one of its country, sends the request and
// sees it at the top of the list, pending, with the time it was sent.
// (R13 R34 R35 R39 R40 R41)
func TestConnectionRequest_FromTheList(t *testing.T) {
	w := world.New(t)
	first, second := w.Reseller("Central Station"), w.Reseller("Beta Monitoring")
	abroad := w.OK(w.Person("Hans").Mutate("companyCreate", world.Vars{"name": "Abroad", "country": "DE", "contact": world.Vars{"email": "abroad@example.de"}}, `company { id }`))
	w.OK(w.Operator().Mutate("companyResellerEnroll", world.Vars{"companyId": abroad.Text("company.id"), "currency": "EUR"}, `company { id }`))
	w.Company("Plain") // no reseller, and in no list
	dealer := w.Dealer("Night Watch")
	owner := dealer.Owner

	list := w.OK(owner.Query(`{ resellers(country: "PL") { nodes { id name country contact { email } } } }`))
	w.Equal(fmt.Sprint(list.Texts("resellers.nodes", "name")), fmt.Sprint([]string{second.Name, first.Name}))
	list = w.OK(owner.Query(`{ resellers(country: "DE") { nodes { name } } }`))
	w.Equal(fmt.Sprint(list.Texts("resellers.nodes", "name")), "[Abroad]")
	w.Equal(links(w, owner, dealer.ID, "resellerConnections").Int("totalCount"), 0)

	w.OK(requests(owner, dealer, byID(first)))
	w.Advance("2026-01-15T13:00:00Z")
	sent := w.OK(requests(owner, dealer, byID(second)))
	w.Equal(sent.Text("connection.status"), "PENDING")
	w.Equal(sent.Text("connection.requestedAt"), "2026-01-15T13:00:00Z")
	w.Equal(sent.Text("connection.statusChangedAt"), "2026-01-15T13:00:00Z")
	w.Equal(sent.Int("connection.version"), 1)
	w.Equal(fmt.Sprint(sent.Texts("connection.availableActions", "")), "[CANCEL]")

	yours := links(w, owner, dealer.ID, "resellerConnections")
	w.Equal(fmt.Sprint(yours.Texts("nodes", "reseller.name")), fmt.Sprint([]string{second.Name, first.Name}))
	w.Equal(fmt.Sprint(yours.Texts("nodes", "status")), "[PENDING PENDING]")
	w.Equal(yours.Text("nodes.0.reseller.contact.email"), second.Email)
	letter(w, second.Email, "Connection request from the dealer Night Watch", 1)
}

// A reseller found by e-mail shows its card, an unknown address null; looking
// creates nothing. Both ways lead to the same request. (R36 R37 R38)
func TestConnectionRequest_ByEmail(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	other := w.Dealer("Other dealer")
	find := func(address string) world.Answer {
		return w.OK(dealer.Owner.Query(`query($e: EmailAddress!) { resellerByEmail(email: $e) { id name country contact { phone } } }`, world.Vars{"e": address}))
	}
	w.Equal(find(strings.ToUpper(reseller.Email)).Text("resellerByEmail.id"), reseller.ID)
	w.Equal(find(reseller.Email).Text("resellerByEmail.contact.phone"), "+48 22 123 45 67")
	for _, address := range []string{"new@example.pl", other.Email, other.Owner.Email, reseller.Owner.Email} {
		w.Equal(find(address).Get("resellerByEmail"), nil)
	}
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 0)

	sent := w.OK(requests(dealer.Owner, dealer, byEmail(" "+strings.ToUpper(reseller.Email))))
	w.Equal(sent.Text("connection.reseller.id"), reseller.ID)
	w.Equal(sent.Get("connection.invitedEmail"), nil)
	a := w.Refused(requests(dealer.Owner, dealer, byID(reseller)), "REQUEST_EXISTS input.reseller.id")
	w.Equal(a.Text("userErrors.0.existing.id"), sent.Text("connection.id"))
	w.OK(requests(other.Owner, other, byID(reseller)))
}

// An address that is no reseller's gets an invitation, which looks the same
// whosever it is. (R36 R39, A23, A55)
func TestConnectionRequest_Invitation(t *testing.T) {
	w := world.New(t)
	dealer, plain := w.Dealer("Night Watch"), w.Company("Plain")
	for _, address := range []string{"new@example.pl", plain.Email, plain.Owner.Email} {
		a := w.OK(requests(dealer.Owner.Speaks("pl"), dealer, byEmail(address)))
		w.Equal(a.Text("connection.status"), "PENDING")
		w.Equal(a.Text("connection.invitedEmail"), address)
		w.Equal(a.Get("connection.reseller"), nil)
		w.Equal(fmt.Sprint(a.Texts("connection.availableActions", "")), "[CANCEL]")
		letter(w, address, "Sprzedawca Night Watch chce się z Tobą połączyć", 1)
		w.Refused(requests(dealer.Owner, dealer, byEmail(strings.ToUpper(address))), "REQUEST_EXISTS input.reseller.email")
	}
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 3)
}

// Once the invited company is a reseller, the invitation is an ordinary
// pending request on both sides; where the dealer has asked besides, the
// request stays and the invitation goes. (R31 R36 R37, A23, A55)
func TestConnectionRequest_InvitationBecomesRequest(t *testing.T) {
	w := world.New(t)
	dealer, late := w.Dealer("Night Watch"), w.Company("Late Monitoring")
	invitation := w.OK(requests(dealer.Owner, dealer, byEmail(late.Email)))
	id := invitation.Text("connection.id")
	letter(w, late.Email, "The dealer Night Watch wants to connect with you", 1)
	stream := dealer.Owner.Connections(dealer.ID, "")
	w.Equal(stream.Next().Text("connection.id"), id)

	enroll := world.Vars{"companyId": late.ID, "currency": "EUR"}
	w.OK(w.Operator().Mutate("companyResellerEnroll", enroll, `company { kind }`))
	seen := links(w, late.Owner, late.ID, "dealerConnections", world.Vars{"filter": world.Vars{"status": []string{"PENDING"}}})
	w.Equal(fmt.Sprint(seen.Texts("nodes", "id")), fmt.Sprint([]string{id}))
	w.Equal(seen.Text("nodes.0.dealer.name"), "Night Watch")
	w.Equal(seen.Get("nodes.0.invitedEmail"), nil) // the dealer's own words
	w.Equal(fmt.Sprint(seen.Texts("nodes.0.availableActions", "")), "[APPROVE REJECT]")
	yours := links(w, dealer.Owner, dealer.ID, "resellerConnections")
	w.Equal(yours.Text("nodes.0.reseller.id"), late.ID)
	w.Equal(yours.Text("nodes.0.invitedEmail"), late.Email)
	change := stream.Next()
	w.Equal(change.Text("kind"), "CHANGE")
	w.Equal(change.Text("connection.reseller.name"), "Late Monitoring")
	letter(w, late.Email, "Connection request from the dealer Night Watch", 1)
	for _, ref := range []world.Vars{byID(late), byEmail(late.Email)} {
		a := w.Refused(requests(dealer.Owner, dealer, ref), "REQUEST_EXISTS")
		w.Equal(a.Text("userErrors.0.existing.id"), id)
	}
	w.OK(late.Owner.Mutate("connectionApprove", world.Vars{"connectionId": id}, `connection { status }`))

	// A reseller that takes an invited address as its contact: the request of
	// the dealer who has one stays, that of the other comes.
	known, both, one := w.Reseller("Known"), w.Dealer("Both"), w.Dealer("One")
	request := both.Requests(known)
	meant := w.OK(requests(both.Owner, both, byEmail("moved@example.pl"))).Text("connection.id")
	w.OK(requests(one.Owner, one, byEmail("moved@example.pl")))
	w.OK(known.Owner.Mutate("companyUpdate", world.Vars{"companyId": known.ID, "contact": world.Vars{"email": "moved@example.pl"}}, `company { id }`))
	w.Equal(fmt.Sprint(links(w, both.Owner, both.ID, "resellerConnections").Texts("nodes", "id")), fmt.Sprint([]string{request}))
	w.Equal(w.OK(both.Owner.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": meant})).Get("node"), nil)
	w.Equal(links(w, known.Owner, known.ID, "dealerConnections").Int("totalCount"), 2)
}

// One request for each reseller, for ever: not after a rejection, a suspension
// or an approval either; only what the dealer withdrew may be sent again.
// (R31 R32, A4)
func TestConnectionRequest_OnlyOne(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	sent := w.OK(requests(dealer.Owner, dealer, byID(reseller)))
	again := func() {
		w.Helper()
		for _, ref := range []world.Vars{byID(reseller), byEmail(reseller.Email)} {
			a := w.Refused(requests(dealer.Owner, dealer, ref), "REQUEST_EXISTS")
			w.Equal(a.Text("userErrors.0.__typename"), "InputError")
			w.Equal(a.Text("userErrors.0.existing.id"), sent.Text("connection.id"))
		}
		w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 1)
	}
	again()
	for _, step := range []string{"connectionReject", "connectionApprove", "connectionSuspend"} {
		w.OK(reseller.Owner.Mutate(step, connection(sent), `connection { status }`))
		again()
	}
	w.OK(requests(dealer.Owner, dealer, byID(w.Reseller("Other")))) // to others it works
}

// Two requests for one pair at the same moment make one row, and one letter.
// (R31)
func TestConnectionRequest_AtOnce(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	answers := make([]world.Answer, 12)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			answers[i] = requests(dealer.Owner, dealer, []world.Vars{byID(reseller), byEmail(reseller.Email)}[i%2])
		})
	}
	all.Wait()
	won := 0
	for _, a := range answers {
		if len(a.Codes()) == 0 {
			won++
			w.OK(a)
		} else {
			w.Refused(a, "REQUEST_EXISTS")
		}
	}
	w.Equal(won, 1)
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 1)
	w.Equal(links(w, reseller.Owner, reseller.ID, "dealerConnections").Int("totalCount"), 1)
	letter(w, reseller.Email, "Connection request from the dealer Night Watch", 1)
}

// Who cannot ask, and who cannot be asked. (R8 R15 R29 R30, A34, A55)
func TestConnectionRequest_Refused(t *testing.T) {
	w := world.New(t)
	dealer, reseller, plain := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Company("Plain")
	stranger := w.Dealer("Stranger")
	for _, c := range []struct {
		who   *world.Person
		from  *world.Company
		to    world.Vars
		codes []string
	}{
		{dealer.Employee("INSTALLER"), dealer, byID(reseller), []string{"FORBIDDEN input.dealerId"}},
		{stranger.Owner, dealer, byID(reseller), []string{"NOT_FOUND input.dealerId"}},
		{reseller.Owner, dealer, byID(reseller), []string{"NOT_FOUND input.dealerId"}},
		{w.Person("Nobody"), dealer, byID(reseller), []string{"NOT_FOUND input.dealerId"}},
		{w.Operator(), dealer, byID(reseller), []string{"FORBIDDEN input.dealerId"}},
		{plain.Owner, plain, byID(reseller), []string{"NOT_A_DEALER input.dealerId"}},
		{reseller.Owner, reseller, byID(reseller), []string{"NOT_A_DEALER input.dealerId"}},
		{dealer.Owner, dealer, byID(dealer), []string{"NOT_A_RESELLER input.reseller.id"}},
		{dealer.Owner, dealer, byEmail(dealer.Email), []string{"NOT_A_RESELLER input.reseller.email"}},
		{dealer.Owner, dealer, byID(stranger), []string{"NOT_FOUND input.reseller.id"}},
		{dealer.Owner, dealer, world.Vars{"id": "co_none"}, []string{"NOT_FOUND input.reseller.id"}},
		{dealer.Owner, dealer, world.Vars{"id": ""}, []string{"NOT_FOUND input.reseller.id"}},
		{dealer.Owner, dealer, byEmail("nobody"), []string{"INVALID input.reseller.email"}},
		{dealer.Owner, dealer, byEmail(""), []string{"REQUIRED input.reseller.email"}},
	} {
		a := w.Refused(requests(c.who, c.from, c.to), c.codes...)
		w.Equal(a.Get("connection"), nil)
	}
	w.Fails(w.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": byID(reseller)}, `connection { id }`), "UNAUTHENTICATED")
	w.Equal(links(w, reseller.Owner, reseller.ID, "dealerConnections").Int("totalCount"), 0)

	// Partners see each other's card, and so their kind.
	stranger.Requests(reseller)
	seen := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { kind } }`, world.Vars{"id": stranger.ID}))
	w.Equal(seen.Text("company.kind"), "DEALER")
	dealer.Employs(stranger.Owner, "SERVICE_MANAGER")
	w.Refused(requests(stranger.Owner, dealer, byID(stranger)), "NOT_A_RESELLER input.reseller.id")
}

// A reseller is named by exactly one of id and e-mail, in the document as in
// variables. (R37)
func TestConnectionRequest_OneOf(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	for _, ref := range []world.Vars{{}, {"id": reseller.ID, "email": reseller.Email}, {"id": nil, "email": nil}} {
		w.Fails(requests(dealer.Owner, dealer, ref), "BAD_USER_INPUT")
	}
	for _, literal := range []string{"{}", fmt.Sprintf(`{ id: %q, email: %q }`, reseller.ID, reseller.Email)} {
		a := dealer.Owner.Query(fmt.Sprintf(`mutation { connectionRequest(input: { dealerId: %q, reseller: %s }) { userErrors { code } } }`, dealer.ID, literal))
		w.Fails(a, "GRAPHQL_VALIDATION_FAILED")
	}
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 0)
}

// A call repeated with its key has the first answer, in its present state;
// with other input it is refused. (A33, A48)
func TestConnectionRequest_Key(t *testing.T) {
	w := world.New(t)
	dealer, reseller, other := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Other")
	ask := func(to *world.Company) world.Answer {
		return dealer.Owner.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": byID(to), "idempotencyKey": "k1"}, `connection { id status }`)
	}
	first := w.OK(ask(reseller))
	w.OK(reseller.Owner.Mutate("connectionApprove", connection(first), `connection { id }`))
	second := w.OK(ask(reseller))
	w.Equal(second.Text("connection.id"), first.Text("connection.id"))
	w.Equal(second.Text("connection.status"), "ACTIVE")
	w.Refused(ask(other), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	w.Advance("2026-01-16T12:00:00Z")
	w.Refused(ask(reseller), "REQUEST_EXISTS") // the key is forgotten after a day
}

// Services can be activated once the request is approved, not before and not
// after a rejection. (R33 R42)
func TestConnectionRequest_Activation(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	villa := dealer.Hub("Villa 7")
	w.Refused(dealer.Activates(villa), "CONNECTION_NOT_ACTIVE")
	request := world.Vars{"connectionId": dealer.Requests(reseller)}
	w.Refused(dealer.Activates(villa), "CONNECTION_NOT_ACTIVE")
	w.Refused(dealer.Owner.Mutate("connectionApprove", request, `connection { id }`), "FORBIDDEN input.connectionId")
	w.OK(reseller.Owner.Mutate("connectionReject", request, `connection { id }`))
	w.Refused(dealer.Activates(villa), "CONNECTION_NOT_ACTIVE")
	w.OK(reseller.Owner.Mutate("connectionApprove", request, `connection { id }`))
	w.Equal(w.OK(dealer.Activates(villa)).Text("hub.tile.kind"), "ACTIVATED")
}

// A pending request can be withdrawn and sent again; both sides' streams see
// it go. (R31 R47, A4)
func TestConnectionCancel(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	sent := w.OK(requests(dealer.Owner, dealer, byID(reseller)))
	streams := []*world.Stream{dealer.Owner.Connections(dealer.ID, ""), reseller.Owner.Connections(reseller.ID, "")}
	for _, s := range streams {
		w.Equal(s.Next().Text("connection.status"), "PENDING")
	}
	a := w.OK(dealer.Employee("SERVICE_MANAGER").Mutate("connectionCancel", connection(sent), `cancelledConnectionId`))
	w.Equal(a.Text("cancelledConnectionId"), sent.Text("connection.id"))
	for _, s := range streams {
		e := s.Next()
		w.Equal(e.Text("connectionId"), sent.Text("connection.id"))
		w.Equal(e.Get("connection"), nil)
	}
	w.Equal(links(w, dealer.Owner, dealer.ID, "resellerConnections").Int("totalCount"), 0)
	w.Equal(links(w, reseller.Owner, reseller.ID, "dealerConnections").Int("totalCount"), 0)
	w.Refused(dealer.Owner.Mutate("connectionCancel", connection(sent), `cancelledConnectionId`), "NOT_FOUND input.connectionId")
	w.Refused(reseller.Owner.Mutate("connectionApprove", connection(sent), `connection { id }`), "NOT_FOUND input.connectionId")
	next := w.OK(requests(dealer.Owner, dealer, byEmail(reseller.Email)))
	w.Equal(next.Text("connection.id") != sent.Text("connection.id"), true)
}

// Filters, searches and orders of the lists, and their pages. (R34 R40)
func TestConnectionList(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	var ids []string
	for _, name := range []string{"Żubr Alarm", "Łódź Monitoring", "Alfa"} {
		c := w.Reseller(fmt.Sprint("Reseller ", len(ids)))
		w.OK(c.Owner.Mutate("companyUpdate", world.Vars{"companyId": c.ID, "name": name}, `company { id }`))
		ids = append(ids, dealer.Requests(c))
		w.Advance(fmt.Sprintf("2026-01-15T1%d:00:00Z", 2+len(ids)))
	}
	invited := w.OK(requests(dealer.Owner, dealer, byEmail("beta@example.pl"))).Text("connection.id")
	read := func(arguments world.Vars) []string {
		return links(w, dealer.Owner, dealer.ID, "resellerConnections", arguments).Texts("nodes", "id")
	}
	orderBy := func(field, direction string) world.Vars {
		return world.Vars{"orderBy": world.Vars{"field": field, "direction": direction}}
	}
	search := func(s string) world.Vars { return world.Vars{"filter": world.Vars{"search": s}} }
	for name, c := range map[string]struct {
		arguments world.Vars
		want      []string
	}{
		"newest first":     {nil, []string{invited, ids[2], ids[1], ids[0]}},
		"oldest first":     {orderBy("REQUESTED_AT", "ASC"), []string{ids[0], ids[1], ids[2], invited}},
		"by change":        {orderBy("STATUS_CHANGED_AT", "DESC"), []string{invited, ids[2], ids[1], ids[0]}},
		"by name":          {orderBy("PARTNER_NAME", "ASC"), []string{ids[2], invited, ids[1], ids[0]}},
		"by name, turned":  {orderBy("PARTNER_NAME", "DESC"), []string{ids[0], ids[1], invited, ids[2]}},
		"name, folded":     {search(" LODZ mon"), []string{ids[1]}},
		"marked letters":   {search("żubr"), []string{ids[0]}},
		"address":          {search("RESELLER-2.example"), []string{ids[2]}},
		"invited address":  {search("Beta@"), []string{invited}},
		"blank":            {search("  "), []string{invited, ids[2], ids[1], ids[0]}},
		"no wild cards":    {search("%"), nil},
		"nothing":          {search("nobody"), nil},
		"pending":          {world.Vars{"filter": world.Vars{"status": []string{"PENDING"}}}, []string{invited, ids[2], ids[1], ids[0]}},
		"active, rejected": {world.Vars{"filter": world.Vars{"status": []string{"ACTIVE", "REJECTED"}}}, nil},
	} {
		if got := read(c.arguments); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	for _, order := range []world.Vars{nil, orderBy("PARTNER_NAME", "ASC"), orderBy("STATUS_CHANGED_AT", "ASC")} {
		walkLinks(w, dealer.Owner, dealer.ID, order, read(order))
	}
	counts := links(w, dealer.Owner, dealer.ID, "resellerConnections", world.Vars{"first": 0})
	w.Equal(counts.Int("totalCount"), 4)
	w.Equal(len(counts.List("nodes")), 0)
}

// walkLinks reads a list by pages of one, there and back.
func walkLinks(w *world.World, p *world.Person, companyID string, order world.Vars, want []string) {
	w.Helper()
	var there, back []string
	page := world.Vars{"first": 1}
	for range want {
		a := links(w, p, companyID, "resellerConnections", order, page)
		there = append(there, a.Texts("nodes", "id")...)
		w.Equal(a.Get("pageInfo.hasNextPage"), len(there) < len(want))
		page = world.Vars{"first": 1, "after": a.Text("pageInfo.endCursor")}
	}
	page = world.Vars{"last": 1}
	for range want {
		a := links(w, p, companyID, "resellerConnections", order, page)
		back = append(a.Texts("nodes", "id"), back...)
		w.Equal(a.Get("pageInfo.hasPreviousPage"), len(back) < len(want))
		page = world.Vars{"last": 1, "before": a.Text("pageInfo.startCursor")}
	}
	w.Equal(fmt.Sprint(there), fmt.Sprint(want))
	w.Equal(fmt.Sprint(back), fmt.Sprint(want))
}
