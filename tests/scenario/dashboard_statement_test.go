package scenario

import (
	"slices"
	"testing"

	"partnerhub/tests/world"
)

// Payment history shows the same four figures as the Dashboard, and the charge
// of a month as a statement with its accounts, whose lines keep their ids when
// they are booked: what was forecast is what was booked. (R66 R82 R83, A2 A18)
func TestDashboard_Statement(t *testing.T) {
	w := world.New(t)
	sim := w.Package("AJAX_SIM")
	central, night := w.Reseller("Central Station"), w.Dealer("Night Watch")
	activates(w, night, night.Connects(central), sim, 3)
	const lines = `month amount { minorUnits } lines(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { id month amount { minorUnits } service { id } } }`
	forecast := w.OK(central.Owner.Query(`query($id: ID!) { company(id: $id) { resellerOverview { nextCharge { `+lines+` } } } }`, world.Vars{"id": central.ID}))
	first := forecast.Texts("company.resellerOverview.nextCharge.lines.nodes", "id")
	after := forecast.Text("company.resellerOverview.nextCharge.lines.pageInfo.endCursor")
	rest := w.OK(central.Owner.Query(`query($id: ID!, $after: String, $line: ID!) { company(id: $id) { resellerOverview { nextCharge { lines(after: $after) { pageInfo { hasNextPage } nodes { id } }
		back: lines(last: 1, before: $after) { nodes { id } } } } } node(id: $line) { id ... on ChargeLine { amount { minorUnits } } } }`,
		world.Vars{"id": central.ID, "after": after, "line": first[1]}))
	same(w, rest.Texts("company.resellerOverview.nextCharge.back.nodes", "id"), first[0])
	w.Equal(rest.Text("node.id"), first[1])
	w.Equal(rest.Int("node.amount.minorUnits"), 500)
	all := slices.Concat(first, rest.Texts("company.resellerOverview.nextCharge.lines.nodes", "id"))
	w.Equal(len(all), 3)
	w.Advance("2026-02-03T00:00:00Z")
	a := w.OK(central.Owner.Query(`query($id: ID!, $line: ID!) { company(id: $id) { resellerOverview { balance { minorUnits } monthlyFee { minorUnits } activeDealerCount activeAccountCount }
		transactions { nodes { charge { month amount { minorUnits } lines { totalCount nodes { id service { hub { id } } } } } balanceAfter { minorUnits } } } }
		node(id: $line) { id } }`, world.Vars{"id": central.ID, "line": first[0]}))
	same(w, a.Texts("company.transactions.nodes.0.charge.lines.nodes", "id"), all...)
	w.Equal(a.Int("company.transactions.nodes.0.charge.amount.minorUnits"), forecast.Int("company.resellerOverview.nextCharge.amount.minorUnits"))
	w.Equal(a.Int("company.transactions.nodes.0.balanceAfter.minorUnits"), a.Int("company.resellerOverview.balance.minorUnits"))
	w.Equal(a.Int("company.resellerOverview.balance.minorUnits"), -1500)
	w.Equal(a.Text("node.id"), first[0])
	w.Equal(top(addsUp(w, central)), "-1500 1500 1 3 2026-02 1500/3")
}
