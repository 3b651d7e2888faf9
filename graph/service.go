package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/i18n"
	"partnerhub/internal/lifecycle"
)

// ServiceActivate starts services on a hub.
func (r mutation) ServiceActivate(ctx context.Context, in lifecycle.Activation) (*model.ServiceActivatePayload, error) {
	s, err := lifecycle.Activate(ctx, r.DB, in)
	h, screen, err := r.outcome(ctx, s, err)
	return answer(ctx, r.Resolver, &model.ServiceActivatePayload{Service: s, Hub: h, Screen: screen}, err)
}

// ServiceDeactivate lets services run to the end of the month.
func (r mutation) ServiceDeactivate(ctx context.Context, in lifecycle.Step) (*model.ServiceDeactivatePayload, error) {
	s, err := lifecycle.Deactivate(ctx, r.DB, in)
	h, screen, err := r.outcome(ctx, s, err)
	return answer(ctx, r.Resolver, &model.ServiceDeactivatePayload{Service: s, Hub: h, Screen: screen}, err)
}

// ServiceSuspend pauses services.
func (r mutation) ServiceSuspend(ctx context.Context, in lifecycle.Step) (*model.ServiceSuspendPayload, error) {
	s, err := lifecycle.Suspend(ctx, r.DB, in)
	h, screen, err := r.outcome(ctx, s, err)
	return answer(ctx, r.Resolver, &model.ServiceSuspendPayload{Service: s, Hub: h, Screen: screen}, err)
}

// ServiceResume takes a pause or a pending end back.
func (r mutation) ServiceResume(ctx context.Context, in lifecycle.Resumption) (*model.ServiceResumePayload, error) {
	s, err := lifecycle.Resume(ctx, r.DB, in)
	h, screen, err := r.outcome(ctx, s, err)
	return answer(ctx, r.Resolver, &model.ServiceResumePayload{Service: s, Hub: h, Screen: screen}, err)
}

// ServiceStop ends services at once.
func (r mutation) ServiceStop(ctx context.Context, in lifecycle.Step) (*model.ServiceStopPayload, error) {
	s, err := lifecycle.Stop(ctx, r.DB, in)
	h, screen, err := r.outcome(ctx, s, err)
	return answer(ctx, r.Resolver, &model.ServiceStopPayload{Service: s, Hub: h, Screen: screen}, err)
}

// outcome returns the hub of a step and the screen to show: both as they are
// now, which for a repeated call may be later than its step (A37, A48).
func (r *Resolver) outcome(ctx context.Context, s *ent.Service, err error) (*ent.Hub, *model.Screen, error) {
	if err != nil {
		return nil, nil, err
	}
	h, err := visible(r.DB.Read(ctx).Hub.Query().Where(hub.ID(s.HubID)).Only(ctx))
	if err != nil {
		return nil, nil, err
	}
	live, err := visible(r.DB.Read(ctx).Service.Query().
		Where(service.HubID(s.HubID), service.StatusNEQ(service.StatusENDED)).Only(ctx))
	if err != nil {
		return nil, nil, err
	}
	status := service.StatusENDED
	if live != nil {
		status = live.Status
	}
	return h, screen(ctx, screens[status]), nil
}

// screens are shown after a step, by the state it led to (A37).
var screens = map[service.Status]model.ScreenCode{
	service.StatusACTIVE:    model.ScreenCodeServicesActivated,
	service.StatusEXPIRING:  model.ScreenCodeServicesExpireSoon,
	service.StatusSUSPENDED: model.ScreenCodeServicesSuspended,
	service.StatusENDED:     model.ScreenCodeActivationRequired,
}

// screenTexts are the ids of each screen's texts, less their endings.
var screenTexts = map[model.ScreenCode]string{
	model.ScreenCodeServicesActivated:   "screenServicesActivated",
	model.ScreenCodeServicesExpireSoon:  "screenServicesExpireSoon",
	model.ScreenCodeServicesSuspended:   "screenServicesSuspended",
	model.ScreenCodeActivationRequired:  "screenActivationRequired",
	model.ScreenCodeDashboardEmpty:      "screenDashboardEmpty",
	model.ScreenCodePaymentHistoryEmpty: "screenPaymentHistoryEmpty",
}

// screen is a screen with its words in the language of the request.
func screen(ctx context.Context, code model.ScreenCode) *model.Screen {
	l := i18n.From(ctx)
	return &model.Screen{
		Code:  code,
		Title: i18n.Text(l, screenTexts[code]+"Title", nil),
		Text:  i18n.Text(l, screenTexts[code]+"Text", nil),
	}
}

// Actor is the person who took the step; nobody for the calendar's.
func (r eventType) Actor(ctx context.Context, e *ent.ServiceEvent) (*ent.User, error) {
	return loadOne(ctx, e, "actor", eventActor, r.usersByID, func(u *ent.User) string { return u.ID })
}

func eventActor(e *ent.ServiceEvent) string {
	if e.ActorID == nil {
		return ""
	}
	return *e.ActorID
}

// Reason is for everybody who sees the event: dealer and reseller.
func (r eventType) Reason(_ context.Context, e *ent.ServiceEvent) (*string, error) {
	return e.Reason, nil
}

// serviceHistory is newest first, by instant and then by insertion (A59). The
// instants of a service's steps grow also where a server takes one whose clock
// is behind, and whose ids are therefore lower.
var serviceHistory = list[ent.ServiceEvent]{
	owner:   serviceevent.FieldServiceID,
	ownerOf: func(e *ent.ServiceEvent) string { return e.ServiceID },
	idOf:    func(e *ent.ServiceEvent) string { return e.ID },
	order: order[ent.ServiceEvent]{
		name: "occurred", column: serviceevent.FieldOccurredAt, kind: byTime, desc: true,
		value: func(e *ent.ServiceEvent) any { return e.OccurredAt },
	},
}
