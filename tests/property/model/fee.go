package model

import (
	"cmp"
	"slices"
	"time"
)

// Line is the fee of one account and package for one month (A3).
type Line struct {
	Reseller *Company
	Month    Month
	Serial   string
	Package  *Package
	Service  *Service // the latest of those that pay
	Amount   int64
}

// paysAt reports whether the service is live, past its trial and not paused at
// an instant of the month that begins at start (A39, A40).
func (s *Service) paysAt(t, start time.Time) bool {
	switch {
	case t.Before(s.Start), s.TrialEnd != nil && t.Before(*s.TrialEnd):
		return false
	case s.End != nil && (t.After(*s.End) || s.End.Equal(start) && s.Start.Before(start)):
		return false
	}
	return !slices.ContainsFunc(s.Pauses, func(p Pause) bool {
		return !t.Before(p.From) && (p.To == nil || t.Before(*p.To))
	})
}

// firstPaying is the first instant of the month at which the service pays. It
// can only be one at which something began: the month, the service, its
// paying time, or its time after a pause.
func (w *World) firstPaying(s *Service, m Month) (first time.Time, ok bool) {
	start, end := w.Start(m), w.Start(m.Add(1))
	begins := []time.Time{start, s.Start}
	if s.TrialEnd != nil {
		begins = append(begins, *s.TrialEnd)
	}
	for _, p := range s.Pauses {
		if p.To != nil {
			begins = append(begins, *p.To)
		}
	}
	for _, t := range begins {
		if !t.Before(start) && t.Before(end) && s.paysAt(t, start) && (!ok || t.Before(first)) {
			first, ok = t, true
		}
	}
	return first, ok
}

// fee is what the account and package of a service pay for a month (A26, A41):
// the first paying instant of any of its lives with the same reseller.
func (w *World) fee(of *Service, m Month) (amount int64, by *Service, ok bool) {
	var first time.Time
	for _, s := range w.Services { // in the order in which they began
		if s.Reseller != of.Reseller || s.Hub.Serial != of.Hub.Serial || s.Package != of.Package {
			continue
		}
		if t, pays := w.firstPaying(s, m); pays {
			by = s
			if !ok || t.Before(first) {
				first, ok = t, true
			}
		}
	}
	if !ok {
		return 0, nil, false
	}
	return of.Package.at(of.Reseller.Account.Currency, first), by, true
}

// Due is what a reseller owes for a month, by what has happened so far.
func (w *World) Due(reseller *Company, m Month) (lines []Line) {
	for _, s := range w.Services {
		if s.Reseller != reseller {
			continue
		}
		amount, by, ok := w.fee(s, m)
		if ok && by == s && amount > 0 { // once for all lives of the account
			lines = append(lines, Line{reseller, m, s.Hub.Serial, s.Package, s, amount})
		}
	}
	slices.SortFunc(lines, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Serial, b.Serial), cmp.Compare(a.Package.Code, b.Package.Code))
	})
	return lines
}
