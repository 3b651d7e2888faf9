// Package closing deletes companies. It stands right of all other areas, since
// each of them may have something that stands in the way.
package closing

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/internal/errs"
	"partnerhub/internal/viewer"
)

// Refusals to delete a company while services live (A10).
var (
	// ErrServicesActive answers for the dealer of the services (R106).
	ErrServicesActive = errs.New(errs.ServicesActive, "errorCompanyServicesActive")
	// ErrServicesBilled answers for the reseller that is billed for them.
	ErrServicesBilled = errs.New(errs.ServicesActive, "errorCompanyServicesBilled")
)

// maxHubs is how many of the hubs with services a refusal names.
const maxHubs = 20

// Blockers returns what stands in the way of deleting a company at an instant,
// nothing where it can be deleted: services that live, be they active,
// expiring, paused, on trial or paid. One whose pending end has passed is over,
// also where the calendar has not come to it yet (A46).
func Blockers(ctx context.Context, c *ent.Client, company *ent.Company, now time.Time) (errs.List, error) {
	var list errs.List
	for _, side := range []struct {
		of      predicate.Service
		refusal *errs.Error
	}{
		{service.DealerID(company.ID), ErrServicesActive},
		{service.ResellerID(company.ID), ErrServicesBilled},
	} {
		found, err := live(ctx, c, side.of, service.Or(service.EndsAtIsNil(), service.EndsAtGT(now)))
		if err != nil {
			return nil, err
		}
		if found.Count > 0 {
			list.Add(side.refusal.With("count", found.Count).About(found))
		}
	}
	return list, nil
}

// live counts the services that live, and names the hubs of the oldest.
func live(ctx context.Context, c *ent.Client, of ...predicate.Service) (found errs.Services, err error) {
	ctx = viewer.System(ctx)
	q := c.Service.Query().Where(of...).Where(service.StatusNEQ(service.StatusENDED))
	if found.Count, err = q.Clone().Count(ctx); err != nil {
		return found, fmt.Errorf("count services: %w", err)
	}
	oldest, err := q.Order(service.ByID()).Limit(maxHubs).All(ctx)
	if err != nil {
		return found, fmt.Errorf("read services: %w", err)
	}
	for _, s := range oldest {
		found.HubIDs = append(found.HubIDs, s.HubID)
	}
	return found, nil
}
