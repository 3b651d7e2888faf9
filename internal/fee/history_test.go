package fee_test

import (
	"time"

	"pgregory.net/rapid"

	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
)

// past is one life as it was lived: what a database keeps of it.
type past struct {
	pkg, dealer int // which of two
	from        time.Time
	trial, ends *time.Time
	status      service.Status
	steps       []step
}

type step struct {
	action serviceevent.Action
	at     time.Time
}

// life is the past as [fee.Lives] reads it.
func (p past) life(id string) fee.Life {
	l := fee.Life{
		ServiceID: id, ActivatedAt: p.from, TrialEndsAt: p.trial, EndsAt: p.ends,
		Live: p.status != service.StatusENDED, Paused: p.status == service.StatusSUSPENDED,
	}
	for _, s := range p.steps {
		l.Pauses = fee.Follow(l.Pauses, s.action, s.at)
	}
	return l
}

// paysAt says it in the words of A39 and A40, of one instant.
func (p past) paysAt(at time.Time, m fee.Month) bool {
	paused := false
	for _, s := range p.steps {
		if s.at.After(at) {
			break
		}
		switch s.action {
		case serviceevent.ActionSUSPEND:
			paused = true
		case serviceevent.ActionRESUME:
			paused = false
		default: // a stop of what is paused does not wake it
		}
	}
	began, over := !p.from.After(at), p.ends != nil && p.ends.Before(at)
	onTrial := p.trial != nil && p.trial.After(at)
	onlyBefore := p.ends != nil && p.ends.Equal(m.Start) && p.from.Before(m.Start)
	return began && !over && !onTrial && !paused && !onlyBefore
}

// firstPaying looks at every instant of a month at which anything changes.
func (p past) firstPaying(m fee.Month) (first time.Time, ok bool) {
	look := []time.Time{m.Start, p.from}
	for _, s := range p.steps {
		look = append(look, s.at, s.at.Add(tick))
	}
	if p.trial != nil {
		look = append(look, *p.trial)
	}
	for _, at := range look {
		if !at.Before(m.Start) && at.Before(m.End) && p.paysAt(at, m) && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	return first, ok
}

// drawLives makes up the lives of one hub, one after the other, on a clock that
// likes to stand, and to stop at month ends.
func drawLives(r *rapid.T, now time.Time, zone *time.Location) (lives []past) {
	pass := func() {
		next := calendar.NextBoundary(now, zone)
		now = rapid.SampledFrom([]time.Time{
			now, now, now.Add(tick), now.AddDate(0, 0, 3), now.AddDate(0, 0, 20), next, next.Add(-tick), next.Add(tick),
		}).Draw(r, "clock")
	}
	for range rapid.IntRange(1, 4).Draw(r, "lives") {
		pass()
		p := past{from: now, status: service.StatusACTIVE, pkg: rapid.IntRange(0, 1).Draw(r, "package"), dealer: rapid.IntRange(0, 1).Draw(r, "dealer")}
		p.trial = rapid.SampledFrom([]*time.Time{nil, nil, trialEnd(now, 0, zone), trialEnd(now, 10, zone), trialEnd(now, 40, zone)}).Draw(r, "trial")
		p.steps = append(p.steps, step{serviceevent.ActionACTIVATE, now})
		for range rapid.IntRange(0, 6).Draw(r, "steps") {
			pass()
			if p.ends != nil && !now.Before(*p.ends) {
				p.end(serviceevent.ActionEXPIRE, *p.ends)
				break
			}
			if p.take(rapid.IntRange(0, 3).Draw(r, "step"), now, zone); p.status == service.StatusENDED {
				break
			}
		}
		lives = append(lives, p)
		if p.status != service.StatusENDED {
			break // one lives on a hub
		}
	}
	return lives
}

func trialEnd(from time.Time, days int, zone *time.Location) *time.Time {
	end := calendar.BoundaryAtOrAfter(from.AddDate(0, 0, days), zone)
	return &end
}

// take does what the number says, where the table of transitions has it.
func (p *past) take(choice int, now time.Time, zone *time.Location) {
	isPaused, isPending := p.status == service.StatusSUSPENDED, p.ends != nil
	switch {
	case choice == 0:
		p.end(serviceevent.ActionSTOP, now)
	case isPaused:
		p.status = map[bool]service.Status{true: service.StatusEXPIRING, false: service.StatusACTIVE}[isPending]
		p.steps = append(p.steps, step{serviceevent.ActionRESUME, now})
	case choice == 1 && !isPending:
		end := calendar.NextBoundary(now, zone)
		p.status, p.ends = service.StatusEXPIRING, &end
		p.steps = append(p.steps, step{serviceevent.ActionDEACTIVATE, now})
	case choice == 2 && isPending:
		p.status, p.ends = service.StatusACTIVE, nil
		p.steps = append(p.steps, step{serviceevent.ActionRESUME, now})
	default:
		p.status = service.StatusSUSPENDED
		p.steps = append(p.steps, step{serviceevent.ActionSUSPEND, now})
	}
}

func (p *past) end(action serviceevent.Action, at time.Time) {
	p.status, p.ends = service.StatusENDED, &at
	p.steps = append(p.steps, step{action, at})
}
