package lifecycle_test

import (
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
)

// figures are the counters' word on the fixture's reseller, with the version
// of its ledger.
func (f *fixture) figures() (tally.Figures, *ent.Ledger) {
	f.Helper()
	reader := f.db.Read(f.system())
	scope := tally.Scope{ResellerIDs: []string{f.reseller.ID}}
	found, err := tally.Read(f.system(), reader, scope, f.db.Clock.Now(), f.db.Zone)
	if err != nil {
		f.Fatal(err)
	}
	differences, err := tally.Compare(f.system(), reader, f.reseller.ID, f.db.Clock.Now(), f.db.Zone)
	if err != nil || len(differences) > 0 {
		f.Errorf("the counters are not a recount: %v, %v", differences, err)
	}
	return tally.Total(found), reader.Ledger.Query().Where(ledger.ResellerID(f.reseller.ID)).OnlyX(f.system())
}

// Each step leaves the figures as they are from then on, with a version of
// their own where they changed, in a number of statements that is small and
// the same whatever else there is. (A17 A18 A42)
func TestSteps_keepTheFigures(t *testing.T) {
	f := newFixture(t, nil)
	h := f.hub()
	_, led := f.figures()
	version := led.Version
	for _, c := range []struct {
		step      serviceevent.Action
		want      tally.Figures
		changes   int64
		statement int64 // at most
	}{
		{activate, tally.Figures{Accounts: 1, Paid: 1, MonthlyFee: 500, NextCharge: 500, NextLines: 1}, 1, 35},
		{deactivate, tally.Figures{Accounts: 1, Paid: 1, MonthlyFee: 500, NextCharge: 500, NextLines: 1}, 0, 25},
		{suspend, tally.Figures{Accounts: 1, Paid: 1, MonthlyFee: 500, NextCharge: 500, NextLines: 1}, 1, 30},
		{resume, tally.Figures{Accounts: 1, Paid: 1, MonthlyFee: 500, NextCharge: 500, NextLines: 1}, 1, 30},
		{stop, tally.Figures{NextCharge: 500, NextLines: 1}, 1, 30}, // due all the same
	} {
		f.db.Clock.Set(f.db.Clock.Now().Add(time.Hour))
		before := f.statements.Load()
		f.must("owner", c.step, h)
		took := f.statements.Load() - before
		t.Logf("%s: %d statements", c.step, took)
		if took > c.statement {
			t.Errorf("%s took %d statements", c.step, took)
		}
		got, led := f.figures()
		if got != c.want || led.Version != version+c.changes {
			t.Errorf("after %s: %+v in version %d, want %+v in %d", c.step, got, led.Version, c.want, version+c.changes)
		}
		version = led.Version
		if led.FirstActivatedAt == nil || !led.FirstActivatedAt.Equal(start.Add(time.Hour)) {
			t.Errorf("first activated at %v", led.FirstActivatedAt)
		}
	}
	f.db.Clock.Set(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC))
	if got, _ := f.figures(); got != (tally.Figures{}) {
		t.Errorf("in the next month: %+v", got)
	}
}

// On a server whose clock is behind, a step comes right after the one before
// it, and not beyond a pending end. (A39)
func TestSteps_goOnWhereClocksDiffer(t *testing.T) {
	f := newFixture(t, nil)
	ahead := f.db.Clock.Now().Add(time.Minute)
	end := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	h := f.in(situationNamed("expiring"))
	f.write(func(tx *store.Tx) { tx.Service.UpdateOneID(f.newest(h).ID).SetUpdatedAt(ahead).ExecX(f.system()) })
	if s := f.must("owner", suspend, h); !s.SuspendedAt.Equal(ahead.Add(time.Microsecond)) {
		t.Errorf("paused at %s", s.SuspendedAt)
	}
	last := end.Add(-time.Microsecond)
	f.write(func(tx *store.Tx) { tx.Service.UpdateOneID(f.newest(h).ID).SetUpdatedAt(last).ExecX(f.system()) })
	s := f.must("owner", resume, h)
	if events := f.events(s); !s.UpdatedAt.Equal(last) || !events[len(events)-1].OccurredAt.Equal(last) {
		t.Errorf("resumed at %s", s.UpdatedAt)
	}
	stopped := f.must("owner", stop, h)
	if again := f.must("owner", activate, h); !again.ActivatedAt.After(*stopped.EndsAt) {
		t.Errorf("ended at %s, activated again at %s", stopped.EndsAt, again.ActivatedAt)
	}
}
