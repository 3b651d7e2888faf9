package calendar

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // zones as released with Go, whatever this machine has

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func month(t testing.TB, text string) Month {
	t.Helper()
	m, err := ParseMonth(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// starts holds the first instants of months, each worked out by hand. (A14)
var starts = []struct{ why, zone, month, start string }{
	{"plain", "UTC", "2026-11", "2026-11-01T00:00:00Z"},
	{"year", "UTC", "2027-01", "2027-01-01T00:00:00Z"},
	{"leap February ends", "UTC", "2028-03", "2028-03-01T00:00:00Z"},
	{"winter", "Europe/Warsaw", "2026-12", "2026-11-30T23:00:00Z"},
	{"summer", "Europe/Warsaw", "2026-07", "2026-06-30T22:00:00Z"},
	{"month in which clocks go forward", "Europe/Warsaw", "2026-03", "2026-02-28T23:00:00Z"},
	{"after clocks went forward", "Europe/Warsaw", "2026-04", "2026-03-31T22:00:00Z"},
	{"clocks go forward on the last day", "Europe/Warsaw", "2024-04", "2024-03-31T22:00:00Z"},
	{"month in which clocks go back", "Europe/Warsaw", "2026-10", "2026-09-30T22:00:00Z"},
	{"after clocks went back", "Europe/Warsaw", "2026-11", "2026-10-31T23:00:00Z"},
	{"clocks go back on the last day", "Europe/Warsaw", "2027-11", "2027-10-31T23:00:00Z"},
	{"leap February begins", "Europe/Warsaw", "2028-02", "2028-01-31T23:00:00Z"},
	{"no local midnight, 01:00 is first", "America/Asuncion", "2023-10", "2023-10-01T04:00:00Z"},
	{"clocks go back over the boundary", "America/St_Johns", "2009-11", "2009-11-01T02:30:00Z"},
	{"a day after is left out", "Pacific/Apia", "2012-01", "2011-12-31T10:00:00Z"},
	{"before a day is left out", "Pacific/Apia", "2011-12", "2011-12-01T10:00:00Z"},
	{"UTC+14", "Pacific/Kiritimati", "2026-12", "2026-11-30T10:00:00Z"},
	{"the last day of December is left out", "Pacific/Kiritimati", "1995-01", "1994-12-31T10:00:00Z"},
	{"UTC-11", "Pacific/Pago_Pago", "2026-12", "2026-12-01T11:00:00Z"},
	{"half hours", "Asia/Kolkata", "2026-12", "2026-11-30T18:30:00Z"},
	{"seconds, before standard time", "Europe/Warsaw", "1870-05", "1870-04-30T22:36:00Z"},
	{"leap year after the last listed change", "Europe/Warsaw", "2041-01", "2040-12-31T23:00:00Z"},
	{"leap year after the last listed change, west", "America/New_York", "2089-01", "2089-01-01T05:00:00Z"},
	{"after the last listed change", "Europe/Warsaw", "2150-07", "2150-06-30T22:00:00Z"},
}

func TestStart(t *testing.T) {
	for _, c := range starts {
		t.Run(c.zone+" "+c.month, func(t *testing.T) {
			loc, m, want := zone(t, c.zone), month(t, c.month), instant(t, c.start)
			got := Start(m, loc)
			if !got.Equal(want) || got.Location() != time.UTC {
				t.Fatalf("%s: starts at %v, want %v", c.why, got, want)
			}
			tick := time.Microsecond
			if got := MonthOf(want, loc); got != m {
				t.Errorf("its first instant is in %v", got)
			}
			if got := MonthOf(want.Add(-tick), loc); got != m.Prev() {
				t.Errorf("the instant before is in %v", got)
			}
			if got := NextBoundary(want.Add(-tick), loc); !got.Equal(want) {
				t.Errorf("next boundary from the instant before is %v", got)
			}
			if got := NextBoundary(want, loc); !got.Equal(Start(m.Next(), loc)) {
				t.Errorf("next boundary from the boundary is %v", got)
			}
			if got := BoundaryAtOrAfter(want, loc); !got.Equal(want) || got.Location() != time.UTC {
				t.Errorf("boundary at or after the boundary is %v", got)
			}
			if got := BoundaryAtOrAfter(want.Add(tick), loc); !got.Equal(Start(m.Next(), loc)) {
				t.Errorf("boundary at or after the instant after is %v", got)
			}
		})
	}
}

// A month that has begun does not end again when clocks go back over its
// beginning.
func TestMonthOf_ClocksGoBackOverTheBoundary(t *testing.T) {
	loc, november := zone(t, "America/St_Johns"), Month{2009, time.November}
	for _, c := range []struct{ at, local string }{
		{"2009-11-01T02:30:00Z", "2009-11-01 00:00"},
		{"2009-11-01T02:30:59Z", "2009-11-01 00:00"},
		{"2009-11-01T02:31:00Z", "2009-10-31 23:01"},
		{"2009-11-01T03:29:59Z", "2009-10-31 23:59"},
		{"2009-11-01T03:30:00Z", "2009-11-01 00:00"},
	} {
		at := instant(t, c.at)
		if local := at.In(loc).Format("2006-01-02 15:04"); local != c.local {
			t.Fatalf("%s is %s in St John's, want %s: not the case this test is about", c.at, local, c.local)
		}
		if got := MonthOf(at, loc); got != november {
			t.Errorf("%s lies in %v, want %v", c.at, got, november)
		}
		if got := NextBoundary(at, loc); !got.Equal(Start(november.Next(), loc)) {
			t.Errorf("next boundary from %s is %v", c.at, got)
		}
	}
}

func TestTrialEnd(t *testing.T) {
	for _, c := range []struct {
		why, zone, activated string
		days                 int
		end                  string
	}{
		{"no trial", "UTC", "2026-11-22T10:00:00Z", 0, ""},
		{"less than none", "UTC", "2026-11-22T10:00:00Z", -1, ""},
		{"within the month", "UTC", "2026-11-22T10:00:00Z", 1, "2026-12-01T00:00:00Z"},
		{"into the next month", "UTC", "2026-11-22T10:00:00Z", 30, "2027-01-01T00:00:00Z"},
		{"exactly on the boundary", "UTC", "2026-11-01T00:00:00Z", 30, "2026-12-01T00:00:00Z"},
		{"one instant past it", "UTC", "2026-11-01T00:00:00.000001Z", 30, "2027-01-01T00:00:00Z"},
		{"one instant before it", "UTC", "2026-10-31T23:59:59.999999Z", 30, "2026-12-01T00:00:00Z"},
		{"February", "UTC", "2027-02-01T00:00:00Z", 28, "2027-03-01T00:00:00Z"},
		{"leap February", "UTC", "2028-02-01T00:00:00Z", 28, "2028-03-01T00:00:00Z"},
		{"leap February, whole", "UTC", "2028-02-01T00:00:00Z", 29, "2028-03-01T00:00:00Z"},
		{"leap February, a day over", "UTC", "2028-02-01T00:00:00Z", 30, "2028-04-01T00:00:00Z"},
		{"over the year", "UTC", "2026-12-31T23:00:00Z", 14, "2027-02-01T00:00:00Z"},
		{"31 days of 24 h lie an hour before the boundary", "Europe/Warsaw", "2026-09-30T22:00:00Z", 31, "2026-10-31T23:00:00Z"},
		{"30 days of 24 h lie half an hour past the boundary", "Europe/Warsaw", "2026-03-01T22:30:00Z", 30, "2026-04-30T22:00:00Z"},
		{"31 days of 24 h lie an hour past the boundary", "Europe/Warsaw", "2026-02-28T23:00:00Z", 31, "2026-04-30T22:00:00Z"},
		{"no local midnight", "America/Asuncion", "2023-09-17T04:00:00Z", 14, "2023-10-01T04:00:00Z"},
		{"more days than a Duration holds", "UTC", "2026-01-01T00:00:00Z", 200000, "2573-08-01T00:00:00Z"},
	} {
		end, ok := TrialEnd(instant(t, c.activated), c.days, zone(t, c.zone))
		if c.end == "" {
			if ok || !end.IsZero() {
				t.Errorf("%s: trial until %v, want none", c.why, end)
			}
			continue
		}
		if want := instant(t, c.end); !ok || !end.Equal(want) || end.Location() != time.UTC {
			t.Errorf("%s: trial of %d days from %s in %s ends %v, want %v", c.why, c.days, c.activated, c.zone, end, want)
		}
	}
}

// zones are those with something odd about them; the last are no places.
var zones = []string{
	"UTC", "Europe/Warsaw", "Europe/Lisbon", "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Kolkata",
	"Asia/Tehran", "Asia/Manila", "Australia/Lord_Howe", "America/Asuncion", "America/Havana", "America/New_York",
	"America/Sao_Paulo", "America/St_Johns", "America/Scoresbysund", "Antarctica/Troll", "Pacific/Apia",
	"Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Kwajalein", "Pacific/Pago_Pago", "Etc/GMT+12", "Etc/GMT-14",
}

func anyZone(t *rapid.T) *time.Location {
	name := rapid.SampledFrom(zones).Draw(t, "zone")
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func anyMonth(t *rapid.T) Month {
	return Month{rapid.IntRange(1840, 2400).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month"))}
}

// anyInstant is often close to where a month begins.
func anyInstant(t *rapid.T) time.Time {
	m := anyMonth(t)
	near := time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, time.UTC)
	if rapid.Bool().Draw(t, "near") {
		return near.Add(time.Duration(rapid.IntRange(-30*60, 30*60).Draw(t, "minutes")) * time.Minute)
	}
	return near.Add(time.Duration(rapid.Int64Range(0, 31*24*3600*1e6).Draw(t, "µs")) * time.Microsecond)
}

func localMonth(t time.Time, loc *time.Location) Month {
	year, m, _ := t.In(loc).Date()
	return Month{year, m}
}

func TestStart_IsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, m := anyZone(t), anyMonth(t)
		start := Start(m, loc)
		if got := localMonth(start, loc); got != m {
			t.Fatalf("local month of the start %v is %v, want %v", start, got, m)
		}
		if got := MonthOf(start, loc); got != m {
			t.Fatalf("month of the start %v is %v, want %v", start, got, m)
		}
		if got := MonthOf(start.Add(-time.Microsecond), loc); got != m.Prev() {
			t.Fatalf("month before the start %v is %v, want %v", start, got, m.Prev())
		}
		for at := start.Add(-time.Microsecond); start.Sub(at) < 3*24*time.Hour; at = at.Add(-7 * time.Minute) {
			if !localMonth(at, loc).Before(m) {
				t.Fatalf("%v is in %v already, before its start %v", at, m, start)
			}
		}
		if !start.Before(Start(m.Next(), loc)) {
			t.Fatalf("%v starts at %v, the next month not later", m, start)
		}
	})
}

func TestMonthOf_CutsTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, at := anyZone(t), anyInstant(t)
		m := MonthOf(at, loc)
		if at.Before(Start(m, loc)) || !at.Before(Start(m.Next(), loc)) {
			t.Fatalf("%v is not within %v", at, m)
		}
		later := at.Add(time.Duration(rapid.Int64Range(0, 90*24*3600).Draw(t, "later")) * time.Second)
		if MonthOf(later, loc).Before(m) {
			t.Fatalf("%v is in %v, but %v in %v", at, m, later, MonthOf(later, loc))
		}
		next := NextBoundary(at, loc)
		if !next.After(at) || MonthOf(next, loc) != m.Next() || MonthOf(next.Add(-1), loc) != m {
			t.Fatalf("next boundary after %v is %v", at, next)
		}
		atOrAfter := BoundaryAtOrAfter(at, loc)
		if atOrAfter.Before(at) || !NextBoundary(atOrAfter.Add(-1), loc).Equal(atOrAfter) || atOrAfter.After(next) {
			t.Fatalf("boundary at or after %v is %v", at, atOrAfter)
		}
	})
}

func TestTrialEnd_CoversItsDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc, at, days := anyZone(t), anyInstant(t), rapid.IntRange(1, 1000).Draw(t, "days")
		end, ok := TrialEnd(at, days, loc)
		runsOut := at.Add(time.Duration(days) * 24 * time.Hour)
		if !ok || end.Before(runsOut) || end.Sub(runsOut) > 32*24*time.Hour {
			t.Fatalf("%d days from %v end at %v", days, at, end)
		}
		if !Start(MonthOf(end, loc), loc).Equal(end) {
			t.Fatalf("the end %v is no boundary", end)
		}
		longer, _ := TrialEnd(at, days+1, loc)
		if longer.Before(end) {
			t.Fatalf("a day more ends at %v, earlier than %v", longer, end)
		}
	})
}

// Every instant is in one month of every zone, which begins at or before it
// and has not ended.
func FuzzMonthOf(f *testing.F) {
	for _, c := range starts {
		at, m := instant(f, c.start), slices.Index(zones, c.zone)
		f.Add(at.UnixMicro(), uint8(max(m, 0)))
		f.Add(at.UnixMicro()-1, uint8(max(m, 0)))
	}
	f.Fuzz(func(t *testing.T, micro int64, index uint8) {
		at, loc := time.UnixMicro(micro), zone(t, zones[int(index)%len(zones)])
		if year := at.UTC().Year(); year < 1 || year > 9998 {
			return
		}
		m := MonthOf(at, loc)
		start, end := Start(m, loc), Start(m.Next(), loc)
		if at.Before(start) || !at.Before(end) || MonthOf(start, loc) != m || MonthOf(end, loc) != m.Next() {
			t.Fatalf("%v is in %v, from %v to %v", at.In(loc), m, start, end)
		}
		if next := NextBoundary(at, loc); !next.Equal(end) {
			t.Fatalf("after %v comes %v, not %v", at, next, end)
		}
		if read, err := ParseMonth(m.String()); err != nil || read != m {
			t.Fatalf("%v is read as %v, %v", m, read, err)
		}
	})
}

func BenchmarkMonthOf(b *testing.B) {
	loc, at := zone(b, "Europe/Warsaw"), instant(b, "2026-11-22T10:00:00Z")
	for b.Loop() {
		MonthOf(at, loc)
	}
}
