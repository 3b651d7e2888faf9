package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
)

// A pause keeps reseller, package and the pending end; a stop forgets it.
// (A5, R104)
func TestSteps_dates(t *testing.T) {
	f := newFixture(t, nil)
	h := f.hub()
	end := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	s := f.must("installer", activate, h)
	if !s.ActivatedAt.Equal(start) || s.EndsAt != nil || s.TrialEndsAt != nil || s.ResellerID != f.reseller.ID || s.PackageID != f.pkg.ID {
		t.Fatalf("activated: %v", s)
	}
	s = f.must("installer", deactivate, h)
	if s.EndsAt == nil || !s.EndsAt.Equal(end) {
		t.Fatalf("deactivated: ends %v", s.EndsAt)
	}
	f.db.Clock.Set(start.Add(time.Hour))
	s = f.must("manager", suspend, h)
	if !s.SuspendedAt.Equal(start.Add(time.Hour)) || *s.SuspendedBy != service.SuspendedByDEALER || !s.EndsAt.Equal(end) {
		t.Fatalf("paused: %v", s)
	}
	s = f.must("owner", resume, h)
	if s.SuspendedAt != nil || s.SuspendedBy != nil || s.Status != service.StatusEXPIRING || !s.EndsAt.Equal(end) {
		t.Fatalf("the pause is taken back: %v", s)
	}
	s = f.must("owner", resume, h)
	if s.Status != service.StatusACTIVE || s.EndsAt != nil || s.ResellerID != f.reseller.ID || s.PackageID != f.pkg.ID {
		t.Fatalf("the end is taken back: %v", s)
	}
	f.must("owner", deactivate, h)
	f.db.Clock.Set(start.Add(2 * time.Hour))
	s = f.must("owner", stop, h)
	if s.Status != service.StatusENDED || !s.EndsAt.Equal(start.Add(2*time.Hour)) || s.SuspendedAt != nil {
		t.Fatalf("stopped: %v", s)
	}
}

// The reason is kept with the step, and on the service while it holds. (R102)
func TestSteps_reason(t *testing.T) {
	f := newFixture(t, nil)
	h, ctx := f.hub(), f.as("installer")
	reason := func(s *ent.Service) string {
		if s.Reason == nil {
			return ""
		}
		return *s.Reason
	}
	give := func(words string) lifecycle.Step { return lifecycle.Step{HubID: h.ID, Reason: &words} }
	f.must("installer", activate, h)
	s, err := lifecycle.Suspend(ctx, f.db, give("  Bill not paid \n since May "))
	if err != nil || reason(s) != "Bill not paid \n since May" {
		t.Fatalf("paused for %q, %v", reason(s), err)
	}
	if s = f.must("installer", resume, h); reason(s) != "" {
		t.Fatalf("resumed for %q", reason(s))
	}
	if s, err = lifecycle.Deactivate(ctx, f.db, give("Customer moves")); err != nil || reason(s) != "Customer moves" {
		t.Fatalf("deactivated for %q, %v", reason(s), err)
	}
	f.db.Clock.Set(*s.EndsAt)
	f.endDue()
	if s = f.service(s.ID); reason(s) != "Customer moves" {
		t.Fatalf("expired for %q", reason(s))
	}
	var told []string
	for _, e := range f.events(s) {
		if e.Reason != nil {
			told = append(told, string(e.Action)+" "+*e.Reason)
		}
	}
	if !slices.Equal(told, []string{"SUSPEND Bill not paid \n since May", "DEACTIVATE Customer moves"}) {
		t.Errorf("the history tells %q", told)
	}
	for name, words := range map[string]string{"too long": string(slices.Repeat([]rune{'ż'}, 1001)), "unprintable": "a\x00b"} {
		if _, err := lifecycle.Stop(ctx, f.db, give(words)); f.code(err) != errs.Invalid || !slices.Equal(errs.Refusals(err)[0].Path, []string{"input", "reason"}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Both companies' logs tell of each step; only the dealer's tells of the tile.
func TestSteps_log(t *testing.T) {
	f := newFixture(t, nil)
	h := f.hub()
	var want []string
	for _, step := range []serviceevent.Action{activate, suspend, resume, deactivate, resume, stop} {
		f.must("manager", step, h)
		want = append(want, map[serviceevent.Action]string{activate: "serviceActivate", suspend: "serviceSuspend",
			resume: "serviceResume", deactivate: "serviceDeactivate", stop: "serviceStop"}[step])
	}
	tiles := map[string][]serviceevent.Tile{}
	logged := map[string][]string{}
	for _, a := range f.db.Read(f.system()).Activity.Query().Order(ent.Asc(activity.FieldPosition)).AllX(f.system()) {
		logged[*a.CompanyID] = append(logged[*a.CompanyID], a.Action)
		if a.ActorID == nil || *a.ActorID != "usr_manager" || a.SubjectID != f.newest(h).ID {
			t.Errorf("entry %v", a)
		}
		if (a.HubID != nil) != (*a.CompanyID == f.dealer.ID) {
			t.Errorf("a tile is told to %s by %v", *a.CompanyID, a)
		}
		if a.PreviousTile != nil {
			tiles[*a.CompanyID] = append(tiles[*a.CompanyID], serviceevent.Tile(*a.PreviousTile))
		}
	}
	for _, id := range []string{f.dealer.ID, f.reseller.ID} {
		if !slices.Equal(logged[id], want) {
			t.Errorf("logged %q, want %q", logged[id], want)
		}
	}
	if got := tiles[f.dealer.ID]; !slices.Equal(got, []serviceevent.Tile{"ACTIVATION_REQUIRED", "ACTIVATED", "SUSPENDED", "ACTIVATED", "EXPIRES_SOON", "ACTIVATED"}) {
		t.Errorf("tiles before: %q", got)
	}
}
