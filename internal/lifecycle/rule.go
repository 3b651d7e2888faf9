package lifecycle

import (
	"context"

	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/viewer"
)

// asker is on which side of a service the viewer stands.
type asker struct {
	dealer   bool // manages the services of the company that looks after the hub
	operator bool // runs the platform
}

func (s *Standing) asker(ctx context.Context) asker {
	return asker{
		dealer:   authz.Can(ctx, authz.ManageServices, s.Hub.CompanyID),
		operator: viewer.From(ctx).Operator,
	}
}

// may is the right to ask for a step at all: the dealer's people for all of
// them, the operator for a pause and its end (R71, A11, A53).
func (a asker) may(step serviceevent.Action) bool {
	return a.dealer || a.operator && (step == serviceevent.ActionSUSPEND || step == serviceevent.ActionRESUME)
}

// side is the one that is noted with a pause (A7).
func (a asker) side() service.SuspendedBy {
	if a.dealer {
		return service.SuspendedByDEALER
	}
	return service.SuspendedByOPERATOR
}

// set reports whether a pause was set by the asker's side.
func (a asker) set(by *service.SuspendedBy) bool {
	return by != nil && (a.dealer && *by == service.SuspendedByDEALER || a.operator && *by == service.SuspendedByOPERATOR)
}

// right refuses with FORBIDDEN who has no right to ask for the step.
func (s *Standing) right(ctx context.Context, step serviceevent.Action) *errs.Error {
	if !s.asker(ctx).may(step) {
		return authz.ErrForbidden.On("hubId")
	}
	return nil
}

// Refusals returns all that stands in the way of a step of the viewer, in the
// order of A35; the command refuses with the first. m and c are looked at for
// ACTIVATE only. To whom the step is forbidden nothing else is told.
func (s *Standing) Refusals(ctx context.Context, step serviceevent.Action, m *Market, c Choice) errs.List {
	if err := s.right(ctx, step); err != nil {
		return errs.List{err}
	}
	return s.obstacles(ctx, step, m, c)
}

// obstacles is Refusals for who has the right.
func (s *Standing) obstacles(ctx context.Context, step serviceevent.Action, m *Market, c Choice) (list errs.List) {
	if !s.IsDealers() {
		list.Add(ErrNotADealer.On("hubId"))
	}
	list.Add(s.closed(s.asker(ctx), step))
	if step != serviceevent.ActionACTIVATE {
		return list
	}
	if !s.HasAjaxSIM() {
		list.Add(ErrNoSIM.On("hubId"))
	}
	_, refusals := m.pick(c)
	return append(list, refusals...)
}

// closed refuses a step that the table, or the side that set a pause, does
// not allow; it tells which steps are left.
func (s *Standing) closed(a asker, step serviceevent.Action) *errs.Error {
	refusal := s.refusalOf(a, step)
	if refusal == nil || refusal.Code == errs.Forbidden {
		return refusal
	}
	detail := errs.State{SubjectID: s.Hub.ID, Actions: []string{}}
	if s.state() != off {
		detail.SubjectID = s.Service.ID
	}
	for _, left := range Steps {
		if s.refusalOf(a, left) == nil {
			detail.Actions = append(detail.Actions, string(left))
		}
	}
	return refusal.About(detail)
}

func (s *Standing) refusalOf(a asker, step serviceevent.Action) *errs.Error {
	at := s.state()
	if _, ok := at.next(step); !ok {
		return invalidState(at, step).On("hubId")
	}
	switch {
	case !a.may(step):
		return authz.ErrForbidden.On("hubId")
	case step != serviceevent.ActionRESUME:
		return nil
	case at.status == service.StatusSUSPENDED && !a.set(s.Service.SuspendedBy):
		return ErrSuspendedByOther.On("hubId")
	case at == expiring && !a.dealer:
		return authz.ErrForbidden.On("hubId") // the operator resumes only what it paused
	}
	return nil
}
