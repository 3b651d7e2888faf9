package scenario_test

import (
	"slices"

	"partnerhub/tests/world"
)

// A query answers what is not the caller's as what does not exist: by node,
// by its own root, as a filter, and as a scope. (A34, A51)
func (c *cast) readsAlike() {
	c.alike("", "node", func(p *world.Person, own belongings, id string) string {
		return said(p.Query(`query($id: ID!, $own: ID!) { node(id: $id) { __typename id } nodes(ids: [$own, $id]) { __typename id }
			company(id: $own) { hubs(filter: {objectId: [$id]}) { totalCount nodes { id } }
				services(filter: {dealerId: [$id]}) { totalCount } billed: services(filter: {resellerId: [$id]}) { totalCount }
				packages: services(filter: {packageId: [$id]}) { totalCount }
				transactions(filter: {resellerId: [$id]}) { totalCount nodes { id } emptyState { code } } } }`,
			world.Vars{"id": id, "own": own.company}), id)
	})
	c.alike("company", "activity of a dealer", func(p *world.Person, own belongings, id string) string {
		return said(p.Query(`query($id: ID!, $own: ID!) { company(id: $own) { dealerActivity(dealerId: $id) { id }
			resellerOverview { dealers { nodes { accounts(filter: {dealerId: [$id]}) { totalCount } } } } } }`, world.Vars{"id": id, "own": own.company}), id)
	})
	c.alike("", "filter of the log", func(p *world.Person, own belongings, id string) string {
		if c.isGone(id) {
			return "" // the log of who had it tells of it still (A45)
		}
		return said(p.Query(`query($id: ID!, $own: ID!) { company(id: $own) { activities(filter: {subjectId: $id}) { totalCount nodes { id } } } }`,
			world.Vars{"id": id, "own": own.company}), id)
	})
	within := map[string]string{"company": `resellerOverview { id } dealerActivity(dealerId: "` + c.dealer.ID + `") { id } transactions { totalCount }`}
	for _, root := range []string{"company", "object", "hub"} {
		c.alike("", root, func(p *world.Person, _ belongings, id string) string {
			return said(p.Query(`query($id: ID!) { `+root+`(id: $id) { __typename id name `+within[root]+` } }`, world.Vars{"id": id}), id)
		})
	}
}

// Whoever may know of a thing finds it: so what the others are told is told to
// them alone.
func (c *cast) finds() {
	for _, th := range c.things {
		for name, p := range c.people {
			a := c.OK(p.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": th.id}))
			if got := a.Get("node") != nil; got != th.isSeenBy(name) {
				c.Errorf("%s sees the %s %s: %v", name, th.kind, th.name, got)
			}
		}
	}
}

// isGone reports whether the id, or the unknown one for it, is of something
// deleted.
func (c *cast) isGone(id string) bool {
	return slices.ContainsFunc(c.things, func(th thing) bool { return th.seenBy == "" && (th.id == id || unknown(th.id) == id) })
}

// scopes are the ways to watch something by an id.
var scopes = map[string]string{"company": "companyId", "object": "objectId", "hub": "hubIds"}

func scope(kind, id string) world.Vars {
	if kind == "hub" {
		return world.Vars{"hubIds": []string{id}}
	}
	return world.Vars{scopes[kind]: id}
}

// A stream of what is not the caller's ends as that of what does not exist,
// also with a cursor, and with garbage for a cursor. (A49)
func (c *cast) watchesAlike() {
	delete(c.people, "dealer.senior") // fewer sockets: the roles share their rights
	delete(c.people, "foreign.senior")
	delete(c.people, "foreign.manager")
	cursor := c.OK(c.dealer.Owner.Query(`{ streamCursor }`)).Text("streamCursor")
	for after, name := range map[string]string{"": "", cursor: " with a cursor", "!": " with garbage for a cursor"} {
		for kind := range scopes {
			c.alike(kind, "hubTileChanged"+name, func(p *world.Person, _ belongings, id string) string {
				if after == cursor && c.isGone(id) {
					return "" // who comes back to their own hub is told that it went
				}
				return p.Tiles(scope(kind, id), after).End()
			})
			c.alike(kind, "hubTileChanges"+name, func(p *world.Person, _ belongings, id string) string {
				if after == cursor && c.isGone(id) {
					return ""
				}
				return said(p.Query(`query($s: HubScope!, $a: String!) { hubTileChanges(scope: $s, after: $a) { events { hubId } } }`,
					world.Vars{"s": scope(kind, id), "a": after}), id)
			})
		}
		c.alike("company", "connectionChanged"+name, func(p *world.Person, _ belongings, id string) string {
			return p.Connections(id, after).End()
		})
	}
}
