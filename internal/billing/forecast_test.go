package billing_test

import (
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/chargeline"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
)

var january = calendar.Month{Year: 2026, Month: time.January}

// placesOf are the lines, by serial number and package.
func placesOf(lines []*ent.ChargeLine) (places []billing.Place) {
	for _, l := range lines {
		places = append(places, billing.Place{SerialNumber: l.SerialNumber, PackageID: l.PackageID})
	}
	return places
}

// The pages of a forecast, forward and backward, are the list that is booked
// then: also over accounts without a fee, and over one with two packages.
func TestForecast_pages(t *testing.T) {
	f := newFixture(t, nil, start)
	var free, second *ent.ServicePackage
	f.write(func(tx *store.Tx) {
		free = f.packageOf(tx, "FREE", 0, map[string]int64{"EUR": 0})
		second = f.packageOf(tx, "SECOND", 0, map[string]int64{"EUR": 300})
	})
	for i := range 40 {
		h := f.hub()
		switch {
		case i%4 == 1 || i > 20 && i < 35:
			f.choose(h, free)
		case i%5 == 0: // two packages, one after the other
			f.choose(h, second)
			f.db.Clock.Set(f.db.Clock.Now().Add(time.Second))
			f.stop(h)
			f.choose(h, f.pkg)
		default:
			f.choose(h, f.pkg)
		}
	}
	page := func(from billing.Place, backward bool, limit int) []*ent.ChargeLine {
		lines, err := billing.Forecast(t.Context(), f.db.View(t.Context()), f.reseller, january, from, backward, limit)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	all := page(billing.Place{}, false, 100)
	for _, limit := range []int{1, 2, 3, 7, 100} {
		for _, backward := range []bool{false, true} {
			var seen []billing.Place
			for from := (billing.Place{}); ; {
				got := placesOf(page(from, backward, limit))
				seen = append(seen, got...)
				if len(got) < limit {
					break
				}
				from = got[len(got)-1]
			}
			if backward {
				slices.Reverse(seen)
			}
			if !slices.Equal(seen, placesOf(all)) {
				t.Fatalf("by %d, backward %t: %v, want %v", limit, backward, seen, placesOf(all))
			}
		}
	}
	f.advance(start.AddDate(0, 1, 0))
	booked := f.db.Read(f.system()).ChargeLine.Query().
		Order(ent.Asc(chargeline.FieldSerialNumber, chargeline.FieldPackageID)).AllX(f.system())
	if len(booked) != len(all) {
		t.Fatalf("%d lines were booked, %d forecast", len(booked), len(all))
	}
	for i, l := range booked {
		if w := all[i]; l.SerialNumber != w.SerialNumber || l.PackageID != w.PackageID || l.ServiceID != w.ServiceID || l.Amount != w.Amount || l.Month != w.Month {
			t.Errorf("booked %v, forecast %v", l, w)
		}
	}
}

// The operator may have a month run that is over, of nobody's but its own
// accord; a dry run says what would be, and changes nothing. (A47)
func TestRunMonth(t *testing.T) {
	f := newFixture(t, in(t, "Europe/Warsaw"), start)
	run := func(m calendar.Month, dry bool) *billing.Outcome {
		t.Helper()
		done, err := billing.RunMonth(f.operator(), f.db, billing.MonthRun{Month: m, IsDryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	f.expiring()
	f.activate(f.hub())
	for _, dry := range []bool{false, true} {
		_, err := billing.RunMonth(f.owner(), f.db, billing.MonthRun{Month: january, IsDryRun: dry})
		f.refused(err, errs.Forbidden, "[]")
		f.db.Clock.Set(time.Date(2026, 1, 31, 22, 59, 59, 0, time.UTC)) // a second before midnight in Warsaw
		for _, m := range []calendar.Month{january, january.Next(), {Year: 9999, Month: 12}} {
			_, err = billing.RunMonth(f.operator(), f.db, billing.MonthRun{Month: m, IsDryRun: dry})
			f.refused(err, errs.Invalid, "[input month]")
		}
	}
	if got := *run(january.Prev(), false); got != (billing.Outcome{}) {
		t.Errorf("a month before the first did %v", got)
	}
	f.db.Clock.Set(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) // in Warsaw too: February is over
	for range 2 {
		if got := *run(january, true); got != (billing.Outcome{Ended: 1, Booked: 1}) {
			t.Errorf("January would do %v", got)
		}
		if got := *run(january.Next(), true); got != (billing.Outcome{Ended: 1, Booked: 2}) {
			t.Errorf("February would do %v", got)
		}
	}
	f.books()
	if n := f.db.Read(f.system()).ChargeLine.Query().CountX(f.system()); n != 0 {
		t.Errorf("a dry run wrote %d lines", n)
	}
	if got := *run(january, false); got != (billing.Outcome{Ended: 1, Booked: 1}) {
		t.Errorf("January did %v", got)
	}
	if got := *run(january.Next(), false); got != (billing.Outcome{Booked: 1}) {
		t.Errorf("February did %v", got)
	}
	for _, dry := range []bool{false, true} {
		if got := *run(january.Next(), dry); got != (billing.Outcome{}) {
			t.Errorf("done again: %v", got)
		}
	}
	f.books("2026-01 10.00", "2026-02 5.00")
}
