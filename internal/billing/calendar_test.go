package billing_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/billing"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/tests/database"
)

// expiring adds a hub whose services run to the end of the month.
func (f *fixture) expiring() *ent.Hub {
	f.Helper()
	h := f.hub()
	f.activate(h)
	f.deactivate(h)
	return h
}

// ended checks that the services of a hub ended at an instant.
func (f *fixture) ended(h *ent.Hub, at time.Time) *ent.Service {
	f.Helper()
	s := f.newest(h)
	if s.Status != service.StatusENDED || s.EndsAt == nil || !s.EndsAt.Equal(at) {
		f.Errorf("%s, ends at %v, want ENDED at %s", s.Status, s.EndsAt, at)
	}
	return s
}

// The clock moves for the operator only, on a test clock only, forward only,
// and stops at each month on the way to do its work there. (A47)
func TestAdvanceClock(t *testing.T) {
	f := newFixture(t, in(t, "Europe/Warsaw"), start)
	h := f.expiring()
	to := time.Date(2026, 4, 20, 8, 0, 0, 0, time.UTC)
	f.refused(billing.AdvanceClock(f.owner(), f.db, billing.ClockAdvance{To: to}), errs.Forbidden, "[]")
	for _, back := range []time.Time{start, start.Add(-time.Second)} {
		f.refused(billing.AdvanceClock(f.operator(), f.db, billing.ClockAdvance{To: back}), errs.Invalid, "[input to]")
	}
	if err := billing.AdvanceClock(f.operator(), f.db, billing.ClockAdvance{To: to}); err != nil {
		t.Fatal(err)
	}
	if !f.db.Clock.Now().Equal(to) {
		t.Errorf("the clock stands at %s", f.db.Clock.Now())
	}
	end := time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)
	if s := f.ended(h, end); !s.UpdatedAt.Equal(end) {
		t.Errorf("the work of the boundary was done at %s", s.UpdatedAt)
	}
}

// Two who move the clock at the same moment never turn it back.
func TestAdvanceClock_atTheSameMoment(t *testing.T) {
	f := newFixture(t, nil, start)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			err := billing.AdvanceClock(f.operator(), f.db, billing.ClockAdvance{To: start.AddDate(0, i+1, 0)})
			if err != nil && !billing.ErrClockBackwards.Is(err) {
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
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	f.db = db
	err = billing.AdvanceClock(f.operator(), db, billing.ClockAdvance{To: time.Now().Add(time.Hour)})
	f.refused(err, errs.Invalid, "[input to]")
}

// The calendar catches up as it begins, goes on when the clock is moved, and
// ends with its context.
func TestRunCalendar(t *testing.T) {
	f := newFixture(t, nil, start)
	first := f.expiring()
	f.db.Clock.Set(time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC))
	second := f.expiring()
	ended := make(chan struct{}, 10)
	f.db.OnCommit(func(topics []string) {
		for _, topic := range topics {
			if topic == f.dealer.ID {
				ended <- struct{}{}
			}
		}
	})
	ctx, cancel := context.WithCancel(f.system())
	done := make(chan struct{})
	go func() {
		defer close(done)
		billing.RunCalendar(ctx, f.db)
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
	f.ended(first, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	f.db.Clock.Set(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	wait(ended)
	f.ended(second, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	cancel()
	wait(done)
	if said := f.said.String(); strings.Count(said, "the month has turned") != 2 || strings.Contains(said, "level=ERROR") {
		t.Errorf("it said %s", said)
	}
}
