package scenario_test

import (
	"testing"

	"partnerhub/tests/world"
)

// Chapter "Deactivating (Stop now) Ajax Services": from every live state, at
// once, the SIM card too, without asking the reseller. (R102 R103 R104 R105
// R109 R110 R111 R112 R122 R131, A3 A8 A28)
func TestServiceStop(t *testing.T) {
	f := newFirm(t)
	f.Package("AJAX_SIM", world.Vars{"trialDays": 30})
	for name, way := range map[string][]string{
		"active": {}, "expiring": {"Deactivate"}, "paused": {"Suspend"}, "paused, ending": {"Deactivate", "Suspend"},
	} {
		t.Run(name, func(t *testing.T) {
			f.TB = t
			p, h := f.dealer.Owner, f.dealer.Hub("Hub "+name)
			f.Refused(f.takes(p, "Stop", h), "INVALID_STATE input.hubId")
			f.OK(f.dealer.Activates(h))
			for _, step := range way {
				f.OK(f.takes(p, step, h))
			}
			tiles := p.Tiles(world.Vars{"hubIds": []string{h.ID}}, "")
			before := tiles.Next().Text("hub.tile.kind")
			key := world.Vars{"idempotencyKey": "stop " + name, "reason": "The customer cancelled"}
			a := f.OK(f.takes(p, "Stop", h, key))
			f.Equal(a.Text("service.status"), "ENDED")
			f.Equal(a.Text("service.endsAt"), "2026-01-15T12:00:00Z")
			f.Equal(a.Text("service.reason"), "The customer cancelled")
			f.Equal(a.Get("service.suspendedAt"), nil)
			f.Equal(a.Text("screen.code"), "ACTIVATION_REQUIRED")
			f.Equal(a.Get("hub.sim.isActive"), false)
			f.shows(p, h, "ACTIVATION_REQUIRED", false, false)
			pushed := tiles.Next()
			f.Equal(pushed.Text("hub.tile.kind"), "ACTIVATION_REQUIRED")
			f.Equal(pushed.Text("previousTile"), before)
			f.same(pushed.Texts("hub.statusIcons", ""), []string{"SIM_INACTIVE"})
			f.Equal(f.hub(p, h).Get("service"), nil)
			f.same(f.hub(p, h).Texts("services.nodes", "status"), []string{"ENDED"})
			f.Equal(f.OK(f.takes(p, "Stop", h, key)).Text("service.id"), a.Text("service.id"))
			f.Refused(f.takes(p, "Stop", h), "INVALID_STATE input.hubId")
			f.Refused(f.takes(p, "Resume", h), "INVALID_STATE input.hubId")
		})
	}
}

// A package that includes no SIM leaves the card alone. (R105)
func TestServiceStop_packageWithoutSIM(t *testing.T) {
	w := world.New(t)
	f := &firm{World: w, dealer: w.Dealer("Night Watch"), reseller: w.Reseller("Central Station")}
	w.Package("CLOUD", world.Vars{"includesSim": false})
	f.dealer.Connects(f.reseller)
	h := f.dealer.Hub("Villa")
	f.OK(f.dealer.Activates(h))
	f.shows(f.dealer.Owner, h, "ACTIVATED", true, false)
	f.OK(f.takes(f.dealer.Owner, "Stop", h))
	f.shows(f.dealer.Owner, h, "ACTIVATION_REQUIRED", false, false)
}

// While services are active, expiring, paused or on trial, neither the company
// nor the object nor the hub can go, nor its card, nor its configuration; after
// the last one ended all of it can. (R106 R107 R108, A10)
func TestServiceStop_beforeDeleting(t *testing.T) {
	f := newFirm(t)
	f.Package("AJAX_SIM", world.Vars{"trialDays": 10})
	p, other := f.dealer.Owner, f.dealer.Hub("Spare")
	h := f.dealer.Hub("Villa")
	tries := map[string]world.Vars{
		"companyDelete":            {"companyId": f.dealer.ID, "confirmName": f.dealer.Name},
		"objectDelete":             {"objectId": h.ObjectID},
		"hubRemove":                {"hubId": h.ID},
		"hubSimInstall":            {"hubId": h.ID, "sim": world.Vars{"iccid": "8948000000000888888", "isAjaxSim": true}},
		"hubConfigurationTransfer": {"fromHubId": h.ID, "toHubId": other.ID},
	}
	refused := func() {
		t.Helper()
		for mutation, input := range tries {
			a := f.Refused(p.Mutate(mutation, input, ``), "SERVICES_ACTIVE")
			f.Equal(a.Int("userErrors.0.activeServiceCount"), 1)
			f.Equal(a.Text("userErrors.0.hubs.0.id"), h.ID)
		}
	}
	f.OK(f.dealer.Activates(h))
	refused()
	f.OK(f.takes(p, "Suspend", h))
	refused()
	f.OK(f.takes(p, "Resume", h))
	f.OK(f.takes(p, "Deactivate", h))
	refused()
	f.Advance("2026-02-01T00:00:00Z")
	for _, mutation := range []string{"hubConfigurationTransfer", "hubSimInstall", "hubRemove", "objectDelete", "companyDelete"} {
		f.OK(p.Mutate(mutation, tries[mutation], ``))
	}
	f.Refused(f.takes(p, "Activate", h), "NOT_FOUND input.hubId")
}
