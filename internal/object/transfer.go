package object

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
)

// ErrSameHub answers a transfer of a hub's configuration to itself.
var ErrSameHub = errs.New(errs.Invalid, "errorSameHub")

// TransferConfiguration moves name and settings of a hub to another hub of the
// same company; neither services nor card move (A57). What the other had is
// overwritten. The first is left without settings, named by its serial number.
// It returns the other.
//
// It fails with [ErrSameHub], [authz.ErrNotFound] on either hub,
// [authz.ErrForbidden] and, while services live on either, [ErrServicesActive]
// (R107, A10).
func TransferConfiguration(ctx context.Context, db *store.DB, in Transfer) (*ent.Hub, error) {
	if in.FromHubID == in.ToHubID {
		return nil, ErrSameHub.On("toHubId")
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Hub, error) {
		from, to, err := holdBoth(ctx, tx, in)
		if err != nil {
			return nil, err
		}
		if refusal := servicesActive(from, to); refusal != nil {
			switch {
			case to.service == nil:
				return nil, refusal.On("fromHubId")
			case from.service == nil:
				return nil, refusal.On("toHubId")
			}
			return nil, refusal
		}
		words := map[string]string{"source": from.Name, "target": to.Name}
		emptied := tx.Hub.UpdateOneID(from.ID).SetName(from.SerialNumber).
			SetSearchKey(hubSearchKey(from.SerialNumber, from.SerialNumber)).ClearSettings()
		if _, err := from.changeWith(ctx, tx, emptied, "hubConfigurationTransfer", words); err != nil {
			return nil, err
		}
		filled := tx.Hub.UpdateOneID(to.ID).SetName(from.Name).
			SetSearchKey(hubSearchKey(from.Name, to.SerialNumber)).SetSettings(from.Settings)
		return to.changeWith(ctx, tx, filled, "hubConfigurationTransfer", words)
	})
}

// holdBoth returns both hubs of a transfer, locked in the order of their ids.
// A hub of another company is as if it did not exist.
func holdBoth(ctx context.Context, tx *store.Tx, in Transfer) (from, to *held, err error) {
	hubs, err := hold(ctx, tx, hub.IDIn(in.FromHubID, in.ToHubID))
	if err != nil {
		return nil, nil, err
	}
	for _, h := range hubs {
		switch h.ID {
		case in.FromHubID:
			from = h
		case in.ToHubID:
			to = h
		}
	}
	switch {
	case from == nil:
		return nil, nil, authz.ErrNotFound.On("fromHubId")
	case to == nil || to.CompanyID != from.CompanyID:
		return nil, nil, authz.ErrNotFound.On("toHubId")
	case !authz.Can(ctx, authz.ManageObjects, from.CompanyID):
		return nil, nil, authz.ErrForbidden.On("fromHubId")
	}
	return from, to, nil
}
