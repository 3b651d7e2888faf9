// Package lifecycle starts, pauses, resumes and ends the services of hubs.
//
// Its heart is one table of transitions. Each command is a step of the table
// that a person asks for; the end of a month is the one step that the calendar
// takes. The rules of a step are the same functions for the command and for
// the screen that tells beforehand what the command would answer.
package lifecycle

import (
	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
)

// state is where a hub stands in the life of its services.
type state struct {
	status service.Status
	ending bool // an end is pending: at the month's end, unless it is taken back
}

// The states. A hub without any service is off, as after the end of its last.
var (
	off          = state{service.StatusENDED, false}
	active       = state{service.StatusACTIVE, false}
	expiring     = state{service.StatusEXPIRING, true}
	paused       = state{service.StatusSUSPENDED, false}
	pausedEnding = state{service.StatusSUSPENDED, true}
)

// transition is a row of the table: a step that a state allows.
type transition struct {
	from state
	step serviceevent.Action
	to   state
}

// transitions is the whole lifecycle. A step that is not a row is refused with
// INVALID_STATE.
var transitions = []transition{
	{off, serviceevent.ActionACTIVATE, active},
	{active, serviceevent.ActionDEACTIVATE, expiring}, // until the 1st
	{active, serviceevent.ActionSUSPEND, paused},
	{active, serviceevent.ActionSTOP, off}, // now, the SIM included
	{expiring, serviceevent.ActionSUSPEND, pausedEnding},
	{expiring, serviceevent.ActionRESUME, active},
	{expiring, serviceevent.ActionSTOP, off},
	{expiring, serviceevent.ActionEXPIRE, off}, // the calendar's move (A63)
	{paused, serviceevent.ActionRESUME, active},
	{paused, serviceevent.ActionSTOP, off},
	{pausedEnding, serviceevent.ActionRESUME, expiring}, // first the pause, then the pending end
	{pausedEnding, serviceevent.ActionSTOP, off},
	{pausedEnding, serviceevent.ActionEXPIRE, off},
}

// Steps are the steps a person can ask for, in the order to show them.
var Steps = []serviceevent.Action{
	serviceevent.ActionACTIVATE,
	serviceevent.ActionDEACTIVATE,
	serviceevent.ActionSUSPEND,
	serviceevent.ActionRESUME,
	serviceevent.ActionSTOP,
}

// next returns the state after a step, false where the state does not allow it.
func (s state) next(step serviceevent.Action) (to state, ok bool) {
	for _, t := range transitions {
		if t.from == s && t.step == step {
			return t.to, true
		}
	}
	return state{}, false
}

// delivers reports whether an Ajax SIM that comes with the package works.
func (s state) delivers() bool { return s == active || s == expiring }

// stateOf returns the state of a service; nil is none.
func stateOf(s *ent.Service) state {
	if s == nil || s.Status == service.StatusENDED {
		return off
	}
	return state{s.Status, s.EndsAt != nil}
}
