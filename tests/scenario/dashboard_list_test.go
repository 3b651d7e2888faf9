package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// rows reads a part of the Dashboard's rows, as names of dealers.
func rows(w *world.World, p *world.Person, reseller *world.Company, arguments string) (names []string, a world.Answer) {
	w.Helper()
	a = w.OK(p.Query(`query($id: ID!) { company(id: $id) { resellerOverview { dealers(`+arguments+`) { totalCount
		pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { dealer { name } } edges { cursor node { id } } } } } }`,
		world.Vars{"id": reseller.ID}))
	a.Data = a.Get("company.resellerOverview.dealers")
	for _, n := range a.List("nodes") {
		names = append(names, world.Answer{Data: n}.Text("dealer.name"))
	}
	return names, a
}

// The rows of the Dashboard are sorted by fee, accounts or name, found by name
// or dealer number, and walked from either end; what is alike keeps its order.
// Fees sort nothing for who may not see them. (R59, A9)
func TestDashboard_Rows(t *testing.T) {
	w := world.New(t)
	sim, plus := w.Package("AJAX_SIM"), w.Package("AJAX_PLUS", world.Vars{"monthlyFees": []world.Vars{fee("12.00", "EUR")}})
	central := w.Reseller("Central Station")
	one, two, three, four := w.Dealer("Grupa Łosie"), w.Dealer("alarm brothers"), w.Dealer("Grupa Zorze"), w.Dealer("Zorro")
	for i, dealer := range []*world.Company{one, two, three, four} {
		link := dealer.Requests(central)
		w.OK(decides(central.Owner, "connectionApprove", link, world.Vars{"dealerNumber": fmt.Sprintf("Nr-%d", i+1)}))
		switch dealer {
		case one:
			activates(w, dealer, link, plus, 1) // 12.00
		case two:
			activates(w, dealer, link, sim, 2) // 10.00
		case three:
			activates(w, dealer, link, sim, 1) // 5.00
		}
	}
	w.Dealer("Pending").Requests(central)
	owner := central.Owner
	for arguments, want := range map[string]string{
		`first: 9`: "Grupa Łosie, alarm brothers, Grupa Zorze, Zorro",
		`orderBy: {field: MONTHLY_FEE, direction: ASC}`:                         "Zorro, Grupa Zorze, alarm brothers, Grupa Łosie",
		`orderBy: {field: ACTIVE_ACCOUNT_COUNT}`:                                "alarm brothers, Grupa Zorze, Grupa Łosie, Zorro", // of two alike the later one
		`orderBy: {field: ACTIVE_ACCOUNT_COUNT, direction: ASC}`:                "Zorro, Grupa Łosie, Grupa Zorze, alarm brothers",
		`orderBy: {field: DEALER_NAME, direction: ASC}`:                         "alarm brothers, Grupa Łosie, Grupa Zorze, Zorro",
		`orderBy: {field: DEALER_NAME}`:                                         "Zorro, Grupa Zorze, Grupa Łosie, alarm brothers",
		`filter: {search: "łOs"}`:                                               "Grupa Łosie",
		`filter: {search: "zorze"}`:                                             "Grupa Zorze",
		`filter: {search: " nr-2 "}`:                                            "alarm brothers",
		`filter: {search: ""}`:                                                  "Grupa Łosie, alarm brothers, Grupa Zorze, Zorro",
		`filter: {search: "nobody"}`:                                            "",
		`filter: {hasActiveAccounts: true}`:                                     "Grupa Łosie, alarm brothers, Grupa Zorze",
		`filter: {hasActiveAccounts: false}`:                                    "Zorro",
		`filter: {hasActiveAccounts: false, search: "gr"}`:                      "",
		`last: 2, orderBy: {field: DEALER_NAME, direction: ASC}`:                "Grupa Zorze, Zorro",
		`first: 1, orderBy: {field: ACTIVE_ACCOUNT_COUNT}, filter: {search:""}`: "alarm brothers",
	} {
		names, a := rows(w, owner, central, arguments)
		if got := strings.Join(names, ", "); got != want {
			t.Errorf("dealers(%s): %s, want %s", arguments, got, want)
		}
		if !strings.Contains(arguments, "first: 1") && !strings.Contains(arguments, "last") {
			w.Equal(a.Int("totalCount"), len(names))
		}
	}
	names, a := rows(w, owner, central, `first: 2`)
	w.Equal(fmt.Sprint(names, a.Get("pageInfo.hasNextPage"), a.Get("pageInfo.hasPreviousPage"), a.Int("totalCount")), "[Grupa Łosie alarm brothers] true false 4")
	names, _ = rows(w, owner, central, fmt.Sprintf(`first: 2, after: %q`, a.Text("pageInfo.endCursor")))
	same(w, names, "Grupa Zorze", "Zorro")
	names, _ = rows(w, owner, central, fmt.Sprintf(`last: 1, before: %q`, a.Text("edges.1.cursor")))
	same(w, names, "Grupa Łosie")
	w.Fails(owner.Query(`query($id: ID!, $a: String) { company(id: $id) { resellerOverview { dealers(after: $a, orderBy: {field: DEALER_NAME}) { totalCount } } } }`,
		world.Vars{"id": central.ID, "a": a.Text("pageInfo.endCursor")}), "BAD_USER_INPUT")
}

// The accounts of a dealer are a list like that of the services: live ones of
// this pair alone, sorted and filtered, each with its monthly fee: nothing on
// trial, so that they add up to the dealer's. (R59, A18, A19)
func TestDashboard_Accounts(t *testing.T) {
	w := world.New(t)
	sim, plus := w.Package("AJAX_SIM"), w.Package("AJAX_PLUS", world.Vars{"trialDays": 30})
	central, other, night, day := w.Reseller("Central Station"), w.Reseller("Other Station"), w.Dealer("Night Watch"), w.Dealer("Day Watch")
	toCentral, toOther := night.Connects(central), night.Connects(other)
	hubs := activates(w, night, toCentral, sim, 3)
	trial := activates(w, night, toCentral, plus, 1)[0]
	activates(w, night, toOther, sim, 1)
	activates(w, day, day.Connects(central), sim, 1)
	w.OK(takes(night.Owner, "serviceStop", hubs[0]))
	w.OK(takes(night.Owner, "serviceDeactivate", hubs[1]))
	accounts := func(arguments string) (got []string, a world.Answer) {
		t.Helper()
		a = w.OK(central.Owner.Query(`query($r: ID!, $d: ID!) { company(id: $r) { dealerActivity(dealerId: $d) { accounts`+arguments+` {
			totalCount pageInfo { hasNextPage endCursor } nodes { hub { id } monthlyFee { amount } } } } } }`, world.Vars{"r": central.ID, "d": night.ID}))
		a.Data = a.Get("company.dealerActivity.accounts")
		for _, n := range a.List("nodes") {
			n := world.Answer{Data: n}
			want := "5.00"
			if n.Text("hub.id") == trial.ID {
				want = "0.00"
			}
			w.Equal(n.Text("monthlyFee.amount"), want)
			got = append(got, n.Text("hub.id"))
		}
		return got, a
	}
	got, a := accounts(``)
	same(w, got, trial.ID, hubs[2].ID, hubs[1].ID)
	w.Equal(a.Int("totalCount"), 3)
	got, a = accounts(`(first: 2)`)
	same(w, got, trial.ID, hubs[2].ID)
	w.Equal(a.Int("totalCount"), 3)
	got, _ = accounts(fmt.Sprintf(`(first: 2, after: %q)`, a.Text("pageInfo.endCursor")))
	same(w, got, hubs[1].ID)
	for arguments, want := range map[string][]string{
		`(filter: {isTrial: true})`:                                        {trial.ID},
		`(filter: {status: [EXPIRING]})`:                                   {hubs[1].ID},
		`(filter: {status: [ENDED]})`:                                      {},
		fmt.Sprintf(`(filter: {packageId: [%q]})`, sim):                    {hubs[2].ID, hubs[1].ID},
		fmt.Sprintf(`(filter: {dealerId: [%q]})`, day.ID):                  {},
		fmt.Sprintf(`(filter: {resellerId: [%q]})`, other.ID):              {},
		`(orderBy: {field: ACTIVATED_AT, direction: ASC})`:                 {hubs[1].ID, hubs[2].ID, trial.ID},
		`(first: 1, orderBy: {field: ENDS_AT, direction: ASC})`:            {hubs[1].ID},
		`(last: 1, orderBy: {field: UPDATED_AT}, filter: {isTrial: true})`: {trial.ID},
	} {
		got, a := accounts(arguments)
		if !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("accounts%s: %v, want %v", arguments, got, want)
		}
		if !strings.Contains(arguments, "first") {
			w.Equal(a.Int("totalCount"), len(want))
		}
	}
}
