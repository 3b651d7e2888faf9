package fee

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/viewer"
)

// Lives returns the lives of each fee key that are not over or ended at an
// instant or later, the oldest first, with all their pauses: what a month that
// begins at the instant, and those after it, are charged by. It takes two
// statements, and reads as the system.
func Lives(ctx context.Context, c *ent.Client, since time.Time, keys ...Key) (map[Key][]Life, error) {
	asked, numbers := map[Key]bool{}, map[string][]string{} // by reseller
	for _, k := range keys {
		asked[k] = true
		numbers[k.ResellerID] = append(numbers[k.ResellerID], k.SerialNumber)
	}
	of := make([]predicate.Service, 0, len(numbers))
	for reseller, list := range numbers {
		of = append(of, service.And(service.ResellerID(reseller), service.SerialNumberIn(list...)))
	}
	if len(of) == 0 {
		return nil, nil
	}
	lives, err := LivesWhere(ctx, c, since, service.Or(of...))
	maps.DeleteFunc(lives, func(k Key, _ []Life) bool { return !asked[k] })
	return lives, err
}

// LivesWhere is [Lives] of the services that all of which keep.
func LivesWhere(ctx context.Context, c *ent.Client, since time.Time, which ...predicate.Service) (map[Key][]Life, error) {
	ctx = viewer.System(ctx)
	services, err := c.Service.Query().Where(which...).
		Where(service.Or(service.StatusNEQ(service.StatusENDED), service.EndsAtGTE(since))).
		Order(ent.Asc(service.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the lives of services: %w", err)
	}
	pauses, err := pausesOf(ctx, c, services)
	if err != nil {
		return nil, err
	}
	lives := make(map[Key][]Life, len(services))
	for _, s := range services {
		k := KeyOf(s)
		lives[k] = append(lives[k], LifeOf(s, pauses[s.ID]))
	}
	return lives, nil
}

// LifeOf returns a service as a life.
func LifeOf(s *ent.Service, pauses []Pause) Life {
	return Life{
		ServiceID: s.ID, DealerID: s.DealerID,
		ActivatedAt: s.ActivatedAt, TrialEndsAt: s.TrialEndsAt, EndsAt: s.EndsAt,
		Live:   s.Status != service.StatusENDED,
		Paused: s.Status == service.StatusSUSPENDED,
		Pauses: pauses,
	}
}

// KeyOf returns the fee key of a service.
func KeyOf(s *ent.Service) Key { return Key{s.ResellerID, s.SerialNumber, s.PackageID} }

// pausesOf reads the pauses of services from their history.
func pausesOf(ctx context.Context, c *ent.Client, services []*ent.Service) (map[string][]Pause, error) {
	if len(services) == 0 {
		return nil, nil
	}
	ids := make([]string, len(services))
	for i, s := range services {
		ids[i] = s.ID
	}
	events, err := c.ServiceEvent.Query().
		Where(serviceevent.ServiceIDIn(ids...), serviceevent.ActionIn(serviceevent.ActionSUSPEND, serviceevent.ActionRESUME)).
		Order(ent.Asc(serviceevent.FieldServiceID, serviceevent.FieldOccurredAt, serviceevent.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the pauses of services: %w", err)
	}
	pauses := make(map[string][]Pause)
	for _, e := range events {
		pauses[e.ServiceID] = Follow(pauses[e.ServiceID], e.Action, e.OccurredAt)
	}
	return pauses, nil
}

// Follow returns the pauses of a life after one more of its steps, which are
// given in their order. A RESUME where nothing is paused takes back a pending
// end, and is no concern of theirs. The pauses given are left as they are.
func Follow(pauses []Pause, step serviceevent.Action, at time.Time) []Pause {
	last := len(pauses) - 1
	switch isOpen := last >= 0 && pauses[last].To.IsZero(); {
	case step == serviceevent.ActionSUSPEND && !isOpen:
		return append(slices.Clip(pauses), Pause{From: at})
	case step == serviceevent.ActionRESUME && isOpen:
		pauses = slices.Clone(pauses)
		pauses[last].To = at
	}
	return pauses
}
