package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
)

// ResendInvitation mails the invitation of an employee who has not joined once
// more, by the owner.
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] or [ErrJoined], and
// with [throttle.ErrTooMany] after too many invitations.
func ResendInvitation(ctx context.Context, db *store.DB, in EmployeeRef) (*ent.Employee, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		m, err := managed(ctx, tx, in.EmployeeID)
		if err != nil {
			return nil, err
		}
		if m.Status != employee.StatusINVITED {
			return nil, ErrJoined.On("employeeId").About(errs.State{SubjectID: m.ID})
		}
		if err := m.record(ctx, tx, "employeeInvitationResend"); err != nil {
			return nil, err
		}
		return m.Employee, m.invite(ctx, tx)
	})
}

// ChangeRole gives an employee, joined or invited, another role, by the owner
// (R18, R22). It holds at once, on open streams too.
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] or [ErrOwnerFixed]:
// the owner stays the owner, and nobody else becomes one (R5).
func ChangeRole(ctx context.Context, db *store.DB, in RoleUpdate) (*ent.Employee, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		m, err := managed(ctx, tx, in.EmployeeID)
		switch {
		case err != nil:
			return nil, err
		case m.Role == employee.RoleOWNER:
			return nil, ErrOwnerFixed.On("employeeId")
		case in.Role == employee.RoleOWNER:
			return nil, ErrOwnerFixed.On("role")
		case m.Role == in.Role:
			return m.Employee, nil // nothing changes, so there is nothing to tell
		}
		if m.Employee, err = m.Update().SetRole(in.Role).Save(ctx); err != nil {
			return nil, fmt.Errorf("change the role of an employee: %w", err)
		}
		return m.Employee, m.record(ctx, tx, "employeeRoleUpdate")
	})
}

// RemoveEmployee takes an employee, joined or invited, out of a company, by
// the owner (R18). The person's rights in it end at once, on open streams too.
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] or, for the owner,
// [ErrOwnerFixed] (R5).
func RemoveEmployee(ctx context.Context, db *store.DB, in EmployeeRef) (*ent.Employee, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		m, err := managed(ctx, tx, in.EmployeeID)
		if err != nil {
			return nil, err
		}
		if m.Role == employee.RoleOWNER {
			return nil, ErrOwnerFixed.On("employeeId")
		}
		return m.remove(ctx, tx, "employeeRemove")
	})
}

// remove deletes the row, and logs it under the action.
func (m member) remove(ctx context.Context, tx *store.Tx, action string) (*ent.Employee, error) {
	if err := tx.Employee.DeleteOne(m.Employee).Exec(ctx); err != nil {
		return nil, fmt.Errorf("remove an employee: %w", err)
	}
	return m.Employee, m.record(ctx, tx, action)
}
