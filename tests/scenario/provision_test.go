package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// provisioned is what the tests look at of each item.
const provisioned = `results { isExisting hub { id name serialNumber object { id name reference } tile { kind } sim { iccid isActive } } service { id status }
	userErrors { __typename code path message ... on InputError { existing { id } } } }`

// provisions provisions hubs as somebody.
func provisions(p *world.Person, companyID string, items ...world.Vars) world.Answer {
	items = append([]world.Vars{}, items...) // no item is an empty list
	return p.Mutate("hubProvision", world.Vars{"companyId": companyID, "items": items}, provisioned)
}

// outcomes are what became of the items: "new", "found" or the refusals, each
// with the state of the service where there is one.
func outcomes(a world.Answer) []string {
	list := []string{}
	for i := range a.List("results") {
		at := fmt.Sprintf("results.%d.", i)
		said := ""
		switch {
		case a.Get(at+"isExisting") == true:
			said = "found"
		case a.Get(at+"hub") != nil:
			said = "new"
		}
		said += " " + a.Text(at+"service.status")
		for j := range a.List(at + "userErrors") {
			e := fmt.Sprintf("%suserErrors.%d.", at, j)
			said += " " + a.Text(e+"code") + " " + strings.Join(a.Texts(e+"path", ""), ".")
		}
		list = append(list, strings.Join(strings.Fields(said), " "))
	}
	return list
}

// A script adds many hubs with their objects and activates them; each item is
// done or refused by itself, and the whole call may be repeated: what is there
// is found, what runs is left alone. (R71 A62)
func TestHubProvision(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	installer := dealer.Employee("INSTALLER")
	shop := dealer.Object("Shop")
	there := dealer.Hub("There")
	foreign := w.Dealer("Day Watch").Hub("Foreign")
	item := func(n int, object world.Vars, more world.Vars) world.Vars {
		v := world.Vars{"object": object, "serialNumber": fmt.Sprint("00B", n), "name": fmt.Sprint("Hub ", n),
			"sim": world.Vars{"iccid": fmt.Sprint("8948010000000000", 100+n)}}
		for name, value := range more {
			v[name] = value
		}
		return v
	}
	byID := func(id string) world.Vars { return world.Vars{"id": id} }
	create := func(name string, reference any) world.Vars {
		return world.Vars{"create": world.Vars{"name": name, "address": "Prosta 1", "reference": reference}}
	}
	activation := world.Vars{"activation": world.Vars{}}
	items := []world.Vars{
		item(0, byID(shop), nil),
		item(1, create("Villa", "K-1"), activation),
		item(2, create("Another name", "K-1"), activation), // the same object
		item(3, create("Kiosk", nil), world.Vars{"sim": nil}),
		item(4, create("Kiosk", nil), world.Vars{"sim": nil, "activation": world.Vars{}}),                                                     // cannot be activated, so is not added
		item(5, create("Booth", "K-5"), world.Vars{"serialNumber": "?", "name": " ", "sim": world.Vars{"iccid": "1"}}),                        // wrong in itself
		item(6, byID(foreign.ObjectID), nil),                                                                                                  // not ours
		item(7, byID(shop), world.Vars{"serialNumber": foreign.Serial, "sim": world.Vars{"iccid": foreign.ICCID}}),                            // somebody else's
		item(8, byID(shop), world.Vars{"serialNumber": "00-b0"}),                                                                              // the first one again
		item(9, create("Tower", nil), world.Vars{"serialNumber": there.Serial, "activation": world.Vars{}}),                                   // there before
		item(10, create("", strings.Repeat("7", 65)), nil),                                                                                    // the object is wrong
		item(11, byID(shop), world.Vars{"activation": world.Vars{"connectionId": "con_none"}}),                                                // no such connection
		item(12, byID(shop), world.Vars{"activation": world.Vars{"packageId": "pkg_none"}, "sim": world.Vars{"iccid": "894801000000009999"}}), // no such package
	}
	const refused5 = "INVALID input.items.5.serialNumber REQUIRED input.items.5.name INVALID input.items.5.sim.iccid"
	first := w.OK(provisions(installer, dealer.ID, items...))
	same(w, outcomes(first), "new", "new ACTIVE", "new ACTIVE", "new", "SIM_REQUIRED input.items.4.activation", refused5,
		"NOT_FOUND input.items.6.object.id", "TAKEN input.items.7.serialNumber TAKEN input.items.7.sim.iccid", "found", "found ACTIVE",
		"REQUIRED input.items.10.object.create.name INVALID input.items.10.object.create.reference",
		"NOT_FOUND input.items.11.activation.connectionId", "INVALID input.items.12.activation.packageId")
	if first.Get("results.7.userErrors.0.existing") != nil {
		t.Errorf("tells of a foreign hub: %v", first.Get("results.7"))
	}
	for path, want := range map[string]string{
		"0.hub.object.id": shop, "0.hub.tile.kind": "ACTIVATION_REQUIRED", "1.hub.object.name": "Villa", "1.hub.tile.kind": "ACTIVATED",
		"2.hub.object.id": first.Text("results.1.hub.object.id"), "3.hub.object.name": "Kiosk", "8.hub.id": first.Text("results.0.hub.id"),
		"8.hub.name": "Hub 0", "9.hub.id": there.ID, "9.hub.name": "There", "9.hub.object.id": there.ObjectID,
	} {
		w.Equal(first.Text("results."+path), want)
	}
	w.Equal(first.Get("results.1.hub.sim.isActive"), true)
	objects := []string{"Shop", "There", "Villa", "Kiosk"} // nothing is left of what was refused
	same(w, listed(w, dealer.Owner, dealer.ID, "first: 100"), objects...)

	second := w.OK(provisions(dealer.Owner, dealer.ID, items...))
	same(w, outcomes(second), "found", "found ACTIVE", "found ACTIVE", "found", "SIM_REQUIRED input.items.4.activation", refused5,
		"NOT_FOUND input.items.6.object.id", "TAKEN input.items.7.serialNumber TAKEN input.items.7.sim.iccid", "found", "found ACTIVE",
		"REQUIRED input.items.10.object.create.name INVALID input.items.10.object.create.reference",
		"NOT_FOUND input.items.11.activation.connectionId", "INVALID input.items.12.activation.packageId")
	for i := range items {
		for _, field := range []string{"hub.id", "service.id"} {
			path := fmt.Sprintf("results.%d.%s", i, field)
			w.Equal(second.Text(path), first.Text(path))
		}
	}
	same(w, listed(w, dealer.Owner, dealer.ID, "first: 100"), objects...)
	// A found hub whose activation is refused is answered all the same.
	same(w, outcomes(w.OK(provisions(installer, dealer.ID, item(3, byID(shop), world.Vars{"activation": world.Vars{}})))),
		"found SIM_REQUIRED input.items.0.activation")
	made := actions(w, dealer.Owner, dealer.ID)
	for action, n := range map[string]int{"hubAdd": 5, "objectCreate": 4, "serviceActivate": 3, "hubProvision": 0} {
		if got := len(slices.DeleteFunc(slices.Clone(made), func(a string) bool { return a != action })); got != n {
			t.Errorf("%d entries of %s, want %d: %v", got, action, n, made)
		}
	}
}

// What is wrong with the whole call is refused before any item; a choice of
// both ways to name an object, or of none, is the programmer's to put right.
// (A34 A54 A62)
func TestHubProvision_Refusals(t *testing.T) {
	w := world.New(t)
	dealer, stranger := w.Dealer("Night Watch"), w.Company("Day Watch")
	shop := dealer.Object("Shop")
	item := func(n int) world.Vars {
		return world.Vars{"object": world.Vars{"id": shop}, "serialNumber": fmt.Sprintf("00B%05d", n), "name": "Hub"}
	}
	many := make([]world.Vars, 101)
	for i := range many {
		many[i] = item(i)
	}
	tooMany := w.Refused(provisions(dealer.Owner, dealer.ID, many...), "INVALID input.items")
	w.Equal(tooMany.Text("userErrors.0.message"), "Send between 1 and 100 hubs at once.")
	w.Equal(len(tooMany.List("results")), 0)
	w.Refused(provisions(dealer.Owner, dealer.ID), "INVALID input.items")
	w.Refused(provisions(stranger.Owner, dealer.ID, item(0)), "NOT_FOUND input.companyId")
	w.Refused(provisions(w.Operator(), dealer.ID, item(0)), "FORBIDDEN input.companyId")
	w.Refused(provisions(dealer.Owner, "co_none", item(0)), "NOT_FOUND input.companyId")
	w.Fails(w.Mutate("hubProvision", world.Vars{"companyId": dealer.ID, "items": []world.Vars{item(0)}}, provisioned), "UNAUTHENTICATED")
	for _, object := range []world.Vars{{}, {"id": shop, "create": world.Vars{"name": "Villa"}}, {"id": nil}} {
		wrong := item(1)
		wrong["object"] = object
		w.Fails(provisions(dealer.Owner, dealer.ID, item(0), wrong), "BAD_USER_INPUT")
	}
	w.Equal(w.OK(dealer.Owner.Query(`query($id: ID!) { object(id: $id) { hubs { totalCount } } }`, world.Vars{"id": shop})).Int("object.hubs.totalCount"), 0)
	all := w.OK(provisions(dealer.Owner, dealer.ID, many[:100]...))
	same(w, slices.Compact(outcomes(all)), "new")
	same(w, slices.Compact(outcomes(w.OK(provisions(dealer.Owner, dealer.ID, many[:100]...)))), "found")
	// A company that is no dealer may have hubs; it cannot activate them.
	one := item(0)
	one["object"], one["serialNumber"] = world.Vars{"create": world.Vars{"name": "Villa"}}, "00C0"
	one["sim"], one["activation"] = world.Vars{"iccid": "894801000000000000"}, world.Vars{}
	same(w, outcomes(w.OK(provisions(stranger.Owner, stranger.ID, one))), "NOT_A_DEALER input.items.0.activation")
	delete(one, "activation")
	same(w, outcomes(w.OK(provisions(stranger.Owner, stranger.ID, one))), "new")
}

// The same call from many places at the same moment adds each hub once. (A62)
func TestHubProvision_AtTheSameMoment(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	items := make([]world.Vars, 5)
	for i := range items {
		items[i] = world.Vars{"object": world.Vars{"create": world.Vars{"name": "Villa", "reference": fmt.Sprint("K-", i%2)}},
			"serialNumber": fmt.Sprint("00B", i), "name": "Hub", "sim": world.Vars{"iccid": fmt.Sprint("89480100000000010", i)}, "activation": world.Vars{}}
	}
	said := make([][]string, 8)
	codes := atOnce(len(said), func(i int) world.Answer {
		a := provisions(dealer.Owner, dealer.ID, items...)
		said[i] = outcomes(a)
		return a
	})
	same(w, slices.Compact(codes), "")
	for i := range items {
		added := 0
		for _, s := range said {
			switch s[i] {
			case "new ACTIVE":
				added++
			case "found ACTIVE":
			default:
				t.Errorf("item %d: %s", i, s[i])
			}
		}
		w.Equal(added, 1)
	}
	same(w, listed(w, dealer.Owner, dealer.ID, "first: 100"), "Villa", "Villa")
}
