package fee

import "time"

// FirstPaying returns the first instant of a month at which a life is live,
// past its trial and not paused (A39, A40), in UTC; ok is false where it has
// none. An end exactly at the month's first instant touches only the month
// before, unless the life began there too. What is not over is judged as if it
// went on as it is.
func FirstPaying(l Life, m Month) (at time.Time, ok bool) {
	at = m.Start
	if l.ActivatedAt.After(at) {
		at = l.ActivatedAt
	}
	if l.OnTrial(at) {
		at = *l.TrialEndsAt
	}
	for _, p := range l.Pauses {
		if p.From.After(at) {
			break
		}
		if p.To.IsZero() {
			return time.Time{}, false
		}
		if p.To.After(at) {
			at = p.To
		}
	}
	if !at.Before(m.End) || l.isOver(at, m) {
		return time.Time{}, false
	}
	return at.UTC(), true
}

// isOver reports whether a life has ended before an instant of a month, in so
// far as it is charged.
func (l Life) isOver(at time.Time, m Month) bool {
	if l.EndsAt == nil {
		return false
	}
	return l.EndsAt.Before(at) || l.EndsAt.Equal(m.Start) && l.ActivatedAt.Before(m.Start)
}

// Due returns the first paying instant of the month of any of the lives of one
// fee key, and the latest of the lives that pay, which the fee's line names. ok
// is false where nothing is due. The fee is the price at that instant (A41).
func Due(lives []Life, m Month) (at time.Time, by Life, ok bool) {
	for _, l := range lives {
		first, pays := FirstPaying(l, m)
		if !pays {
			continue
		}
		if !ok || first.Before(at) {
			at = first
		}
		if !ok || l.later(by) {
			by = l
		}
		ok = true
	}
	return at, by, ok
}
