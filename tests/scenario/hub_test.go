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
	w.Refused(update(reseller.Owner, world.Vars{"objectId": "obj_none"}), "NOT_FOUND input.objectId") // comes first (A35)
	w.Refused(update(w.Operator(), world.Vars{"name": "X"}), "FORBIDDEN input.hubId")
	w.OK(dealer.Owner.Mutate("objectDelete", world.Vars{"objectId": villa.ObjectID}, ``)) // the hub is elsewhere
	w.Refused(update(dealer.Owner, world.Vars{"objectId": villa.ObjectID}), "NOT_FOUND input.objectId")
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
