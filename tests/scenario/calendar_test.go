package scenario_test

import (
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// Deactivated services end at 00:00 on the 1st, in months of every length, over
// the turn of the year, and by the local time of the billing zone; at the last
// instant before they work. (R88, A14 A63)
func TestCalendar_months(t *testing.T) {
	for zone, ends := range map[string][]string{
		"UTC": {"2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z", "2028-03-01T00:00:00Z"},
		"Europe/Warsaw": {"2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", "2026-12-31T23:00:00Z",
			"2028-02-29T23:00:00Z"},
	} {
		t.Run(zone, func(t *testing.T) {
			f := newFirm(t, world.InZone(t, zone))
			h, p := f.dealer.Hub("Villa"), f.dealer.Owner
			for _, end := range ends {
				at, err := time.Parse(time.RFC3339, end)
				if err != nil {
					t.Fatal(err)
				}
				if day := at.AddDate(0, 0, -3).Format(time.RFC3339); day > "2026-01-29" {
					f.Advance(day)
				}
				f.OK(f.dealer.Activates(h))
				a := f.OK(f.takes(p, "Deactivate", h))
				f.Equal(a.Text("service.endsAt"), end)
				f.Advance(at.Add(-time.Microsecond).Format(time.RFC3339Nano))
				f.shows(p, h, "EXPIRES_SOON", true, true)
				f.Advance(end)
				f.shows(p, h, "ACTIVATION_REQUIRED", false, false)
				f.Equal(f.hub(p, h).Get("service"), nil)
				f.ended(a.Text("service.id"), end)
			}
		})
	}
}

// ended checks that a service was ended once, by the calendar, at an instant.
func (f *firm) ended(id, at string) {
	f.Helper()
	a := f.OK(f.dealer.Owner.Query(`query($id: ID!, $company: ID!) {
		node(id: $id) { ... on HubService { status endsAt events(first: 1) { nodes { action occurredAt actor { id } tile } } } }
		company(id: $company) { activities(filter: {subjectId: $id, action: ["serviceExpire"]}) {
			totalCount nodes { action actor { id } } } } }`, world.Vars{"id": id, "company": f.dealer.ID}))
	f.Equal(a.Text("node.status"), "ENDED")
	f.Equal(a.Text("node.endsAt"), at)
	f.Equal(a.Text("node.events.nodes.0.action"), "EXPIRE")
	f.Equal(a.Text("node.events.nodes.0.occurredAt"), at)
	f.Equal(a.Get("node.events.nodes.0.actor"), nil)
	f.Equal(a.Text("node.events.nodes.0.tile"), "ACTIVATION_REQUIRED")
	f.Equal(a.Int("company.activities.totalCount"), 1)
	f.Equal(a.Get("company.activities.nodes.0.actor"), nil)
}

// A jump over several months does each boundary's work on the way; a pause
// with a pending end ends too, a plain one goes on. (A46 A47)
func TestCalendar_jump(t *testing.T) {
	f := newFirm(t)
	p := f.dealer.Owner
	first, second, plain := f.dealer.Hub("First"), f.dealer.Hub("Second"), f.dealer.Hub("Plain")
	ids := map[*world.Hub]string{}
	for _, h := range []*world.Hub{first, second, plain} {
		ids[h] = f.OK(f.dealer.Activates(h)).Text("service.id")
	}
	f.OK(f.takes(p, "Deactivate", first))
	f.OK(f.takes(p, "Suspend", first))
	f.OK(f.takes(p, "Suspend", plain))
	f.Advance("2026-02-10T00:00:00Z")
	f.OK(f.takes(p, "Deactivate", second))
	f.Advance("2026-07-10T00:00:00Z")
	f.ended(ids[first], "2026-02-01T00:00:00Z")
	f.ended(ids[second], "2026-03-01T00:00:00Z")
	f.shows(p, plain, "SUSPENDED", false, false)
	f.OK(f.takes(p, "Resume", plain))
}

// A server that was down over the boundary ends services as it starts, at the
// boundary and once; a second start does nothing more. (A46)
func TestCalendar_afterADowntime(t *testing.T) {
	f := newFirm(t)
	h, p := f.dealer.Hub("Villa"), f.dealer.Owner
	f.OK(f.dealer.Activates(h))
	id := f.OK(f.takes(p, "Deactivate", h)).Text("service.id")
	later := time.Date(2026, 2, 20, 8, 0, 0, 0, time.UTC)
	for range 2 {
		f.Restart(func(c *server.Config) { c.TestClock = &later })
		f.Within(time.Minute, "the service ends", func() bool { return p.Tile(h) == "ACTIVATION_REQUIRED" })
		f.ended(id, "2026-02-01T00:00:00Z")
	}
	f.shows(p, h, "ACTIVATION_REQUIRED", false, false)
}

// Only the operator moves the clock, only forward, and only a test clock. (A21
// A47)
func TestCalendar_clockAdvance(t *testing.T) {
	f := newFirm(t)
	advance := func(p *world.Person, to string) world.Answer {
		return p.Mutate("clockAdvance", world.Vars{"to": to}, `serverInfo { now nextMonthAt isTestClock }`)
	}
	for _, p := range []*world.Person{f.dealer.Owner, f.reseller.Owner, f.Person("Nobody")} {
		f.Refused(advance(p, "2026-02-02T00:00:00Z"), "FORBIDDEN")
	}
	f.Refused(advance(f.Operator(), "2026-01-15T12:00:00Z"), "INVALID input.to")
	f.Refused(advance(f.Operator(), "2025-01-15T12:00:00Z"), "INVALID input.to")
	a := f.OK(advance(f.Operator(), "2026-02-02T00:00:00+01:00"))
	f.Equal(a.Text("serverInfo.now"), "2026-02-01T23:00:00Z")
	f.Equal(a.Text("serverInfo.nextMonthAt"), "2026-03-01T00:00:00Z")
	f.Restart() // the clock of the configuration is earlier: it is not turned back
	f.Equal(f.OK(f.Query(`{ serverInfo { now } }`)).Text("serverInfo.now"), "2026-02-01T23:00:00Z")

	w := world.New(t, func(c *server.Config) { c.TestClock = nil })
	w.Refused(advance(w.Operator(), "2099-01-01T00:00:00Z"), "INVALID input.to")
}

// The work of many months takes the time it needs: the deadline of an operation
// is not for the operator's jobs. (A47)
func TestClockAdvance_takesItsTime(t *testing.T) {
	w := world.New(t)
	p := w.Operator()
	w.Restart(func(c *server.Config) { c.Limits.OperationTime = 20 * time.Millisecond })
	a := w.OK(p.Mutate("clockAdvance", world.Vars{"to": "2046-01-01T00:00:00Z"}, `serverInfo { now }`))
	w.Equal(a.Text("serverInfo.now"), "2046-01-01T00:00:00Z")
}
