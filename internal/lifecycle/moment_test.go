package lifecycle_test

import (
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/lifecycle"
)

// The price of a month is that of its first instant that the service lived; of
// an ended one, of the last month it touched. (A26 A39)
func TestPricedAt(t *testing.T) {
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
	}
	march, april := at(2, 28, 23), at(3, 31, 22) // their first instants in Warsaw
	for name, c := range map[string]struct {
		activated time.Time
		ended     *time.Time
		now, want time.Time
	}{
		"in its first month":              {at(3, 10, 9), nil, at(3, 20, 0), at(3, 10, 9)},
		"in the next":                     {at(3, 10, 9), nil, at(4, 2, 0), april},
		"on the boundary":                 {at(3, 10, 9), nil, april, april},
		"just before it":                  {at(2, 10, 9), nil, april.Add(-time.Microsecond), march},
		"ended within a month":            {at(2, 10, 9), new(at(3, 5, 0)), at(7, 1, 0), march},
		"ended on the boundary":           {at(2, 10, 9), new(april), at(7, 1, 0), march},
		"an end that is yet to come":      {at(2, 10, 9), new(april), at(3, 20, 0), march},
		"begun and ended on the boundary": {april, new(april), at(7, 1, 0), april},
	} {
		s := &ent.Service{ActivatedAt: c.activated, EndsAt: c.ended, Status: service.StatusACTIVE}
		if c.ended != nil && !c.ended.After(c.now) {
			s.Status = service.StatusENDED
		}
		if got := lifecycle.PricedAt(s, c.now, warsaw(t)); !got.Equal(c.want) {
			t.Errorf("%s: priced at %s, want %s", name, got, c.want)
		}
	}
}

// The free days are over at their end, and with the service. (A38 A40)
func TestOnTrial(t *testing.T) {
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		status service.Status
		ends   *time.Time
		now    time.Time
		want   bool
	}{
		{service.StatusACTIVE, nil, end.Add(-time.Hour), false},
		{service.StatusACTIVE, &end, end.Add(-time.Microsecond), true},
		{service.StatusSUSPENDED, &end, end.Add(-time.Hour), true},
		{service.StatusACTIVE, &end, end, false},
		{service.StatusENDED, &end, end.Add(-time.Hour), false},
	} {
		if got := lifecycle.OnTrial(&ent.Service{Status: c.status, TrialEndsAt: c.ends}, c.now); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
