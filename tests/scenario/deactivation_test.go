package scenario_test

import (
	"testing"

	"partnerhub/tests/world"
)

// Chapter "Deactivating Ajax Services from the start of the next month": they
// run to the end of the month, and the tile says so. (R87 R88 R90 R91 R92 R93
// R94 R129, A12 A13 A37)
func TestServiceDeactivate(t *testing.T) {
	f := newFirm(t)
	for _, role := range world.AllRoles {
		p, h := f.dealer.InRole(role), f.dealer.Hub("Hub of "+role)
		f.OK(f.takes(p, "Activate", h))
		f.same(f.open(p, h), []string{"DEACTIVATE", "SUSPEND", "STOP"})
		f.Equal(f.hub(p, h).Text("serviceActions.1.effectiveAt"), "2026-02-01T00:00:00Z")

		a := f.OK(f.takes(p, "Deactivate", h, world.Vars{"reason": "The customer moves"}))
		f.Equal(a.Text("screen.code"), "SERVICES_EXPIRE_SOON")
		f.Equal(a.Text("screen.title"), "Services expire soon")
		f.Equal(a.Text("service.status"), "EXPIRING")
		f.Equal(a.Text("service.endsAt"), "2026-02-01T00:00:00Z")
		f.Equal(a.Text("service.reason"), "The customer moves")
		f.shows(p, h, "EXPIRES_SOON", true, true)
		for _, shown := range []world.Answer{f.hub(p, h), f.onList(p, h)} {
			f.Equal(shown.Text("tile.label"), "Expires soon")
			f.Equal(shown.Text("tile.hint"), "Access to some features may expire if not activated")
			f.Equal(shown.Text("tile.expiresAt"), "2026-02-01T00:00:00Z")
		}
		f.same(f.open(p, h), []string{"SUSPEND", "RESUME", "STOP"})
	}
}

// A second time is refused, and never ends earlier; with its key it is the
// first answer. (R92, A33 A48)
func TestServiceDeactivate_twice(t *testing.T) {
	f := newFirm(t)
	h, p, key := f.dealer.Hub("Villa"), f.dealer.Owner, world.Vars{"idempotencyKey": "k1"}
	f.Refused(f.takes(p, "Deactivate", h), "INVALID_STATE input.hubId")
	f.OK(f.dealer.Activates(h))
	first := f.OK(f.takes(p, "Deactivate", h, key))
	a := f.Refused(f.takes(p, "Deactivate", h), "INVALID_STATE input.hubId")
	f.Equal(a.Text("userErrors.0.__typename"), "StateError")
	f.Equal(a.Text("userErrors.0.subject.id"), first.Text("service.id"))
	f.same(a.Texts("userErrors.0.allowedActions", ""), []string{"SUSPEND", "RESUME", "STOP"})
	again := f.OK(f.takes(p, "Deactivate", h, key))
	f.Equal(again.Text("service.id"), first.Text("service.id"))
	f.Equal(again.Text("service.endsAt"), first.Text("service.endsAt"))
	f.Equal(again.Int("hub.tile.version"), first.Int("hub.tile.version"))
	f.Refused(f.takes(p, "Deactivate", h, key, world.Vars{"reason": "Another"}), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
}

// All that is wrong with the form is told at once. (A35 A54)
func TestServiceDeactivate_form(t *testing.T) {
	f := newFirm(t)
	long := make([]rune, 1001)
	for i := range long {
		long[i] = 'ż'
	}
	for _, step := range []string{"Deactivate", "Suspend", "Stop"} {
		f.Refused(f.dealer.Owner.Mutate("service"+step, world.Vars{"hubId": "hub_unknown", "reason": string(long), "idempotencyKey": ""}, stepResult),
			"INVALID input.reason", "INVALID input.idempotencyKey")
	}
	h := f.dealer.Hub("Villa")
	f.OK(f.dealer.Activates(h))
	f.Equal(f.OK(f.takes(f.dealer.Owner, "Suspend", h, world.Vars{"reason": string(long[:1000])})).Text("service.reason"), string(long[:1000]))
	f.OK(f.takes(f.dealer.Owner, "Resume", h))
	f.Equal(f.OK(f.takes(f.dealer.Owner, "Stop", h, world.Vars{"reason": "  "})).Get("service.reason"), nil)
}
