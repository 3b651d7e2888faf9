package object

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
)

// EditHub renames a hub, or puts it at another object of its company. What is
// left out is kept. Services go on wherever the hub is.
//
// It fails with the refusals of package form, [authz.ErrNotFound] on the hub or
// on the object, and [authz.ErrForbidden].
func EditHub(ctx context.Context, db *store.DB, in HubUpdate) (*ent.Hub, error) {
	var wrong errs.List
	name := form.Replace(&wrong, in.Name, form.UpTo(form.MaxName), "name")
	objectID, moves := in.ObjectID.ValueOK()
	if moves && objectID == nil {
		wrong.Add(form.ErrRequired.On("objectId")) // a hub is always somewhere
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Hub, error) {
		var to *ent.Object
		if moves {
			var err error
			if to, err = destination(ctx, tx, in.HubID, *objectID); err != nil {
				return nil, err
			}
		}
		h, err := holdOne(ctx, tx, in.HubID, "hubId")
		if err != nil {
			return nil, err
		}
		u := tx.Hub.UpdateOneID(h.ID)
		changes := false
		if name != nil && *name != h.Name {
			u.SetName(*name).SetSearchKey(hubSearchKey(*name, h.SerialNumber))
			changes = true
		}
		if to != nil && to.ID != h.ObjectID {
			u.SetObjectID(to.ID)
			changes = true
		}
		if !changes {
			return h.Hub, nil // nothing to tell
		}
		return h.change(ctx, tx, u, "hubUpdate")
	})
}

// destination returns the object a hub is to be put at, locked. Any other
// company's is as if it did not exist.
func destination(ctx context.Context, tx *store.Tx, hubID, objectID string) (*ent.Object, error) {
	h, err := tx.Hub.Query().Where(hub.ID(hubID)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On("hubId")
	}
	if err != nil {
		return nil, fmt.Errorf("read a hub: %w", err)
	}
	o, err := find(ctx, tx, objectID, "objectId", object.CompanyID(h.CompanyID))
	if errors.Is(err, authz.ErrForbidden) {
		return nil, authz.ErrForbidden.On("hubId") // of both, the hub is what is to be changed
	}
	return o, err
}
