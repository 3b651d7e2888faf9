package object

import (
	"context"
	"errors"

	"partnerhub/ent"
	"partnerhub/ent/object"
	"partnerhub/internal/authz"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
)

// Placement is a hub to add, with the object it is at: one item of a
// provisioning, its fields checked.
type Placement struct {
	objectID string  // "" where draft says which object
	draft    details // to find by its reference, or to create
	hub      hubDetails
}

// CheckPlacement checks the fields of an item; paths begin at the item.
func CheckPlacement(wrong *errs.List, ref Ref, serialNumber, name string, sim *SIM) Placement {
	p := Placement{hub: checkHub(wrong, serialNumber, name, sim)}
	wrong.Add(form.OneOf([]string{"object"}, ref.ID != nil, ref.Create != nil))
	if ref.ID != nil {
		p.objectID = *ref.ID
	}
	if ref.Create != nil {
		p.draft = checkDetails(wrong, ref.Create.Name, ref.Create.Address, ref.Create.Reference, "object", "create")
	}
	return p
}

// ForUpdate returns a company in which the viewer may change objects and hubs,
// locked until the transaction ends. It fails with [authz.ErrNotFound] and
// [authz.ErrForbidden].
func ForUpdate(ctx context.Context, tx *store.Tx, companyID string) (*ent.Company, error) {
	c, err := company.ForUpdate(ctx, tx, companyID)
	if err != nil {
		return nil, err
	}
	if !authz.Can(ctx, authz.ManageObjects, c.ID) {
		return nil, authz.ErrForbidden.On("companyId")
	}
	return c, nil
}

// Provide is the step of a provisioning that sees to the hub: where its serial
// number is already the company's, that is the hub, and nothing about it or its
// object changes; isExisting says so (A62). Otherwise the hub is added. The
// company is locked by [ForUpdate].
//
// It fails with [authz.ErrNotFound] on the object, [ErrSerialNumberTaken] and
// [ErrICCIDTaken].
func (p Placement) Provide(ctx context.Context, tx *store.Tx, c *ent.Company) (h *ent.Hub, isExisting bool, err error) {
	h, err = withSerialNumber(ctx, tx, p.hub.serialNumber)
	if err != nil {
		return nil, false, err
	}
	if h != nil && h.CompanyID == c.ID {
		return h, true, nil
	}
	o, err := p.object(ctx, tx, c)
	if err != nil {
		return nil, false, err
	}
	h, err = add(ctx, tx, o, p.hub)
	return h, false, err
}

// object returns the object that the item names, finds or creates.
func (p Placement) object(ctx context.Context, tx *store.Tx, c *ent.Company) (*ent.Object, error) {
	if p.objectID != "" {
		o, err := find(ctx, tx, p.objectID, "id", object.CompanyID(c.ID))
		if refusals := errs.Refusals(err); refusals != nil {
			return nil, refusals.Below("object")
		}
		return o, err
	}
	if p.draft.reference != nil {
		if o, err := withReference(ctx, tx, c.ID, *p.draft.reference); err != nil {
			return nil, err
		} else if o != nil {
			return stay(ctx, tx, o)
		}
	}
	return create(ctx, tx, c.ID, p.draft)
}

// stay returns an object, locked. One that was deleted at this moment makes the
// command run again, to create another.
func stay(ctx context.Context, tx *store.Tx, o *ent.Object) (*ent.Object, error) {
	o, err := find(ctx, tx, o.ID, "create")
	if errors.Is(err, authz.ErrNotFound) {
		return nil, store.Again(err)
	}
	return o, err
}
