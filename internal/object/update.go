package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
)

// Edit changes an object. What is left out is kept; null clears address and
// own number.
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden] and [ErrReferenceTaken].
func Edit(ctx context.Context, db *store.DB, in Update) (*ent.Object, error) {
	var wrong errs.List
	name := form.Replace(&wrong, in.Name, form.UpTo(form.MaxName), "name")
	address, addressSet := form.Change(&wrong, in.Address, form.LinesUpTo(form.MaxAddress), "address")
	reference, referenceSet := form.Change(&wrong, in.Reference, form.UpTo(maxReference), "reference")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Object, error) {
		o, err := find(ctx, tx, in.ObjectID, "objectId")
		if err != nil {
			return nil, err
		}
		d := details{name: o.Name, address: o.Address, reference: o.Reference}
		if name != nil {
			d.name = *name
		}
		if addressSet {
			d.address = address
		}
		if referenceSet {
			d.reference = reference
		}
		return edit(ctx, tx, o, d)
	})
}

// edit gives an object its new details; where they are the present ones, there
// is nothing to do and nothing to tell.
func edit(ctx context.Context, tx *store.Tx, o *ent.Object, d details) (*ent.Object, error) {
	if d.name == o.Name && same(d.address, o.Address) && same(d.reference, o.Reference) {
		return o, nil
	}
	if err := freeReference(ctx, tx, o.CompanyID, d.reference, o.ID); err != nil {
		return nil, err
	}
	u := tx.Object.UpdateOne(o).
		SetName(d.name).SetNameKey(store.Fold(d.name)).
		SetSearchKey(searchKey(d.name, d.address)).SetReferenceKey(referenceKey(d.reference))
	if d.address != nil {
		u.SetAddress(*d.address)
	} else {
		u.ClearAddress()
	}
	if d.reference != nil {
		u.SetReference(*d.reference)
	} else {
		u.ClearReference()
	}
	o, err := u.Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // taken at the same moment: the retry finds by whom
	}
	if err != nil {
		return nil, fmt.Errorf("change an object: %w", err)
	}
	return o, record(ctx, tx, o, "objectUpdate")
}

func same(a, b *string) bool {
	return a == b || a != nil && b != nil && *a == *b
}
