package billing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/chargeline"
	"partnerhub/ent/connection"
	"partnerhub/ent/ledger"
	"partnerhub/ent/service"
	"partnerhub/ent/servicepackage"
	"partnerhub/ent/transaction"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/tests/database"
)

// booked returns the fees of a reseller as "2026-01 5.00", the oldest first,
// and checks that each is the sum of its lines and that the balance is theirs.
func (f *fixture) booked(reseller *ent.Company) (fees []string) {
	f.Helper()
	c := f.db.Read(f.system())
	var balance int64
	for i, t := range c.Transaction.Query().Where(transaction.ResellerID(reseller.ID)).Order(ent.Asc(transaction.FieldNumber)).AllX(f.system()) {
		balance -= t.Amount
		if t.Type != transaction.TypeMONTHLY_FEE || t.Number != int64(i+1) || t.BalanceAfter != balance {
			f.Errorf("transaction %v", t)
		}
		var sum int64
		for _, l := range c.ChargeLine.Query().Where(chargeline.ResellerID(reseller.ID), chargeline.Month(*t.Month)).AllX(f.system()) {
			sum += l.Amount
		}
		if sum != t.Amount {
			f.Errorf("%d were booked for %s, the lines are %d", t.Amount, *t.Month, sum)
		}
		fees = append(fees, fmt.Sprintf("%s %d.%02d", *t.Month, t.Amount/100, t.Amount%100))
	}
	if led := f.ledger(reseller); led.Balance != balance {
		f.Errorf("the balance is %d, want %d", led.Balance, balance)
	}
	return fees
}

func (f *fixture) ledger(reseller *ent.Company) *ent.Ledger {
	f.Helper()
	return f.db.Read(f.system()).Ledger.Query().Where(ledger.ResellerID(reseller.ID)).OnlyX(f.system())
}

// books checks the fees of the reseller.
func (f *fixture) books(want ...string) {
	f.Helper()
	if got := f.booked(f.reseller); !slices.Equal(got, want) {
		f.Errorf("booked %q, want %q", got, want)
	}
}

// run runs the months through one, as the calendar does.
func (f *fixture) run(year int, month time.Month) billing.Outcome {
	f.Helper()
	done, err := billing.Run(f.Context(), f.db, calendar.Month{Year: year, Month: month})
	if err != nil {
		f.Fatal(err)
	}
	return done
}

// due is what the forecast of a month says, checked against its own lines.
func (f *fixture) due(reseller *ent.Company, month string) int64 {
	f.Helper()
	m, err := calendar.ParseMonth(month)
	if err != nil {
		f.Fatal(err)
	}
	sum, err := billing.Due(f.Context(), f.db.View(f.Context()), reseller, m)
	if err != nil {
		f.Fatal(err)
	}
	lines, err := billing.Forecast(f.Context(), f.db.View(f.Context()), reseller, m, billing.Place{}, false, 100_000)
	if err != nil {
		f.Fatal(err)
	}
	var total int64
	for _, l := range lines {
		total += l.Amount
	}
	if total != sum.Amount || len(lines) != sum.Count {
		f.Errorf("due are %v, the lines are %d of %d", sum, total, len(lines))
	}
	return sum.Amount
}

// price sets what the package costs from now on.
func (f *fixture) price(minor int64) {
	f.Helper()
	f.write(func(tx *store.Tx) {
		tx.PackagePrice.Create().SetPackageID(f.pkg.ID).SetCurrency("EUR").SetAmount(minor).SetValidFrom(tx.Now).ExecX(f.system())
	})
}

func (f *fixture) suspend(h *ent.Hub) {
	f.Helper()
	f.must(lifecycle.Suspend(f.owner(), f.db, lifecycle.Step{HubID: h.ID}))
}

func (f *fixture) resume(h *ent.Hub) {
	f.Helper()
	f.must(lifecycle.Resume(f.owner(), f.db, lifecycle.Resumption{HubID: h.ID}))
}

func (f *fixture) stop(h *ent.Hub) {
	f.Helper()
	f.must(lifecycle.Stop(f.owner(), f.db, lifecycle.Step{HubID: h.ID}))
}

// Months are those of the billing zone, of every length, over changes of its
// clocks and midnights that do not exist. What begins in a month pays for it,
// what ends at its end for no other. (A2 A14 A39)
func TestRun_boundaries(t *testing.T) {
	for _, c := range []struct{ zone, boundary, before, after string }{
		{"UTC", "2026-02-01T00:00:00Z", "2026-01", "2026-02"},
		{"UTC", "2028-03-01T00:00:00Z", "2028-02", "2028-03"}, // a leap year
		{"UTC", "2027-03-01T00:00:00Z", "2027-02", "2027-03"},
		{"Europe/Warsaw", "2026-03-31T22:00:00Z", "2026-03", "2026-04"},      // clocks went forward on the 29th
		{"Europe/Warsaw", "2026-10-31T23:00:00Z", "2026-10", "2026-11"},      // and back on the 25th
		{"Europe/Warsaw", "2026-12-31T23:00:00Z", "2026-12", "2027-01"},      // over the year
		{"America/Asuncion", "2023-10-01T04:00:00Z", "2023-09", "2023-10"},   // 00:00 does not exist
		{"Pacific/Apia", "2011-12-31T10:00:00Z", "2011-12", "2012-01"},       // after a day that does not exist
		{"Pacific/Kiritimati", "2026-01-31T10:00:00Z", "2026-01", "2026-02"}, // 14 h ahead
		{"America/St_Johns", "2009-11-01T02:30:00Z", "2009-10", "2009-11"},   // whose clocks went back over midnight
		{"Antarctica/Troll", "2026-03-31T22:00:00Z", "2026-03", "2026-04"},   // two hours of daylight saving
		{"Pacific/Pago_Pago", "2026-02-01T11:00:00Z", "2026-01", "2026-02"},  // 11 h behind
		{"Africa/Casablanca", "2026-03-01T00:00:00Z", "2026-02", "2026-03"},  // clocks are back for Ramadan
	} {
		t.Run(c.zone+" "+c.before, func(t *testing.T) {
			boundary, err := time.Parse(time.RFC3339, c.boundary)
			if err != nil {
				t.Fatal(err)
			}
			f := newFixture(t, in(t, c.zone), boundary.AddDate(0, 0, -10))
			expiring, running := f.hub(), f.hub()
			f.activate(expiring)
			f.deactivate(expiring)
			f.advance(boundary.Add(-time.Microsecond))
			last := f.hub()
			f.activate(last) // pays for its last microsecond
			f.stop(last)
			f.activate(running)
			f.books()
			due := f.due(f.reseller, c.before)
			f.advance(boundary)
			f.ended(expiring, boundary)
			f.books(c.before + " 15.00")
			if due != 1500 {
				t.Errorf("forecast were %d", due)
			}
			first := f.hub()
			f.activate(first)
			f.stop(first) // at the month's first instant: lived in it all the same
			f.stop(running)
			if due = f.due(f.reseller, c.after); due != 500 { // what ended at the first instant touched the month before
				t.Errorf("due for %s are %d", c.after, due)
			}
			f.advance(boundary.AddDate(0, 1, 3))
			f.books(c.before+" 15.00", c.after+" 5.00")
		})
	}
}

// The clock is set back after a run: the month stays closed, nothing is charged
// twice, and what is done meanwhile belongs to the new month.
func TestRun_theClockIsSetBack(t *testing.T) {
	f := &fixture{TB: t, url: database.URL(t)}
	f.open(store.Options{URL: f.url}) // the real clock
	f.people()
	h := f.hub()
	f.activate(h)
	boundary := calendar.NextBoundary(f.db.Clock.Now(), f.db.Zone)
	month := calendar.MonthOf(boundary, f.db.Zone).Prev()
	// As a run would leave it whose clock stood at the boundary.
	f.write(func(tx *store.Tx) {
		if err := tx.Keep(f.system(), "closed_until", boundary.Format(time.RFC3339Nano)); err != nil {
			t.Fatal(err)
		}
	})
	_ = f.db.Close()
	f.open(store.Options{URL: f.url})
	f.run(month.Year, month.Month)
	f.books(month.String() + " 5.00")
	f.stop(h)
	late := f.hub()
	f.activate(late)
	if s := f.newest(late); !s.ActivatedAt.Equal(boundary) {
		t.Errorf("activated at %s, the month is closed until %s", s.ActivatedAt, boundary)
	}
	for range 2 {
		if done := f.run(month.Year, month.Month); done != (billing.Outcome{}) {
			t.Errorf("a run of what is closed did %v", done)
		}
	}
	f.books(month.String() + " 5.00")
}

// Several runs at once, of several months: each month is charged once. (A2)
func TestRun_atTheSameMoment(t *testing.T) {
	f := newFixture(t, nil, start)
	for range 30 {
		f.activate(f.hub())
	}
	ending := f.expiring()
	f.db.Clock.Set(time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC))
	var all sync.WaitGroup
	outcomes := make([]billing.Outcome, 4)
	for i := range outcomes {
		all.Go(func() { outcomes[i] = f.run(2026, time.March) })
	}
	all.Wait()
	var sum billing.Outcome
	for _, o := range outcomes {
		sum.Booked += o.Booked
		sum.Ended += o.Ended
	}
	if sum != (billing.Outcome{Ended: 1, Booked: 3}) {
		t.Errorf("the runs did %v", outcomes)
	}
	f.books("2026-01 155.00", "2026-02 150.00", "2026-03 150.00")
	f.ended(ending, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
}

// A server that was off for three months charges each by its own history: with
// the price, the pauses and the ends of the time. (A6 A26 A46)
func TestRun_catchesUp(t *testing.T) {
	f := newFixture(t, nil, start)
	at := func(month time.Month, day int) { f.db.Clock.Set(time.Date(2026, month, day, 0, 0, 0, 0, time.UTC)) }
	plain, paused, expiring, gone := f.hub(), f.hub(), f.expiring(), f.hub()
	f.activate(plain)
	f.activate(paused)
	f.activate(gone)
	at(1, 20)
	f.suspend(paused) // has lived in January
	f.price(700)      // after the first paying instant of January
	at(2, 10)
	f.stop(gone)
	at(3, 5)
	f.resume(paused)
	at(3, 6)
	f.price(900) // March is at 7.00 for what paid before
	late := f.hub()
	f.activate(late)
	f.deactivate(late)
	at(4, 3)
	if f.newest(expiring).Status == service.StatusENDED {
		t.Error("ended without a run")
	}
	for month, want := range map[string]int64{"2026-01": 2000, "2026-02": 1400, "2026-03": 700 + 700 + 900} {
		if due := f.due(f.reseller, month); due != want {
			t.Errorf("for %s are due %d, want %d", month, due, want)
		}
	}
	if done := f.run(2026, time.March); done != (billing.Outcome{Ended: 2, Booked: 3}) {
		t.Errorf("the run did %v", done)
	}
	f.books("2026-01 20.00", "2026-02 14.00", "2026-03 23.00")
	f.ended(expiring, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	f.ended(late, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for _, tr := range f.db.Read(f.system()).Transaction.Query().AllX(f.system()) {
		if !tr.OccurredAt.Equal(f.db.Clock.Now()) {
			t.Errorf("booked at %s", tr.OccurredAt) // A46: when it was posted
		}
	}
}

// What begins, ends and pauses within one month makes one fee, at the price of
// its first paying instant; what does not pay makes none. (A3 A6 A26 A28 A41)
func TestRun_oneFee(t *testing.T) {
	f := newFixture(t, nil, start)
	var free *ent.ServicePackage
	f.write(func(tx *store.Tx) {
		free = f.packageOf(tx, "FREE", 0, map[string]int64{"EUR": 0})
		f.packageOf(tx, "TRIAL", 10, map[string]int64{"EUR": 300})
	})
	twice, wholly := f.hub(), f.hub()
	f.choose(twice, f.pkg)
	f.choose(wholly, f.pkg)
	f.choose(f.hub(), free)
	f.choose(f.hub(), f.packageNamed("TRIAL"))
	stopped := f.hub()
	f.choose(stopped, f.packageNamed("TRIAL"))
	f.stop(stopped)
	f.suspend(wholly) // at the very instant of its activation: paused at every instant it lives
	f.db.Clock.Set(start.Add(time.Hour))
	f.price(800)
	f.stop(twice)
	f.choose(twice, f.pkg)
	f.stop(twice)
	f.choose(twice, f.pkg)
	other := f.hub()
	f.choose(other, f.pkg) // at 8.00
	f.advance(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	f.books("2026-01 13.00")
	if due := f.due(f.reseller, "2026-02"); due != 800+800+300 {
		t.Errorf("due are %d", due)
	}
	f.resume(wholly)                           // at the first instant of February, so February is paid
	f.choose(stopped, f.packageNamed("TRIAL")) // its trial is spent: it pays from now on
	f.stop(stopped)
	f.advance(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	f.books("2026-01 13.00", "2026-02 30.00")
}

// choose activates a package on a hub.
func (f *fixture) choose(h *ent.Hub, p *ent.ServicePackage) {
	f.Helper()
	f.must(lifecycle.Activate(f.owner(), f.db, lifecycle.Activation{HubID: h.ID, PackageID: &p.ID}))
}

func (f *fixture) packageNamed(code string) *ent.ServicePackage {
	f.Helper()
	return f.db.Read(f.system()).ServicePackage.Query().Where(servicepackage.Code(code)).OnlyX(f.system())
}

// accounts adds accounts of a reseller that were activated now, past all rules.
func (f *fixture) accounts(n int, reseller *ent.Company) {
	f.Helper()
	f.write(func(tx *store.Tx) {
		link := tx.Connection.Query().Where(connection.ResellerID(reseller.ID)).OnlyX(f.system())
		_, err := tx.ExecContext(f.system(), `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
			INSERT INTO hubs (id, company_id, object_id, serial_number, name, search_key, created_at)
			SELECT 'hub_' || $2 || n, $3, $4, $2 || n, 'Hub', 'hub', $5 FROM numbers`, n, link.ID, f.dealer.ID, f.place.ID, tx.Now)
		if err != nil {
			f.Fatal(err)
		}
		_, err = tx.ExecContext(f.system(), `INSERT INTO services (id, hub_id, package_id, dealer_id, reseller_id, connection_id, serial_number, status, activated_at, updated_at)
			SELECT 'svc_' || serial_number, id, $1, company_id, $2, CAST($3 AS text), serial_number, 'ACTIVE', created_at, created_at
			FROM hubs WHERE serial_number LIKE CAST($3 AS text) || '%'`,
			f.pkg.ID, reseller.ID, link.ID)
		if err != nil {
			f.Fatal(err)
		}
	})
}

// A run that dies between two chunks, or before the booking, is continued by
// the next, which writes no line twice and books once.
func TestRun_killed(t *testing.T) {
	f := newFixture(t, nil, start)
	f.accounts(12_500, f.reseller)
	_ = f.db.Close()
	for _, lines := range []int{0, 5000, 10_000} {
		ctx, kill := context.WithCancel(t.Context())
		inserts := 0
		f.open(store.Options{URL: f.url, TestClock: &start, OnStatement: func(_ context.Context, query string) {
			if strings.HasPrefix(query, "INSERT INTO charge_lines") {
				if inserts++; inserts == 2 || lines == 0 {
					kill()
				}
			}
		}})
		f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
		if _, err := billing.Run(ctx, f.db, calendar.Month{Year: 2026, Month: time.January}); !errors.Is(err, context.Canceled) {
			t.Fatalf("killed, it answers %v", err)
		}
		if n := f.db.Read(f.system()).ChargeLine.Query().CountX(f.system()); n != lines {
			t.Errorf("%d lines are there, want %d", n, lines)
		}
		f.books()
		_ = f.db.Close()
	}
	if said := f.said.String(); strings.Contains(said, "a month is not charged") {
		t.Errorf("killed, it said %s", said)
	}
	f.open(store.Options{URL: f.url, TestClock: &start})
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if due := f.due(f.reseller, "2026-01"); due != 62_500_00 {
		t.Errorf("due are %d", due)
	}
	if done := f.run(2026, time.January); done.Booked != 1 {
		t.Errorf("the next run did %v", done)
	}
	f.books("2026-01 62500.00")
}

// Resellers of few accounts are booked in one transaction, of as many as are
// charged in one otherwise.
func TestRun_together(t *testing.T) {
	f := newFixture(t, nil, start)
	_ = f.db.Close()
	bookings := 0
	f.open(store.Options{URL: f.url, TestClock: &start, OnStatement: func(_ context.Context, query string) {
		if strings.HasPrefix(strings.NewReplacer("`", "", `"`, "").Replace(query), "UPDATE ledgers SET charged_through") {
			bookings++
		}
	}})
	var resellers []*ent.Company
	for _, accounts := range []int{2000, 10, 2500, 490, 1, 6000, 0} {
		r := f.second()
		if accounts > 0 {
			f.accounts(accounts, r)
		}
		resellers = append(resellers, r)
	}
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if done := f.run(2026, time.January); done.Booked != 6 {
		t.Errorf("it did %v", done)
	}
	if bookings != 2 { // of 5,000 accounts, and of 1 with the last 1,000 of 6,000
		t.Errorf("they were booked %d times", bookings)
	}
	for i, want := range [][]string{
		{"2026-01 10000.00"}, {"2026-01 50.00"}, {"2026-01 12500.00"}, {"2026-01 2450.00"}, {"2026-01 5.00"}, {"2026-01 30000.00"}, nil,
	} {
		if got := f.booked(resellers[i]); !slices.Equal(got, want) {
			t.Errorf("%d: booked %q, want %q", i, got, want)
		}
		if got := f.ledger(resellers[i]).ChargedThrough; got != "2026-01" {
			t.Errorf("%d: charged through %s", i, got)
		}
	}
}

// The log, which one transaction at a time writes to, is begun when all ledgers
// are locked: a command that holds one of them and waits for the log would
// otherwise be waited for.
func TestRun_locksBeforeTheLog(t *testing.T) {
	f := newFixture(t, nil, start)
	f.activate(f.hub())
	f.activateWith(f.hub(), f.second())
	_ = f.db.Close()
	var steps []string
	f.open(store.Options{URL: f.url, TestClock: &start, OnStatement: func(_ context.Context, query string) {
		query = strings.NewReplacer("`", "", `"`, "").Replace(query)
		for _, step := range []string{"INSERT INTO charge_lines", "INSERT INTO activities"} {
			if strings.HasPrefix(query, step) {
				steps = append(steps, step)
			}
		}
	}})
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if done := f.run(2026, time.January); done.Booked != 2 {
		t.Errorf("it did %v", done)
	}
	if len(steps) != 4 || !slices.IsSortedFunc(steps, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("it took the steps %q", steps)
	}
}

// A reseller of many accounts that another run charges meanwhile is no failure.
func TestRun_chargedMeanwhile(t *testing.T) {
	f := newFixture(t, nil, start)
	f.accounts(5000, f.reseller)
	_ = f.db.Close()
	isFirst := true
	f.open(store.Options{URL: f.url, TestClock: &start, OnStatement: func(_ context.Context, query string) {
		if isFirst && strings.Contains(query, "FROM (SELECT serial_number FROM services") { // before the first chunk
			isFirst = false
			f.run(2026, time.January)
		}
	}})
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if done := f.run(2026, time.January); done.Booked != 0 {
		t.Errorf("the second did %v", done)
	}
	f.books("2026-01 25000.00")
}

// A reseller that cannot be charged keeps no other from it, and its own months
// wait for one another.
func TestRun_oneFails(t *testing.T) {
	f := newFixture(t, nil, start)
	f.activate(f.hub())
	second := f.second()
	f.activateWith(f.hub(), second)
	f.write(func(tx *store.Tx) { // beyond the largest balance
		_, err := tx.ExecContext(f.system(), "UPDATE ledgers SET balance = -9007199254740991 WHERE reseller_id = $1", f.reseller.ID)
		if err != nil {
			t.Fatal(err)
		}
	})
	f.db.Clock.Set(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	through := calendar.Month{Year: 2026, Month: time.March}
	if _, err := billing.Run(t.Context(), f.db, through); err == nil {
		t.Error("nothing failed")
	}
	if got := f.booked(second); len(got) != 3 {
		t.Errorf("the other has %q", got)
	}
	if got := f.ledger(f.reseller).ChargedThrough; got != "2025-12" {
		t.Errorf("charged through %s", got)
	}
	if said := f.said.String(); !strings.Contains(said, "a month is not charged") || !strings.Contains(said, f.reseller.ID) {
		t.Errorf("it said %s", said)
	}
	f.write(func(tx *store.Tx) {
		tx.Ledger.Update().Where(ledger.ResellerID(f.reseller.ID)).SetBalance(0).ExecX(f.system())
	})
	if done := f.run(2026, time.March); done.Booked != 3 {
		t.Errorf("put right, it did %v", done)
	}
	f.books("2026-01 5.00", "2026-02 5.00", "2026-03 5.00")
}

// The fee of a dealer that was deleted within the month is booked all the same.
// (A45)
func TestRun_deletedDealer(t *testing.T) {
	f := newFixture(t, nil, start)
	h := f.hub()
	f.activate(h)
	f.stop(h)
	f.write(func(tx *store.Tx) { tx.Company.UpdateOneID(f.dealer.ID).SetDeletedAt(tx.Now).ExecX(f.system()) })
	f.advance(start.AddDate(0, 1, 0))
	f.books("2026-01 5.00")
}

// Where accounts live and none pays, the screens are told that the month has
// turned; a reseller without accounts hears nothing.
func TestRun_nothingToPay(t *testing.T) {
	f := newFixture(t, nil, start)
	f.write(func(tx *store.Tx) { f.packageOf(tx, "TRIAL", 40, map[string]int64{"EUR": 300}) })
	f.choose(f.hub(), f.packageNamed("TRIAL"))
	second := f.second()
	f.advance(start.AddDate(0, 1, 0))
	f.books()
	told := func(r *ent.Company) int {
		return f.db.Read(f.system()).Activity.Query().Where(activity.Action("monthClosed"), activity.CompanyID(r.ID)).CountX(f.system())
	}
	if told(f.reseller) != 1 || told(second) != 0 {
		t.Errorf("told %d and %d times", told(f.reseller), told(second))
	}
	if got := f.ledger(second).ChargedThrough; got != "2026-01" {
		t.Errorf("charged through %s", got)
	}
}
