package scenario_test

import (
	"slices"
	"testing"

	"partnerhub/tests/world"
)

// "… suspend (pause), resume (unpause) …": at once, the SIM card too; reseller,
// package and a pending end are kept. (R71 R103, A5 A13 A37)
func TestServiceSuspend(t *testing.T) {
	f := newFirm(t)
	p := f.dealer.Employee("INSTALLER")
	for _, pending := range []bool{false, true} {
		h := f.dealer.Hub("Villa")
		f.Refused(f.takes(p, "Suspend", h), "INVALID_STATE input.hubId")
		id := f.OK(f.dealer.Activates(h)).Text("service.id")
		var end any
		before := "ACTIVATED"
		if pending {
			end = f.OK(f.takes(p, "Deactivate", h)).Get("service.endsAt")
			before = "EXPIRES_SOON"
		}
		a := f.OK(f.takes(p, "Suspend", h, world.Vars{"reason": "Bill not paid"}))
		f.Equal(a.Text("screen.code"), "SERVICES_SUSPENDED")
		f.Equal(a.Text("service.status"), "SUSPENDED")
		f.Equal(a.Text("service.suspendedAt"), "2026-01-15T12:00:00Z")
		f.Equal(a.Text("service.reason"), "Bill not paid")
		f.Equal(a.Get("service.endsAt"), end)
		f.Equal(a.Text("service.reseller.id"), f.reseller.ID)
		f.shows(p, h, "SUSPENDED", false, false)
		f.same(f.open(p, h), []string{"RESUME", "STOP"})
		f.Refused(f.takes(p, "Suspend", h), "INVALID_STATE input.hubId")
		f.Refused(f.takes(p, "Deactivate", h), "INVALID_STATE input.hubId")
		f.Refused(f.takes(p, "Activate", h), "INVALID_STATE input.hubId")
		a = f.OK(f.takes(p, "Resume", h))
		f.Equal(a.Text("service.id"), id)
		f.Equal(a.Get("service.endsAt"), end)
		f.Equal(a.Get("service.suspendedAt"), nil)
		f.shows(p, h, before, true, true)
	}
}

// The side that paused alone resumes; the dealer may always stop. The operator
// takes no other step. (A7 A53)
func TestServiceSuspend_byTheOperator(t *testing.T) {
	f := newFirm(t)
	p, operator := f.dealer.Owner, f.Operator()
	h := f.dealer.Hub("Villa")
	f.OK(f.dealer.Activates(h))
	f.Refused(f.takes(operator, "Resume", h), "INVALID_STATE input.hubId")
	f.OK(f.takes(operator, "Suspend", h, world.Vars{"reason": "Fraud"}))
	f.shows(p, h, "SUSPENDED", false, false)
	f.same(f.open(p, h), []string{"STOP"})
	f.same(f.open(operator, h), []string{"RESUME"})
	a := f.Refused(f.takes(p, "Resume", h), "SUSPENDED_BY_OTHER input.hubId")
	f.same(a.Texts("userErrors.0.allowedActions", ""), []string{"STOP"})
	f.OK(f.takes(operator, "Resume", h))
	f.shows(p, h, "ACTIVATED", true, true)
	f.OK(f.takes(operator, "Suspend", h))
	f.OK(f.takes(p, "Stop", h))

	f.OK(f.dealer.Activates(h))
	f.OK(f.takes(p, "Suspend", h))
	f.Refused(f.takes(operator, "Suspend", h), "INVALID_STATE input.hubId")
	f.Refused(f.takes(operator, "Resume", h), "SUSPENDED_BY_OTHER input.hubId")
	f.OK(f.takes(p, "Resume", h))
	f.OK(f.takes(p, "Deactivate", h))
	f.Refused(f.takes(operator, "Resume", h), "FORBIDDEN input.hubId")
}

// A suspended connection stops nothing that runs: it can be paused, resumed,
// deactivated and stopped as before. (R54, A8)
func TestServiceSuspend_ofTheConnection(t *testing.T) {
	f := newFirm(t)
	h, p := f.dealer.Hub("Villa"), f.dealer.Owner
	f.OK(f.dealer.Activates(h))
	f.OK(f.reseller.Owner.Mutate("connectionSuspend", world.Vars{"connectionId": f.connection}, ``))
	f.shows(p, h, "ACTIVATED", true, true)
	for _, step := range []string{"Suspend", "Resume", "Deactivate", "Resume", "Stop"} {
		f.OK(f.takes(p, step, h))
	}
	f.Refused(f.takes(p, "Activate", h), "CONNECTION_SUSPENDED input.connectionId")
	f.OK(f.reseller.Owner.Mutate("connectionResume", world.Vars{"connectionId": f.connection}, ``))
	f.OK(f.dealer.Activates(h))
}

// Every step has its entry in the history, newest first. (R85 R92, A59)
func TestServiceSuspend_history(t *testing.T) {
	f := newFirm(t)
	h, p := f.dealer.Hub("Villa"), f.dealer.Owner
	steps := []string{"Activate", "Suspend", "Resume", "Deactivate", "Suspend", "Resume", "Resume", "Stop"}
	tiles := []string{"ACTIVATED", "SUSPENDED", "ACTIVATED", "EXPIRES_SOON", "SUSPENDED", "EXPIRES_SOON", "ACTIVATED", "ACTIVATION_REQUIRED"}
	var id string
	for _, step := range steps {
		id = f.OK(f.takes(p, step, h)).Text("service.id")
	}
	const page = `query($id: ID!, $after: String) { node(id: $id) { ... on HubService { events(first: 3, after: $after) {
		totalCount pageInfo { hasNextPage endCursor } nodes { action tile actor { name } } } } } }`
	var got, after = []string{}, any(nil)
	for range 3 {
		a := f.OK(p.Query(page, world.Vars{"id": id, "after": after}))
		f.Equal(a.Int("node.events.totalCount"), len(steps))
		got = append(got, a.Texts("node.events.nodes", "tile")...)
		after = a.Text("node.events.pageInfo.endCursor")
	}
	slices.Reverse(tiles)
	f.same(got, tiles)
}
