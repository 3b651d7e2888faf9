package fee_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
)

// march is the month of the tables below; S and E are its ends, in UTC.
var (
	march = fee.MonthIn(calendar.Month{Year: 2026, Month: time.March}, time.UTC)
	s, e  = march.Start, march.End
)

const tick = time.Microsecond

func day(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }

// life is one that begins and ends, or goes on; a trial ends at a month's end.
func life(from time.Time, to, trial *time.Time, pauses ...fee.Pause) fee.Life {
	return fee.Life{ServiceID: "svc_1", ActivatedAt: from, EndsAt: to, TrialEndsAt: trial, Live: to == nil, Pauses: pauses}
}

func TestFirstPaying(t *testing.T) {
	never := time.Time{}
	before := s.AddDate(0, -3, 0)
	for _, c := range []struct {
		name string
		life fee.Life
		want time.Time // zero: free
	}{
		{"runs all along", life(before, nil, nil), s},
		{"begins within", life(day(10), nil, nil), day(10)},
		{"begins with the month", life(s, nil, nil), s},
		{"begins at the month's last instant", life(e.Add(-tick), nil, nil), e.Add(-tick)},
		{"begins with the next month", life(e, nil, nil), never},
		{"ended long ago", life(before, new(s.AddDate(0, -1, 0)), nil), never},
		{"ended with the month before", life(before, &s, nil), never},
		{"begins and ends with the month", life(s, &s, nil), s},
		{"begins with the month, ends later", life(s, new(day(2)), nil), s},
		{"ends just after the month began", life(before, new(s.Add(tick)), nil), s},
		{"ends within", life(before, new(day(10)), nil), s},
		{"ends as it begins", life(day(10), new(day(10)), nil), day(10)},
		{"ends with the month", life(before, &e, nil), s},
		{"begins at the last instant, an end pending", life(e.Add(-tick), &e, nil), e.Add(-tick)},

		{"on trial beyond the month", life(day(10), nil, new(e.AddDate(0, 1, 0))), never},
		{"on trial to the month's end", life(day(10), nil, &e), never},
		{"trial ended with the month before", life(before, nil, &s), s},
		{"trial ended, and the life with it", life(before, &s, &s), never},
		{"trial ended with the month before, ends later", life(before, new(day(2)), &s), s},
		{"stopped while on trial", life(before, new(day(2)), &e), never},
		{"began at a boundary that is its trial's end", life(s, &s, &s), s},

		{"paused before, and never resumed", life(before, nil, nil, fee.Pause{From: day(1).AddDate(0, -1, 0)}), never},
		{"paused throughout, resumed with the next month", life(before, nil, nil, fee.Pause{From: before, To: e}), never},
		{"paused from the first instant", life(before, nil, nil, fee.Pause{From: s}), never},
		{"paused after the first instant", life(before, nil, nil, fee.Pause{From: s.Add(tick)}), s},
		{"paused at the first instant, resumed within", life(before, nil, nil, fee.Pause{From: s, To: day(5)}), day(5)},
		{"resumed at the first instant", life(before, nil, nil, fee.Pause{From: before, To: s}), s},
		{"resumed at the last instant", life(before, nil, nil, fee.Pause{From: before, To: e.Add(-tick)}), e.Add(-tick)},
		{"paused before it was activated for long", life(day(4), nil, nil, fee.Pause{From: day(4)}), never},
		{"paused and resumed at one instant", life(day(4), nil, nil, fee.Pause{From: day(4), To: day(4)}), day(4)},
		{"paused, resumed, paused at one instant", life(day(4), nil, nil, fee.Pause{From: day(4), To: day(4)}, fee.Pause{From: day(4)}), never},
		{"resumed at the very instant of the next pause", life(before, nil, nil, fee.Pause{From: before, To: day(4)}, fee.Pause{From: day(4), To: day(6)}), day(6)},
		{"resumed, paused again for good", life(before, nil, nil, fee.Pause{From: before, To: day(4)}, fee.Pause{From: day(5)}), day(4)},
		{"stopped while paused", life(before, new(day(20)), nil, fee.Pause{From: s}), never},
		{"stopped as it was resumed", life(before, new(day(20)), nil, fee.Pause{From: s, To: day(20)}), day(20)},
		{"paused as it was stopped", life(day(20), new(day(20)), nil, fee.Pause{From: day(20)}), never},
		{"paused when the trial ends", life(before, nil, &s, fee.Pause{From: before.Add(tick), To: day(9)}), day(9)},
		{"paused and resumed while on trial", life(before, nil, &s, fee.Pause{From: before.Add(tick), To: before.Add(2 * tick)}), s},
		{"ends pending while paused", life(before, &e, nil, fee.Pause{From: s}), never},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := fee.FirstPaying(c.life, march)
			if !got.Equal(c.want) || ok != !c.want.IsZero() {
				t.Errorf("pays at %v, %v; want %v", got, ok, c.want)
			}
		})
	}
}

// One fee a month however many lives it has, at the price of the first paying
// instant of any, named after the latest of those that pay. (A3 A26 A41)
func TestDue(t *testing.T) {
	named := func(id string, l fee.Life) fee.Life { l.ServiceID = id; return l }
	before := s.AddDate(0, -3, 0)
	first := named("svc_1", life(before, new(day(3)), nil))
	second := named("svc_2", life(day(5), new(day(8)), nil))
	third := named("svc_3", life(day(9), nil, nil))
	for _, c := range []struct {
		name  string
		lives []fee.Life
		at    time.Time
		by    string
	}{
		{"none", nil, time.Time{}, ""},
		{"two at two prices", []fee.Life{first, second}, s, "svc_2"},
		{"three", []fee.Life{first, second, third}, s, "svc_3"},
		{"three, the other way round", []fee.Life{third, second, first}, s, "svc_3"},
		{"the latest is paused", []fee.Life{first, named("svc_2", life(day(5), nil, nil, fee.Pause{From: day(5)}))}, s, "svc_1"},
		{"the first was free", []fee.Life{named("svc_1", life(before, new(day(3)), &e)), second}, day(5), "svc_2"},
		{"the latest is on trial", []fee.Life{first, named("svc_2", life(day(5), nil, &e))}, s, "svc_1"},
		{"all are free", []fee.Life{named("svc_1", life(before, &s, nil)), named("svc_2", life(e, nil, nil))}, time.Time{}, ""},
		{"on a clock that stands", []fee.Life{named("svc_1", life(day(5), new(day(5)), nil)), named("svc_2", life(day(5), nil, nil))}, day(5), "svc_2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, by, ok := fee.Due(c.lives, march)
			if !at.Equal(c.at) || by.ServiceID != c.by || ok != (c.by != "") {
				t.Errorf("due at %v by %q, %v; want %v by %q", at, by.ServiceID, ok, c.at, c.by)
			}
		})
	}
}

// Months are those of the billing time zone (A14).
func TestMonthOf(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	m := fee.MonthOf(time.Date(2026, 2, 28, 23, 0, 0, 0, time.UTC), warsaw)
	if m.String() != "2026-03" || m.Start.Hour() != 23 || !m.End.Equal(time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC)) {
		t.Errorf("the month is %s from %s to %s", m, m.Start, m.End)
	}
	if at, ok := fee.FirstPaying(life(m.Start.Add(-tick), nil, nil), m); !ok || !at.Equal(m.Start) {
		t.Errorf("pays from %s, %v", at, ok)
	}
}
