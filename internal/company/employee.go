package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/identity"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals about employees.
var (
	// ErrOwnerFixed answers whatever would make another owner, a second one or
	// none (R5).
	ErrOwnerFixed = errs.New(errs.OwnerFixed, "errorOwnerFixed")
	// ErrAccountRequired answers an address without a PRO account (R23, A61).
	ErrAccountRequired = errs.New(errs.AccountRequired, "errorAccountRequired")
	// ErrEmployed answers the address of somebody who works for the company or
	// is invited to it (R24).
	ErrEmployed = errs.New(errs.Taken, "errorEmployeeTaken")
	// ErrJoined answers an invitation that was accepted.
	ErrJoined = errs.New(errs.InvalidState, "errorEmployeeJoined")
)

// roleLabels are the texts that name the roles.
var roleLabels = map[employee.Role]string{
	employee.RoleOWNER:                  "roleOwner",
	employee.RoleSENIOR_SERVICE_MANAGER: "roleSeniorServiceManager",
	employee.RoleSERVICE_MANAGER:        "roleServiceManager",
	employee.RoleINSTALLER:              "roleInstaller",
}

// RoleLabel returns the name of a role in a language (R119, R120).
func RoleLabel(l i18n.Language, r employee.Role) string { return i18n.Text(l, roleLabels[r], nil) }

// member is an employee with what its commands need to know.
type member struct {
	*ent.Employee
	user    *ent.User
	company *ent.Company
}

// employeeForUpdate returns an employee that the viewer may see, its row
// locked until the transaction ends. It fails with [authz.ErrNotFound].
func employeeForUpdate(ctx context.Context, tx *store.Tx, id string) (m member, err error) {
	m.Employee, err = store.Lock(tx, tx.Employee.Query().Where(employee.ID(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return m, authz.ErrNotFound.On("employeeId")
	}
	if err != nil {
		return m, fmt.Errorf("read an employee: %w", err)
	}
	ctx = viewer.System(ctx) // who sees the employee may see these
	if m.user, err = tx.User.Get(ctx, m.UserID); err != nil {
		return m, fmt.Errorf("read the person of an employee: %w", err)
	}
	if m.company, err = tx.Company.Get(ctx, m.CompanyID); err != nil {
		return m, fmt.Errorf("read the company of an employee: %w", err)
	}
	return m, nil
}

// managed is [employeeForUpdate] for those who may manage the employees of the
// company: its owner (R18).
func managed(ctx context.Context, tx *store.Tx, id string) (member, error) {
	m, err := employeeForUpdate(ctx, tx, id)
	if err == nil && !authz.Can(ctx, authz.ManageEmployees, m.CompanyID) {
		err = authz.ErrForbidden.On("employeeId")
	}
	return m, err
}

// record logs an effect on an employee, and has the streams of the person look
// at their rights again.
func (m member) record(ctx context.Context, tx *store.Tx, action string) error {
	tx.Signal(m.UserID)
	return activity.Record(ctx, tx, activity.Entry{
		Action: action, SubjectID: m.ID, Companies: []string{m.CompanyID},
		Words: map[string]string{"person": m.user.Name, "role": string(m.Role)},
	})
}

// invite mails the invitation, in the language of the invited person (R26). It
// fails with [throttle.ErrTooMany] where that happened too often of late.
func (m member) invite(ctx context.Context, tx *store.Tx) error {
	if err := identity.Inviting(ctx, tx, m.user.Email); err != nil {
		return err
	}
	l := languageOf(m.user)
	return mail.Post(ctx, tx, m.user.Email, mail.EmployeeInvitation(l, tx.PublicURL, m.company.Name, RoleLabel(l, m.Role)))
}
