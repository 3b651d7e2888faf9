package tally

import (
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/service"
)

// What lives goes by the running month, what is over by the last that it
// touched. (A26 A39)
func TestLastMonth(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
	}
	april := at(3, 31, 22) // its first instant in Warsaw
	for name, c := range map[string]struct {
		activated time.Time
		ended     *time.Time
		now       time.Time
		want      string
	}{
		"in its first month":              {at(3, 10, 9), nil, at(3, 20, 0), "2026-03"},
		"in the next":                     {at(3, 10, 9), nil, at(4, 2, 0), "2026-04"},
		"on the boundary":                 {at(3, 10, 9), nil, april, "2026-04"},
		"just before it":                  {at(2, 10, 9), nil, april.Add(-time.Microsecond), "2026-03"},
		"ended within a month":            {at(2, 10, 9), new(at(3, 5, 0)), at(7, 1, 0), "2026-03"},
		"ended on the boundary":           {at(2, 10, 9), new(april), at(7, 1, 0), "2026-03"},
		"an end that is yet to come":      {at(2, 10, 9), new(april), at(3, 20, 0), "2026-03"},
		"begun and ended on the boundary": {april, new(april), at(7, 1, 0), "2026-04"},
	} {
		s := &ent.Service{ActivatedAt: c.activated, EndsAt: c.ended, Status: service.StatusACTIVE}
		if c.ended != nil && !c.ended.After(c.now) {
			s.Status = service.StatusENDED
		}
		if got := lastMonth(s, c.now, warsaw); got.String() != c.want {
			t.Errorf("%s: goes by %s, want %s", name, got, c.want)
		}
	}
}
