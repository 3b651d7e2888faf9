package lifecycle_test

import (
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/store"
)

// A hub and its card have the free days of a package once, whichever comes
// back in other company; they end with a month. (A3 A40)
func TestActivate_trial(t *testing.T) {
	f := newFixture(t, nil)
	var trial, other *ent.ServicePackage
	f.write(func(tx *store.Tx) {
		trial = f.packageOf(tx, "TRIAL", 30, true, "EUR")
		other = f.packageOf(tx, "OTHER", 1, true, "EUR")
	})
	began := func(h *ent.Hub, p *ent.ServicePackage) *time.Time {
		t.Helper()
		s, err := f.choose(h, p, nil)
		if err != nil {
			t.Fatal(err)
		}
		f.must("installer", stop, h)
		return s.TrialEndsAt
	}
	h := f.hub()
	if end := began(h, f.pkg); end != nil || f.db.Read(f.system()).Trial.Query().CountX(f.system()) != 0 {
		t.Fatalf("a package without free days: %v", end)
	}
	// 30 × 24 h from the 15th of January end in February, the trial with it.
	if end := began(h, trial); end == nil || !end.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("trial ends %v", end)
	}
	if end := began(h, trial); end != nil {
		t.Fatalf("a second trial until %v", end)
	}
	if end := began(h, other); end == nil || !end.Equal(time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("the trial of another package ends %v", end)
	}
	// The card in another hub, and the hub with another card.
	iccid := f.card(h).Iccid
	second := f.bareHub()
	f.write(func(tx *store.Tx) {
		tx.SIMCard.Delete().Where(simcard.HubID(h.ID)).ExecX(f.system())
		tx.SIMCard.Create().SetHubID(second.ID).SetIccid(iccid).SetIsAjax(true).SaveX(f.system())
		tx.SIMCard.Create().SetHubID(h.ID).SetIccid("8902").SetIsAjax(true).SaveX(f.system())
	})
	if end := began(second, trial); end != nil {
		t.Errorf("the card has a second trial until %v", end)
	}
	if end := began(h, trial); end != nil {
		t.Errorf("the hub has a second trial until %v", end)
	}
}
