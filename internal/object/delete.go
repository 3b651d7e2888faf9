package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/internal/store"
)

// Delete deletes an object with its hubs; their cards may be put into others.
// The rows stay for the books (A45).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] and, while services
// live on any of the hubs, [ErrServicesActive] (A10).
func Delete(ctx context.Context, db *store.DB, in Deletion) (*ent.Object, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Object, error) {
		o, err := find(ctx, tx, in.ObjectID, "objectId")
		if err != nil {
			return nil, err
		}
		hubs, err := hold(ctx, tx, hub.ObjectID(o.ID))
		if err != nil {
			return nil, err
		}
		if refusal := servicesActive(hubs...); refusal != nil {
			return nil, refusal.On("objectId")
		}
		for _, h := range hubs {
			if err := h.remove(ctx, tx); err != nil {
				return nil, err
			}
		}
		if o, err = tx.Object.UpdateOne(o).SetDeletedAt(tx.Now).Save(ctx); err != nil {
			return nil, fmt.Errorf("delete an object: %w", err)
		}
		return o, record(ctx, tx, o, "objectDelete")
	})
}
