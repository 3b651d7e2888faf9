package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/tile"
	"partnerhub/internal/viewer"
)

// held is a hub that a command holds until its transaction ends: its row is
// locked, so that no service begins on it meanwhile (R108).
type held struct {
	*ent.Hub
	card    *ent.SIMCard // nil: none
	service *ent.Service // that lives on the hub; nil: none
}

// hold returns the present hubs that which keeps, as far as the viewer sees
// them, in the order of their ids.
func hold(ctx context.Context, tx *store.Tx, which predicate.Hub) ([]*held, error) {
	ids, err := store.Lock(tx, tx.Hub.Query().Where(which).Order(ent.Asc(hub.FieldID))).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock hubs: %w", err)
	}
	rows, err := tx.Hub.Query().Where(hub.IDIn(ids...)).Order(ent.Asc(hub.FieldID)).
		WithCompany().WithObject().WithSim().
		WithServices(func(q *ent.ServiceQuery) { q.Where(service.StatusNEQ(service.StatusENDED)) }).
		All(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("read hubs: %w", err)
	}
	hubs := make([]*held, len(rows))
	for i, h := range rows {
		hubs[i] = &held{Hub: h, card: h.Edges.Sim}
		if len(h.Edges.Services) > 0 {
			hubs[i].service = h.Edges.Services[0] // at most one lives
		}
	}
	return hubs, nil
}

// holdOne is hold for the hub that an input names in a field. It fails with
// [authz.ErrNotFound] and, where the viewer may not change hubs of its
// company, [authz.ErrForbidden], both on the field.
func holdOne(ctx context.Context, tx *store.Tx, id, field string) (*held, error) {
	hubs, err := hold(ctx, tx, hub.ID(id))
	if err != nil {
		return nil, err
	}
	if len(hubs) == 0 {
		return nil, authz.ErrNotFound.On(field)
	}
	if !authz.Can(ctx, authz.ManageObjects, hubs[0].CompanyID) {
		return nil, authz.ErrForbidden.On(field)
	}
	return hubs[0], nil
}

// tile is what stands under the hub.
func (h *held) tile() serviceevent.Tile {
	status := tile.None
	if h.service != nil {
		status = h.service.Status
	}
	return tile.Of(status, h.card != nil && h.card.IsAjax, h.Edges.Company.DealerSince != nil)
}

// change saves an update of the hub as its next version, and logs it for the
// company and for whoever watches the hub's tile.
func (h *held) change(ctx context.Context, tx *store.Tx, u *ent.HubUpdateOne, action string) (*ent.Hub, error) {
	return h.changeWith(ctx, tx, u, action, nil)
}

// changeWith is change with words for the log's sentence besides the names of
// hub and object.
func (h *held) changeWith(ctx context.Context, tx *store.Tx, u *ent.HubUpdateOne, action string, words map[string]string) (*ent.Hub, error) {
	after, err := u.AddVersion(1).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("change a hub: %w", err)
	}
	entry := activity.Entry{
		Action: action, SubjectID: h.ID, Companies: []string{h.CompanyID},
		Words: map[string]string{"hub": after.Name, "object": h.Edges.Object.Name},
		HubID: h.ID, ObjectID: h.ObjectID, PreviousTile: h.tile(),
	}
	for name, word := range words {
		entry.Words[name] = word
	}
	return after, activity.Record(ctx, tx, entry)
}

// hubSearchKey is what the search for a hub goes over.
func hubSearchKey(name, serialNumber string) string {
	return store.Fold(name) + "\n" + store.Fold(serialNumber)
}
