package company

import (
	"cmp"
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/ent/user"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/identity"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// AddEmployee invites a person with a PRO account to join a company in a role,
// by the owner, and mails the invitation in the same transaction (R18, R23,
// R26). The person has no rights before accepting (R27). An account counts
// before its address is confirmed, too; accepting needs that.
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden], [ErrOwnerFixed] on the role OWNER, [ErrAccountRequired]
// or [ErrEmployed] on the address, and with [throttle.ErrTooMany] after too many
// addresses without an account, or too many invitations (A61).
func AddEmployee(ctx context.Context, db *store.DB, in EmployeeAddition) (*ent.Employee, error) {
	var wrong errs.List
	email := form.Email(&wrong, in.Email, "email")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	var unknown error // what was looked up in vain is counted, though nothing else is done
	added, err := store.Do(ctx, db, func(tx *store.Tx) (addition, error) {
		e, without, err := addEmployee(ctx, tx, in, email)
		unknown = without
		return addition{e}, err
	})
	if err != nil || unknown != nil {
		return nil, cmp.Or(err, unknown)
	}
	return added.employee.Unwrap(), nil
}

// addition is an employee that was added, nil where nobody has the address.
type addition struct{ employee *ent.Employee }

// addEmployee is [AddEmployee] within a transaction, which is to be committed
// also where it returns that the address is without an account.
func addEmployee(ctx context.Context, tx *store.Tx, in EmployeeAddition, email string) (e *ent.Employee, without, err error) {
	c, err := ForUpdate(ctx, tx, in.CompanyID)
	switch {
	case err != nil:
		return nil, nil, err
	case !authz.Can(ctx, authz.ManageEmployees, c.ID):
		return nil, nil, authz.ErrForbidden.On("companyId")
	case in.Role == employee.RoleOWNER:
		return nil, nil, ErrOwnerFixed.On("role")
	}
	person, without, err := identity.LookingUp(ctx, tx, ErrAccountRequired, func() (*ent.User, error) {
		return personToAdd(ctx, tx, c, email)
	})
	if err != nil || without != nil {
		return nil, without, err
	}
	e, err = tx.Employee.Create().SetCompanyID(c.ID).SetUserID(person.ID).
		SetRole(in.Role).SetStatus(employee.StatusINVITED).SetInvitedAt(tx.Now).Save(ctx)
	if store.IsUnique(err) {
		return nil, nil, store.Again(err) // added at this moment: the retry finds that
	}
	if err != nil {
		return nil, nil, fmt.Errorf("add an employee: %w", err)
	}
	m := member{Employee: e, user: person, company: c}
	if err := m.record(ctx, tx, "employeeAdd"); err != nil {
		return nil, nil, err
	}
	return e, nil, m.invite(ctx, tx)
}

// personToAdd returns who has the address, unless there is nobody or the
// person is an employee already.
func personToAdd(ctx context.Context, tx *store.Tx, c *ent.Company, email string) (*ent.User, error) {
	ctx = viewer.System(ctx)
	person, err := tx.User.Query().Where(user.Email(email)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrAccountRequired.On("email")
	}
	if err != nil {
		return nil, fmt.Errorf("look for an account: %w", err)
	}
	present, err := tx.Employee.Query().Where(employee.CompanyID(c.ID), employee.UserID(person.ID)).OnlyID(ctx)
	if ent.IsNotFound(err) {
		return person, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an employee: %w", err)
	}
	return nil, ErrEmployed.On("email").About(errs.Existing{ID: present})
}
