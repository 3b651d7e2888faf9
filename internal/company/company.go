// Package company holds the commands about companies and their people:
// registering, becoming a dealer or a reseller, employees and their roles.
// Deleting a company is in package closing, since more than this package may
// stand in the way.
package company

import (
	"context"
	"fmt"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/employee"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// ErrEmailNotVerified answers a person whose address is not confirmed: whoever
// signs up with somebody else's address must not inherit what waits for that
// person (A31).
var ErrEmailNotVerified = errs.New(errs.EmailNotVerified, "errorEmailNotVerified")

// ForUpdate returns a company that the viewer may see, its row locked until
// the transaction ends: no other command on the company runs beside this one.
// It fails with [authz.ErrNotFound].
func ForUpdate(ctx context.Context, tx *store.Tx, id string) (*ent.Company, error) {
	c, err := store.Lock(tx, tx.Company.Query().Where(company.ID(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On("companyId")
	}
	if err != nil {
		return nil, fmt.Errorf("read a company: %w", err)
	}
	return c, nil
}

// owned is [ForUpdate] for those who may manage the company: its owner.
func owned(ctx context.Context, tx *store.Tx, id string) (*ent.Company, error) {
	c, err := ForUpdate(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !authz.Can(ctx, authz.ManageCompany, c.ID) {
		return nil, authz.ErrForbidden.On("companyId")
	}
	return c, nil
}

// stateOf is what a refusal tells about the company whose state it is about.
func stateOf(c *ent.Company) errs.State { return errs.State{SubjectID: c.ID} }

// isOffered reports whether Ajax Services are on offer in the country (R9).
func isOffered(db *store.DB, country string) bool { return slices.Contains(db.Countries, country) }

// Language returns the language of the mails to a company: that of its owner.
func Language(ctx context.Context, tx *store.Tx, companyID string) (i18n.Language, error) {
	owner, err := tx.Employee.Query().
		Where(employee.CompanyID(companyID), employee.RoleEQ(employee.RoleOWNER)).
		QueryUser().Only(viewer.System(ctx))
	if err != nil {
		return "", fmt.Errorf("look for the owner of a company: %w", err)
	}
	return languageOf(owner), nil
}

// languageOf returns the language of the mails to a person.
func languageOf(u *ent.User) i18n.Language {
	l, _ := i18n.Match(u.Language)
	return l
}
