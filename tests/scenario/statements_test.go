package scenario

import (
	"fmt"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// A page of objects with all that a device list shows takes the same few SQL
// statements, whether it has 20 objects or 100: what stands beside the things
// of a page is read for all of them at once. (R75 R76 R77)
func TestStatements_doNotGrowWithThePage(t *testing.T) {
	w := world.New(t, world.Lavish)
	dealer := w.Dealer("Night Watch")
	resellers := []*world.Company{w.Reseller("Central Station"), w.Reseller("Other Station")}
	packages := []string{w.Package("AJAX_SIM"), w.Package("AJAX_PLUS")}
	var connections []string
	for _, r := range resellers {
		connections = append(connections, dealer.Connects(r))
	}
	var items []world.Vars
	for i := range 200 {
		item := world.Vars{
			"object":       world.Vars{"create": world.Vars{"name": fmt.Sprint("Villa ", i/2), "reference": fmt.Sprint(i / 2)}},
			"serialNumber": fmt.Sprintf("00A%05d", i), "name": fmt.Sprint("Hub ", i), "sim": world.Vars{"iccid": fmt.Sprintf("8948010000000%06d", i)},
		}
		if i%3 > 0 {
			item["activation"] = world.Vars{"packageId": packages[i%2], "connectionId": connections[i/2%2]}
		}
		items = append(items, item)
	}
	w.OK(provisions(dealer.Owner, dealer.ID, items[:100]...))
	w.OK(provisions(dealer.Owner, dealer.ID, items[100:]...))

	for name, c := range map[string]struct {
		document string
		atMost   int
	}{
		"the device list": {`query($id: ID!, $first: Int) { company(id: $id) { objects(first: $first) { totalCount pageInfo { hasNextPage endCursor }
			nodes { id name address company { name } hubs(first: 5) { nodes { id name statusIcons tile { kind label hint expiresAt version }
				service { status isTrial package { name } reseller { name } } } } } } } }`, 15},
		"everything about the hubs": {`query($id: ID!, $first: Int) { company(id: $id) { objects(first: $first) {
			nodes { hubs(first: 5) { totalCount nodes { object { name } sim { iccid isActive } removalBlockers { code }
				serviceActions { action isAvailable refusal { code } } activationOptions { packages { name } connections { id reseller { name } } blockers { code } }
				services(first: 2) { totalCount nodes { hub { name } dealer { name } reseller { name } package { name }
					events(first: 2) { totalCount nodes { action actor { name } } } } } } } } } } }`, 30},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := statements(w, dealer, c.document, 20), statements(w, dealer, c.document, 100)
			if len(few) != len(many) {
				t.Errorf("20 objects take %d statements, 100 take %d:\n%s", len(few), len(many), strings.Join(many, "\n"))
			}
			if len(many) > c.atMost {
				t.Errorf("%d statements, more than %d:\n%s", len(many), c.atMost, strings.Join(many, "\n"))
			}
			t.Logf("%d statements", len(many))
		})
	}
}

// statements returns the SQL behind an answer.
func statements(w *world.World, c *world.Company, document string, first int) []string {
	w.Helper()
	return w.Statements(func() {
		a := w.OK(c.Owner.Query(document, world.Vars{"id": c.ID, "first": first}))
		w.Equal(len(a.List("company.objects.nodes")), first)
	})
}

// The Dashboard with a page of dealers and all that is in their rows takes the
// same few SQL statements, whether the reseller has 3 dealers or 60; and so do
// the connections of the Your dealers tab. (R58 R59 R61 R62)
func TestStatements_doNotGrowWithTheDealers(t *testing.T) {
	w := world.New(t)
	sim, plus := w.Package("AJAX_SIM"), w.Package("AJAX_PLUS", world.Vars{"trialDays": 30})
	small, large := w.Reseller("Small Station"), w.Reseller("Large Station")
	owner := w.Person("Owner of all dealers")
	for i := range 60 {
		dealer := owner.Founds(fmt.Sprint("Dealer ", i))
		w.OK(enrolls(owner, dealer))
		for _, reseller := range []*world.Company{small, large} {
			if reseller == small && i >= 3 {
				continue
			}
			link := dealer.Connects(reseller)
			activates(w, dealer, link, sim, 1)
			activates(w, dealer, link, plus, 1)
		}
	}
	for name, c := range map[string]struct {
		document string
		atMost   int
	}{
		"the Dashboard": {`query($id: ID!) { company(id: $id) { resellerOverview { balance { amount } monthlyFee { amount } activeDealerCount activeAccountCount
			emptyState { code } nextCharge { month amount { amount } }
			dealers(first: 50) { totalCount pageInfo { endCursor } nodes { dealer { name contact { email } } connection { dealerNumber status }
				monthlyFee { amount } activeAccountCount paidAccountCount trialAccountCount
				packages { package { name monthlyFee { amount } } activeAccountCount monthlyFee { amount } } } } } } }`, 15},
		"the accounts in its rows": {`query($id: ID!) { company(id: $id) { resellerOverview {
			dealers(first: 50, orderBy: {field: DEALER_NAME}) { nodes { accounts(first: 2) { totalCount nodes { hub { name } monthlyFee { amount } package { name } } } } } } } }`, 25},
		"Your dealers": {`query($id: ID!) { company(id: $id) { dealerConnections(first: 50) { nodes { activity { activeAccountCount dealer { name }
			packages { package { name } monthlyFee { amount } } accounts(first: 1) { nodes { id } } } } } } }`, 15},
	} {
		t.Run(name, func(t *testing.T) {
			ask := func(reseller *world.Company) []string {
				return w.Statements(func() { w.OK(reseller.Owner.Query(c.document, world.Vars{"id": reseller.ID})) })
			}
			few, many := ask(small), ask(large)
			if len(few) != len(many) || len(many) > c.atMost {
				t.Errorf("3 dealers take %d statements, 60 take %d, at most %d are wanted:\n%s", len(few), len(many), c.atMost, strings.Join(many, "\n"))
			}
			t.Logf("%d statements", len(many))
		})
	}
}

// Nor does a page of a payment history with all that hangs on it. (R67)
func TestStatements_doNotGrowWithTheHistory(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	post := func(mutation string, input world.Vars) string {
		t.Helper()
		input["amount"] = world.Vars{"amount": "5.00", "currency": "EUR"}
		return w.OK(w.Operator().Mutate(mutation, input, `transaction { id }`)).Text("transaction.id")
	}
	for i := range 10 {
		id := post("balanceReplenish", world.Vars{"resellerId": reseller.ID, "idempotencyKey": fmt.Sprint(i)})
		post("balanceAdjust", world.Vars{"transactionId": id, "direction": "DEBIT", "note": "x", "idempotencyKey": fmt.Sprint(i)})
	}
	read := func(first int) []string {
		return w.Statements(func() {
			a := w.OK(reseller.Owner.Query(`query($id: ID!, $first: Int) { company(id: $id) { transactions(first: $first) { totalCount emptyState { code } nodes {
				amount { formatted } reseller { name } corrects { id reseller { name } } corrections { id corrects { id } } charge { lines { totalCount } } } } } }`,
				world.Vars{"id": reseller.ID, "first": first}))
			w.Equal(len(a.List("company.transactions.nodes")), first)
		})
	}
	if few, many := read(4), read(20); len(few) != len(many) {
		t.Errorf("4 transactions take %d statements, 20 take %d:\n%s", len(few), len(many), strings.Join(many, "\n"))
	}
}
