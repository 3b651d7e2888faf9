package lifecycle

import (
	"time"

	"partnerhub/ent"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/calendar"
)

// EffectiveAt returns when a step that is taken now has its effect: at once,
// but a deactivation at the coming month boundary.
func (s *Standing) EffectiveAt(step serviceevent.Action, zone *time.Location) time.Time {
	if step == serviceevent.ActionDEACTIVATE {
		return calendar.NextBoundary(s.Now, zone)
	}
	return s.Now
}

// OnTrial reports whether a service is on its free days.
func OnTrial(s *ent.Service, now time.Time) bool {
	return s.Status != service.StatusENDED && s.TrialEndsAt != nil && now.Before(*s.TrialEndsAt)
}

// TrialAt keeps the services that are on their free days at an instant, or the
// others: what [OnTrial] says, for a query.
func TrialAt(now time.Time, trial bool) predicate.Service {
	if trial {
		return service.And(service.StatusNEQ(service.StatusENDED), service.TrialEndsAtGT(now))
	}
	return service.Or(service.StatusEQ(service.StatusENDED), service.TrialEndsAtIsNil(), service.TrialEndsAtLTE(now))
}
