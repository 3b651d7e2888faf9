package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/store"
)

// RemoveHub takes a hub away from its object; its card may be put into another
// one. The row stays for the books (A45).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] and, while services
// live on the hub, [ErrServicesActive] (A10).
func RemoveHub(ctx context.Context, db *store.DB, in HubRef) (*ent.Hub, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Hub, error) {
		h, err := holdOne(ctx, tx, in.HubID, "hubId")
		if err != nil {
			return nil, err
		}
		if refusal := servicesActive(h); refusal != nil {
			return nil, refusal.On("hubId")
		}
		return h.Hub, h.remove(ctx, tx)
	})
}

// remove takes the hub away, with no service on it. Its card's row goes: no
// service lives, so the card is off already.
func (h *held) remove(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.SIMCard.Delete().Where(simcard.HubID(h.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("take a card out of a hub: %w", err)
	}
	_, err := h.change(ctx, tx, tx.Hub.UpdateOneID(h.ID).SetRemovedAt(tx.Now), "hubRemove")
	return err
}
