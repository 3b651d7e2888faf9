package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/tile"
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
// calendar in time or late: tile, star, SIM card, pending end and the steps that
// are open are what the model says, and so is every refusal. (A5 A7 A13 A15
// A46 A53)
func TestLifecycle_followsTheModel(t *testing.T) {
	f := newFixture(t, warsaw(t))
	var everybody []string
	for who := range people {
		everybody = append(everybody, who)
	}
	slices.Sort(everybody) // the same draws on every run of a seed
	everybody = append(everybody, "installer", "installer", "installer", "operator", "operator")
	rapid.Check(t, func(r *rapid.T) {
		hubs, models := []*ent.Hub{f.hub(), f.hub()}, make([]model, 2)
		for range rapid.IntRange(1, 25).Draw(r, "steps") {
			f.letTimePass(r)
			i := rapid.IntRange(0, 1).Draw(r, "hub")
			who := rapid.SampledFrom(everybody).Draw(r, "who")
			step := rapid.SampledFrom(lifecycle.Steps).Draw(r, "step")
			h, m, now := hubs[i], &models[i], f.db.Clock.Now()
			billed := f.standing(h).Service != nil // a reseller sees the hub by this
			m.pass(now)
			want, _ := expected(situationNamed(m.name()), step, who)
			if _, err := f.ask(who, step, h); f.code(err) != want {
				r.Fatalf("%s %s in %q, billed %v, at %s: answered %v, want %q", who, step, m.name(), billed, now, err, want)
			}
			if want == "" {
				m.take(step, who, now, f.db.Zone)
			}
			if problem := f.differs(h, *m); problem != "" {
				r.Fatalf("after %s %s in %q at %s: %s", who, step, m.name(), now, problem)
			}
		}
	})
}

// letTimePass moves the clock, or not, and has the calendar come, or not.
func (f *fixture) letTimePass(r *rapid.T) {
	now := f.db.Clock.Now()
	f.db.Clock.Set(rapid.SampledFrom([]time.Time{
		now, now, now, now.Add(time.Microsecond), now.Add(time.Hour), now.AddDate(0, 0, 10), now.AddDate(0, 0, 40),
		calendar.NextBoundary(now, f.db.Zone), calendar.NextBoundary(now, f.db.Zone).Add(-time.Microsecond),
	}).Draw(r, "clock"))
	if rapid.Bool().Draw(r, "calendar") {
		f.endDue()
	}
}

// differs tells where a hub is not as its model, "" where they are the same.
func (f *fixture) differs(h *ent.Hub, m model) string {
	s, shown, market := f.standing(h), situationNamed(m.name()), f.market()
	for _, who := range []string{"installer", "operator"} {
		for _, step := range lifecycle.Steps {
			want, _ := expected(shown, step, who)
			var got errs.Code
			if list := s.Refusals(f.as(who), step, market, lifecycle.Choice{}); len(list) > 0 {
				got = list[0].Code
			}
			if got != want {
				return fmt.Sprintf("the screen of %s says %q of %s, want %q", who, got, step, want)
			}
		}
	}
	status, end := tile.None, time.Time{}
	if s.Service != nil {
		status = s.Service.Status
		if s.Service.EndsAt != nil {
			end = *s.Service.EndsAt
		}
	}
	if !m.live && s.Service != nil && !end.IsZero() && !end.After(s.Now) {
		return "" // over, and nobody has asked since: the calendar will end it
	}
	if s.Tile() != shown.tile || tile.HasStar(status) != shown.star || f.card(h).IsActive != shown.sim {
		return fmt.Sprintf("it shows %s, SIM on %v", s.Tile(), f.card(h).IsActive)
	}
	if m.live && (m.pending && !end.Equal(m.end) || !m.pending && !end.IsZero()) {
		return fmt.Sprintf("it ends %s, want %s", end, m.end)
	}
	return ""
}
