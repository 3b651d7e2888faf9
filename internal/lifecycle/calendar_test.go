package lifecycle_test

import (
	"sync"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
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
