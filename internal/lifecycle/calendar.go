package lifecycle

import (
	"context"
	"fmt"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// chunk is how many services one transaction ends: commands get their turn in
// between.
const chunk = 50

// EndDue ends every service whose pending end has passed, of those that all of
// which keep, with its end at the month boundary however late it comes, and
// returns how many it ended (R88). It may run at any time, on several servers
// at once: none is ended twice.
func EndDue(ctx context.Context, db *store.DB, which ...predicate.Service) (ended int, err error) {
	ctx = calendarContext(ctx)
	for {
		type result struct{ found, ended int }
		r, err := store.Do(ctx, db, func(tx *store.Tx) (r result, err error) {
			r.found, r.ended, err = endChunk(ctx, tx, which)
			return r, err
		})
		if err != nil {
			return ended, fmt.Errorf("end services that expire: %w", err)
		}
		ended += r.ended
		if r.found < chunk {
			return ended, nil
		}
	}
}

// calendarContext is the context of what nobody asked for.
func calendarContext(ctx context.Context) context.Context {
	return viewer.System(viewer.With(ctx, viewer.Viewer{}))
}

// endChunk ends up to a chunk of services. Another server may have ended some
// of those it found.
func endChunk(ctx context.Context, tx *store.Tx, which []predicate.Service) (found, ended int, err error) {
	which = append([]predicate.Service{service.StatusNEQ(service.StatusENDED), service.EndsAtLTE(tx.Now)}, which...)
	due, err := tx.Service.Query().Where(which...).Order(ent.Asc(service.FieldEndsAt, service.FieldID)).
		Limit(chunk).Select(service.FieldHubID, service.FieldResellerID).All(ctx)
	if err != nil || len(due) == 0 {
		return 0, 0, err
	}
	hubs, resellers := make([]string, len(due)), make([]string, len(due))
	for i, s := range due {
		hubs[i], resellers[i] = s.HubID, s.ResellerID
	}
	if err := holdAll(ctx, tx, resellers); err != nil {
		return 0, 0, err
	}
	ended, err = endOn(ctx, tx, hubs, func(s *Standing) bool { return slices.Contains(resellers, s.Service.ResellerID) })
	return len(due), ended, err
}
