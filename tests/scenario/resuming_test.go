package scenario_test

import (
	"testing"

	"partnerhub/tests/world"
)

// Chapter "Resuming Ajax Services": resumed in time, services are not
// deactivated on the 1st, and nothing about them changes. (R89 R96 R97 R98 R99
// R100 R101 R130, A37)
func TestServiceResume(t *testing.T) {
	f := newFirm(t)
	h, people := f.dealer.Hub("Villa"), []*world.Person{f.dealer.Employee("INSTALLER"), f.dealer.Employee("SERVICE_MANAGER"), f.dealer.Owner}
	active := f.OK(f.dealer.Activates(h)).Text("service.id")
	f.Refused(f.takes(people[0], "Resume", h), "INVALID_STATE input.hubId")
	for _, p := range people { // as often as one likes
		f.OK(f.takes(p, "Deactivate", h))
		for _, shown := range []world.Answer{f.hub(p, h), f.onList(p, h)} {
			f.Equal(shown.Text("tile.label"), "Expires soon")
		}
		a := f.OK(f.takes(p, "Resume", h))
		f.Equal(a.Text("screen.code"), "SERVICES_ACTIVATED")
		f.Equal(a.Text("screen.title"), "Services activated")
		f.Equal(a.Text("service.id"), active)
		f.Equal(a.Text("service.status"), "ACTIVE")
		f.Equal(a.Get("service.endsAt"), nil)
		f.Equal(a.Text("service.reseller.id"), f.reseller.ID)
		f.Equal(a.Text("service.package.id"), f.pkg)
		f.shows(p, h, "ACTIVATED", true, true)
		f.Refused(f.takes(p, "Resume", h), "INVALID_STATE input.hubId")
	}
	f.Advance("2026-02-02T00:00:00Z")
	f.shows(people[0], h, "ACTIVATED", true, true)
	f.Equal(f.hub(people[0], h).Text("service.id"), active)
}

// Up to the last instant of the month, and no later: then one activates again.
// (R89, A15 A46)
func TestServiceResume_untilTheBoundary(t *testing.T) {
	f := newFirm(t)
	early, late := f.dealer.Hub("Early"), f.dealer.Hub("Late")
	for _, h := range []*world.Hub{early, late} {
		f.OK(f.dealer.Activates(h))
		f.OK(f.takes(f.dealer.Owner, "Deactivate", h))
	}
	f.Advance("2026-01-31T23:59:59.999999Z")
	f.OK(f.takes(f.dealer.Owner, "Resume", early))
	f.Advance("2026-02-01T00:00:00Z")
	f.shows(f.dealer.Owner, early, "ACTIVATED", true, true)
	f.shows(f.dealer.Owner, late, "ACTIVATION_REQUIRED", false, false)
	a := f.Refused(f.takes(f.dealer.Owner, "Resume", late), "INVALID_STATE input.hubId")
	f.same(a.Texts("userErrors.0.allowedActions", ""), []string{"ACTIVATE"})
	f.Equal(a.Text("userErrors.0.message"), "Ajax Services on this hub have ended, or were never activated. Activate them again instead.")
	f.OK(f.dealer.Activates(late))
}

// A pause is taken back first, then the pending end. (A5)
func TestServiceResume_pauseFirst(t *testing.T) {
	f := newFirm(t)
	h, p := f.dealer.Hub("Villa"), f.dealer.Owner
	f.OK(f.dealer.Activates(h))
	f.OK(f.takes(p, "Deactivate", h))
	f.OK(f.takes(p, "Suspend", h))
	a := f.OK(f.takes(p, "Resume", h))
	f.Equal(a.Text("service.status"), "EXPIRING")
	f.Equal(a.Text("service.endsAt"), "2026-02-01T00:00:00Z")
	f.Equal(a.Text("screen.code"), "SERVICES_EXPIRE_SOON")
	f.shows(p, h, "EXPIRES_SOON", true, true)
	f.Equal(f.OK(f.takes(p, "Resume", h)).Text("screen.code"), "SERVICES_ACTIVATED")
	f.shows(p, h, "ACTIVATED", true, true)
}
