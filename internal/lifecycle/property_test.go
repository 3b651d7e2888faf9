package lifecycle_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
)

// model is a hub as the decisions describe it, in a few lines of its own.
type model struct {
	live, pending, pausedByDealer, pausedByOperator bool
	end                                             time.Time // while pending
}

func (m model) paused() bool { return m.pausedByDealer || m.pausedByOperator }

// pass is what time alone does.
func (m *model) pass(now time.Time) {
	if m.live && m.pending && !now.Before(m.end) {
		*m = model{}
	}
}

// name is the situation of the step test that the model is in.
func (m model) name() string {
	switch {
	case !m.live:
		return "none"
	case m.pausedByOperator && m.pending:
		return "paused by the operator, ending"
	case m.pausedByOperator:
		return "paused by the operator"
	case m.paused() && m.pending:
		return "paused, ending"
	case m.paused():
		return "paused"
	case m.pending:
		return "expiring"
	}
	return "active"
}

// take does a step that goes through.
func (m *model) take(step serviceevent.Action, who string, now time.Time, zone *time.Location) {
	switch step {
	case activate:
		*m = model{live: true}
	case deactivate:
		m.pending, m.end = true, calendar.NextBoundary(now, zone)
	case suspend:
		m.pausedByOperator = who == "operator"
		m.pausedByDealer = !m.pausedByOperator
	case resume:
		if m.paused() {
			m.pausedByDealer, m.pausedByOperator = false, false
		} else {
			m.pending = false
		}
	case stop:
		*m = model{}
	}
}

// Whatever anybody does to two hubs, whenever, in whatever order, with the
// calendar running or late: each is what the model says, and the screens
// foretell every answer. (A5 A7 A13 A15 A46 A53)
func TestLifecycle_followsTheModel(t *testing.T) {
	f := newFixture(t, warsaw(t))
	var everybody []string
	for who := range people {
		everybody = append(everybody, who)
	}
	everybody = append(everybody, "installer", "installer", "installer", "operator", "operator")
	rapid.Check(t, func(r *rapid.T) {
		hubs := []*ent.Hub{f.hub(), f.hub()}
		models := make([]model, len(hubs))
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			if rapid.IntRange(0, 3).Draw(r, "time passes") == 0 {
				f.db.Clock.Set(f.db.Clock.Now().Add(rapid.SampledFrom([]time.Duration{
					time.Microsecond, time.Hour, 10 * 24 * time.Hour, 40 * 24 * time.Hour,
				}).Draw(r, "for")))
			}
			if rapid.IntRange(0, 3).Draw(r, "to the boundary") == 0 {
				f.db.Clock.Set(calendar.NextBoundary(f.db.Clock.Now(), f.db.Zone))
			}
			if rapid.Bool().Draw(r, "calendar") {
				f.endDue()
			}
			i := rapid.IntRange(0, 1).Draw(r, "hub")
			h, m, now := hubs[i], &models[i], f.db.Clock.Now()
			who := rapid.SampledFrom(everybody).Draw(r, "who")
			step := rapid.SampledFrom(lifecycle.Steps).Draw(r, "step")
			seen := f.standing(h).Service != nil // what the reseller goes by
			m.pass(now)
			problem := f.same(h, m, who, step, seen)
			if problem != "" {
				r.Fatalf("%s %s at %s: %s", who, step, now, problem)
			}
		}
	})
}

// same takes a step and tells where hub and model differ.
func (f *fixture) same(h *ent.Hub, m *model, who string, step serviceevent.Action, seen bool) string {
	now := f.db.Clock.Now()
	i := situationNamed(m.name())
	want, _ := expected(i, step, who)
	if who == "reseller manager" && seen {
		want = errs.Forbidden // until the calendar has ended it
		if !m.live {
			want = errs.NotFound // the command ends it first
		}
	}
	var foretold errs.Code
	if list := f.standing(h).Refusals(f.as(who), step, f.market(), lifecycle.Choice{}); len(list) > 0 {
		foretold = list[0].Code
	}
	_, err := f.ask(who, step, h)
	got := f.code(err)
	if got != want {
		return fmt.Sprintf("in %q answered %q, want %q", m.name(), got, want)
	}
	if want != errs.NotFound && foretold != got {
		return fmt.Sprintf("in %q foretold %q, answered %q", m.name(), foretold, got)
	}
	if got == "" {
		m.take(step, who, now, f.db.Zone)
	}
	if got == errs.NotFound && !seen {
		return "" // nothing was looked at, so nothing may have been ended yet
	}
	s := f.standing(h)
	shown, card := situationNamed(m.name()), f.card(h)
	if who != "stranger" && who != "invited" && who != "signed out" && (s.Tile() != shown.tile || card.IsActive != shown.sim) {
		return fmt.Sprintf("in %q the tile is %s, the SIM on %v", m.name(), s.Tile(), card.IsActive)
	}
	if s.Service != nil && m.live && (s.Service.EndsAt != nil) != m.pending || m.pending && !s.Service.EndsAt.Equal(m.end) {
		return fmt.Sprintf("in %q it ends %v, want %v", m.name(), s.Service.EndsAt, m.end)
	}
	return ""
}

func situationNamed(name string) situation {
	for _, s := range situations {
		if s.name == name {
			return s
		}
	}
	panic(name)
}
