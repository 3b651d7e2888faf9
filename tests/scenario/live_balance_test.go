package scenario_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// figured says an event of a reseller's figures in words: its kind, the type
// of the transaction that caused it, balance, monthly fee, accounts and next
// charge, and "." where the reader is up to date.
func figured(e world.Answer) string {
	amount := func(path string) string { return cmp.Or(e.Text("overview."+path+".amount"), "-") }
	words := []string{
		e.Text("kind"), e.Text("transaction.type"),
		"balance", amount("balance"), "fee", amount("monthlyFee"), "of", fmt.Sprint(e.Int("overview.activeAccountCount")),
		"next", amount("nextCharge.amount"), dot(e),
	}
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

// tellsFigures fails the test unless these are the next events of a stream of
// figures, and returns the cursor of the last one.
func tellsFigures(w *world.World, s *world.Stream, want ...string) (cursor string) {
	w.Helper()
	for _, want := range want {
		e := s.Next()
		if got := figured(e); got != want {
			w.Fatalf("an event\n got %q\nwant %q", got, want)
		}
		cursor = e.Text("cursor")
	}
	return cursor
}

// Whatever changes the figures of a reseller reaches who watches them: money
// that comes and goes, the steps of services, and the turn of a month. The
// figures of an event are those that a query shows. (R58 R66, A17 A18 A49)
func TestBalance_Live(t *testing.T) {
	f := newFirm(t)
	other := f.Reseller("South Station")
	s, foreign := f.reseller.Owner.Balance(f.reseller.ID, ""), other.Owner.Balance(other.ID, "")
	const nothing = "SNAPSHOT balance 0.00 fee 0.00 of 0 next 0.00 ."
	first := tellsFigures(f.World, s, nothing)
	tellsFigures(f.World, foreign, nothing)
	villa := f.dealer.Hub("Villa") // concerns nobody's figures
	payment := ""
	for _, c := range []struct {
		want string
		do   func() world.Answer
	}{
		{"REPLENISHMENT balance 100.00 fee 0.00 of 0 next 0.00", func() world.Answer {
			a := replenishes(f.World, f.reseller, "100.00", "k1")
			payment = a.Text("transaction.id")
			return a
		}},
		{"ADJUSTMENT balance 90.00 fee 0.00 of 0 next 0.00", func() world.Answer { return adjusts(f.World, payment, "DEBIT", "10.00", "k2") }},
		{"balance 90.00 fee 5.00 of 1 next 5.00", func() world.Answer { return f.takes(f.dealer.Owner, "Activate", villa) }},
		{"balance 90.00 fee 5.00 of 1 next 0.00", func() world.Answer { return f.takes(f.dealer.Owner, "Suspend", villa) }}, // it never ran yet (A42)
		{"balance 90.00 fee 5.00 of 1 next 5.00", func() world.Answer { return f.takes(f.dealer.Owner, "Resume", villa) }},
		{"balance 90.00 fee 0.00 of 0 next 5.00", func() world.Answer { return f.takes(f.dealer.Owner, "Stop", villa) }},
		{"balance 90.00 fee 5.00 of 1 next 5.00", func() world.Answer { return f.takes(f.dealer.Owner, "Activate", villa) }},
	} {
		f.OK(c.do())
		e := s.Next()
		f.Equal(figured(e), "CHANGE "+c.want+" .")
		f.Equal(e.Text("reseller.name"), f.reseller.Name)
		shown := f.OK(f.reseller.Owner.Query(`query($id: ID!) { company(id: $id) { resellerOverview { id version balance { amount }
			monthlyFee { amount } activeDealerCount activeAccountCount creditLimit { amount } nextCharge { month amount { amount } } } } }`,
			world.Vars{"id": f.reseller.ID}))
		f.Equal(asText(t, e.Get("overview")), asText(t, shown.Get("company.resellerOverview")))
	}
	f.Advance("2026-02-01T00:00:00Z")
	cursor := tellsFigures(f.World, s, "CHANGE MONTHLY_FEE balance 85.00 fee 5.00 of 1 next 5.00 .")
	s.Quiet()
	foreign.Quiet()

	// Who comes back gets what was missed, with the figures as they are now.
	back := f.reseller.Owner.Balance(f.reseller.ID, first)
	for i, by := range []string{" REPLENISHMENT", " ADJUSTMENT", "", "", "", "", "", " MONTHLY_FEE"} {
		end := ""
		if i == 7 {
			end = " ."
		}
		tellsFigures(f.World, back, "REPLAY"+by+" balance 85.00 fee 5.00 of 1 next 5.00"+end)
	}
	f.reseller.Owner.Balance(f.reseller.ID, cursor).Quiet()
	tellsFigures(f.World, f.Operator().Balance(f.reseller.ID, ""), "SNAPSHOT balance 85.00 fee 5.00 of 1 next 5.00 .")

	// A credit limit is one of the figures.
	f.OK(f.Operator().Mutate("companyResellerEnroll", world.Vars{"companyId": f.reseller.ID, "currency": "EUR", "creditLimit": "7.00"}, `company { id }`))
	e := s.Next()
	f.Equal(e.Text("overview.creditLimit.amount"), "7.00")
	f.Equal(e.Get("transaction"), nil)
}

// A month that turns without a fee changes the figures too: trials end with
// it. (A40 A49)
func TestBalance_TrialsEnd(t *testing.T) {
	f := newFirm(t)
	f.Package("AJAX_SIM", world.Vars{"trialDays": 10})
	f.OK(f.dealer.Activates(f.dealer.Hub("Villa")))
	s := f.reseller.Owner.Balance(f.reseller.ID, "")
	tellsFigures(f.World, s, "SNAPSHOT balance 0.00 fee 0.00 of 1 next 0.00 .")
	f.Advance("2026-02-01T00:00:00Z")
	tellsFigures(f.World, s, "CHANGE balance 0.00 fee 5.00 of 1 next 5.00 .")
}

// Those who see the Services module watch the figures, with amounts only for
// those who may see money; everybody else is refused, alike for what is
// foreign, what is no reseller and what does not exist. (A9 A34 A49 A51)
func TestBalance_WhoAsks(t *testing.T) {
	f := newFirm(t, func(c *server.Config) { c.FinanceSeniorOnly = true })
	f.OK(f.dealer.Activates(f.dealer.Hub("Villa")))
	senior, manager := f.Person("Ewa"), f.reseller.Employee("SERVICE_MANAGER")
	id := f.reseller.Employs(senior, "SENIOR_SERVICE_MANAGER")
	for _, p := range []*world.Person{f.reseller.Owner, senior, f.Operator()} {
		tellsFigures(f.World, p.Balance(f.reseller.ID, ""), "SNAPSHOT balance 0.00 fee 5.00 of 1 next 5.00 .")
	}
	const blind = "SNAPSHOT balance - fee - of 1 next - ."
	plain := manager.Balance(f.reseller.ID, "")
	tellsFigures(f.World, plain, blind)
	for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Employee("INSTALLER"), f.Reseller("Other").Owner, f.Person("Nobody")} {
		f.Equal(p.Balance(f.reseller.ID, "").End(), "FORBIDDEN")
	}
	for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Owner, f.Operator()} {
		for _, id := range []string{f.dealer.ID, "co_0"} {
			f.Equal(p.Balance(id, "").End(), "FORBIDDEN")
		}
	}
	f.Equal(f.reseller.Owner.Balance(f.reseller.ID, "garbage").End(), "BAD_USER_INPUT")

	// Neither the amount nor the transaction is for who may not see money.
	f.OK(replenishes(f.World, f.reseller, "3.00", "k"))
	tellsFigures(f.World, plain, "CHANGE balance - fee - of 1 next - .")

	// A stream goes on with what its reader may still see, and ends within a
	// second where that is nothing.
	s := senior.Balance(f.reseller.ID, "")
	tellsFigures(f.World, s, "SNAPSHOT balance 3.00 fee 5.00 of 1 next 5.00 .")
	role := func(role string) {
		f.OK(f.reseller.Owner.Mutate("employeeRoleUpdate", world.Vars{"employeeId": id, "role": role}, `employee { role }`))
	}
	role("SERVICE_MANAGER")
	f.OK(replenishes(f.World, f.reseller, "1.00", "k2"))
	tellsFigures(f.World, s, "CHANGE balance - fee - of 1 next - .")
	endsSoon(f.World, s, "FORBIDDEN", func() { role("INSTALLER") })
}

func asText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
