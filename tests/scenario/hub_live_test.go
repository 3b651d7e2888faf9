package scenario

import (
	"fmt"
	"testing"

	"partnerhub/tests/world"
)

// While services live, in every state, a hub is not removed, its card stays,
// and no configuration is transferred from it or to it; asking beforehand says
// so too. Once they are stopped all of it works. (R107 R108 A10 A57)
func TestHub_WhileServicesLive(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM", world.Vars{"trialDays": 14})
	dealer.Connects(reseller)
	villa, shop := dealer.Hub("Villa"), dealer.Hub("Shop")
	const told = ` userErrors { ... on ServicesActiveError { activeServiceCount hubs { id } } }`
	transfer := func(from, to *world.Hub) world.Answer {
		w.Helper()
		return dealer.Owner.Mutate("hubConfigurationTransfer", world.Vars{"fromHubId": from.ID, "toHubId": to.ID}, `hub { id name }`+told)
	}
	remove := func() world.Answer {
		w.Helper()
		return dealer.Owner.Mutate("hubRemove", world.Vars{"hubId": villa.ID}, `removedHubId`+told)
	}
	install := func(iccid string) world.Answer {
		w.Helper()
		return dealer.Owner.Mutate("hubSimInstall", world.Vars{"hubId": villa.ID, "sim": world.Vars{"iccid": iccid}}, `hub { id sim { iccid isActive } }`+told)
	}
	for _, name := range []string{"serviceActivate", "serviceSuspend", "serviceResume", "serviceDeactivate", "serviceSuspend"} {
		w.OK(dealer.Owner.Mutate(name, world.Vars{"hubId": villa.ID}, ``))
		for _, a := range []world.Answer{
			w.Refused(remove(), "SERVICES_ACTIVE input.hubId"),
			w.Refused(install("894801000000000999"), "SERVICES_ACTIVE input.hubId"),
			w.Refused(transfer(villa, shop), "SERVICES_ACTIVE input.fromHubId"),
			w.Refused(transfer(shop, villa), "SERVICES_ACTIVE input.toHubId"),
		} {
			w.Equal(a.Int("userErrors.0.activeServiceCount"), 1)
			same(w, a.Texts("userErrors.0.hubs", "id"), villa.ID)
		}
		w.OK(install(villa.ICCID)) // the card that is in it
		a := seesHub(w, dealer.Owner, villa.ID)
		same(w, a.Texts("removalBlockers", "code"), "SERVICES_ACTIVE")
		same(w, a.Texts("removalBlockers.0.hubs", "id"), villa.ID)
		w.Equal(a.Get("sim.isActive"), name != "serviceSuspend")
	}
	w.OK(dealer.Activates(shop))
	both := w.Refused(transfer(villa, shop), "SERVICES_ACTIVE")
	w.Equal(both.Int("userErrors.0.activeServiceCount"), 2)
	w.Equal(len(both.List("userErrors.0.path")), 0)

	for _, h := range []*world.Hub{villa, shop} {
		w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": h.ID}, ``))
	}
	same(w, seesHub(w, dealer.Owner, villa.ID).Texts("removalBlockers", "code"))
	w.Equal(w.OK(install("894801000000000999")).Text("hub.sim.iccid"), "894801000000000999")
	w.Equal(w.OK(transfer(villa, shop)).Text("hub.name"), "Villa")
	w.Equal(w.OK(remove()).Text("removedHubId"), villa.ID)
	w.Refused(remove(), "NOT_FOUND input.hubId")
	if a := seesHub(w, dealer.Owner, villa.ID); a.Data != nil {
		t.Errorf("a removed hub is %v", a.Data)
	}
}

// A removal and an activation at the same moment: one of them is refused, and
// no removed hub has a living service. (R108 A10)
func TestHubRemove_AgainstActivation(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	shop := dealer.Hub("Shop")
	for i, field := range []string{"hubRemove", "objectDelete", "hubSimInstall", "hubConfigurationTransfer", "hubRemove", "objectDelete"} {
		villa := dealer.Hub(fmt.Sprint("Villa ", i))
		in := map[string]world.Vars{
			"hubRemove":                {"hubId": villa.ID},
			"objectDelete":             {"objectId": villa.ObjectID},
			"hubSimInstall":            {"hubId": villa.ID, "sim": world.Vars{"iccid": fmt.Sprint("89480100000000000", i), "isAjaxSim": false}},
			"hubConfigurationTransfer": {"fromHubId": villa.ID, "toHubId": shop.ID},
		}[field]
		codes := atOnce(8, func(i int) world.Answer {
			if i%2 == 0 {
				return dealer.Activates(villa)
			}
			return dealer.Owner.Mutate(field, in, ``)
		})
		a := seesHub(w, dealer.Owner, villa.ID)
		live := w.OK(reseller.Owner.Query(`query($id: ID!) { hub(id: $id) { service { status } } }`, world.Vars{"id": villa.ID})).Text("hub.service.status") == "ACTIVE"
		switch {
		case field == "hubConfigurationTransfer":
			if !live {
				t.Errorf("%s: nothing lives: %q", field, codes)
			}
		case field == "hubSimInstall":
			if a.Get("sim.isAjaxSim") != live {
				t.Errorf("%s: live %v with the card %v: %q", field, live, a.Get("sim"), codes)
			}
		default:
			if gone := a.Data == nil; gone == live {
				t.Errorf("%s: live %v, gone %v: %q", field, live, gone, codes)
			}
		}
	}
}
