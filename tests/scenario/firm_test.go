package scenario_test

import (
	"slices"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// firm is a dealer that one reseller has approved, and a package on offer:
// what every chapter about services begins with.
type firm struct {
	*world.World
	dealer, reseller *world.Company
	pkg, connection  string // ids
}

func newFirm(t *testing.T, change ...func(*server.Config)) *firm {
	t.Helper()
	f := &firm{World: world.New(t, change...)}
	f.dealer, f.reseller = f.Dealer("Night Watch"), f.Reseller("Central Station")
	f.pkg = f.Package("AJAX_SIM")
	f.connection = f.dealer.Connects(f.reseller)
	return f
}

// takes takes a step as a person; more sets other fields of the input.
func (f *firm) takes(p *world.Person, step string, h *world.Hub, more ...world.Vars) world.Answer {
	f.Helper()
	input := world.Vars{"hubId": h.ID}
	for _, m := range more {
		for name, value := range m {
			input[name] = value
		}
	}
	return p.Mutate("service"+step, input, stepResult)
}

// stepResult is what every step answers with.
const stepResult = `service { id status endsAt reason suspendedAt activatedAt
	reseller { id name } package { id code } dealer { id } }
	hub { id statusIcons tile { kind label hint expiresAt version } sim { isActive } }
	screen { code title text }`

// hub returns what a person sees on the hub's info screen.
func (f *firm) hub(p *world.Person, h *world.Hub) world.Answer {
	f.Helper()
	a := f.OK(p.Query(`query($id: ID!) { hub(id: $id) { id name serialNumber statusIcons sim { isActive iccid }
		tile { kind label hint expiresAt version }
		serviceActions { action label isAvailable effectiveAt refusal { code message path
			... on StateError { allowedActions subject { id } } } }
		service { id status endsAt }
		services { totalCount nodes { id status } }
		activationOptions { packages { id code } preselectedPackage { id }
			connections { id reseller { name } } preselectedConnection { id }
			blockers { code message path } } } }`, world.Vars{"id": h.ID}))
	if a.Get("hub") == nil {
		f.Fatalf("%s does not see the hub", p.Name)
	}
	a.Data = a.Get("hub")
	return a
}

// onList returns the same hub as the device list of its object shows it.
func (f *firm) onList(p *world.Person, h *world.Hub) world.Answer {
	f.Helper()
	a := f.OK(p.Query(`query($id: ID!) { object(id: $id) { name hubs { nodes { id statusIcons sim { isActive }
		tile { kind label hint expiresAt version } } } } }`, world.Vars{"id": h.ObjectID}))
	a.Data = a.Get("object.hubs.nodes.0")
	return a
}

// shows checks tile, star and SIM of a hub on the info screen and on the
// device list.
func (f *firm) shows(p *world.Person, h *world.Hub, tile string, star, sim bool) {
	f.Helper()
	for _, a := range []world.Answer{f.hub(p, h), f.onList(p, h)} {
		f.Equal(a.Text("tile.kind"), tile)
		f.Equal(slices.Contains(a.Texts("statusIcons", ""), "STAR"), star)
		f.Equal(slices.Contains(a.Texts("statusIcons", ""), "SIM_ACTIVE"), sim)
		f.Equal(slices.Contains(a.Texts("statusIcons", ""), "SIM_INACTIVE"), !sim)
		f.Equal(a.Get("sim.isActive"), sim)
	}
}

// open returns the steps that the hub's screen offers a person.
func (f *firm) open(p *world.Person, h *world.Hub) []string {
	f.Helper()
	steps := []string{}
	for _, o := range f.hub(p, h).List("serviceActions") {
		if o := (world.Answer{Data: o}); o.Get("isAvailable") == true {
			steps = append(steps, o.Text("action"))
		}
	}
	return steps
}

// same compares two lists.
func (f *firm) same(got, want []string) {
	f.Helper()
	if !slices.Equal(got, want) {
		f.Errorf("got %q, want %q", got, want)
	}
}
