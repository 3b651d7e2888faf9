package scenario

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

// hubFields are what the people of its company see of a hub.
const hubFields = `id name serialNumber createdAt object { id name address reference } sim { id iccid isAjaxSim isActive }
	statusIcons tile { kind hint } removalBlockers { __typename code message path ... on ServicesActiveError { activeServiceCount hubs { id } } }`

// seesHub reads a hub as somebody; its data is nil where there is none to see.
func seesHub(w *world.World, p *world.Person, id string) world.Answer {
	w.Helper()
	a := w.OK(p.Query(`query($id: ID!) { hub(id: $id) { `+hubFields+` } }`, world.Vars{"id": id}))
	a.Data = a.Get("hub")
	return a
}

// A hub is added with its card, by any role, and reads back as it was given;
// numbers are taken as people type them. Without an Ajax SIM, or of a company
// that is no dealer, its tile is Unavailable and says why. (R74 R76 R77 A52 A56)
func TestHubAdd(t *testing.T) {
	w := world.New(t)
	dealer, company := w.Dealer("Night Watch"), w.Company("Day Watch")
	installer := dealer.Employee("INSTALLER")
	a := w.OK(installer.Mutate("hubAdd", world.Vars{
		"objectId": dealer.Object("Villa"), "serialNumber": " 00a1-b2 c3", "name": " Hub 2 Plus ",
		"sim": world.Vars{"iccid": "8948 0100 0000 0000 001"},
	}, `hub { `+hubFields+` }`))
	for path, want := range map[string]string{
		"serialNumber": "00A1B2C3", "name": "Hub 2 Plus", "createdAt": "2026-01-15T12:00:00Z", "object.name": "Villa",
		"object.address": "Villa street 1", "sim.iccid": "8948010000000000001", "tile.kind": "ACTIVATION_REQUIRED",
	} {
		if got := a.Text("hub." + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if a.Get("hub.sim.isAjaxSim") != true || a.Get("hub.sim.isActive") != false || len(a.List("hub.removalBlockers")) != 0 {
		t.Errorf("added as %v", a.Get("hub"))
	}
	same(w, a.Texts("hub.statusIcons", ""), "SIM_INACTIVE")
	for _, p := range []*world.Person{dealer.Owner, w.Operator()} {
		w.Equal(fmt.Sprint(seesHub(w, p, a.Text("hub.id")).Data), fmt.Sprint(a.Get("hub")))
	}
	for i, c := range []struct {
		company *world.Company
		sim     any
		icons   []string
		hint    string
	}{
		{dealer, nil, []string{}, "Ajax Services cannot be activated: the hub has no Ajax SIM installed."},
		{dealer, world.Vars{"iccid": "894801000000000100", "isAjaxSim": false}, []string{"SIM_INACTIVE"}, "Ajax Services cannot be activated: the hub has no Ajax SIM installed."},
		{company, world.Vars{"iccid": "894801000000000101"}, []string{"SIM_INACTIVE"}, "Ajax Services cannot be activated: the company is not enrolled as a dealer."},
	} {
		a := w.OK(c.company.Owner.Mutate("hubAdd", world.Vars{"objectId": c.company.Object("Shop"), "serialNumber": fmt.Sprint("FFF", i), "name": "Hub", "sim": c.sim},
			`hub { `+hubFields+` }`))
		w.Equal(a.Text("hub.tile.kind"), "UNAVAILABLE")
		w.Equal(a.Text("hub.tile.hint"), c.hint)
		same(w, a.Texts("hub.statusIcons", ""), c.icons...)
	}
	entry := w.OK(dealer.Owner.Query(`query($id: ID!) { company(id: $id) { activities(filter: {action: ["hubAdd"]}, last: 1) { nodes { summary actor { id } subject { id } } } } }`,
		world.Vars{"id": dealer.ID}))
	w.Equal(entry.Text("company.activities.nodes.0.summary"), "The hub Hub 2 Plus was added to the object Villa.")
	w.Equal(entry.Text("company.activities.nodes.0.actor.id"), installer.ID)
}

// Every wrong field is named at once. Serial numbers and card numbers are
// unique among the present hubs of the whole platform; only who sees the other
// hub is told which it is. A key makes the call safe to repeat. (A33 A40 A54)
func TestHubAdd_Refusals(t *testing.T) {
	w := world.New(t)
	dealer, stranger := w.Dealer("Night Watch"), w.Dealer("Day Watch")
	villa := dealer.Hub("Villa")
	add := func(c *world.Company, change world.Vars) world.Answer {
		w.Helper()
		in := world.Vars{"objectId": villa.ObjectID, "serialNumber": "00B1", "name": "Hub"}
		for name, value := range change {
			in[name] = value
		}
		return c.Owner.Mutate("hubAdd", in, `hub { id } userErrors { ... on InputError { existing { id } } }`)
	}
	w.Refused(add(dealer, world.Vars{"serialNumber": "0_1", "name": " ", "sim": world.Vars{"iccid": "12345"}, "idempotencyKey": strings.Repeat("k", 129)}),
		"INVALID input.serialNumber", "REQUIRED input.name", "INVALID input.sim.iccid", "INVALID input.idempotencyKey")
	w.Refused(add(dealer, world.Vars{"serialNumber": "- -"}), "REQUIRED input.serialNumber")
	w.Refused(add(stranger, nil), "NOT_FOUND input.objectId")
	w.Refused(add(dealer, world.Vars{"objectId": "obj_none"}), "NOT_FOUND input.objectId")

	numbers := world.Vars{"serialNumber": strings.ToLower(villa.Serial), "sim": world.Vars{"iccid": villa.ICCID, "isAjaxSim": false}}
	own := w.Refused(add(dealer, numbers), "TAKEN input.serialNumber", "TAKEN input.sim.iccid")
	w.Equal(own.Text("userErrors.0.existing.id")+own.Text("userErrors.1.existing.id"), villa.ID+villa.ID)
	numbers["objectId"] = stranger.Object("Shop")
	foreign := w.Refused(add(stranger, numbers), "TAKEN input.serialNumber", "TAKEN input.sim.iccid")
	if foreign.Get("userErrors.0.existing") != nil || foreign.Get("userErrors.1.existing") != nil {
		t.Errorf("a stranger is told of %v", foreign.Get("userErrors"))
	}
	w.OK(dealer.Owner.Mutate("hubRemove", world.Vars{"hubId": villa.ID}, `removedHubId`))
	w.OK(add(stranger, numbers))

	first := w.OK(add(dealer, world.Vars{"idempotencyKey": "k"})).Text("hub.id")
	w.Equal(w.OK(add(dealer, world.Vars{"idempotencyKey": "k"})).Text("hub.id"), first)
	w.Refused(add(dealer, world.Vars{"idempotencyKey": "k", "name": "Other"}), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	w.Refused(add(dealer, nil), "TAKEN input.serialNumber")
}

// 20 people add the same hub at the same moment: one hub, and 19 are told so.
// (A40)
func TestHubAdd_AtTheSameMoment(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	villa := dealer.Object("Villa")
	codes := atOnce(20, func(int) world.Answer {
		return dealer.Owner.Mutate("hubAdd", world.Vars{"objectId": villa, "serialNumber": "00A1", "name": "Hub"}, `hub { id }`)
	})
	same(w, codes, append([]string{""}, slices.Repeat([]string{"TAKEN input.serialNumber"}, 19)...)...)
	w.Equal(w.OK(dealer.Owner.Query(`query($id: ID!) { object(id: $id) { hubs { totalCount } } }`, world.Vars{"id": villa})).Int("object.hubs.totalCount"), 1)
	// The same with one key: one effect, 20 times the answer.
	ids := make([]string, 20)
	codes = atOnce(20, func(i int) world.Answer {
		a := dealer.Owner.Mutate("hubAdd", world.Vars{"objectId": villa, "serialNumber": "00A2", "name": "Hub", "idempotencyKey": "k"}, `hub { id }`)
		ids[i] = a.Text("hub.id")
		return a
	})
	same(w, slices.Compact(codes), "")
	if one := slices.Compact(ids); len(one) != 1 || one[0] == "" {
		t.Errorf("the hubs are %q", one)
	}
}

// atOnce has n calls made at the same moment, and returns the refusals of each,
// "" for none, sorted.
func atOnce(n int, call func(i int) world.Answer) []string {
	codes := make([]string, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			a := call(i)
			codes[i] = strings.TrimSpace(a.Code() + " " + strings.Join(a.Codes(), ", "))
		})
	}
	close(start)
	wg.Wait()
	slices.Sort(codes)
	return codes
}

// A hub is renamed or put at another object of its company, services or not.
// (R75 A52 A54)
func TestHubUpdate(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	installer := dealer.Employee("INSTALLER")
	villa := dealer.Hub("Villa")
	shop := dealer.Object("Shop")
	w.OK(dealer.Activates(villa))
	update := func(p *world.Person, change world.Vars) world.Answer {
		w.Helper()
		change["hubId"] = villa.ID
		return p.Mutate("hubUpdate", change, `hub { name object { id name } tile { kind version } }`)
	}
	renamed := w.OK(update(installer, world.Vars{"name": " Main hub "}))
	w.Equal(renamed.Text("hub.name")+", "+renamed.Text("hub.object.name"), "Main hub, Villa")
	moved := w.OK(update(installer, world.Vars{"objectId": shop}))
	w.Equal(moved.Text("hub.name")+", "+moved.Text("hub.object.name")+", "+moved.Text("hub.tile.kind"), "Main hub, Shop, ACTIVATED")
	w.Equal(moved.Int("hub.tile.version"), renamed.Int("hub.tile.version")+1)
	still := w.OK(update(installer, world.Vars{"name": "Main hub", "objectId": shop}))
	w.Equal(still.Int("hub.tile.version"), moved.Int("hub.tile.version"))

	other := w.Dealer("Day Watch")
	w.Refused(update(dealer.Owner, world.Vars{"objectId": other.Object("Foreign")}), "NOT_FOUND input.objectId")
	w.Refused(update(dealer.Owner, world.Vars{"objectId": "obj_none"}), "NOT_FOUND input.objectId")
	w.Refused(update(dealer.Owner, world.Vars{"name": nil, "objectId": nil}), "REQUIRED input.name", "REQUIRED input.objectId")
	w.Refused(update(dealer.Owner, world.Vars{"name": strings.Repeat("x", 201)}), "INVALID input.name")
	w.Refused(update(other.Owner, world.Vars{"name": "X"}), "NOT_FOUND input.hubId")
	w.Refused(update(reseller.Owner, world.Vars{"name": "X"}), "FORBIDDEN input.hubId")
	w.Refused(update(reseller.Owner, world.Vars{"objectId": shop}), "FORBIDDEN input.hubId")
	w.Refused(update(w.Operator(), world.Vars{"name": "X"}), "FORBIDDEN input.hubId")
	w.OK(dealer.Owner.Mutate("objectDelete", world.Vars{"objectId": villa.ObjectID}, ``)) // the hub is elsewhere
	w.Refused(update(dealer.Owner, world.Vars{"objectId": villa.ObjectID}), "NOT_FOUND input.objectId")
}

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

// The configuration moves between two hubs of one company: the name comes to
// the second, the first goes by its serial number. Card, object and history
// stay where they are. (R107 A57)
func TestHubConfigurationTransfer(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa, shop := dealer.Hub("Villa"), dealer.Hub("Shop")
	w.OK(dealer.Activates(villa))
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID}, ``))
	installer, other := dealer.Employee("INSTALLER"), w.Dealer("Day Watch")
	foreign := other.Hub("Foreign")
	transfer := func(p *world.Person, from, to string) world.Answer {
		w.Helper()
		return p.Mutate("hubConfigurationTransfer", world.Vars{"fromHubId": from, "toHubId": to},
			`hub { id name serialNumber object { name } sim { iccid } services { totalCount } }`)
	}
	w.Refused(transfer(installer, villa.ID, villa.ID), "INVALID input.toHubId")
	w.Refused(transfer(installer, villa.ID, foreign.ID), "NOT_FOUND input.toHubId")
	w.Refused(transfer(installer, foreign.ID, villa.ID), "NOT_FOUND input.fromHubId")
	w.Refused(transfer(other.Owner, villa.ID, shop.ID), "NOT_FOUND input.fromHubId")
	w.Refused(transfer(w.Operator(), villa.ID, shop.ID), "FORBIDDEN input.fromHubId")
	w.Refused(transfer(w.Operator(), villa.ID, foreign.ID), "NOT_FOUND input.toHubId")
	a := w.OK(transfer(installer, villa.ID, shop.ID))
	for path, want := range map[string]string{"id": shop.ID, "name": "Villa", "serialNumber": shop.Serial, "object.name": "Shop", "sim.iccid": shop.ICCID} {
		w.Equal(a.Text("hub."+path), want)
	}
	w.Equal(a.Int("hub.services.totalCount"), 0)
	first := w.OK(dealer.Owner.Query(`query($id: ID!) { hub(id: $id) { name sim { iccid } services { totalCount } } }`, world.Vars{"id": villa.ID}))
	w.Equal(first.Text("hub.name")+first.Text("hub.sim.iccid"), villa.Serial+villa.ICCID)
	w.Equal(first.Int("hub.services.totalCount"), 1)
	entries := w.OK(dealer.Owner.Query(`query($id: ID!) { company(id: $id) { activities(first: 2) { nodes { summary subject { id } } } } }`, world.Vars{"id": dealer.ID}))
	for i, id := range []string{shop.ID, villa.ID} {
		w.Equal(entries.Text(fmt.Sprintf("company.activities.nodes.%d.summary", i)), "The configuration of the hub Villa was transferred to the hub Shop.")
		w.Equal(entries.Text(fmt.Sprintf("company.activities.nodes.%d.subject.id", i)), id)
	}
}

// A card is put into a hub in place of the one it has: with an Ajax SIM the
// tile becomes Activation required, with any other it is Unavailable again.
// (R74 A40 A56)
func TestHubSimInstall(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	villa, shop := dealer.HubWithoutSIM("Villa"), dealer.Hub("Shop")
	install := func(iccid string, ajax bool) world.Answer {
		w.Helper()
		return dealer.Owner.Mutate("hubSimInstall", world.Vars{"hubId": villa.ID, "sim": world.Vars{"iccid": iccid, "isAjaxSim": ajax}},
			`hub { statusIcons tile { kind version } sim { id iccid isAjaxSim isActive } } userErrors { ... on InputError { existing { id } } }`)
	}
	w.Refused(install("8948-x", true), "INVALID input.sim.iccid")
	w.Refused(install("", true), "REQUIRED input.sim.iccid")
	w.Equal(w.Refused(install(shop.ICCID, true), "TAKEN input.sim.iccid").Text("userErrors.0.existing.id"), shop.ID)
	first := w.OK(install("8948 0100-0000 0000 999", true))
	w.Equal(first.Text("hub.tile.kind")+first.Text("hub.sim.iccid"), "ACTIVATION_REQUIRED8948010000000000999")
	again := w.OK(install("8948010000000000999", true))
	w.Equal(fmt.Sprint(again.Get("hub")), fmt.Sprint(first.Get("hub")))
	other := w.OK(install("8948010000000000999", false))
	w.Equal(other.Text("hub.tile.kind"), "UNAVAILABLE")
	same(w, other.Texts("hub.statusIcons", ""), "SIM_INACTIVE")
	w.OK(install("8948010000000000998", true))
	// The card that was taken out may go into another hub.
	w.OK(dealer.Owner.Mutate("hubSimInstall", world.Vars{"hubId": shop.ID, "sim": world.Vars{"iccid": "8948010000000000999"}}, `hub { id }`))
	w.Refused(w.Operator().Mutate("hubSimInstall", world.Vars{"hubId": shop.ID, "sim": world.Vars{"iccid": villa.ICCID + "894801000000000001"}}, ``), "FORBIDDEN input.hubId")
	w.Refused(w.Dealer("Day Watch").Owner.Mutate("hubSimInstall", world.Vars{"hubId": shop.ID, "sim": world.Vars{"iccid": "894801000000000001"}}, ``), "NOT_FOUND input.hubId")
}

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
