package property_test

import (
	"time"

	"pgregory.net/rapid"
)

// drawTime draws an instant to go to: a little later, a boundary or the moment
// before it, or much later.
func (p *play) drawTime(r *rapid.T) time.Time {
	now, next := p.w.Now, p.w.NextBoundary(p.w.Now)
	switch rapid.IntRange(0, 9).Draw(r, "time") {
	case 0, 1:
		return now.Add(time.Microsecond)
	case 2:
		return now.Add(7*time.Hour + 13*time.Minute)
	case 3:
		return now.Add(24*time.Hour - time.Microsecond)
	case 4:
		return now.Add(3*24*time.Hour + time.Minute)
	case 5, 6:
		return next
	case 7:
		if before := next.Add(-time.Microsecond); before.After(now) {
			return before
		}
		return next
	case 8:
		return now.Add(35 * 24 * time.Hour)
	}
	return p.w.NextBoundary(next)
}

func (p *play) drawAdvance(r *rapid.T) {
	to := p.drawTime(r)
	if chance(r, "back", 1) {
		p.advance(p.cast.operator, p.w.Now.Add(-time.Hour))
		return
	}
	if chance(r, "far", 1) {
		to = to.Add(100 * 24 * time.Hour)
	}
	p.advance(p.somebody(r, p.anOperator), to)
}

func (p *play) drawDrift(r *rapid.T) { p.drift(p.drawTime(r)) }
