package scenario

import (
	"fmt"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// A page of objects with all that a device list shows takes the same few SQL
// statements, whether it has 20 objects or 100: what stands beside the things
// of a page is read for all of them at once. (R75 R76 R77)
func TestStatements_doNotGrowWithThePage(t *testing.T) {
	w := world.New(t)
	dealer := w.Dealer("Night Watch")
	resellers := []*world.Company{w.Reseller("Central Station"), w.Reseller("Other Station")}
	packages := []string{w.Package("AJAX_SIM"), w.Package("AJAX_PLUS")}
	var connections []string
	for _, r := range resellers {
		connections = append(connections, dealer.Connects(r))
	}
	var items []world.Vars
	for i := range 200 {
		item := world.Vars{
			"object":       world.Vars{"create": world.Vars{"name": fmt.Sprint("Villa ", i/2), "reference": fmt.Sprint(i / 2)}},
			"serialNumber": fmt.Sprintf("00A%05d", i), "name": fmt.Sprint("Hub ", i), "sim": world.Vars{"iccid": fmt.Sprintf("8948010000000%06d", i)},
		}
		if i%3 > 0 {
			item["activation"] = world.Vars{"packageId": packages[i%2], "connectionId": connections[i/2%2]}
		}
		items = append(items, item)
	}
	w.OK(provisions(dealer.Owner, dealer.ID, items[:100]...))
	w.OK(provisions(dealer.Owner, dealer.ID, items[100:]...))

	for name, c := range map[string]struct {
		document string
		atMost   int
	}{
		"the device list": {`query($id: ID!, $first: Int) { company(id: $id) { objects(first: $first) { totalCount pageInfo { hasNextPage endCursor }
			nodes { id name address company { name } hubs(first: 5) { nodes { id name statusIcons tile { kind label hint expiresAt version }
				service { status isTrial package { name } reseller { name } } } } } } } }`, 15},
		"everything about the hubs": {`query($id: ID!, $first: Int) { company(id: $id) { objects(first: $first) {
			nodes { hubs(first: 5) { totalCount nodes { object { name } sim { iccid isActive } removalBlockers { code }
				serviceActions { action isAvailable refusal { code } } activationOptions { packages { name } connections { id reseller { name } } blockers { code } }
				services(first: 2) { totalCount nodes { hub { name } dealer { name } reseller { name } package { name }
					events(first: 2) { totalCount nodes { action actor { name } } } } } } } } } } }`, 30},
	} {
		t.Run(name, func(t *testing.T) {
			few, many := statements(w, dealer, c.document, 20), statements(w, dealer, c.document, 100)
			if len(few) != len(many) {
				t.Errorf("20 objects take %d statements, 100 take %d:\n%s", len(few), len(many), strings.Join(many, "\n"))
			}
			if len(many) > c.atMost {
				t.Errorf("%d statements, more than %d:\n%s", len(many), c.atMost, strings.Join(many, "\n"))
			}
			t.Logf("%d statements", len(many))
		})
	}
}

// statements returns the SQL behind an answer.
func statements(w *world.World, c *world.Company, document string, first int) []string {
	w.Helper()
	return w.Statements(func() {
		a := w.OK(c.Owner.Query(document, world.Vars{"id": c.ID, "first": first}))
		w.Equal(len(a.List("company.objects.nodes")), first)
	})
}
