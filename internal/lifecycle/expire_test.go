package lifecycle_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/ent/simswitch"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

// expiringAccounts adds accounts of a reseller whose services are to end,
// past all rules, and returns their hubs.
func (f *fixture) expiringAccounts(n int, reseller *ent.Company, end time.Time) (hubs []*ent.Hub) {
	f.Helper()
	f.write(func(tx *store.Tx) {
		for range n {
			f.count++
			number := fmt.Sprintf("%08d", f.count)
			h := tx.Hub.Create().SetCompanyID(f.dealer.ID).SetObjectID(f.place.ID).SetSerialNumber(number).
				SetName("Hub " + number).SetSearchKey("hub " + number).SetCreatedAt(tx.Now).SaveX(f.system())
			tx.SIMCard.Create().SetHubID(h.ID).SetIccid("89480100" + number).SetIsAjax(true).SetIsActive(true).ExecX(f.system())
			tx.Service.Create().SetHubID(h.ID).SetPackageID(f.pkg.ID).SetDealerID(f.dealer.ID).SetResellerID(reseller.ID).
				SetConnectionID(f.connection.ID).SetSerialNumber(number).SetStatus(service.StatusEXPIRING).
				SetActivatedAt(tx.Now).SetEndsAt(end).SetUpdatedAt(tx.Now).ExecX(f.system())
			hubs = append(hubs, h.Unwrap())
		}
	})
	return hubs
}

// endDueOf runs the step of the monthly run.
func (f *fixture) endDueOf(until time.Time, resellers ...*ent.Company) int {
	f.Helper()
	ids := make([]string, len(resellers))
	for i, r := range resellers {
		ids[i] = r.ID
	}
	n, err := store.Do(f.system(), f.db, func(tx *store.Tx) (int, error) {
		return lifecycle.EndDueOf(f.system(), tx, until, ids...)
	})
	if err != nil {
		f.Fatal(err)
	}
	return n
}

// The monthly run ends what falls due of one reseller, and of no other, with
// all that the single step leaves behind. (R88, A2 A46 A63)
func TestEndDueOf(t *testing.T) {
	f := newFixture(t, nil)
	var other *ent.Company
	f.write(func(tx *store.Tx) { other = f.resellerOf(tx, "Second Station", "EUR") })
	january, february := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	now := f.expiringAccounts(3, f.reseller, january)
	later := f.expiringAccounts(2, f.reseller, february)
	others := f.expiringAccounts(2, other, january)
	paused := f.in(situationNamed("paused, ending"))
	f.db.Clock.Set(time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC))
	if n := f.endDueOf(january, f.reseller); n != 4 {
		t.Fatalf("%d ended", n)
	}
	for _, h := range append(slices.Clone(now), paused) {
		f.expired(f.newest(h), january)
		if f.card(h).IsActive {
			t.Error("a card works on")
		}
	}
	for _, h := range append(slices.Clone(later), others...) {
		if s := f.newest(h); s.Status != service.StatusEXPIRING || f.version(h) != 1 {
			t.Errorf("ended too: %v", s)
		}
	}
	if n := f.db.Read(f.system()).SIMSwitch.Query().Where(simswitch.IsActive(false)).CountX(f.system()); n != 4 {
		t.Errorf("%d cards are to be switched off", n)
	}
	if f.version(now[0]) != 2 {
		t.Errorf("the version of a hub is %d", f.version(now[0]))
	}
	if n := f.endDueOf(january, f.reseller); n != 0 {
		t.Errorf("%d ended twice", n)
	}
	if n := f.endDueOf(february, f.reseller); n != 2 {
		t.Errorf("%d ended later", n)
	}
	f.expired(f.newest(later[0]), february)
	f.expiringAccounts(1, f.reseller, february)
	third := f.expiringAccounts(1, other, february)
	if n := f.endDueOf(february, f.reseller, other); n != 4 {
		t.Errorf("%d of two resellers ended at once", n)
	}
	for i, h := range append(slices.Clone(others), third...) {
		f.expired(f.newest(h), []time.Time{january, january, february}[i])
	}
}

// Statements do not grow with each service that ends, nor does the time in
// which nobody else can write.
func TestEndDueOf_many(t *testing.T) {
	f := newFixture(t, nil)
	january := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	f.expiringAccounts(1000, f.reseller, january)
	f.db.Clock.Set(january)
	before, began := f.statements.Load(), time.Now()
	if n := f.endDueOf(january, f.reseller); n != 1000 {
		t.Fatalf("%d ended", n)
	}
	took, statements := time.Since(began), f.statements.Load()-before
	t.Logf("1,000 services ended in %s with %d statements", took, statements)
	if statements > 100 {
		t.Errorf("it took %d statements", statements)
	}
}
