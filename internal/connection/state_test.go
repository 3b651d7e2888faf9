package connection

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/viewer"
)

var (
	states  = []connection.Status{connection.StatusPENDING, connection.StatusACTIVE, connection.StatusSUSPENDED, connection.StatusREJECTED, gone}
	actions = []Action{ActionApprove, ActionReject, ActionCancel, ActionSuspend, ActionResume}
)

// decided is the page of decisions once more: what each state allows.
var decided = map[connection.Status]map[Action]connection.Status{
	connection.StatusPENDING:   {ActionApprove: connection.StatusACTIVE, ActionReject: connection.StatusREJECTED, ActionCancel: gone},
	connection.StatusREJECTED:  {ActionApprove: connection.StatusACTIVE},
	connection.StatusACTIVE:    {ActionSuspend: connection.StatusSUSPENDED},
	connection.StatusSUSPENDED: {ActionResume: connection.StatusACTIVE},
}

// take takes a step by its command.
func take(ctx context.Context, c *cast, a Action, id string) error {
	var err error
	switch a {
	case ActionApprove:
		_, err = Approve(ctx, c.db, Approval{ConnectionID: id})
	case ActionReject:
		_, err = Reject(ctx, c.db, Refusal{ConnectionID: id})
	case ActionCancel:
		_, err = Cancel(ctx, c.db, Ref{ConnectionID: id})
	case ActionSuspend:
		_, err = Suspend(ctx, c.db, Refusal{ConnectionID: id})
	case ActionResume:
		_, err = Resume(ctx, c.db, Ref{ConnectionID: id})
	}
	return err
}

// somebody tries the steps. sees tells whether the connection is theirs to
// see, manages whose side they may act for.
type somebody struct {
	name     string
	viewer   viewer.Viewer
	sees     bool
	dealer   bool
	reseller bool
}

func everybody(c *cast, dealer, reseller *ent.Company) []somebody {
	otherDealer, otherReseller := c.company("Other dealer", "dealer", "en"), c.company("Other reseller", "reseller", "en")
	invited := member(reseller, viewer.Owner)
	invited.Invited = true
	list := []somebody{
		{name: "another dealer's owner", viewer: c.who(member(otherDealer, viewer.Owner))},
		{name: "another reseller's owner", viewer: c.who(member(otherReseller, viewer.Owner))},
		{name: "somebody invited to the reseller", viewer: c.who(invited)},
		{name: "somebody without a company", viewer: c.who()},
		{name: "nobody"},
		{name: "the operator", viewer: viewer.Viewer{UserID: c.person(), Operator: true}, sees: true},
		{name: "dealer's manager, reseller's installer", sees: true, dealer: true,
			viewer: c.who(member(dealer, viewer.ServiceManager), member(reseller, viewer.Installer))},
		{name: "dealer's installer, reseller's manager", sees: true, reseller: true,
			viewer: c.who(member(dealer, viewer.Installer), member(reseller, viewer.ServiceManager))},
	}
	for _, role := range []viewer.Role{viewer.Owner, viewer.SeniorServiceManager, viewer.ServiceManager, viewer.Installer} {
		manages := role != viewer.Installer
		list = append(list,
			somebody{name: "dealer's " + string(role), viewer: c.who(member(dealer, role)), sees: manages, dealer: manages},
			somebody{name: "reseller's " + string(role), viewer: c.who(member(reseller, role)), sees: manages, reseller: manages})
	}
	return list
}

// Every step from every state, by everybody: a step leads where the decisions
// say, or is refused and changes nothing.
// (R15 R30 R33 R43 R45 R52 R53 R55, A4, A34, A35, A52, A53)
func TestSteps_AllByAll(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "pl"), c.company("Central Station", "reseller", "en")
	for _, who := range everybody(c, dealer, reseller) {
		for _, state := range states {
			for _, action := range actions {
				id := "con_gone"
				if state != gone {
					id = c.link(dealer, reseller, state).ID
				}
				before := c.effects()
				err := take(asks(who.viewer), c, action, id)
				if problem := judge(c, who, state, action, id, err, before); problem != "" {
					t.Errorf("%s takes %s from %q: %s", who.name, action, state, problem)
				}
				c.remove(id)
			}
		}
	}
}

// judge returns what is wrong with the outcome of a step, "" for nothing.
func judge(c *cast, who somebody, state connection.Status, a Action, id string, err error, before int) string {
	to, allowed := decided[state][a]
	var want *errs.Error
	switch {
	case !who.sees || state == gone:
		want = authz.ErrNotFound
	case a == ActionCancel && !who.dealer, a != ActionCancel && !who.reseller:
		want = authz.ErrForbidden
	case !allowed:
		want = ErrState
	}
	now := c.now(id)
	if want == nil {
		switch {
		case err != nil:
			return err.Error()
		case to == gone && now != nil:
			return "it is still there"
		case to != gone && (now.Status != to || now.Version != 2 || !now.StatusChangedAt.Equal(noon)):
			return fmt.Sprintf("%s, version %d, changed %s", now.Status, now.Version, now.StatusChangedAt)
		}
		return ""
	}
	list := errs.Refusals(err)
	switch {
	case len(list) != 1 || !list.Is(want) || !slices.Equal(list[0].Path, []string{"input", "connectionId"}):
		return fmt.Sprintf("%v, want %v", err, want)
	case now != nil && (now.Status != state || now.Version != 1) || c.effects() != before:
		return "refused, and yet something changed"
	}
	if want == ErrState {
		return judgeState(list[0], state, id)
	}
	return ""
}

// judgeState looks at what a refusal tells about the state.
func judgeState(e *errs.Error, state connection.Status, id string) string {
	told, _ := e.Detail.(errs.State)
	var wanted []string
	for _, a := range actions {
		if _, ok := decided[state][a]; ok {
			wanted = append(wanted, string(a))
		}
	}
	slices.Sort(told.ConnectionActions)
	slices.Sort(wanted)
	if told.SubjectID != id || !slices.Equal(told.ConnectionActions, wanted) {
		return fmt.Sprintf("tells %+v, want %v of %s", told, wanted, id)
	}
	return ""
}

// What is offered to the viewer is what the viewer can do.
func TestOpen(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "pl"), c.company("Central Station", "reseller", "en")
	for _, who := range everybody(c, dealer, reseller) {
		for _, state := range states[:4] {
			link := c.link(dealer, reseller, state)
			for _, a := range actions {
				_, allowed := decided[state][a]
				want := allowed && (a == ActionCancel && who.dealer || a != ActionCancel && who.reseller)
				if got := slices.Contains(Open(asks(who.viewer), link), a); got != want {
					t.Errorf("%s is offered %s in %s: %v", who.name, a, state, got)
				}
			}
			c.remove(link.ID)
		}
	}
}
