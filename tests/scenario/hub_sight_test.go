package scenario

import (
	"testing"

	"partnerhub/tests/world"
)

// A reseller sees of a hub that it bills its names and numbers and what it
// bills; not the address, the own number, the card or the blockers; nothing at
// all of other hubs, nor the list of the dealer's objects. It changes none of
// it. When it stops billing, the hub is gone from its sight. (R132 A50 A51)
func TestHub_OfTheBillingReseller(t *testing.T) {
	w := world.New(t)
	dealer, reseller, other := w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Other Station")
	w.Package("AJAX_SIM")
	connection := dealer.Connects(reseller)
	dealer.Connects(other)
	villa := dealer.Hub("Villa")
	annexe := dealer.HubAt(villa.ObjectID, "Annexe", true)
	w.OK(dealer.Owner.Mutate("objectUpdate", world.Vars{"objectId": villa.ObjectID, "reference": "K-7"}, ``))
	w.OK(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": villa.ID, "connectionId": connection}, ``))

	manager := reseller.Employee("SERVICE_MANAGER")
	sees := func(p *world.Person) world.Answer {
		w.Helper()
		return w.OK(p.Query(`query($h: ID!, $a: ID!, $o: ID!, $d: ID!) {
			hub(id: $h) { `+hubFields+` service { status } serviceActions { action } activationOptions { packages { id } blockers { code } } services { totalCount } }
			node(id: $h) { ... on Hub { name object { name address reference } sim { id } } }
			annexe: hub(id: $a) { id }
			object(id: $o) { name address reference company { name } hubs { totalCount nodes { name } } }
			company(id: $d) { objects { totalCount nodes { id } } found: objects(filter: {search: "street"}) { totalCount } } }`,
			world.Vars{"h": villa.ID, "a": annexe.ID, "o": villa.ObjectID, "d": dealer.ID}))
	}
	for _, p := range []*world.Person{reseller.Owner, manager} {
		a := sees(p)
		for path, want := range map[string]string{
			"hub.id": villa.ID, "hub.name": "Villa", "hub.serialNumber": villa.Serial, "hub.object.name": "Villa",
			"hub.tile.kind": "UNAVAILABLE", "hub.tile.hint": "", "hub.service.status": "ACTIVE", "node.name": "Villa", "object.name": "Villa",
			"object.company.name": "Night Watch", "object.hubs.nodes.0.name": "Villa",
		} {
			if got := a.Text(path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
		for _, path := range []string{"hub.sim", "hub.object.address", "hub.object.reference", "object.address", "object.reference", "node.object.address", "node.object.reference", "node.sim", "annexe"} {
			if got := a.Get(path); got != nil {
				t.Errorf("the reseller sees as %s: %v", path, got)
			}
		}
		for _, path := range []string{"hub.statusIcons", "hub.removalBlockers", "hub.serviceActions", "hub.activationOptions.packages", "hub.activationOptions.blockers", "company.objects.nodes"} {
			if got := a.List(path); len(got) > 0 {
				t.Errorf("the reseller sees as %s: %v", path, got)
			}
		}
		w.Equal(a.Int("object.hubs.totalCount"), 1)
		w.Equal(a.Int("company.objects.totalCount")+a.Int("company.found.totalCount"), 0)
	}
	for _, p := range []*world.Person{other.Owner, reseller.Employee("INSTALLER")} {
		if a := sees(p); a.Get("hub") != nil || a.Get("object") != nil || a.Get("node") != nil {
			t.Errorf("%s sees %v", p.Name, a.Data)
		}
	}
	for field, in := range map[string]world.Vars{
		"hubRemove":     {"hubId": villa.ID},
		"hubSimInstall": {"hubId": villa.ID, "sim": world.Vars{"iccid": "894801000000000001"}},
		"hubAdd":        {"objectId": villa.ObjectID, "serialNumber": "00B1", "name": "X"},
		"objectUpdate":  {"objectId": villa.ObjectID, "name": "X"},
		"objectDelete":  {"objectId": villa.ObjectID},
		"objectCreate":  {"companyId": dealer.ID, "name": "X"},
	} {
		w.Refused(manager.Mutate(field, in, ``), "FORBIDDEN")
	}
	w.Refused(manager.Mutate("hubConfigurationTransfer", world.Vars{"fromHubId": villa.ID, "toHubId": annexe.ID}, ``), "NOT_FOUND input.toHubId")
	w.Refused(manager.Mutate("hubRemove", world.Vars{"hubId": annexe.ID}, ``), "NOT_FOUND input.hubId")
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID}, ``))
	if a := sees(manager); a.Get("hub") != nil || a.Get("object") != nil {
		t.Errorf("after the end the reseller sees %v", a.Data)
	}
}

// Whoever watches tiles sees hubs come, change their card, name and place, and
// go. (R76 R85)
func TestHub_Watched(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	villa, shop := dealer.Object("Villa"), dealer.Object("Shop")
	stream := dealer.Employee("INSTALLER").Tiles(world.Vars{"companyId": dealer.ID}, "")
	if a := stream.Next(); a.Text("kind") != "SNAPSHOT" || a.Get("hubId") != nil {
		t.Fatalf("an empty scope starts with %v", a.Data)
	}
	hub := dealer.HubAt(villa, "Hub", false)
	change := func(field string, in world.Vars) {
		w.Helper()
		w.OK(dealer.Owner.Mutate(field, in, ``))
	}
	version := 0
	next := func(previous any, want ...string) {
		w.Helper()
		a := stream.Next()
		w.Equal(a.Text("kind")+a.Text("hubId"), "CHANGE"+hub.ID)
		w.Equal(a.Get("previousTile"), previous)
		same(w, []string{a.Text("hub.name"), a.Text("hub.tile.kind")}, want...)
		if v := a.Int("hub.tile.version"); v != version+1 {
			t.Errorf("version %d after %d", v, version)
		}
		version++
	}
	next(nil, "Hub", "UNAVAILABLE")
	change("hubSimInstall", world.Vars{"hubId": hub.ID, "sim": world.Vars{"iccid": "894801000000000001"}})
	next("UNAVAILABLE", "Hub", "ACTIVATION_REQUIRED")
	change("hubUpdate", world.Vars{"hubId": hub.ID, "name": "Main"})
	next("ACTIVATION_REQUIRED", "Main", "ACTIVATION_REQUIRED")
	change("hubUpdate", world.Vars{"hubId": hub.ID, "objectId": shop})
	next("ACTIVATION_REQUIRED", "Main", "ACTIVATION_REQUIRED")
	second := dealer.HubAt(shop, "Second", false)
	w.Equal(stream.Next().Text("hub.name"), "Second")
	change("hubConfigurationTransfer", world.Vars{"fromHubId": hub.ID, "toHubId": second.ID})
	next("ACTIVATION_REQUIRED", hub.Serial, "ACTIVATION_REQUIRED")
	if a := stream.Next(); a.Text("hub.name") != "Main" || a.Text("previousTile") != "UNAVAILABLE" {
		t.Errorf("the second hub became %v", a.Data)
	}
	change("hubRemove", world.Vars{"hubId": hub.ID})
	if a := stream.Next(); a.Text("hubId") != hub.ID || a.Get("hub") != nil || a.Text("previousTile") != "ACTIVATION_REQUIRED" {
		t.Errorf("the removal came as %v", a.Data)
	}
	change("objectDelete", world.Vars{"objectId": shop})
	if a := stream.Next(); a.Text("hubId") != second.ID || a.Get("hub") != nil {
		t.Errorf("the deletion came as %v", a.Data)
	}
	change("objectUpdate", world.Vars{"objectId": villa, "name": "House"}) // changes no hub
	stream.Quiet()
}
