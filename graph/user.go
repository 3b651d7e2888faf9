package graph

import (
	"context"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/ent/user"
	"partnerhub/graph/model"
	"partnerhub/internal/i18n"
	"partnerhub/internal/identity"
	"partnerhub/internal/viewer"
)

// Viewer is the signed-in person, nil where nobody is.
func (r query) Viewer(ctx context.Context) (*ent.User, error) {
	return visible(r.DB.Read(ctx).User.Get(ctx, viewer.From(ctx).UserID))
}

// UserSignUp opens a PRO account.
func (r mutation) UserSignUp(ctx context.Context, in identity.SignUp) (*model.UserSignUpPayload, error) {
	email, err := identity.Register(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserSignUpPayload{Email: &email}, err)
}

// UserEmailVerify confirms an address with the code from a mail.
func (r mutation) UserEmailVerify(ctx context.Context, in identity.EmailVerification) (*model.UserEmailVerifyPayload, error) {
	u, err := identity.Confirm(ctx, r.DB, in)
	payload, err := answer(ctx, r.Resolver, &model.UserEmailVerifyPayload{User: u}, err)
	asThemselves(ctx, u)
	return payload, err
}

// UserEmailVerificationResend mails another code.
func (r mutation) UserEmailVerificationResend(ctx context.Context, in identity.VerificationResend) (*model.UserEmailVerificationResendPayload, error) {
	err := identity.Resend(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserEmailVerificationResendPayload{IsAccepted: true}, err)
}

// UserSignIn starts a session.
func (r mutation) UserSignIn(ctx context.Context, in identity.SignIn) (*model.UserSignInPayload, error) {
	e, err := identity.Enter(ctx, r.DB, in)
	if err != nil {
		return answer(ctx, r.Resolver, &model.UserSignInPayload{}, err)
	}
	v, err := r.Authenticate(ctx, e.Token)
	if err != nil {
		return nil, err
	}
	viewer.Replace(ctx, v)
	return &model.UserSignInPayload{SessionToken: &e.Token, ExpiresAt: &e.Session.ExpiresAt, Viewer: e.User}, nil
}

// UserSignOut ends the session of the request, or all of the person's.
func (r mutation) UserSignOut(ctx context.Context, in identity.SignOut) (*model.UserSignOutPayload, error) {
	err := identity.Leave(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserSignOutPayload{IsSignedOut: true}, err)
}

// UserPasswordResetRequest mails a code that sets a new password.
func (r mutation) UserPasswordResetRequest(ctx context.Context, in identity.PasswordResetRequest) (*model.UserPasswordResetRequestPayload, error) {
	err := identity.RequestReset(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserPasswordResetRequestPayload{IsAccepted: true}, err)
}

// UserPasswordReset sets a new password with the code from a mail.
func (r mutation) UserPasswordReset(ctx context.Context, in identity.PasswordReset) (*model.UserPasswordResetPayload, error) {
	u, err := identity.Reset(ctx, r.DB, in)
	payload, err := answer(ctx, r.Resolver, &model.UserPasswordResetPayload{User: u}, err)
	asThemselves(ctx, u)
	return payload, err
}

// UserPasswordUpdate sets another password for who is signed in.
func (r mutation) UserPasswordUpdate(ctx context.Context, in identity.PasswordUpdate) (*model.UserPasswordUpdatePayload, error) {
	u, err := identity.ChangePassword(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserPasswordUpdatePayload{User: u}, err)
}

// UserUpdate changes the profile of who is signed in.
func (r mutation) UserUpdate(ctx context.Context, in identity.Profile) (*model.UserUpdatePayload, error) {
	u, err := identity.Change(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.UserUpdatePayload{User: u}, err)
}

// SessionRevoke ends one session of who is signed in.
func (r mutation) SessionRevoke(ctx context.Context, in identity.SessionRevocation) (*model.SessionRevokePayload, error) {
	id, err := identity.Revoke(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.SessionRevokePayload{RevokedSessionID: &id}, err)
}

// asThemselves lets the answer to a code show the person whose code it was,
// though nobody is signed in with it: whoever reads that person's mails.
func asThemselves(ctx context.Context, u *ent.User) {
	if u != nil && viewer.From(ctx).UserID != u.ID {
		viewer.Replace(ctx, viewer.Viewer{UserID: u.ID, Language: u.Language, Verified: u.EmailVerifiedAt != nil})
	}
}

// isShown reports whether more than the name of a person is the viewer's to
// see: of oneself and one's colleagues, but not of a partner's people.
func (r *Resolver) isShown(ctx context.Context, u *ent.User) (bool, error) {
	if v := viewer.From(ctx); v.Operator || v.UserID == u.ID {
		return true, nil
	}
	return load(ctx, u, "isShown", func(ctx context.Context, people []*ent.User) (map[*ent.User]bool, error) {
		ids := make([]string, len(people))
		for i, p := range people {
			ids[i] = p.ID
		}
		seen, err := r.DB.Read(ctx).User.Query().Where(user.IDIn(ids...)).IDs(ctx)
		if err != nil {
			return nil, err
		}
		shown := make(map[*ent.User]bool, len(people))
		for _, p := range people {
			for _, id := range seen {
				shown[p] = shown[p] || p.ID == id
			}
		}
		return shown, nil
	})
}

// Email is empty for a person of another company.
func (r userType) Email(ctx context.Context, u *ent.User) (string, error) {
	if shown, err := r.isShown(ctx, u); !shown {
		return "", err
	}
	return u.Email, nil
}

// Language is the default one for a person of another company.
func (r userType) Language(ctx context.Context, u *ent.User) (string, error) {
	if shown, err := r.isShown(ctx, u); !shown {
		return string(i18n.English), err
	}
	return u.Language, nil
}

// IsOperator is false for a person of another company.
func (r userType) IsOperator(ctx context.Context, u *ent.User) (bool, error) {
	if shown, err := r.isShown(ctx, u); !shown {
		return false, err
	}
	return identity.IsOperator(u.Email, u.EmailVerifiedAt, r.OperatorEmail), nil
}

// CreatedAt is the beginning of 1970 for a person of another company.
func (r userType) CreatedAt(ctx context.Context, u *ent.User) (*time.Time, error) {
	if shown, err := r.isShown(ctx, u); !shown {
		return new(time.Unix(0, 0)), err
	}
	return &u.CreatedAt, nil
}

// EmailVerifiedAt is nil for others than the viewer.
func (r userType) EmailVerifiedAt(ctx context.Context, u *ent.User) (*time.Time, error) {
	if viewer.From(ctx).UserID != u.ID {
		return nil, nil
	}
	return u.EmailVerifiedAt, nil
}

// employments are in the order in which they were made.
var employments = list[ent.Employee]{
	owner:   employee.FieldUserID,
	ownerOf: func(e *ent.Employee) string { return e.UserID },
	idOf:    func(e *ent.Employee) string { return e.ID },
	order:   order[ent.Employee]{name: "id"},
}

// Employments are one's own companies, those one is invited to included; of
// somebody else those in the companies that the viewer works for.
func (r userType) Employments(ctx context.Context, u *ent.User, first *int, after *string, last *int, before *string,
	status []employee.Status,
) (*model.EmployeeConnection, error) {
	return load(ctx, u, asked(ctx), func(ctx context.Context, people []*ent.User) (map[*ent.User]*model.EmployeeConnection, error) {
		q := r.DB.Read(ctx).Employee.Query()
		if status != nil {
			q.Where(employee.StatusIn(status...))
		}
		everybody := func(string) bool { return true }
		return pagesFor(ctx, q, employments, people, func(u *ent.User) string { return u.ID }, everybody, slice{first, after, last, before})
	})
}

// Sessions are one's own, newest first.
func (r userType) Sessions(ctx context.Context, u *ent.User) ([]*ent.Session, error) {
	if viewer.From(ctx).UserID != u.ID {
		return nil, nil
	}
	sessions, err := identity.Sessions(ctx, r.DB)
	return together(ctx, sessions), err
}

// IsCurrent tells the session of this request.
func (r sessionType) IsCurrent(ctx context.Context, s *ent.Session) (bool, error) {
	return s.ID == viewer.From(ctx).SessionID, nil
}
