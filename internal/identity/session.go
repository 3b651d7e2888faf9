package identity

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/session"
	"partnerhub/ent/user"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/throttle"
	"partnerhub/internal/viewer"
)

// SessionLife is how long a session lasts after its sign-in, used or not.
const SessionLife = 90 * 24 * time.Hour

// MaxSessions is how many sessions a person has at most: one more ends the
// oldest.
const MaxSessions = 100

// ErrBadCredentials answers an address without an account and a wrong
// password alike.
var ErrBadCredentials = errs.New(errs.BadCredentials, "errorBadCredentials")

// Entry is what signing in results in.
type Entry struct {
	Token   string // secret of the session; nothing else ever shows it
	Session *ent.Session
	User    *ent.User
}

// Enter starts a session, also for a person whose address is not confirmed
// (A31).
//
// It fails with [ErrBadCredentials], [throttle.ErrTooMany] after too many wrong
// tries, or [ErrBusy].
func Enter(ctx context.Context, db *store.DB, in SignIn) (entry *Entry, err error) {
	var wrong errs.List
	email := form.Email(&wrong, in.Email, "email")
	password := enteredPassword(&wrong, in.Password, "password")
	device := form.Optional(&wrong, in.DeviceName, form.UpTo(form.MaxName), "deviceName")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	place := placesOfAccount.Of(email, viewer.Address(ctx))
	g, err := guessing(ctx, db, rules(ctx).Pair.Of(email, viewer.Address(ctx)), &place, here(ctx, rules(ctx).Network, rules(ctx).Account.Of(email))...)
	if err != nil {
		return nil, err
	}
	defer func() { g.over(ctx, err) }()
	u, err := known(ctx, db, email, password)
	if err != nil {
		return nil, err
	}
	token := newToken(sessionPrefix)
	s, err := store.Do(ctx, db, func(tx *store.Tx) (*ent.Session, error) {
		// Between the look at the password and now it may have been changed.
		if err := hasPassword(ctx, tx, u, ErrBadCredentials); err != nil {
			return nil, err
		}
		if err := g.right(ctx, tx); err != nil {
			return nil, err
		}
		if err := throttle.Remember(ctx, tx, place); err != nil {
			return nil, err
		}
		if err := makeRoom(ctx, tx, u.ID); err != nil {
			return nil, err
		}
		s, err := tx.Session.Create().SetUserID(u.ID).SetTokenHash(hashOf(token)).SetNillableDeviceName(device).
			SetCreatedAt(now()).SetLastUsedAt(now().Truncate(time.Hour)).SetExpiresAt(now().Add(SessionLife)).Save(viewer.System(ctx))
		if err != nil {
			return nil, fmt.Errorf("start a session: %w", err)
		}
		return s, nil
	})
	if err != nil {
		return nil, err
	}
	return &Entry{Token: token, Session: s, User: u}, nil
}

// known returns the person with the address and the password. It hashes the
// password for an address without an account too, so that it takes as long.
func known(ctx context.Context, db *store.DB, email, password string) (*ent.User, error) {
	u, err := db.Read(ctx).User.Query().Where(user.Email(email)).Only(viewer.System(ctx))
	kept := nobodysHash
	switch {
	case err == nil:
		kept = u.PasswordHash
	case !ent.IsNotFound(err):
		return nil, fmt.Errorf("look for an address: %w", err)
	}
	ok, err := isPassword(ctx, password, kept)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrBadCredentials
	}
	return u, nil
}

// hasPassword fails with the refusal unless the password that was compared is
// the person's still. It stays so until the transaction ends: whoever changes it
// then finds the sessions to end.
func hasPassword(ctx context.Context, tx *store.Tx, u *ent.User, refusal *errs.Error) error {
	same, err := store.Lock(tx, tx.User.Query().Where(user.ID(u.ID), user.PasswordHash(u.PasswordHash))).Exist(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("look at a password: %w", err)
	}
	if !same {
		return refusal
	}
	return nil
}

// makeRoom ends the sessions that are one too many.
func makeRoom(ctx context.Context, tx *store.Tx, userID string) error {
	ctx = viewer.System(ctx)
	if _, err := tx.Session.Delete().Where(session.UserID(userID), session.ExpiresAtLTE(now())).Exec(ctx); err != nil {
		return fmt.Errorf("forget old sessions: %w", err)
	}
	old, err := tx.Session.Query().Where(session.UserID(userID)).
		Order(ent.Desc(session.FieldCreatedAt, session.FieldID)).Offset(MaxSessions - 1).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for old sessions: %w", err)
	}
	if len(old) == 0 {
		return nil
	}
	tx.Signal(userID)
	if _, err := tx.Session.Delete().Where(session.IDIn(old...)).Exec(ctx); err != nil {
		return fmt.Errorf("end old sessions: %w", err)
	}
	return nil
}

// Leave ends the session of the request, or all of the person's. Their live
// streams end at once.
func Leave(ctx context.Context, db *store.DB, in SignOut) error {
	v := viewer.From(ctx)
	_, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		end := tx.Session.Delete().Where(session.UserID(v.UserID))
		if !in.Everywhere {
			end.Where(session.ID(v.SessionID))
		}
		tx.Signal(v.UserID)
		return end.Exec(viewer.System(ctx))
	})
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// Revoke ends one session of who is signed in and returns its id. Its live
// streams end at once.
//
// It fails with [authz.ErrNotFound] for a session of somebody else.
func Revoke(ctx context.Context, db *store.DB, in SessionRevocation) (string, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (string, error) {
		s, err := store.Lock(tx, tx.Session.Query().Where(session.ID(in.SessionID), session.ExpiresAtGT(now()))).Only(ctx)
		if ent.IsNotFound(err) {
			return "", authz.ErrNotFound.On("sessionId")
		}
		if err != nil {
			return "", fmt.Errorf("look for a session: %w", err)
		}
		tx.Signal(s.UserID)
		if err := tx.Session.DeleteOne(s).Exec(ctx); err != nil {
			return "", fmt.Errorf("end a session: %w", err)
		}
		return s.ID, nil
	})
}

// Sessions returns the viewer's sessions, newest first.
func Sessions(ctx context.Context, db *store.DB) ([]*ent.Session, error) {
	sessions, err := db.Read(ctx).Session.Query().
		Where(session.UserID(viewer.From(ctx).UserID), session.ExpiresAtGT(now())).
		Order(ent.Desc(session.FieldCreatedAt, session.FieldID)).Limit(MaxSessions).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	return sessions, nil
}
