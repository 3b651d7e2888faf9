package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
)

// Create adds an object to what a company looks after.
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden], [idempotency.ErrMismatch] and [ErrReferenceTaken].
func Create(ctx context.Context, db *store.DB, in Creation) (*ent.Object, error) {
	var wrong errs.List
	d := checkDetails(&wrong, in.Name, in.Address, in.Reference)
	key := idempotency.New("objectCreate", in.IdempotencyKey, in)
	wrong.Add(key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Object, error) {
		c, err := ForUpdate(ctx, tx, in.CompanyID)
		if err != nil {
			return nil, err
		}
		if id, err := key.Earlier(ctx, tx); err != nil {
			return nil, err
		} else if id != "" {
			return createdBefore(ctx, tx, id)
		}
		if err := freeReference(ctx, tx, c.ID, d.reference, ""); err != nil {
			return nil, err
		}
		o, err := create(ctx, tx, c.ID, d)
		if err != nil {
			return nil, err
		}
		return o, key.Keep(ctx, tx, o.ID)
	})
}

// createdBefore returns the object of an earlier call, as it is now.
func createdBefore(ctx context.Context, tx *store.Tx, id string) (*ent.Object, error) {
	o, err := tx.Object.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound // deleted since
	}
	if err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	return o, nil
}

// create writes a new object and its entry in the log.
func create(ctx context.Context, tx *store.Tx, companyID string, d details) (*ent.Object, error) {
	o, err := tx.Object.Create().SetCompanyID(companyID).
		SetName(d.name).SetNameKey(store.Fold(d.name)).
		SetNillableAddress(d.address).SetSearchKey(searchKey(d.name, d.address)).
		SetNillableReference(d.reference).SetReferenceKey(referenceKey(d.reference)).
		SetCreatedAt(tx.Now).Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // taken at the same moment: the retry finds by whom
	}
	if err != nil {
		return nil, fmt.Errorf("create an object: %w", err)
	}
	return o, record(ctx, tx, o, "objectCreate")
}

// record logs what was done to an object.
func record(ctx context.Context, tx *store.Tx, o *ent.Object, action string) error {
	return activity.Record(ctx, tx, activity.Entry{
		Action: action, SubjectID: o.ID, Words: map[string]string{"object": o.Name}, Companies: []string{o.CompanyID},
	})
}
