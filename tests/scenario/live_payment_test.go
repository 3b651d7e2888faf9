package scenario_test

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// booked says an event of a payment history in words: its kind, type, amount
// and the balance after it, and "." where the reader is up to date.
func booked(e world.Answer) string {
	if e.Get("transaction") == nil {
		return strings.TrimSpace(e.Text("kind") + " nothing " + dot(e))
	}
	return strings.TrimSpace(strings.Join([]string{
		e.Text("kind"), e.Text("transaction.type"), e.Text("transaction.amount.amount"), e.Text("transaction.balanceAfter.amount"), dot(e),
	}, " "))
}

// tellsPayments fails the test unless these are the next events of a payment
// history, and returns the cursor of the last one.
func tellsPayments(w *world.World, s *world.Stream, want ...string) (cursor string) {
	w.Helper()
	for _, want := range want {
		e := s.Next()
		if got := booked(e); got != want {
			w.Fatalf("an event\n got %q\nwant %q", got, want)
		}
		cursor = e.Text("cursor")
	}
	return cursor
}

// Payments, corrections and monthly fees reach whoever watches, each once and
// in order. A stream begins with the newest entry; with a cursor it goes on
// behind it. (R66 R67, A29 A49)
func TestPayments_Live(t *testing.T) {
	f := newFirm(t)
	other := f.Reseller("South Station")
	owner, foreign := f.reseller.Owner.Payments(f.reseller.ID, ""), other.Owner.Payments(other.ID, "")
	tellsPayments(f.World, owner, "SNAPSHOT nothing .")
	empty := tellsPayments(f.World, foreign, "SNAPSHOT nothing .")

	first := f.OK(replenishes(f.World, f.reseller, "100.00", "k1")).Text("transaction.id")
	cursor := tellsPayments(f.World, owner, "CHANGE REPLENISHMENT 100.00 100.00 .")
	f.OK(adjusts(f.World, first, "DEBIT", "10.00", "k2"))
	f.OK(replenishes(f.World, f.reseller, "100.00", "k1")) // a repeated call books nothing
	f.OK(f.dealer.Activates(f.dealer.Hub("Villa")))        // and this is none of the history
	f.Advance("2026-02-01T00:00:00Z")
	last := tellsPayments(f.World, owner, "CHANGE ADJUSTMENT 10.00 90.00 .")
	e := owner.Next()
	f.Equal(booked(e), "CHANGE MONTHLY_FEE 5.00 85.00 .")
	f.Equal(e.Text("transaction.charge.month"), "2026-01")
	f.Equal(e.Text("occurredAt"), "2026-02-01T00:00:00Z")
	f.Equal(e.Text("reseller.name"), f.reseller.Name)
	owner.Quiet()
	foreign.Quiet()

	// Who comes later, and who comes back.
	tellsPayments(f.World, f.Operator().Payments(f.reseller.ID, ""), "SNAPSHOT MONTHLY_FEE 5.00 85.00 .")
	tellsPayments(f.World, f.reseller.Owner.Payments(f.reseller.ID, cursor),
		"REPLAY ADJUSTMENT 10.00 90.00", "REPLAY MONTHLY_FEE 5.00 85.00 .")
	tellsPayments(f.World, f.reseller.Owner.Payments(f.reseller.ID, last), "REPLAY MONTHLY_FEE 5.00 85.00 .")
	f.reseller.Owner.Payments(f.reseller.ID, e.Text("cursor")).Quiet()
	f.OK(replenishes(f.World, other, "1.00", "k3"))
	tellsPayments(f.World, foreign, "CHANGE REPLENISHMENT 1.00 1.00 .")
	tellsPayments(f.World, other.Owner.Payments(other.ID, empty), "REPLAY REPLENISHMENT 1.00 1.00 .")
	owner.Quiet()
}

// However often a reader is cut off, it sees each entry once: what the
// snapshot showed is not sent again, and nothing is missed. (A49)
func TestPayments_cutOff(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	w.Operator()
	const payments = 40
	var posting sync.WaitGroup
	posting.Go(func() {
		for i := range payments {
			replenishes(w, reseller, "1.00", fmt.Sprint(i))
		}
	})
	seen, cursor := 0, ""
	for cuts := 0; seen < payments; cuts++ {
		s := reseller.Owner.Payments(reseller.ID, cursor)
		for range 1 + cuts%4 {
			e := s.Next()
			cursor = e.Text("cursor")
			if e.Get("transaction") == nil {
				continue // before the first
			}
			balance := e.Text("transaction.balanceAfter.amount") // so many payments of 1.00
			if seen++; e.Text("kind") == "SNAPSHOT" {
				seen, _ = strconv.Atoi(strings.TrimSuffix(balance, ".00"))
			}
			if balance != fmt.Sprintf("%d.00", seen) {
				t.Fatalf("after the payment %d came %v", seen-1, e.Data)
			}
			if seen == payments {
				break
			}
		}
		s.Close()
	}
	posting.Wait()
}

// Only those who may see a reseller's money watch its history: everybody else
// is refused, alike for what is foreign, what is no reseller and what does not
// exist. Whoever loses the right loses the stream within a second. (A9 A34 A49)
func TestPayments_WhoAsks(t *testing.T) {
	f := newFirm(t)
	f.OK(replenishes(f.World, f.reseller, "7.00", "k"))
	manager := f.Person("Ewa")
	id := f.reseller.Employs(manager, "SERVICE_MANAGER")
	for _, p := range []*world.Person{f.reseller.Owner, f.reseller.Employee("SENIOR_SERVICE_MANAGER"), manager, f.Operator()} {
		tellsPayments(f.World, p.Payments(f.reseller.ID, ""), "SNAPSHOT REPLENISHMENT 7.00 7.00 .")
	}
	for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Employee("INSTALLER"), f.Reseller("Other").Owner, f.Person("Nobody")} {
		f.Equal(p.Payments(f.reseller.ID, "").End(), "FORBIDDEN")
	}
	for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Owner, f.Operator()} {
		for _, id := range []string{f.dealer.ID, "co_0", ""} {
			f.Equal(p.Payments(id, "").End(), "FORBIDDEN")
		}
	}
	f.Equal(f.reseller.Owner.Payments(f.reseller.ID, "garbage").End(), "BAD_USER_INPUT")

	lost := manager.Payments(f.reseller.ID, "")
	lost.Next()
	endsSoon(f.World, lost, "FORBIDDEN", func() {
		f.OK(f.reseller.Owner.Mutate("employeeRoleUpdate", world.Vars{"employeeId": id, "role": "INSTALLER"}, `employee { role }`))
		f.OK(replenishes(f.World, f.reseller, "1.00", "k2"))
	})
}

// With the switch the plain service manager sees no money, and no history of
// it. (A9)
func TestPayments_SeniorOnly(t *testing.T) {
	f := newFirm(t, func(c *server.Config) { c.FinanceSeniorOnly = true })
	f.Equal(f.reseller.Employee("SERVICE_MANAGER").Payments(f.reseller.ID, "").End(), "FORBIDDEN")
	senior := f.Person("Ewa")
	id := f.reseller.Employs(senior, "SENIOR_SERVICE_MANAGER")
	s := senior.Payments(f.reseller.ID, "")
	tellsPayments(f.World, s, "SNAPSHOT nothing .")
	endsSoon(f.World, s, "FORBIDDEN", func() {
		f.OK(f.reseller.Owner.Mutate("employeeRoleUpdate", world.Vars{"employeeId": id, "role": "SERVICE_MANAGER"}, `employee { role }`))
	})
}
