// Package viewer tells who asks: a person, with the companies that person
// works for, or the system itself. Every policy and every right is judged from
// this value, which is read anew for each request and each pushed event.
package viewer

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// Role is a person's role in a company, as in the schema's enum EmployeeRole.
type Role string

// Roles, in the order of their rights.
const (
	Owner                Role = "OWNER"
	SeniorServiceManager Role = "SENIOR_SERVICE_MANAGER"
	ServiceManager       Role = "SERVICE_MANAGER"
	Installer            Role = "INSTALLER"
)

// Membership is one company the person has joined or is invited to.
type Membership struct {
	EmployeeID string
	CompanyID  string
	Role       Role
	Invited    bool   // has not accepted yet: no rights, only the company's card
	Dealer     bool   // the company is a dealer
	Reseller   bool   // the company is a reseller
	Rights     uint64 // what the role may do: a set that package authz fills and reads
}

// Viewer is who asks. The zero value is somebody who is not signed in.
type Viewer struct {
	UserID      string
	Language    string // the person's setting
	Verified    bool   // the e-mail address is confirmed (A31)
	Operator    bool   // runs the platform (A32)
	SessionID   string
	ExpiresAt   time.Time // when the session ends, UTC
	Memberships []Membership

	system bool
}

type contextKey struct{}

// With returns a context in which v asks.
func With(ctx context.Context, v Viewer) context.Context {
	asking := &atomic.Pointer[Viewer]{}
	asking.Store(&v)
	return context.WithValue(ctx, contextKey{}, asking)
}

// From returns who asks in this context.
func From(ctx context.Context) Viewer {
	if asking, ok := ctx.Value(contextKey{}).(*atomic.Pointer[Viewer]); ok {
		return *asking.Load()
	}
	return Viewer{}
}

// Replace changes who asks in this context and all that stem from it: after a
// command, the rest of the answer is judged by the rights as they have become,
// such as those of the owner of a company just registered.
func Replace(ctx context.Context, v Viewer) {
	if asking, ok := ctx.Value(contextKey{}).(*atomic.Pointer[Viewer]); ok {
		asking.Store(&v)
	}
}

// System returns a context in which the server itself asks and sees all, what
// is deleted included. Commands use it for the neighbours of things that the
// person was already found to have a right to.
func System(ctx context.Context) context.Context {
	v := From(ctx)
	v.system = true
	return With(ctx, v)
}

// IsSystem reports whether the server itself asks.
func (v Viewer) IsSystem() bool { return v.system }

// SignedIn reports whether a person asks.
func (v Viewer) SignedIn() bool { return v.UserID != "" }

// In returns the person's membership of a company: ok is false for strangers
// and for those who have not accepted their invitation.
func (v Viewer) In(companyID string) (m Membership, ok bool) {
	i := slices.IndexFunc(v.Memberships, func(m Membership) bool { return m.CompanyID == companyID && !m.Invited })
	if i < 0 {
		return Membership{}, false
	}
	return v.Memberships[i], true
}

// Companies returns the ids of the companies the person works for, as far as
// keep says yes.
func (v Viewer) Companies(keep func(Membership) bool) []string {
	ids := []string{} // never nil: an empty list matches nothing
	for _, m := range v.Memberships {
		if !m.Invited && keep(m) {
			ids = append(ids, m.CompanyID)
		}
	}
	return ids
}
