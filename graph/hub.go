package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/simcard"
	"partnerhub/graph/model"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	objects "partnerhub/internal/object"
)

// Hub is the hub with the id, if the viewer may see it.
func (r query) Hub(ctx context.Context, id string) (*ent.Hub, error) {
	return visible(r.DB.Read(ctx).Hub.Query().Where(hub.ID(id)).Only(ctx))
}

// HubAdd adds a hub to an object.
func (r mutation) HubAdd(ctx context.Context, in objects.HubAddition) (*model.HubAddPayload, error) {
	h, err := objects.AddHub(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.HubAddPayload{Hub: h}, err)
}

// HubUpdate renames a hub or puts it at another object.
func (r mutation) HubUpdate(ctx context.Context, in objects.HubUpdate) (*model.HubUpdatePayload, error) {
	h, err := objects.EditHub(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.HubUpdatePayload{Hub: h}, err)
}

// HubRemove takes a hub away.
func (r mutation) HubRemove(ctx context.Context, in objects.HubRef) (*model.HubRemovePayload, error) {
	_, err := objects.RemoveHub(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.HubRemovePayload{RemovedHubID: &in.HubID}, err)
}

// HubSimInstall puts a card into a hub.
func (r mutation) HubSimInstall(ctx context.Context, in objects.SIMInstallation) (*model.HubSimInstallPayload, error) {
	h, err := objects.InstallSIM(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.HubSimInstallPayload{Hub: h}, err)
}

// HubConfigurationTransfer moves name and settings of a hub to another.
func (r mutation) HubConfigurationTransfer(ctx context.Context, in objects.Transfer) (*model.HubConfigurationTransferPayload, error) {
	h, err := objects.TransferConfiguration(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.HubConfigurationTransferPayload{Hub: h}, err)
}

// Object is where the hub is; to a reseller that bills the hub only by name.
func (r hubType) Object(ctx context.Context, h *ent.Hub) (*ent.Object, error) {
	return loadOne(ctx, h, "object", func(h *ent.Hub) string { return h.ObjectID }, r.objectsByID, objectID)
}

// Sim is the card in the hub, for the people of its company.
func (r hubType) Sim(ctx context.Context, h *ent.Hub) (*ent.SIMCard, error) {
	return loadOne(ctx, h, "sim", hubID, func(ctx context.Context, ids []string) ([]*ent.SIMCard, error) {
		return r.DB.Read(ctx).SIMCard.Query().Where(simcard.HubIDIn(ids...)).All(ctx)
	}, func(c *ent.SIMCard) string { return c.HubID })
}

// RemovalBlockers is what stands in the way of removing the hub and of
// transferring its configuration, for those who see all of the hub.
func (r hubType) RemovalBlockers(ctx context.Context, h *ent.Hub) ([]model.UserError, error) {
	blocker, err := load(ctx, h, "removalBlockers", func(ctx context.Context, hubs []*ent.Hub) (map[*ent.Hub]*errs.Error, error) {
		return objects.Blockers(ctx, r.DB.Read(ctx), hubs)
	})
	if err != nil || blocker == nil || !seesInside(ctx, h.CompanyID) {
		return []model.UserError{}, err
	}
	return []model.UserError{&model.ServicesActiveError{
		Code: model.UserErrorCode(blocker.Code), Message: sentence(ctx, blocker), Path: []string{},
		ActiveServiceCount: 1, Hubs: []*ent.Hub{h},
	}}, nil
}

// HubProvision adds hubs with their objects, each item by itself.
func (r mutation) HubProvision(ctx context.Context, in lifecycle.Provision) (*model.HubProvisionPayload, error) {
	items, err := lifecycle.ProvisionHubs(ctx, r.DB, in, r.Info.Limits.BulkItems)
	payload, err := answer(ctx, r.Resolver, &model.HubProvisionPayload{}, err)
	if err != nil || items == nil {
		return payload, err
	}
	hubs, services := []*ent.Hub{}, []*ent.Service{}
	for _, item := range items {
		refusals, err := r.userErrors(ctx, item.Refusals)
		if err != nil {
			return nil, err
		}
		if item.Hub != nil {
			hubs = append(hubs, item.Hub)
		}
		if item.Service != nil {
			services = append(services, item.Service)
		}
		payload.Results = append(payload.Results, &model.HubProvisionResult{
			Hub: item.Hub, Service: item.Service, IsExisting: item.IsExisting, UserErrors: refusals,
		})
	}
	together(ctx, hubs)
	together(ctx, services)
	return payload, nil
}
