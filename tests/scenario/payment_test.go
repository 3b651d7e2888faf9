package scenario_test

import (
	"fmt"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// entry is what the tests read of a transaction.
const entry = `id occurredAt type direction color amount { amount minorUnits currency } balanceAfter { amount } note
	charge { month } corrects { id } corrections { id } reseller { id }`

// replenishes books a payment of a reseller as the operator; change sets other
// fields of the input.
func replenishes(w *world.World, reseller *world.Company, amount, key string, change ...world.Vars) world.Answer {
	w.Helper()
	in := world.Vars{"resellerId": reseller.ID, "amount": world.Vars{"amount": amount, "currency": "EUR"}, "idempotencyKey": key}
	for _, c := range change {
		for name, value := range c {
			in[name] = value
		}
	}
	return w.Operator().Mutate("balanceReplenish", in, `transaction { `+entry+` } reseller { id }`)
}

// adjusts corrects a transaction as the operator.
func adjusts(w *world.World, transaction, direction, amount, key string, change ...world.Vars) world.Answer {
	w.Helper()
	in := world.Vars{
		"transactionId": transaction, "direction": direction, "amount": world.Vars{"amount": amount, "currency": "EUR"},
		"note": "Wrong amount", "idempotencyKey": key,
	}
	for _, c := range change {
		for name, value := range c {
			in[name] = value
		}
	}
	return w.Operator().Mutate("balanceAdjust", in, `transaction { `+entry+` } reseller { id }`)
}

// payments is a company's payment history as a person reads it.
func payments(w *world.World, p *world.Person, companyID, arguments string) world.Answer {
	w.Helper()
	return w.OK(p.Query(`query($id: ID!) { company(id: $id) { transactions`+arguments+` { totalCount emptyState { code title text }
		pageInfo { hasNextPage endCursor } nodes { `+entry+` } edges { cursor node { id } } } } }`, world.Vars{"id": companyID}))
}

// amounts are what a history lists, with the balance after each.
func amounts(a world.Answer) string {
	list := ""
	for i := range a.List("company.transactions.nodes") {
		at := fmt.Sprintf("company.transactions.nodes.%d.", i)
		list += fmt.Sprintf(" %s %s %s", a.Text(at+"type"), a.Text(at+"amount.amount"), a.Text(at+"balanceAfter.amount"))
	}
	return list
}

// Chapter "Payment history": what the operator books appears with date, type,
// colour and amount, newest first, and in the balance; before the first
// transaction there is an empty state. (R67 R68 R69 R70 A29 A60)
func TestPaymentHistory(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	a := payments(w, reseller.Owner, reseller.ID, "")
	w.Equal(a.Text("company.transactions.emptyState.code"), "PAYMENT_HISTORY_EMPTY")
	w.Equal(payments(w, reseller.Owner.Speaks("pl"), reseller.ID, "").Text("company.transactions.emptyState.title"), "Brak transakcji")

	first := w.OK(replenishes(w, reseller, "100.00", "k1", world.Vars{"note": " Transfer 7 "}))
	for path, want := range map[string]any{
		"type": "REPLENISHMENT", "direction": "CREDIT", "color": "GREEN", "amount.amount": "100.00", "amount.currency": "EUR",
		"balanceAfter.amount": "100.00", "note": "Transfer 7", "occurredAt": "2026-01-15T12:00:00Z", "reseller.id": reseller.ID,
		"charge": nil, "corrects": nil,
	} {
		w.Equal(first.Get("transaction."+path), want)
	}
	w.Equal(first.Text("reseller.id"), reseller.ID)
	w.Advance("2026-01-16T08:30:00Z")
	wrong := w.OK(adjusts(w, first.Text("transaction.id"), "DEBIT", "130.50", "k1")) // keys belong to the operation
	for path, want := range map[string]any{
		"type": "ADJUSTMENT", "direction": "DEBIT", "color": "RED", "amount.amount": "130.50", "balanceAfter.amount": "-30.50",
		"note": "Wrong amount", "corrects.id": first.Text("transaction.id"),
	} {
		w.Equal(wrong.Get("transaction."+path), want)
	}
	w.OK(adjusts(w, wrong.Text("transaction.id"), "CREDIT", "0.50", "k2")) // adjustments can be wrong too
	w.OK(adjusts(w, first.Text("transaction.id"), "CREDIT", "1000", "k3")) // and by more than they took

	a = payments(w, reseller.Owner, reseller.ID, "")
	w.Equal(amounts(a), " ADJUSTMENT 1000.00 970.00 ADJUSTMENT 0.50 -30.00 ADJUSTMENT 130.50 -30.50 REPLENISHMENT 100.00 100.00")
	w.Equal(a.Get("company.transactions.emptyState"), nil)
	w.Equal(len(a.List("company.transactions.nodes.3.corrections")), 2)
	w.Equal(a.Text("company.transactions.nodes.3.corrections.0.id"), wrong.Text("transaction.id"))
	empty := payments(w, reseller.Owner, reseller.ID, `(filter: {type: [MONTHLY_FEE]})`)
	w.Equal(empty.Int("company.transactions.totalCount"), 0)
	w.Equal(empty.Get("company.transactions.emptyState"), nil) // there are others

	log := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { activities(filter: {action: ["balanceReplenish", "balanceAdjust"]}) {
		nodes { summary actor { name } subject { id } } } } }`, world.Vars{"id": reseller.ID}))
	w.Equal(len(log.List("company.activities.nodes")), 4)
	w.Equal(log.Text("company.activities.nodes.3.summary"), "The balance of the company Central Station was replenished.")
	w.Equal(log.Text("company.activities.nodes.3.subject.id"), first.Text("transaction.id"))
}

// The list is paged by a cursor that holds while entries are added, filtered
// by all that the contract names, and sorted by time or amount. (R67)
func TestPaymentHistory_pages(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	history := func(arguments string) world.Answer {
		t.Helper()
		return payments(w, reseller.Owner, reseller.ID, arguments)
	}
	first := w.OK(replenishes(w, reseller, "5.00", "1")).Text("transaction.id")
	w.OK(replenishes(w, reseller, "7.01", "2"))
	w.Advance("2026-01-20T00:00:00Z")
	w.OK(adjusts(w, first, "DEBIT", "2.00", "3"))
	w.OK(replenishes(w, reseller, "7.00", "4"))

	page := history(`(first: 2)`)
	w.Equal(amounts(page), " REPLENISHMENT 7.00 17.01 ADJUSTMENT 2.00 10.01")
	w.Equal(page.Get("company.transactions.pageInfo.hasNextPage"), true)
	w.OK(replenishes(w, reseller, "9.00", "5"))
	page = history(`(first: 2, after: "` + page.Text("company.transactions.pageInfo.endCursor") + `")`)
	w.Equal(amounts(page), " REPLENISHMENT 7.01 12.01 REPLENISHMENT 5.00 5.00")
	w.Equal(page.Get("company.transactions.pageInfo.hasNextPage"), false)
	w.Equal(page.Int("company.transactions.totalCount"), 5)
	w.Equal(amounts(history(`(last: 1)`)), " REPLENISHMENT 5.00 5.00")
	w.Equal(amounts(history(`(last: 1, before: "`+page.Text("company.transactions.edges.1.cursor")+`")`)), " REPLENISHMENT 7.01 12.01")

	for arguments, want := range map[string]string{
		`(filter: {type: [ADJUSTMENT]})`:                                                      " ADJUSTMENT 2.00 10.01",
		`(filter: {direction: [DEBIT], currency: ["EUR", "PLN"]})`:                            " ADJUSTMENT 2.00 10.01",
		`(filter: {currency: ["PLN"]})`:                                                       "",
		`(filter: {currency: []})`:                                                            "",
		`(filter: {resellerId: ["` + reseller.ID + `"], amount: {gte: "9"}})`:                 " REPLENISHMENT 9.00 26.01",
		`(filter: {resellerId: ["co_none"]})`:                                                 "",
		`(filter: {amount: {gte: "7.001", lt: "7.0100"}})`:                                    "",
		`(filter: {amount: {gte: "7", lt: "7.0101"}})`:                                        " REPLENISHMENT 7.00 17.01 REPLENISHMENT 7.01 12.01",
		`(filter: {amount: {gte: "-1", lt: "5.00"}})`:                                         " ADJUSTMENT 2.00 10.01",
		`(filter: {occurredAt: {gte: "2026-01-15T12:00:00Z", lt: "2026-01-20T00:00:00Z"}})`:   " REPLENISHMENT 7.01 12.01 REPLENISHMENT 5.00 5.00",
		`(first: 2, orderBy: {field: OCCURRED_AT, direction: ASC})`:                           " REPLENISHMENT 5.00 5.00 REPLENISHMENT 7.01 12.01",
		`(first: 3, orderBy: {field: AMOUNT})`:                                                " REPLENISHMENT 9.00 26.01 REPLENISHMENT 7.01 12.01 REPLENISHMENT 7.00 17.01",
		`(first: 2, orderBy: {field: AMOUNT, direction: ASC}, filter: {direction: [CREDIT]})`: " REPLENISHMENT 5.00 5.00 REPLENISHMENT 7.00 17.01",
	} {
		if got := amounts(history(arguments)); got != want {
			t.Errorf("%s: %q, want %q", arguments, got, want)
		}
	}
	bad := reseller.Owner.Query(`query($id: ID!) { company(id: $id) { transactions(filter: {amount: {lt: "1e3"}}) { totalCount } } }`, world.Vars{"id": reseller.ID})
	w.Fails(bad, "BAD_USER_INPUT")
}

// Whatever is wrong with the input is told at once, with the path of each
// field, before anything else is looked at. (A25 A35 A54)
func TestBalance_form(t *testing.T) {
	w := world.New(t)
	reseller, tokyo := w.Reseller("Central Station"), w.ResellerIn("Tokyo Station", "JPY")
	dealer := w.Dealer("Night Watch")
	money := func(amount, currency string) world.Vars {
		return world.Vars{"amount": world.Vars{"amount": amount, "currency": currency}}
	}
	long := world.Vars{"note": fmt.Sprintf("%01001d", 0), "idempotencyKey": ""}
	for amount, want := range map[string]string{
		"0": "INVALID input.amount.amount", "-5": "INVALID input.amount.amount", "1.005": "INVALID input.amount.amount",
		"1,00": "INVALID input.amount.amount", "": "INVALID input.amount.amount", "90071992547409.92": "INVALID input.amount.amount",
	} {
		w.Refused(replenishes(w, reseller, amount, "k"), want)
		w.Refused(replenishes(w, reseller, amount, "k", long), want, "INVALID input.note", "INVALID input.idempotencyKey")
		w.Refused(adjusts(w, "txn_none", "DEBIT", amount, "k", world.Vars{"note": " "}), want, "REQUIRED input.note")
	}
	w.Refused(replenishes(w, reseller, "", "k", money("x", "EURO"), long), "INVALID input.amount.currency", "INVALID input.amount.amount",
		"INVALID input.note", "INVALID input.idempotencyKey")
	w.Refused(replenishes(w, reseller, "", "k", money("5.000", "eur")), "INVALID input.amount.currency")
	w.Refused(replenishes(w, reseller, "", "k", money("5", "PLN")), "INVALID input.amount.currency")
	w.Refused(replenishes(w, tokyo, "", "k", money("5.0", "JPY")), "INVALID input.amount.amount")
	w.OK(replenishes(w, tokyo, "", "k", money("5", "JPY")))
	w.Refused(replenishes(w, dealer, "5.00", "k2"), "NOT_A_RESELLER input.resellerId")
	w.Refused(replenishes(w, dealer, "5.00", "k"), "IDEMPOTENCY_MISMATCH input.idempotencyKey") // before the rules

	for _, last := range []string{"90071992547409.91", "0.01"} {
		a := replenishes(w, reseller, last, "big"+last)
		if last == "0.01" {
			w.Refused(a, "INVALID input.amount.amount") // the balance would not be exact any more
		} else {
			w.OK(a)
		}
	}
}

// Only the platform operator books: who sees the reseller or the transaction is
// told FORBIDDEN, all others NOT_FOUND. (R69 A34)
func TestBalance_onlyTheOperator(t *testing.T) {
	w := world.New(t)
	reseller, dealer := w.Reseller("Central Station"), w.Dealer("Night Watch")
	id := w.OK(replenishes(w, reseller, "5.00", "k")).Text("transaction.id")
	money := world.Vars{"amount": "1.00", "currency": "EUR"}
	for who, c := range map[string]struct {
		person            *world.Person
		replenish, adjust string
	}{
		"owner":     {reseller.Owner, "FORBIDDEN input.resellerId", "FORBIDDEN input.transactionId"},
		"manager":   {reseller.Employee("SERVICE_MANAGER"), "FORBIDDEN input.resellerId", "FORBIDDEN input.transactionId"},
		"installer": {reseller.Employee("INSTALLER"), "FORBIDDEN input.resellerId", "NOT_FOUND input.transactionId"},
		"dealer":    {dealer.Owner, "FORBIDDEN input.resellerId", "NOT_FOUND input.transactionId"},
		"stranger":  {w.Person("Stranger"), "NOT_FOUND input.resellerId", "NOT_FOUND input.transactionId"},
	} {
		t.Run(who, func(*testing.T) {
			w.Refused(c.person.Mutate("balanceReplenish", world.Vars{"resellerId": reseller.ID, "amount": money, "idempotencyKey": "k"}, ``), c.replenish)
			w.Refused(c.person.Mutate("balanceAdjust", world.Vars{"transactionId": id, "direction": "DEBIT", "amount": money, "note": "x", "idempotencyKey": "k"}, ``), c.adjust)
		})
	}
	w.Fails(w.Nobody().Mutate("balanceReplenish", world.Vars{"resellerId": reseller.ID, "amount": money, "idempotencyKey": "k"}, ``), "UNAUTHENTICATED")
	w.Equal(amounts(payments(w, reseller.Owner, reseller.ID, "")), " REPLENISHMENT 5.00 5.00")
}

// A key finds its transaction for ever: after a day, after a restart, in
// another session. Other input with it is refused. (A33 A48)
func TestBalance_keysForEver(t *testing.T) {
	w := world.New(t)
	reseller, other := w.Reseller("Central Station"), w.Reseller("Other Station")
	first := w.OK(replenishes(w, reseller, "5.00", "k")).Text("transaction.id")
	again := func() {
		t.Helper()
		w.Equal(w.OK(replenishes(w, reseller, "5.00", "k")).Text("transaction.id"), first)
		w.Refused(replenishes(w, reseller, "5.01", "k"), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
		w.Refused(replenishes(w, other, "5.00", "k"), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
		w.Refused(replenishes(w, reseller, "5.00", "k", world.Vars{"note": "x"}), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	}
	again()
	w.Advance("2026-01-31T00:00:00Z")
	again()
	w.Restart()
	w.Operator().SignIn()
	again()
	correction := w.OK(adjusts(w, first, "DEBIT", "1.00", "k")).Text("transaction.id")
	w.Equal(w.OK(adjusts(w, first, "DEBIT", "1.00", "k")).Text("transaction.id"), correction)
	w.Refused(adjusts(w, first, "CREDIT", "1.00", "k"), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	w.Refused(replenishes(w, reseller, "5.00", "x", world.Vars{"resellerId": "co_none"}), "NOT_FOUND input.resellerId")
	w.OK(replenishes(w, reseller, "5.00", "x")) // a refused call may be tried again with its key
	w.Equal(amounts(payments(w, reseller.Owner, reseller.ID, "")), " REPLENISHMENT 5.00 9.00 ADJUSTMENT 1.00 4.00 REPLENISHMENT 5.00 5.00")
}

// Of a reseller its owner and both kinds of managers see the money; with the
// switch finance-senior-only the plain manager sees no more than an installer,
// on no path: an empty list without an empty state, and no node. (A9 A51)
func TestPaymentHistory_whoSees(t *testing.T) {
	for _, seniors := range []bool{false, true} {
		t.Run(fmt.Sprint("senior only ", seniors), func(t *testing.T) {
			w := world.New(t, func(c *server.Config) { c.FinanceSeniorOnly = seniors })
			reseller, other, dealer := w.Reseller("Central Station"), w.Reseller("Other Station"), w.Dealer("Night Watch")
			dealer.Connects(reseller)
			id := w.OK(replenishes(w, reseller, "5.00", "k")).Text("transaction.id")
			for name, c := range map[string]struct {
				person *world.Person
				sees   bool
			}{
				"owner": {reseller.Owner, true}, "senior": {reseller.Employee("SENIOR_SERVICE_MANAGER"), true},
				"manager": {reseller.Employee("SERVICE_MANAGER"), !seniors}, "installer": {reseller.Employee("INSTALLER"), false},
				"operator": {w.Operator(), true}, "dealer": {dealer.Owner, false}, "other reseller": {other.Owner, false},
			} {
				history := payments(w, c.person, reseller.ID, "")
				node := w.OK(c.person.Query(`query($id: ID!) { node(id: $id) { ... on Transaction { `+entry+` } } }`, world.Vars{"id": id}))
				want, total := "", 0
				if c.sees {
					want, total = " REPLENISHMENT 5.00 5.00", 1
				}
				if got := amounts(history); got != want || history.Int("company.transactions.totalCount") != total || (node.Get("node") != nil) != c.sees {
					t.Errorf("%s sees %q, %v", name, got, node.Data)
				}
				w.Equal(payments(w, c.person, other.ID, "").Get("company.transactions.emptyState") != nil, name == "operator" || name == "other reseller")
			}
			w.Equal(payments(w, dealer.Owner, dealer.ID, "").Get("company.transactions.emptyState"), nil) // no reseller
		})
	}
}

// A monthly fee opens into one line for each account and package, sorted by
// serial number and paged; a line keeps its id, is found by it, and names the
// service also after the hub is gone. Others see none of it. (R67 A3 A9 A45)
func TestPaymentHistory_charge(t *testing.T) {
	w := world.New(t)
	dealer, reseller, other := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Other Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa, shop, barn := dealer.Hub("Villa"), dealer.Hub("Shop"), dealer.Hub("Barn")
	services := map[string]string{}
	for _, h := range []*world.Hub{barn, villa, shop} {
		services[h.Serial] = w.OK(dealer.Activates(h)).Text("service.id")
	}
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID}, ``)) // its month is due all the same
	w.OK(dealer.Owner.Mutate("hubRemove", world.Vars{"hubId": villa.ID}, ``))
	w.Advance("2026-03-01T00:00:00Z")

	const lines = `totalCount pageInfo { hasNextPage endCursor } nodes { id month amount { amount } service { id package { code } hub { id } } } edges { node { id } }`
	read := func(p *world.Person, arguments string) world.Answer {
		t.Helper()
		return w.OK(p.Query(`query($id: ID!) { company(id: $id) { transactions { nodes { `+entry+` charge { amount { amount } lines`+arguments+` { `+lines+` } } } } } }`,
			world.Vars{"id": reseller.ID}))
	}
	a := read(reseller.Owner, "")
	w.Equal(amounts(a), " MONTHLY_FEE 10.00 -25.00 MONTHLY_FEE 15.00 -15.00")
	w.Equal(a.Text("company.transactions.nodes.0.color"), "RED")
	january := "company.transactions.nodes.1.charge."
	w.Equal(a.Text(january+"month")+" "+a.Text(january+"amount.amount"), "2026-01 15.00")
	w.Equal(a.Int(january+"lines.totalCount"), 3)
	w.Equal(a.Int("company.transactions.nodes.0.charge.lines.totalCount"), 2)
	for i, h := range []*world.Hub{villa, shop, barn} { // as the serial numbers were given
		at := fmt.Sprintf(january+"lines.nodes.%d.", i)
		w.Equal(a.Text(at+"service.id"), services[h.Serial])
		w.Equal(a.Text(at+"service.package.code")+" "+a.Text(at+"amount.amount")+" "+a.Text(at+"month"), "AJAX_SIM 5.00 2026-01")
	}

	first := read(reseller.Owner, "(first: 2)")
	w.Equal(first.Get(january+"lines.pageInfo.hasNextPage"), true)
	cursor := first.Text(january + "lines.pageInfo.endCursor")
	second := read(reseller.Owner, `(first: 2, after: "`+cursor+`")`)
	w.Equal(len(second.List(january+"lines.nodes")), 1)
	w.Equal(second.Text(january+"lines.nodes.0.id"), a.Text(january+"lines.nodes.2.id"))
	w.Equal(read(reseller.Owner, "(last: 1)").Text(january+"lines.nodes.0.id"), a.Text(january+"lines.nodes.2.id"))
	w.Equal(read(reseller.Owner, "(first: 0)").Int(january+"lines.totalCount"), 3)

	line, fee := a.Text(january+"lines.nodes.1.id"), a.Text("company.transactions.nodes.1.id")
	for name, c := range map[string]struct {
		person *world.Person
		sees   bool
	}{
		"owner": {reseller.Owner, true}, "operator": {w.Operator(), true}, "installer": {reseller.Employee("INSTALLER"), false},
		"dealer": {dealer.Owner, false}, "other reseller": {other.Owner, false},
	} {
		found := w.OK(c.person.Query(`query($l: ID!, $t: ID!) { line: node(id: $l) { id ... on ChargeLine { amount { amount } } }
			fee: node(id: $t) { ... on Transaction { charge { lines { totalCount } } } } }`, world.Vars{"l": line, "t": fee}))
		if (found.Get("line") != nil) != c.sees || (found.Get("fee") != nil) != c.sees {
			t.Errorf("%s sees %v", name, found.Data)
		}
	}
	w.Equal(w.OK(reseller.Owner.Query(`query($l: ID!) { node(id: $l) { id } }`, world.Vars{"l": line + "x"})).Get("node"), nil)
}
