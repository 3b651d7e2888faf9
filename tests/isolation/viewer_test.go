package isolation_test

import (
	"slices"

	"partnerhub/tests/world"
)

// relations are the words of the table: how somebody stands to a thing. Each
// is the first that holds.
var relations = []string{
	"self",
	"operator",
	"owner", "senior", "manager", "installer", // of the company whose it is
	"partner.owner", "partner.senior", "partner.manager", "partner.installer", // of a company on its other side
	"former.owner", "former.senior", "former.manager", "former.installer", // of one that was, or that a person has worked with
	"invited", // to the company whose it is
	"market",  // works for a company, which is offered it
	"firm",    // works for another company
	"person",  // signed in, without a company
	"nobody",  // not signed in
}

// viewer is somebody who asks.
type viewer struct {
	*world.Person
	name       string
	isOperator bool
	isDead     bool              // without a session that is good
	roles      map[string]string // word of the role by company
	invited    []string          // companies
	own        belongings
	finds      map[string]bool // kinds of things that the viewer finds any of
}

// belongings are ids of a viewer's own things, by the kind: what somebody
// names beside what is somebody else's.
type belongings map[string]string

// roleWords are the words of the roles.
var roleWords = map[string]string{"OWNER": "owner", "SENIOR_SERVICE_MANAGER": "senior", "SERVICE_MANAGER": "manager", "INSTALLER": "installer"}

// relation is how the viewer stands to a thing, or to what belongs to nobody:
// then by what the viewer is.
func (v *viewer) relation(t *thing) string {
	switch {
	case v.isDead:
		return "nobody"
	case t != nil && t.person == v.ID:
		return "self"
	case v.isOperator:
		return "operator"
	case t == nil:
		for _, role := range v.roles {
			return role
		}
		if len(v.invited) > 0 {
			return "invited"
		}
		return "person"
	}
	for _, side := range []struct {
		prefix    string
		companies []string
	}{{"", t.of}, {"partner.", t.with}, {"former.", t.once}} {
		for _, id := range side.companies {
			if role := v.roles[id]; role != "" {
				return side.prefix + role
			}
		}
	}
	switch {
	case slices.ContainsFunc(t.of, func(id string) bool { return slices.Contains(v.invited, id) }):
		return "invited"
	case len(v.roles) > 0 && t.isOpen:
		return "market"
	case len(v.roles) > 0:
		return "firm"
	}
	return "person"
}

// isTurn reports whether it is a viewer's turn to do the n-th thing.
func isTurn(n, viewer int) bool { return (n+viewer)%turns == 0 }
