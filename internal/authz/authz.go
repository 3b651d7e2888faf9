// Package authz holds who may do what: one table of rights by role, and the
// visibility of every entity. A change of rights is a change of the table (R20).
package authz

import (
	"context"

	"partnerhub/internal/errs"
	"partnerhub/internal/viewer"
)

// Refusals that every command has in common.
var (
	// ErrNotFound answers for what does not exist and for what the viewer may
	// not see, alike (A34).
	ErrNotFound = errs.New(errs.NotFound, "errorNotFound")
	// ErrForbidden answers where the viewer sees the thing, but has no right.
	ErrForbidden = errs.New(errs.Forbidden, "errorForbidden")
	// ErrUnauthenticated is the top-level error of a caller who has to sign in.
	ErrUnauthenticated = errs.NewForProgrammer(errs.Unauthenticated, "errorUnauthenticated")
)

// Right is something a role may do in its company.
type Right int

// Rights, as the schema's type CompanyPermissions and decision A52 name them.
const (
	ManageCompany      Right = iota // edit, enrol as a dealer, delete
	ManageEmployees                 // add, change, remove (R18)
	ManageConnections               // request, approve, reject, suspend, resume (R15)
	ManageServices                  // activate, deactivate, suspend, resume, stop (R71, A11)
	ManageObjects                   // objects, hubs, SIM cards (A52)
	ManageAPITokens                 // create and revoke
	ViewServicesModule              // Dashboard, Your dealers, Payment history; what a reseller bills (R28)
	ViewConnections                 // both sides' lists (A52)
	ViewFinances                    // amounts of money (A9)
	ViewActivities                  // the company's log (A52)
	ViewCompany                     // more than its card: modules, onboarding, employees (A52)
)

// Table says which roles have a right.
type Table map[Right][]viewer.Role

// Roles that stand together in the table.
var (
	ownerOnly = []viewer.Role{viewer.Owner}
	seniors   = []viewer.Role{viewer.Owner, viewer.SeniorServiceManager}
	managers  = []viewer.Role{viewer.Owner, viewer.SeniorServiceManager, viewer.ServiceManager}
	everybody = []viewer.Role{viewer.Owner, viewer.SeniorServiceManager, viewer.ServiceManager, viewer.Installer}
)

// Rights returns the table in force. seniorFinance takes the sight of money
// from the plain service manager, as the server's switch `finance-senior-only`
// says (A9); otherwise both manager roles share the same rights (R21).
func Rights(seniorFinance bool) Table {
	t := Table{
		ManageCompany:      ownerOnly,
		ManageEmployees:    ownerOnly,
		ManageConnections:  managers,
		ManageServices:     everybody,
		ManageObjects:      everybody,
		ManageAPITokens:    ownerOnly,
		ViewServicesModule: managers,
		ViewConnections:    managers,
		ViewFinances:       managers,
		ViewActivities:     managers,
		ViewCompany:        everybody,
	}
	if seniorFinance {
		t[ViewFinances] = seniors
	}
	return t
}

// Of returns the rights of a role, as a set for [viewer.Membership].
func (t Table) Of(role viewer.Role) (set uint64) {
	for right, roles := range t {
		for _, r := range roles {
			if r == role {
				set |= 1 << right
			}
		}
	}
	return set
}

// Has reports whether a membership gives a right. An invitation gives none.
func Has(m viewer.Membership, r Right) bool { return !m.Invited && m.Rights&(1<<r) != 0 }

// Can reports whether the viewer has a right in a company. The system can do
// everything; the platform operator, who belongs to no company, nothing.
func Can(ctx context.Context, r Right, companyID string) bool {
	v := viewer.From(ctx)
	if v.IsSystem() {
		return true
	}
	m, ok := v.In(companyID)
	return ok && Has(m, r)
}

// CanRead reports whether the viewer may read what a right in a company opens:
// beside those who have it the platform operator, who reads everything (A53).
func CanRead(ctx context.Context, r Right, companyID string) bool {
	return viewer.From(ctx).Operator || Can(ctx, r, companyID)
}

// Require is Can with a refusal: it fails with [ErrForbidden].
func Require(ctx context.Context, r Right, companyID string) error {
	if !Can(ctx, r, companyID) {
		return ErrForbidden
	}
	return nil
}

// RequireOperator fails with [ErrForbidden] unless the platform operator asks
// (A21).
func RequireOperator(ctx context.Context) error {
	if v := viewer.From(ctx); !v.Operator && !v.IsSystem() {
		return ErrForbidden
	}
	return nil
}

// companiesWith returns the companies in which the viewer has a right.
func companiesWith(v viewer.Viewer, r Right) []string {
	return v.Companies(func(m viewer.Membership) bool { return Has(m, r) })
}
