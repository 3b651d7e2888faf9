package lifecycle

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/activity"
	"partnerhub/internal/fee"
	"partnerhub/internal/sim"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// event is a step as the history tells it.
type event struct {
	step   serviceevent.Action
	at     time.Time
	reason *string
}

// move takes a step of the living service that a person asks for and nothing
// stands in the way of. The calendar's step is [expire].
func (s *Standing) move(ctx context.Context, tx *store.Tx, e event) (*ent.Service, error) {
	from := stateOf(s.Service)
	to, ok := from.next(e.step)
	if !ok {
		return nil, fmt.Errorf("the state %v has no step %s", from, e.step)
	}
	var keys []fee.Key // a deactivation leaves the figures as they are
	if e.step != serviceevent.ActionDEACTIVATE {
		keys = append(keys, fee.KeyOf(s.Service))
	}
	change, err := tally.Begin(ctx, tx, keys...)
	if err != nil {
		return nil, err
	}
	u := tx.Service.UpdateOne(s.Service).SetStatus(to.status).SetUpdatedAt(e.at)
	if e.step == serviceevent.ActionSUSPEND {
		u.SetSuspendedAt(e.at).SetSuspendedBy(s.asker(ctx).side())
	} else {
		u.ClearSuspendedAt().ClearSuspendedBy()
	}
	if e.reason != nil {
		u.SetReason(*e.reason)
	} else {
		u.ClearReason()
	}
	switch {
	case e.step == serviceevent.ActionDEACTIVATE, e.step == serviceevent.ActionSTOP:
		u.SetEndsAt(s.EffectiveAt(e.step, tx.Zone))
	case to == active:
		u.ClearEndsAt()
	}
	after, err := u.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the step %s: %w", e.step, err)
	}
	change.Took(after, e.step, e.at)
	if err := change.Apply(ctx, tx, e.at); err != nil {
		return nil, err
	}
	return after, s.record(ctx, tx, after, to, e)
}

// record writes what every step leaves behind, in its transaction: the state
// intended for the card, the hub's new version, the history, and an entry in
// the logs of the dealer and of the reseller that is billed.
func (s *Standing) record(ctx context.Context, tx *store.Tx, after *ent.Service, to state, e event) error {
	if err := s.switchSIM(ctx, tx, after, to); err != nil {
		return err
	}
	if err := tx.Hub.Update().Where(hub.ID(s.Hub.ID)).AddVersion(1).Exec(ctx); err != nil {
		return fmt.Errorf("count the changes of a hub: %w", err)
	}
	actor := viewer.From(ctx).UserID
	history := tx.ServiceEvent.Create().SetServiceID(after.ID).SetAction(e.step).SetOccurredAt(e.at).
		SetTile(s.tileIn(to)).SetNillableReason(e.reason)
	if actor != "" {
		history.SetActorID(actor)
	}
	if err := history.Exec(ctx); err != nil {
		return fmt.Errorf("write the history of a service: %w", err)
	}
	return s.log(ctx, tx, after, e)
}

// switchSIM sets what the step means for the card. One that comes with the
// package works while services are delivered; one that does not is never
// switched on. None works beyond them, whatever the package says by then.
func (s *Standing) switchSIM(ctx context.Context, tx *store.Tx, after *ent.Service, to state) error {
	if s.SIM == nil || s.SIM.IsActive == to.delivers() {
		return nil
	}
	if to.delivers() {
		p, err := tx.ServicePackage.Get(viewer.System(ctx), after.PackageID)
		if err != nil {
			return fmt.Errorf("read the package of a service: %w", err)
		}
		if !p.IncludesSim {
			return nil
		}
	}
	return sim.Intend(ctx, tx, to.delivers(), s.SIM)
}

// log tells both companies. Only the dealer's entry is about the hub's tile: a
// reseller sees no tiles (A50).
func (s *Standing) log(ctx context.Context, tx *store.Tx, after *ent.Service, e event) error {
	system := viewer.System(ctx)
	place, err := tx.Object.Get(system, s.Hub.ObjectID)
	if err != nil {
		return fmt.Errorf("read the object of a hub: %w", err)
	}
	reseller, err := tx.Company.Get(system, after.ResellerID)
	if err != nil {
		return fmt.Errorf("read the reseller of a service: %w", err)
	}
	return activity.Record(ctx, tx, s.entries(place, reseller, after, e.step)...)
}

// entries are what the logs of the reseller and of the dealer tell of a step.
func (s *Standing) entries(place *ent.Object, reseller *ent.Company, after *ent.Service, step serviceevent.Action) []activity.Entry {
	toReseller := activity.Entry{
		Action:    operations[step],
		SubjectID: after.ID,
		Words:     map[string]string{"hub": s.Hub.Name, "object": place.Name, "reseller": reseller.Name},
		Companies: []string{after.ResellerID},
	}
	toDealer := toReseller
	toDealer.Companies = []string{after.DealerID}
	toDealer.HubID, toDealer.ObjectID = s.Hub.ID, s.Hub.ObjectID
	toDealer.PreviousTile, toDealer.ServiceAction = s.Tile(), step
	return []activity.Entry{toReseller, toDealer}
}
