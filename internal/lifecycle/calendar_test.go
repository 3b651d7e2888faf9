package lifecycle_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

func warsaw(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// Until the last instant of the month services run; at the first of the next
// they are over, and once. (R88 R96, A14 A63)
func TestEndDue_atTheBoundary(t *testing.T) {
	f := newFixture(t, warsaw(t))
	end := time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC) // midnight in Warsaw
	expiring, ending, resumed, running := f.in(situationNamed("expiring")), f.in(situationNamed("paused, ending")), f.in(situationNamed("expiring")), f.in(situationNamed("active"))
	f.must("owner", resume, resumed)
	f.db.Clock.Set(end.Add(-time.Microsecond))
	if n := f.endDue(); n != 0 {
		t.Fatalf("%d ended early", n)
	}
	f.is(expiring, situationNamed("expiring"))
	f.db.Clock.Set(end)
	if n := f.endDue(); n != 2 {
		t.Fatalf("%d ended", n)
	}
	for range 2 {
		for _, h := range []*ent.Hub{expiring, ending} {
			f.is(h, situationNamed("ended"))
			f.expired(f.newest(h), end)
		}
		for _, h := range []*ent.Hub{resumed, running} {
			f.is(h, situationNamed("active"))
		}
		if n := f.endDue(); n != 0 {
			t.Fatalf("%d ended twice", n)
		}
	}
}

// expired checks that a service was ended once, by nobody, at the instant.
func (f *fixture) expired(s *ent.Service, end time.Time) {
	f.Helper()
	if s.Status != service.StatusENDED || !s.EndsAt.Equal(end) || s.SuspendedAt != nil || s.SuspendedBy != nil {
		f.Errorf("ended as %v", s)
	}
	events := f.events(s)
	last := events[len(events)-1]
	if last.Action != serviceevent.ActionEXPIRE || !last.OccurredAt.Equal(end) || last.ActorID != nil || last.Tile != serviceevent.TileACTIVATION_REQUIRED {
		f.Errorf("the history ends with %v", last)
	}
	n := 0
	for _, e := range events {
		if e.Action == serviceevent.ActionEXPIRE {
			n++
		}
	}
	logged := f.db.Read(f.system()).Activity.Query().
		Where(activity.Action("serviceExpire"), activity.SubjectID(s.ID), activity.ActorIDIsNil()).CountX(f.system())
	if n != 1 || logged != 2 {
		f.Errorf("%d events and %d entries of one end", n, logged)
	}
}

// After a downtime over several boundaries every service has its own end.
// More than a transaction takes are ended too. (A46)
func TestEndDue_catchesUp(t *testing.T) {
	f := newFixture(t, nil)
	january := f.in(situationNamed("expiring"))
	var many []*ent.Hub
	f.db.Clock.Set(time.Date(2026, 2, 10, 0, 0, 0, 0, time.UTC))
	for range 120 {
		many = append(many, f.in(situationNamed("expiring")))
	}
	f.db.Clock.Set(time.Date(2026, 5, 10, 0, 0, 0, 0, time.UTC))
	var all sync.WaitGroup
	ended := make([]int, 4)
	for i := range ended { // at the same moment, as several servers would
		all.Go(func() { ended[i] = f.endDue() })
	}
	all.Wait()
	if sum := ended[0] + ended[1] + ended[2] + ended[3]; sum != 121 {
		t.Fatalf("%v ended", ended)
	}
	f.expired(f.newest(january), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	for _, h := range many {
		f.expired(f.newest(h), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	}
}

// A command finds a service over whose end has passed, though the calendar has
// not come to it: that end is kept, also where the command is refused; the
// screen says so beforehand. (A15 A46)
func TestSteps_afterThePendingEnd(t *testing.T) {
	end := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range lifecycle.Steps {
		for _, from := range []string{"expiring", "paused, ending"} {
			f := newFixture(t, nil)
			h := f.in(situationNamed(from))
			over := f.newest(h)
			f.db.Clock.Set(end.Add(time.Hour))
			foretold := f.standing(h).Refusals(f.as("installer"), step, f.market(), lifecycle.Choice{})
			s, err := f.ask("installer", step, h)
			f.foretells(foretold, err)
			f.expired(f.service(over.ID), end)
			if step == activate {
				if err != nil || s.ID == over.ID {
					t.Errorf("activated again: %v, %v", s, err)
				}
				continue
			}
			if f.code(err) != errs.InvalidState {
				t.Errorf("%s of what has ended: %v", step, err)
			}
			if step == resume && !lifecycle.ErrOver.Is(err) {
				t.Errorf("resumed too late: %v", err)
			}
			f.is(h, situationNamed("ended"))
		}
	}
}

// A stranger's call ends nothing and learns nothing. (A34)
func TestSteps_afterThePendingEndByAStranger(t *testing.T) {
	f := newFixture(t, nil)
	h := f.in(situationNamed("expiring"))
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if _, err := f.ask("stranger", resume, h); f.code(err) != errs.NotFound {
		t.Errorf("answered %v", err)
	}
	f.is(h, situationNamed("expiring"))
}

// The clock moves for the operator only, on a test clock only, forward only,
// and stops at each month on the way to do its work there. (A47)
func TestAdvanceClock(t *testing.T) {
	f := newFixture(t, warsaw(t))
	h := f.in(situationNamed("expiring"))
	to := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	if err := lifecycle.AdvanceClock(f.as("owner"), f.db, lifecycle.ClockAdvance{To: to}); f.code(err) != errs.Forbidden {
		t.Errorf("by an owner: %v", err)
	}
	for _, back := range []time.Time{start, start.Add(-time.Second)} {
		f.refuses(lifecycle.AdvanceClock(f.as("operator"), f.db, lifecycle.ClockAdvance{To: back}), errs.Invalid, "to")
	}
	if err := lifecycle.AdvanceClock(f.as("operator"), f.db, lifecycle.ClockAdvance{To: to}); err != nil {
		t.Fatal(err)
	}
	if !f.db.Clock.Now().Equal(to) {
		t.Errorf("the clock stands at %s", f.db.Clock.Now())
	}
	end := time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)
	s := f.newest(h)
	f.expired(s, end)
	if !s.UpdatedAt.Equal(end) {
		t.Errorf("the work of the boundary was done at %s", s.UpdatedAt)
	}
}

// Two who move the clock at the same moment never turn it back.
func TestAdvanceClock_atTheSameMoment(t *testing.T) {
	f := newFixture(t, nil)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := lifecycle.AdvanceClock(f.as("operator"), f.db, lifecycle.ClockAdvance{To: start.AddDate(0, i+1, 0)})
			if err != nil && !lifecycle.ErrClockBackwards.Is(err) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, err := store.Do(f.system(), f.db, func(tx *store.Tx) (int, error) {
		kept, err := tx.Tx.Setting.Get(f.system(), "test_clock")
		if err == nil && !strings.HasPrefix(kept.Value, "2026-09-15T12:00:00") {
			t.Errorf("the database keeps %s", kept.Value)
		}
		return 0, err
	})
	if err != nil || !f.db.Clock.Now().Equal(start.AddDate(0, 8, 0)) {
		t.Errorf("the clock stands at %s, %v", f.db.Clock.Now(), err)
	}
}

// The real time cannot be moved.
func TestAdvanceClock_realClock(t *testing.T) {
	f := &fixture{TB: t}
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite://" + t.TempDir() + "/hub.db"})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f.db = db
	err = lifecycle.AdvanceClock(f.as("operator"), db, lifecycle.ClockAdvance{To: time.Now().Add(time.Hour)})
	f.refuses(err, errs.Invalid, "to")
}

// The calendar catches up as it begins, goes on when the clock is moved, and
// ends with its context.
func TestRunCalendar(t *testing.T) {
	f := newFixture(t, nil)
	first := f.in(situationNamed("expiring"))
	f.db.Clock.Set(time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC))
	second := f.in(situationNamed("expiring"))
	ended := make(chan struct{}, 10)
	f.db.OnCommit(func(topics []string) {
		for _, topic := range topics {
			if topic == f.dealer.ID {
				ended <- struct{}{}
			}
		}
	})
	ctx, cancel := context.WithCancel(f.system())
	done, said := make(chan struct{}), &bytes.Buffer{}
	go func() {
		defer close(done)
		lifecycle.RunCalendar(ctx, f.db, slog.New(slog.NewTextHandler(said, nil)))
	}()
	wait := func(c <-chan struct{}) {
		t.Helper()
		select {
		case <-c:
		case <-time.After(30 * time.Second):
			t.Fatal("the calendar does nothing")
		}
	}
	wait(ended)
	f.expired(f.newest(first), time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	f.db.Clock.Set(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	wait(ended)
	f.expired(f.newest(second), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	cancel()
	wait(done)
	if got := strings.Count(said.String(), "services ended with the month"); got != 2 || strings.Contains(said.String(), "level=ERROR") {
		t.Errorf("it said %s", said)
	}
}
