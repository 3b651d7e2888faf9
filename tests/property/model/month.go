package model

import (
	"fmt"
	"time"
)

// Month is a calendar month of the billing zone.
type Month struct {
	Year  int
	Month time.Month
}

// String writes the month as YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }

// Add returns the month n months later.
func (m Month) Add(n int) Month {
	t := time.Date(m.Year, m.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	return Month{t.Year(), t.Month()}
}

// Before reports whether m is an earlier month than o.
func (m Month) Before(o Month) bool { return m.Year < o.Year || m.Year == o.Year && m.Month < o.Month }

// Start is the month's first instant: the first whose local month it is (A14).
// Clocks are put forward and back at full quarters of an hour, so it looks at
// every one of them, from before the month begins anywhere on Earth.
func (w *World) Start(m Month) time.Time {
	if t, ok := w.starts[m]; ok {
		return t
	}
	t := time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, time.UTC).Add(-30 * time.Hour)
	for {
		if local := t.In(w.Zone); local.Year() == m.Year && local.Month() == m.Month {
			break
		}
		t = t.Add(15 * time.Minute)
	}
	w.starts[m] = t
	return t
}

// MonthOf is the month that an instant lies in.
func (w *World) MonthOf(t time.Time) Month {
	m := Month{t.Year(), t.Month()}.Add(-1)
	for !t.Before(w.Start(m.Add(1))) {
		m = m.Add(1)
	}
	return m
}

// Boundary is the first boundary at t or after it.
func (w *World) Boundary(t time.Time) time.Time {
	if m := w.MonthOf(t); w.Start(m).Equal(t) {
		return t
	}
	return w.NextBoundary(t)
}

// NextBoundary is the first boundary after t.
func (w *World) NextBoundary(t time.Time) time.Time { return w.Start(w.MonthOf(t).Add(1)) }
