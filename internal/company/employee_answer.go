package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// AcceptInvitation makes the invited person work for the company, from this
// moment on (R27).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] where it is somebody
// else's invitation, [ErrEmailNotVerified] or [ErrJoined].
func AcceptInvitation(ctx context.Context, db *store.DB, in EmployeeRef) (*ent.Employee, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		m, err := invited(ctx, tx, in.EmployeeID)
		if err != nil {
			return nil, err
		}
		m.Employee, err = m.Update().SetStatus(employee.StatusACTIVE).SetJoinedAt(tx.Now).Save(ctx)
		if err != nil {
			return nil, fmt.Errorf("accept an invitation: %w", err)
		}
		return m.Employee, m.record(ctx, tx, "employeeInvitationAccept")
	})
}

// DeclineInvitation takes the invited person out of the company again. It
// fails as [AcceptInvitation] does: an invitation is its address's owner's,
// to decline it too.
func DeclineInvitation(ctx context.Context, db *store.DB, in EmployeeRef) (*ent.Employee, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Employee, error) {
		m, err := invited(ctx, tx, in.EmployeeID)
		if err != nil {
			return nil, err
		}
		return m.remove(ctx, tx, "employeeInvitationDecline")
	})
}

// invited returns the viewer's own invitation, to be answered.
func invited(ctx context.Context, tx *store.Tx, id string) (member, error) {
	m, err := employeeForUpdate(ctx, tx, id)
	v := viewer.From(ctx)
	switch {
	case err != nil:
		return m, err
	case m.UserID != v.UserID:
		return m, authz.ErrForbidden.On("employeeId")
	case !v.Verified:
		return m, ErrEmailNotVerified
	case m.Status != employee.StatusINVITED:
		return m, ErrJoined.On("employeeId").About(errs.State{SubjectID: m.ID})
	}
	return m, nil
}
