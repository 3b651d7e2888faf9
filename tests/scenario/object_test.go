package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// listed reads the names on a page of a company's objects, as somebody; with
// are the arguments of the list.
func listed(w *world.World, p *world.Person, companyID, with string) []string {
	w.Helper()
	a := w.OK(p.Query(`query($id: ID!) { company(id: $id) { objects(`+with+`) { nodes { name } totalCount } } }`, world.Vars{"id": companyID}))
	names := a.Texts("company.objects.nodes", "name")
	if a.Int("company.objects.totalCount") != len(names) && strings.Contains(with, "first: 100") {
		w.Errorf("%d objects are counted, %d listed", a.Int("company.objects.totalCount"), len(names))
	}
	return names
}

// same fails the test unless the texts are as wanted.
func same(w *world.World, got []string, want ...string) {
	w.Helper()
	if !slices.Equal(got, want) {
		w.Errorf("got %q, want %q", got, want)
	}
}

// Chapter "Activating Ajax Services", its first two steps: the Objects tab
// lists the objects of the company, and an object shows its device list, with
// the hub and the tile under it. Every role reads and changes them, of a
// company of any kind. (R75 R76 A52)
func TestObjects(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	people := []*world.Person{company.Owner}
	for _, role := range world.Roles {
		people = append(people, company.Employee(role))
	}
	var names []string
	for i, p := range people {
		name := fmt.Sprint("Villa ", i)
		names = append(names, name)
		a := w.OK(p.Mutate("objectCreate", world.Vars{"companyId": company.ID, "name": "  " + name + " ", "address": "Prosta 1\nWarszawa", "reference": fmt.Sprint("K-", i)},
			`object { id name address reference createdAt company { id name } hubs { totalCount nodes { id } } }`))
		for path, want := range map[string]string{
			"name": name, "address": "Prosta 1\nWarszawa", "reference": fmt.Sprint("K-", i),
			"createdAt": "2026-01-15T12:00:00Z", "company.id": company.ID, "company.name": "Night Watch",
		} {
			if got := a.Text("object." + path); got != want {
				t.Errorf("%s is %q, want %q", path, got, want)
			}
		}
		id := a.Text("object.id")
		w.OK(p.Mutate("hubAdd", world.Vars{"objectId": id, "serialNumber": fmt.Sprint("00A", i), "name": "Hub"}, `hub { id }`))
		device := w.OK(p.Query(`query($id: ID!) { object(id: $id) { name hubs { totalCount nodes { name serialNumber tile { kind label } object { id } } } }
			node(id: $id) { ... on SecurityObject { name } } }`, world.Vars{"id": id}))
		w.Equal(device.Int("object.hubs.totalCount"), 1)
		w.Equal(device.Text("object.hubs.nodes.0.serialNumber"), fmt.Sprint("00A", i))
		w.Equal(device.Text("object.hubs.nodes.0.tile.label"), "Unavailable")
		w.Equal(device.Text("object.hubs.nodes.0.object.id"), id)
		w.Equal(device.Text("node.name"), name)
		w.OK(p.Mutate("objectUpdate", world.Vars{"objectId": id, "address": nil}, `object { address }`))
	}
	for _, p := range append(people, w.Operator()) {
		same(w, listed(w, p, company.ID, "first: 100"), names...)
	}
	same(w, listed(w, company.Owner, company.ID, "last: 2, orderBy: {field: NAME, direction: DESC}"), "Villa 1", "Villa 0")
	logged := actions(w, company.Owner, company.ID)
	same(w, logged[:3], "objectUpdate", "hubAdd", "objectCreate")
}

// A page follows the other in each order, in both directions; none is without
// a limit. (R75)
func TestObjects_Pages(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	for _, name := range []string{"Ćma", "bank", "Cyrk", "Łąka", "Auto", "bank"} {
		company.Object(name)
	}
	for order, want := range map[string][]string{
		"orderBy: {field: NAME}":                        {"Auto", "bank", "bank", "Ćma", "Cyrk", "Łąka"},
		"orderBy: {field: NAME, direction: DESC}":       {"Łąka", "Cyrk", "Ćma", "bank", "bank", "Auto"},
		"orderBy: {field: CREATED_AT}":                  {"Ćma", "bank", "Cyrk", "Łąka", "Auto", "bank"},
		"orderBy: {field: CREATED_AT, direction: DESC}": {"bank", "Auto", "Łąka", "Cyrk", "bank", "Ćma"},
	} {
		var got []string
		after := "null"
		for {
			a := w.OK(company.Owner.Query(`query($id: ID!) { company(id: $id) { objects(first: 2, after: `+after+`, `+order+`) {
				nodes { name } pageInfo { hasNextPage endCursor } totalCount } } }`, world.Vars{"id": company.ID}))
			got = append(got, a.Texts("company.objects.nodes", "name")...)
			w.Equal(a.Int("company.objects.totalCount"), 6)
			if a.Get("company.objects.pageInfo.hasNextPage") != true {
				break
			}
			after = `"` + a.Text("company.objects.pageInfo.endCursor") + `"`
		}
		same(w, got, want...)
		w.Fails(company.Owner.Query(`query($id: ID!) { company(id: $id) { objects(after: `+after+`, orderBy: {field: `+
			map[bool]string{true: "CREATED_AT", false: "NAME"}[strings.Contains(order, "NAME")]+`}) { totalCount } } }`, world.Vars{"id": company.ID}), "BAD_USER_INPUT")
	}
	w.Fails(company.Owner.Query(`query($id: ID!) { company(id: $id) { objects(first: 101) { totalCount } } }`, world.Vars{"id": company.ID}), "BAD_USER_INPUT")
}

// The list can be narrowed by words of name and address, by what tile the hubs
// show, by the creation and by the own number. (R75 R77)
func TestObjects_Filter(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	shows := func(filter string, want ...string) {
		w.Helper()
		same(w, listed(w, dealer.Owner, dealer.ID, "first: 100, filter: {"+filter+"}"), want...)
	}
	hubs := map[string]*world.Hub{}
	for _, name := range []string{"ACTIVATION_REQUIRED", "ACTIVATED", "EXPIRES_SOON", "SUSPENDED"} {
		hubs[name] = dealer.Hub(name)
	}
	dealer.HubWithoutSIM("UNAVAILABLE")
	for _, name := range []string{"ACTIVATED", "EXPIRES_SOON", "SUSPENDED"} {
		w.OK(dealer.Activates(hubs[name]))
	}
	w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": hubs["EXPIRES_SOON"].ID}, ``))
	w.OK(dealer.Owner.Mutate("serviceSuspend", world.Vars{"hubId": hubs["SUSPENDED"].ID}, ``))
	for _, kind := range []string{"ACTIVATION_REQUIRED", "ACTIVATED", "EXPIRES_SOON", "SUSPENDED", "UNAVAILABLE"} {
		shows("tile: ["+kind+"]", kind)
	}
	shows("tile: [SUSPENDED, ACTIVATED]", "ACTIVATED", "SUSPENDED")
	shows("tile: []")
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": hubs["SUSPENDED"].ID}, ``))
	shows("tile: [ACTIVATION_REQUIRED]", "ACTIVATION_REQUIRED", "SUSPENDED")

	w.Advance("2026-01-20T00:00:00Z")
	lodz := w.OK(dealer.Owner.Mutate("objectCreate", world.Vars{"companyId": dealer.ID, "name": "Łódź", "address": "ul. Żółta 100%", "reference": "Ż_1/a"}, `object { id }`)).Text("object.id")
	dealer.Object("Lodz Żywiec") // its address is "Lodz Żywiec street 1"
	shows(`search: "  LODZ "`, "Łódź", "Lodz Żywiec")
	shows(`search: "zolta 100%"`, "Łódź")
	shows(`search: "0%_"`)
	shows(`search: "lodz ul"`) // not across name and address
	shows(`search: "zywiec street"`, "Lodz Żywiec")
	shows(`createdAt: {gte: "2026-01-20T00:00:00Z"}`, "Łódź", "Lodz Żywiec")
	shows(`createdAt: {gte: "2026-01-20T01:00:00+01:00", lt: "2026-01-20T00:00:00Z"}`)
	shows(`createdAt: {lt: "2026-01-20T00:00:00Z"}, tile: [UNAVAILABLE]`, "UNAVAILABLE")
	shows(`reference: {eq: "Ż_1/a"}`, "Łódź")
	shows(`reference: {eq: "ż_1/a"}`)
	shows(`reference: {in: ["K-1", "Ż_1/a"]}`, "Łódź")
	shows(`reference: {contains: "z_1/A"}`, "Łódź")
	shows(`reference: {contains: ""}`, "Łódź")
	w.OK(dealer.Owner.Mutate("objectUpdate", world.Vars{"objectId": lodz, "name": "Dom", "reference": nil}, `object { reference }`))
	shows(`search: "lodz"`, "Lodz Żywiec")
	shows(`reference: {contains: ""}`)
}

// Every wrong field is named at once; an own number is one object's within the
// company, and the refusal names that object. (A54 A62)
func TestObjectCreate_Refusals(t *testing.T) {
	w := world.New(t)
	company, other := w.Company("Night Watch"), w.Company("Day Watch")
	w.Refused(company.Owner.Mutate("objectCreate", world.Vars{
		"companyId": company.ID, "name": "", "address": strings.Repeat("x", 501), "reference": strings.Repeat("7", 65), "idempotencyKey": "",
	}, `object { id }`), "REQUIRED input.name", "INVALID input.address", "INVALID input.reference", "INVALID input.idempotencyKey")
	create := func(p *world.Person, companyID string) world.Answer {
		w.Helper()
		return p.Mutate("objectCreate", world.Vars{"companyId": companyID, "name": "Villa", "reference": "K-7"},
			`object { id } userErrors { ... on InputError { existing { id } } }`)
	}
	first := w.OK(create(company.Owner, company.ID)).Text("object.id")
	taken := w.Refused(create(company.Owner, company.ID), "TAKEN input.reference")
	w.Equal(taken.Text("userErrors.0.existing.id"), first)
	w.OK(create(other.Owner, other.ID))
	second := company.Object("Shop")
	w.Refused(company.Owner.Mutate("objectUpdate", world.Vars{"objectId": second, "reference": "K-7"}, `object { id }`), "TAKEN input.reference")
	w.Refused(company.Owner.Mutate("objectUpdate", world.Vars{"objectId": second, "name": nil}, `object { id }`), "REQUIRED input.name")
	w.OK(company.Owner.Mutate("objectUpdate", world.Vars{"objectId": first, "reference": "K-7", "name": "Villa 7"}, `object { id }`))
	w.OK(company.Owner.Mutate("objectDelete", world.Vars{"objectId": first}, `deletedObjectId`))
	w.OK(create(company.Owner, company.ID))

	polish := w.Refused(company.Owner.Speaks("pl").Mutate("objectCreate", world.Vars{"companyId": company.ID, "name": " "}, `object { id }`), "REQUIRED input.name")
	w.Equal(polish.Text("userErrors.0.message"), "Wypełnij to pole.")
}

// A key makes a call safe to repeat: there is one object, and the answer is the
// object as it is by then. (A33 A48)
func TestObjectCreate_Again(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	installer := company.Employee("INSTALLER")
	in := world.Vars{"companyId": company.ID, "name": "Villa", "idempotencyKey": "7c1d"}
	first := w.OK(installer.Mutate("objectCreate", in, `object { id }`)).Text("object.id")
	w.OK(company.Owner.Mutate("objectUpdate", world.Vars{"objectId": first, "name": "Villa 7"}, `object { id }`))
	installer.SignIn() // the caller is the person, not the session
	again := w.OK(installer.Mutate("objectCreate", in, `object { id name }`))
	w.Equal(again.Text("object.id")+again.Text("object.name"), first+"Villa 7")
	w.Refused(installer.Mutate("objectCreate", world.Vars{"companyId": company.ID, "name": "Other", "idempotencyKey": "7c1d"}, `object { id }`),
		"IDEMPOTENCY_MISMATCH input.idempotencyKey")
	w.OK(company.Owner.Mutate("objectCreate", in, `object { id }`)) // another person's key
	same(w, listed(w, company.Owner, company.ID, "first: 100"), "Villa 7", "Villa")
	w.OK(company.Owner.Mutate("objectDelete", world.Vars{"objectId": first}, `deletedObjectId`))
	w.Refused(installer.Mutate("objectCreate", in, `object { id }`), "NOT_FOUND") // gone since
}

// An object with living services stays, whatever their state; the refusal says
// on which hubs they live. Without them it goes with its hubs, for everybody.
// (R108 A10 A45)
func TestObjectDelete(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa")
	annexe := dealer.HubAt(villa.ObjectID, "Annexe", true)
	deletes := func() world.Answer {
		w.Helper()
		return dealer.Owner.Mutate("objectDelete", world.Vars{"objectId": villa.ObjectID},
			`deletedObjectId userErrors { ... on ServicesActiveError { activeServiceCount hubs { id } } }`)
	}
	step := func(name string) {
		w.Helper()
		w.OK(dealer.Owner.Mutate(name, world.Vars{"hubId": villa.ID}, `service { status }`))
	}
	for _, name := range []string{"serviceActivate", "serviceSuspend", "serviceResume", "serviceDeactivate"} {
		step(name)
		a := w.Refused(deletes(), "SERVICES_ACTIVE input.objectId")
		w.Equal(a.Int("userErrors.0.activeServiceCount"), 1)
		same(w, a.Texts("userErrors.0.hubs", "id"), villa.ID)
		w.Equal(a.Text("userErrors.0.message"), "Ajax Services are active on 1 hub. Stop them first.")
	}
	w.OK(dealer.Activates(annexe))
	a := w.Refused(deletes(), "SERVICES_ACTIVE")
	same(w, a.Texts("userErrors.0.hubs", "id"), villa.ID, annexe.ID)

	step("serviceStop")
	w.OK(dealer.Owner.Mutate("serviceDeactivate", world.Vars{"hubId": annexe.ID}, ``))
	w.Advance("2026-01-31T23:59:59Z")
	w.Refused(deletes(), "SERVICES_ACTIVE")
	w.Advance("2026-02-01T00:00:00Z")
	w.Equal(w.OK(deletes()).Text("deletedObjectId"), villa.ObjectID)
	w.Refused(deletes(), "NOT_FOUND input.objectId")
	gone := w.OK(dealer.Owner.Query(`query($o: ID!, $h: ID!) { object(id: $o) { id } hub(id: $h) { id } nodes(ids: [$o, $h]) { id } }`,
		world.Vars{"o": villa.ObjectID, "h": villa.ID}))
	w.Equal(fmt.Sprint(gone.Data), "map[hub:<nil> nodes:[<nil> <nil>] object:<nil>]")
	same(w, listed(w, dealer.Owner, dealer.ID, "first: 100"))
	same(w, actions(w, dealer.Owner, dealer.ID)[:3], "objectDelete", "hubRemove", "hubRemove")
	// The books still name it.
	past := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { activities(first: 1, filter: {action: ["serviceStop"]}) { nodes { summary subject { ... on HubService { hub { name object { name } } } } } } } }`,
		world.Vars{"id": reseller.ID}))
	w.Equal(past.Text("company.activities.nodes.0.subject.hub.object.name"), "Villa")
	// Its numbers are free.
	w.OK(dealer.Owner.Mutate("hubAdd", world.Vars{"objectId": dealer.Object("Shop"), "serialNumber": villa.Serial, "name": "Hub", "sim": world.Vars{"iccid": villa.ICCID}}, `hub { id }`))
}

// To whoever may not see them, objects do not exist; who sees them without the
// right is told so. (R73 R113 R124 A34 A51 A53)
func TestObjects_WrongPerson(t *testing.T) {
	w := world.New(t)
	company, other := w.Company("Night Watch"), w.Company("Day Watch")
	invited := w.Person("Invited")
	w.OK(company.Owner.Mutate("employeeAdd", world.Vars{"companyId": company.ID, "email": invited.Email, "role": "INSTALLER"}, ``))
	villa := company.Object("Villa")
	for _, c := range []struct {
		person    *world.Person
		want      string
		onCompany string
	}{
		{other.Owner, "NOT_FOUND", "NOT_FOUND"},
		{invited, "NOT_FOUND", "FORBIDDEN"}, // sees the company's card
		{w.Operator(), "FORBIDDEN", "FORBIDDEN"},
	} {
		w.Refused(c.person.Mutate("objectCreate", world.Vars{"companyId": company.ID, "name": "X"}, `object { id }`), c.onCompany+" input.companyId")
		w.Refused(c.person.Mutate("objectUpdate", world.Vars{"objectId": villa, "name": "X"}, `object { id }`), c.want+" input.objectId")
		w.Refused(c.person.Mutate("objectDelete", world.Vars{"objectId": villa}, `deletedObjectId`), c.want+" input.objectId")
		if c.want == "NOT_FOUND" {
			a := w.OK(c.person.Query(`query($o: ID!, $c: ID!) { object(id: $o) { id } node(id: $o) { id } company(id: $c) { objects { totalCount nodes { id } } } }`,
				world.Vars{"o": villa, "c": company.ID}))
			if a.Get("object") != nil || a.Get("node") != nil || a.Int("company.objects.totalCount") != 0 || len(a.List("company.objects.nodes")) != 0 {
				t.Errorf("%s sees %v", c.person.Name, a.Data)
			}
		}
	}
	w.Fails(w.Mutate("objectCreate", world.Vars{"companyId": company.ID, "name": "X"}, `object { id }`), "UNAUTHENTICATED")
	w.Fails(w.Query(`query($id: ID!) { object(id: $id) { id } }`, world.Vars{"id": villa}), "UNAUTHENTICATED")
	w.Refused(company.Owner.Mutate("objectUpdate", world.Vars{"objectId": "obj_none", "name": "X"}, `object { id }`), "NOT_FOUND input.objectId")
	w.Refused(company.Owner.Mutate("objectDelete", world.Vars{"objectId": "hub_none"}, `deletedObjectId`), "NOT_FOUND input.objectId")
}
