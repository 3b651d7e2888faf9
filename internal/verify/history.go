package verify

import (
	"context"
	"time"

	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/tile"
)

// life is what the steps of a service make of it, told once more from the
// table of the lifecycle.
type life struct {
	status service.Status // "" before the activation
	ending bool           // an end is pending
	endsAt time.Time      // of what is over
	at     time.Time      // of the last step
}

// take takes a step, and reports whether the state allows it.
func (l *life) take(step serviceevent.Action, at time.Time) bool {
	living := l.status == service.StatusACTIVE || l.status == service.StatusEXPIRING || l.status == service.StatusSUSPENDED
	allowed := false
	switch step {
	case serviceevent.ActionACTIVATE:
		allowed, l.status = l.status == "", service.StatusACTIVE
	case serviceevent.ActionDEACTIVATE:
		allowed, l.status, l.ending = l.status == service.StatusACTIVE, service.StatusEXPIRING, true
	case serviceevent.ActionSUSPEND:
		allowed, l.status = living && l.status != service.StatusSUSPENDED, service.StatusSUSPENDED
	case serviceevent.ActionRESUME:
		allowed = l.status == service.StatusSUSPENDED || l.status == service.StatusEXPIRING
		if l.status == service.StatusSUSPENDED && l.ending {
			l.status = service.StatusEXPIRING // first the pause, then the pending end
		} else {
			l.status, l.ending = service.StatusACTIVE, false
		}
	case serviceevent.ActionSTOP:
		allowed, l.status, l.ending, l.endsAt = living, service.StatusENDED, false, at
	case serviceevent.ActionEXPIRE:
		allowed, l.status, l.ending, l.endsAt = living && l.ending, service.StatusENDED, false, at
	}
	return allowed
}

// tile is the one that the state shows. Without a service it is that of a hub
// with an Ajax SIM of a dealer, without which none begins.
func (l *life) tile() serviceevent.Tile { return tile.Of(l.status, true, true) }

// row is a service as it stands in the database.
type row struct {
	id          string
	status      service.Status
	activatedAt time.Time
	endsAt      *time.Time
	suspendedAt *time.Time
	suspendedBy *string
}

// lookAtHistories plays the steps of each service, and compares what they lead
// to with the service.
func lookAtHistories(ctx context.Context, i *inspection) error {
	var next, now row
	var event, step, shown *string
	var at *time.Time
	var played life
	var sound bool // up to here the steps are ones that can be
	err := i.extra(ctx, `
		SELECT s.id, s.status, s.activated_at, s.ends_at, s.suspended_at, s.suspended_by, e.id, e.action, e.tile, e.occurred_at
		FROM services s LEFT JOIN service_events e ON e.service_id = s.id
		ORDER BY s.id, e.id`,
		[]any{&next.id, &next.status, &next.activatedAt, &next.endsAt, &next.suspendedAt, &next.suspendedBy, &event, &step, &shown, &at}, func() {
			if next.id != now.id {
				i.compare(now, played, sound)
				played, sound = life{}, true
				i.count()
			}
			now = next
			if event == nil || !sound {
				return
			}
			if at.Before(played.at) {
				i.broken(*event, "of %s at %s, before the step before it at %s", now.id, stamp(*at), stamp(played.at))
			}
			from := played
			if sound = played.take(serviceevent.Action(*step), *at); !sound {
				i.broken(*event, "%s of %s, which the state %s does not allow", *step, now.id, from)
				return
			}
			if want := played.tile(); string(want) != *shown {
				i.broken(*event, "tile %s after %s of %s, expected %s", *shown, *step, now.id, want)
			}
			if from.status == "" && !at.Equal(now.activatedAt) {
				i.broken(now.id, "activated_at %s, the history begins at %s", stamp(now.activatedAt), stamp(*at))
			}
			played.at = *at
		})
	i.compare(now, played, sound)
	return err
}

// compare compares a service with what its history leads to.
func (i *inspection) compare(s row, played life, sound bool) {
	switch {
	case s.id == "" || !sound:
		return
	case played.status == "":
		i.broken(s.id, "has no history")
		return
	case s.status != played.status:
		i.broken(s.id, "status %s, its history leads to %s", s.status, played)
		return
	}
	switch ended := played.status == service.StatusENDED; {
	case ended && (s.endsAt == nil || !s.endsAt.Equal(played.endsAt)):
		i.broken(s.id, "ends_at %s, its history ends at %s", maybe(s.endsAt), stamp(played.endsAt))
	case !ended && played.ending != (s.endsAt != nil):
		i.broken(s.id, "ends_at %s, its history leads to %s", maybe(s.endsAt), played)
	}
	isPaused := played.status == service.StatusSUSPENDED
	switch {
	case isPaused != (s.suspendedAt != nil) || isPaused != (s.suspendedBy != nil):
		i.broken(s.id, "suspended_at %s by %s, its history leads to %s", maybe(s.suspendedAt), or(s.suspendedBy, "nobody"), played)
	case isPaused && !s.suspendedAt.Equal(played.at):
		i.broken(s.id, "suspended_at %s, its history says %s", stamp(*s.suspendedAt), stamp(played.at))
	}
}

// String names the state.
func (l life) String() string {
	switch {
	case l.status == "":
		return "none"
	case l.ending && l.status != service.StatusEXPIRING:
		return string(l.status) + " with a pending end"
	}
	return string(l.status)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func maybe(t *time.Time) string {
	if t == nil {
		return "null"
	}
	return stamp(*t)
}
