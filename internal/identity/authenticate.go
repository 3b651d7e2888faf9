package identity

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent/company"
	"partnerhub/ent/employee"
	"partnerhub/ent/session"
	"partnerhub/ent/user"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Authenticate returns who asks with the token of a session, with what that
// person may do at this moment. It is called for each request and each pushed
// event, and takes two statements.
//
// It fails with [authz.ErrUnauthenticated] for a token that was never given
// out, has ended or was revoked.
func Authenticate(ctx context.Context, db *store.DB, rights authz.Table, operatorEmail, token string) (viewer.Viewer, error) {
	if !isToken(sessionPrefix, token) {
		return viewer.Viewer{}, authz.ErrUnauthenticated
	}
	s, err := sessionOf(ctx, db, token)
	if err != nil {
		return viewer.Viewer{}, err
	}
	touch(ctx, db, s)
	return s.viewer(ctx, db, rights, operatorEmail)
}

// signedIn is a session with its person.
type signedIn struct {
	ID              string     `sql:"id"`
	UserID          string     `sql:"user_id"`
	LastUsedAt      time.Time  `sql:"last_used_at"`
	ExpiresAt       time.Time  `sql:"expires_at"`
	Email           string     `sql:"email"`
	Language        string     `sql:"language"`
	EmailVerifiedAt *time.Time `sql:"email_verified_at"`
}

func sessionOf(ctx context.Context, db *store.DB, token string) (signedIn, error) {
	var found []signedIn
	err := db.Read(ctx).Session.Query().
		Where(session.TokenHash(hashOf(token)), session.ExpiresAtGT(now())).
		Modify(func(s *sql.Selector) {
			u := sql.Dialect(s.Dialect()).Table(user.Table)
			s.Join(u).On(s.C(session.FieldUserID), u.C(user.FieldID))
			s.Select(s.C(session.FieldID), s.C(session.FieldUserID), s.C(session.FieldLastUsedAt), s.C(session.FieldExpiresAt),
				u.C(user.FieldEmail), u.C(user.FieldLanguage), u.C(user.FieldEmailVerifiedAt))
		}).Scan(viewer.System(ctx), &found)
	if err != nil {
		return signedIn{}, fmt.Errorf("look for a session: %w", err)
	}
	if len(found) != 1 {
		return signedIn{}, authz.ErrUnauthenticated
	}
	return found[0], nil
}

// viewer returns the person of the session, with what that person may do.
func (s signedIn) viewer(ctx context.Context, db *store.DB, rights authz.Table, operatorEmail string) (viewer.Viewer, error) {
	memberships, err := membershipsOf(ctx, db, rights, s.UserID)
	if err != nil {
		return viewer.Viewer{}, err
	}
	return viewer.Viewer{
		UserID:      s.UserID,
		Language:    s.Language,
		Verified:    s.EmailVerifiedAt != nil,
		Operator:    IsOperator(s.Email, s.EmailVerifiedAt, operatorEmail),
		SessionID:   s.ID,
		ExpiresAt:   s.ExpiresAt.UTC(),
		Memberships: memberships,
	}, nil
}

// worksFor is a membership with what its company is.
type worksFor struct {
	ID            string          `sql:"id"`
	CompanyID     string          `sql:"company_id"`
	Role          employee.Role   `sql:"role"`
	Status        employee.Status `sql:"status"`
	DealerSince   *time.Time      `sql:"dealer_since"`
	ResellerSince *time.Time      `sql:"reseller_since"`
}

func membershipsOf(ctx context.Context, db *store.DB, rights authz.Table, userID string) ([]viewer.Membership, error) {
	var found []worksFor
	err := db.Read(ctx).Employee.Query().Where(employee.UserID(userID)).
		Modify(func(s *sql.Selector) {
			c := sql.Dialect(s.Dialect()).Table(company.Table)
			s.Join(c).On(s.C(employee.FieldCompanyID), c.C(company.FieldID))
			s.Where(sql.IsNull(c.C(company.FieldDeletedAt)))
			s.Select(s.C(employee.FieldID), s.C(employee.FieldCompanyID), s.C(employee.FieldRole), s.C(employee.FieldStatus),
				c.C(company.FieldDealerSince), c.C(company.FieldResellerSince))
			s.OrderBy(s.C(employee.FieldID))
		}).Scan(viewer.System(ctx), &found)
	if err != nil {
		return nil, fmt.Errorf("look for the companies of a person: %w", err)
	}
	memberships := make([]viewer.Membership, len(found))
	for i, f := range found {
		role := viewer.Role(f.Role)
		memberships[i] = viewer.Membership{
			EmployeeID: f.ID,
			CompanyID:  f.CompanyID,
			Role:       role,
			Invited:    f.Status == employee.StatusINVITED,
			Dealer:     f.DealerSince != nil,
			Reseller:   f.ResellerSince != nil,
			Rights:     rights.Of(role),
		}
	}
	return memberships, nil
}

// touch notes the use of a session, once an hour. Where that is not possible
// in a moment, the request goes on without.
func touch(ctx context.Context, db *store.DB, s signedIn) {
	hour := now().Truncate(time.Hour)
	if !s.LastUsedAt.Before(hour) {
		return
	}
	ctx, cancel := context.WithTimeout(viewer.System(ctx), time.Second)
	defer cancel()
	_, _ = store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		return tx.Session.Update().Where(session.ID(s.ID), session.LastUsedAtLT(hour)).SetLastUsedAt(hour).Save(ctx)
	})
}
