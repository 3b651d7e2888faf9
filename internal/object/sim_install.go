package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
)

// InstallSIM puts a card into a hub, in place of the one it has. The card that
// is in it already is fine at any time.
//
// It fails with [ErrICCID], [authz.ErrNotFound], [authz.ErrForbidden],
// [ErrServicesActive] while services live on the hub (A10), and
// [ErrICCIDTaken].
func InstallSIM(ctx context.Context, db *store.DB, in SIMInstallation) (*ent.Hub, error) {
	var wrong errs.List
	card := SIM{Iccid: checkICCID(&wrong, in.Sim.Iccid, "sim", "iccid"), IsAjaxSim: in.Sim.IsAjaxSim}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Hub, error) {
		h, err := holdOne(ctx, tx, in.HubID, "hubId")
		if err != nil {
			return nil, err
		}
		if h.has(card) {
			return h.Hub, nil // nothing to tell
		}
		if refusal := servicesActive(h); refusal != nil {
			return nil, refusal.On("hubId")
		}
		if err := freeICCID(ctx, tx, card.Iccid, h.ID); err != nil {
			return nil, err
		}
		if h.card != nil {
			if err := tx.SIMCard.DeleteOne(h.card).Exec(ctx); err != nil {
				return nil, fmt.Errorf("take a card out of a hub: %w", err)
			}
		}
		if err := insert(ctx, tx, h.ID, &card); err != nil {
			return nil, err
		}
		return h.change(ctx, tx, tx.Hub.UpdateOneID(h.ID), "hubSimInstall")
	})
}

// has reports whether the card is in the hub.
func (h *held) has(card SIM) bool {
	return h.card != nil && h.card.Iccid == card.Iccid && h.card.IsAjax == card.IsAjaxSim
}
