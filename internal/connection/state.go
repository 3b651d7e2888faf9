package connection

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
)

// Action is a step in the life of a connection, as in the schema's enum
// ConnectionAction.
type Action string

// The steps: the dealer may cancel, the reseller takes all others.
const (
	ActionApprove Action = "APPROVE"
	ActionReject  Action = "REJECT"
	ActionCancel  Action = "CANCEL"
	ActionSuspend Action = "SUSPEND"
	ActionResume  Action = "RESUME"
)

// gone is the state of a connection whose row is deleted: it may be requested
// once more.
const gone connection.Status = ""

// transition is one move.
type transition struct {
	from   connection.Status
	action Action
	to     connection.Status
}

// transitions is the whole life of a connection. A step that is not a row is
// refused with [ErrState].
var transitions = []transition{
	{connection.StatusPENDING, ActionApprove, connection.StatusACTIVE},
	{connection.StatusPENDING, ActionReject, connection.StatusREJECTED},
	{connection.StatusPENDING, ActionCancel, gone},
	{connection.StatusREJECTED, ActionApprove, connection.StatusACTIVE}, // the reseller may change its mind (A4)
	{connection.StatusACTIVE, ActionSuspend, connection.StatusSUSPENDED},
	{connection.StatusSUSPENDED, ActionResume, connection.StatusACTIVE}, // at any time (R55)
}

// next returns where a step leads from a state.
func next(from connection.Status, a Action) (to connection.Status, ok bool) {
	for _, t := range transitions {
		if t.from == from && t.action == a {
			return t.to, true
		}
	}
	return "", false
}

// Allowed returns the steps that a state allows, whoever takes them.
func Allowed(s connection.Status) []Action {
	var allowed []Action
	for _, t := range transitions {
		if t.from == s {
			allowed = append(allowed, t.action)
		}
	}
	return allowed
}

// Open returns the steps that the viewer can take: those that the state allows
// and that are the viewer's side's to take.
func Open(ctx context.Context, c *ent.Connection) []Action {
	open := []Action{} // never nil: the schema's list is not null
	for _, a := range Allowed(c.Status) {
		if a.isOpenTo(ctx, c) {
			open = append(open, a)
		}
	}
	return open
}

// isOpenTo reports whether the viewer manages the connections of the side that
// takes the step.
func (a Action) isOpenTo(ctx context.Context, c *ent.Connection) bool {
	if a == ActionCancel {
		return authz.Can(ctx, authz.ManageConnections, c.DealerID)
	}
	return c.ResellerID != nil && authz.Can(ctx, authz.ManageConnections, *c.ResellerID)
}
