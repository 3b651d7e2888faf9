package object

import (
	"context"
	"fmt"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/errs"
	"partnerhub/internal/viewer"
)

// ErrServicesActive answers what would pull a hub from under its services,
// while they live: active, expiring or paused, on trial or paid (A10). It tells
// which hubs. A service whose pending end has passed lives until the calendar
// has ended it.
var ErrServicesActive = errs.New(errs.ServicesActive, "errorHubServicesActive")

// maxListed is how many hubs the refusal names.
const maxListed = 20

// Blockers returns what stands in the way of removing each hub, and of
// transferring its configuration: [ErrServicesActive], or nothing. It is one
// statement for all of them.
func Blockers(ctx context.Context, c *ent.Client, hubs []*ent.Hub) (map[*ent.Hub]*errs.Error, error) {
	ids := make([]string, len(hubs))
	for i, h := range hubs {
		ids[i] = h.ID
	}
	blocked, err := c.Service.Query().Where(service.HubIDIn(ids...), service.StatusNEQ(service.StatusENDED)).
		Select(service.FieldHubID).Strings(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("look for living services: %w", err)
	}
	blockers := map[*ent.Hub]*errs.Error{}
	for _, h := range hubs {
		if slices.Contains(blocked, h.ID) {
			blockers[h] = live([]string{h.ID})
		}
	}
	return blockers, nil
}

// live is the refusal that tells of the hubs on which services live.
func live(hubIDs []string) *errs.Error {
	if len(hubIDs) == 0 {
		return nil
	}
	return ErrServicesActive.With("count", len(hubIDs)).
		About(errs.Services{Count: len(hubIDs), HubIDs: hubIDs[:min(len(hubIDs), maxListed)]})
}

// servicesActive is the refusal about those of the hubs on which a service
// lives, nil where none does.
func servicesActive(hubs ...*held) *errs.Error {
	var ids []string
	for _, h := range hubs {
		if h.service != nil {
			ids = append(ids, h.ID)
		}
	}
	return live(ids)
}
