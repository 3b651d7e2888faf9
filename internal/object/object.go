// Package object holds the commands about what a company looks after: objects,
// the hubs in them, the SIM cards in those, and moving a hub's configuration
// to another. Every role of the company may give them (A52), whether it is a
// dealer or not. The services that run on hubs are in package lifecycle.
//
// Rows are locked in the order company, object, hub.
package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// maxReference is the longest own number of an object, in characters.
const maxReference = 64

// ErrReferenceTaken answers an own number that another object of the company
// has (A62).
var ErrReferenceTaken = errs.New(errs.Taken, "errorReferenceTaken")

// details are what people type about an object, checked.
type details struct {
	name      string
	address   *string
	reference *string
}

// checkDetails checks the fields of an object; at is where they stand below
// `input`.
func checkDetails(wrong *errs.List, name string, address, reference *string, at ...string) details {
	field := func(name string) []string { return append(append([]string{}, at...), name) }
	return details{
		name:      form.Text(wrong, name, form.MaxName, true, field("name")...),
		address:   form.Optional(wrong, address, form.LinesUpTo(form.MaxAddress), field("address")...),
		reference: form.Optional(wrong, reference, form.UpTo(maxReference), field("reference")...),
	}
}

// searchKey is what the search for an object goes over. The line between name
// and address is in no folded text, so nothing is found across it.
func searchKey(name string, address *string) string {
	if address == nil {
		return store.Fold(name)
	}
	return store.Fold(name) + "\n" + store.Fold(*address)
}

// referenceKey is what the search for an own number goes over.
func referenceKey(reference *string) string {
	if reference == nil {
		return ""
	}
	return store.Fold(*reference)
}

// find returns an object that the viewer may see and that which keeps, locked
// until the transaction ends: no hub comes to it meanwhile. It fails with
// [authz.ErrNotFound] and, where the viewer may not change objects of its
// company, [authz.ErrForbidden], both on the field.
func find(ctx context.Context, tx *store.Tx, id, field string, which ...predicate.Object) (*ent.Object, error) {
	o, err := store.Lock(tx, tx.Object.Query().Where(object.ID(id)).Where(which...)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On(field)
	}
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	if !authz.Can(ctx, authz.ManageObjects, o.CompanyID) {
		return nil, authz.ErrForbidden.On(field)
	}
	return o, nil
}

// withReference returns the object of a company that has the own number, nil
// where none has.
func withReference(ctx context.Context, tx *store.Tx, companyID, reference string) (*ent.Object, error) {
	o, err := tx.Object.Query().
		Where(object.CompanyID(companyID), object.Reference(reference), object.DeletedAtIsNil()).
		Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an own number: %w", err)
	}
	return o, nil
}

// freeReference fails with [ErrReferenceTaken] where an object of the company,
// other than the one with id except, has the own number.
func freeReference(ctx context.Context, tx *store.Tx, companyID string, reference *string, except string) error {
	if reference == nil {
		return nil
	}
	other, err := withReference(ctx, tx, companyID, *reference)
	if err != nil || other == nil || other.ID == except {
		return err
	}
	return ErrReferenceTaken.On("reference").About(errs.Existing{ID: other.ID})
}
