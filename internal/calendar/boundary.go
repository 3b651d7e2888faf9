package calendar

import "time"

// farthestZone is more than any zone is away from UTC. Zones are within 15 h
// today and were within 16 h ever; a skipped day adds no more than 24 h.
const farthestZone = 48 * time.Hour

// MonthOf returns the month of the zone that t lies in.
func MonthOf(t time.Time, loc *time.Location) Month {
	year, month, _ := t.In(loc).Date()
	m := Month{year, month}
	// Where clocks went back over the boundary, the local date is once more
	// that of the month before: the new one has begun all the same.
	if next := m.Next(); !t.Before(Start(next, loc)) {
		return next
	}
	return m
}

// Start returns the first instant, in UTC, whose local month is m. Mostly this
// is midnight of the 1st; where the clocks skip that midnight, it is the
// instant at which they skip it.
func Start(m Month, loc *time.Location) time.Time {
	// Local time is searched one span of constant offset after the other.
	// time.Date cannot be used: for a midnight that does not exist it answers
	// with an instant of the month before.
	midnight := time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, time.UTC)
	from := midnight.Add(-farthestZone)
	for {
		local := from.In(loc)
		_, offset := local.Zone()
		start := midnight.Add(-time.Duration(offset) * time.Second)
		if start.Before(from) {
			return from
		}
		_, end := local.ZoneBounds()
		if end.IsZero() {
			return start
		}
		// In years after a zone's table ends, package time forgets the leap
		// day: on 2040-12-31 it says the span ended as that day began.
		if !end.After(from) {
			end = from.Add(time.Minute)
		}
		if start.Before(end) {
			return start
		}
		from = end.UTC()
	}
}

// NextBoundary returns the first start of a month after t, in UTC.
func NextBoundary(t time.Time, loc *time.Location) time.Time {
	return Start(MonthOf(t, loc).Next(), loc)
}

// BoundaryAtOrAfter returns t itself, in UTC, where a month starts at t, else
// the first start of a month after it.
func BoundaryAtOrAfter(t time.Time, loc *time.Location) time.Time {
	if start := Start(MonthOf(t, loc), loc); start.Equal(t) {
		return start
	}
	return NextBoundary(t, loc)
}

// TrialEnd returns the first instant after a trial of so many days: the start
// of a month at or after activatedAt + days × 24 h (A40), in UTC. A trial of 0
// days is none: the answer is false.
func TrialEnd(activatedAt time.Time, days int, loc *time.Location) (time.Time, bool) {
	if days <= 0 {
		return time.Time{}, false
	}
	// A day of UTC is 24 h, however many there are.
	return BoundaryAtOrAfter(activatedAt.UTC().AddDate(0, 0, days), loc), true
}
