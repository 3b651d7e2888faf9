// Package fee holds the rules of when an account is charged, and at what
// price.
//
// A hub has one life of a package after the other. An account pays for a month
// when one of its lives was live, past its trial and not paused, at some
// instant of it (A39): the first such instant makes the whole month's fee due,
// once, at the price that was in force then (A26, A41). That instant is never in
// the future, so what is due so far is what the month's end will find due.
//
// The rules are written twice: here for one account, and in [Lines] as SQL for
// all accounts of a reseller. A test holds the two together.
package fee

import (
	"time"

	"partnerhub/internal/calendar"
)

// Month is a month of the billing time zone with its span [Start, End), in UTC.
type Month struct {
	calendar.Month
	Start time.Time
	End   time.Time
}

// MonthIn returns a month of a zone.
func MonthIn(m calendar.Month, zone *time.Location) Month {
	return Month{Month: m, Start: calendar.Start(m, zone), End: calendar.Start(m.Next(), zone)}
}

// MonthOf returns the month of a zone that an instant lies in.
func MonthOf(t time.Time, zone *time.Location) Month {
	return MonthIn(calendar.MonthOf(t, zone), zone)
}

// Key is what a month is charged for at most once (A3): a reseller's account,
// known by the hub's serial number (A40), and a package.
type Key struct {
	ResellerID   string
	SerialNumber string
	PackageID    string
}

// Life is one life of a package on a hub: the instants [ActivatedAt, EndsAt],
// both included (A39).
type Life struct {
	ServiceID   string
	DealerID    string
	ActivatedAt time.Time
	TrialEndsAt *time.Time // first instant that is no longer free, a month boundary (A40); nil without a trial
	EndsAt      *time.Time // the end, or a pending one at a month boundary; nil while none is known
	Live        bool       // the end has not been carried out
	Paused      bool       // it is live, and paused at present
	Pauses      []Pause    // in the order of their beginnings
}

// Pause is the time in which a life was paused, [From, To) (A40).
type Pause struct {
	From time.Time
	To   time.Time // zero where it was not taken back: then to the end of the life, which it includes
}

// OnTrial reports whether a life is on its free days at an instant of it.
func (l Life) OnTrial(at time.Time) bool { return l.TrialEndsAt != nil && at.Before(*l.TrialEndsAt) }

// later reports whether l was activated after o: ids grow with time.
func (l Life) later(o Life) bool { return l.ServiceID > o.ServiceID }
