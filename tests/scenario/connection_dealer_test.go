package scenario

import (
	"fmt"
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
	w.Within(5*time.Second, fmt.Sprintf("%d letters to %s: %s", n, to, subject), func() bool { return count() >= n })
	w.Equal(count(), n)
}

func byID(c *world.Company) world.Vars  { return world.Vars{"id": c.ID} }
func byEmail(address string) world.Vars { return world.Vars{"email": address} }
func connection(a world.Answer) world.Vars {
	return world.Vars{"connectionId": a.Text("connection.id")}
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
