package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/employee"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Create registers a company, neither dealer nor reseller yet. Whoever asks is
// its owner, for good (R4, R5).
//
// It fails with the refusals of package form, [ErrEmailNotVerified] and
// [idempotency.ErrMismatch].
func Create(ctx context.Context, db *store.DB, in Creation) (*ent.Company, error) {
	var wrong errs.List
	name := form.Text(&wrong, in.Name, form.MaxName, true, "name")
	country := form.Country(&wrong, in.Country, "country")
	contact := checkContact(&wrong, in.Contact)
	key := idempotency.New("companyCreate", in.IdempotencyKey, in)
	wrong.Add(key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) {
		if !viewer.From(ctx).Verified {
			return nil, ErrEmailNotVerified
		}
		if id, err := key.Earlier(ctx, tx); err != nil {
			return nil, err
		} else if id != "" {
			return again(ctx, tx, id)
		}
		create := tx.Company.Create().SetName(name).SetNameKey(store.Fold(name)).SetCountry(country).SetCreatedAt(tx.Now)
		contact.put(create.Mutation(), &ent.Company{})
		c, err := create.Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("register a company: %w", err)
		}
		if err := own(ctx, tx, c); err != nil {
			return nil, err
		}
		return c, key.Keep(ctx, tx, c.ID)
	})
}

// again returns the company that an earlier call registered, as it is now. The
// viewer is its owner, but may have asked before that was so.
func again(ctx context.Context, tx *store.Tx, id string) (*ent.Company, error) {
	c, err := tx.Company.Query().Where(company.ID(id), company.DeletedAtIsNil()).Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound // deleted since
	}
	if err != nil {
		return nil, fmt.Errorf("read a company: %w", err)
	}
	return c, nil
}

// own makes who asks the owner of a new company.
func own(ctx context.Context, tx *store.Tx, c *ent.Company) error {
	userID := viewer.From(ctx).UserID
	err := tx.Employee.Create().SetCompanyID(c.ID).SetUserID(userID).
		SetRole(employee.RoleOWNER).SetStatus(employee.StatusACTIVE).
		SetInvitedAt(tx.Now).SetJoinedAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("make the owner of a company: %w", err)
	}
	tx.Signal(userID)
	return activity.Record(ctx, tx, activity.Entry{
		Action: "companyCreate", SubjectID: c.ID, Words: map[string]string{"company": c.Name}, Companies: []string{c.ID},
	})
}
