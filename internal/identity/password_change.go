package identity

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/mailcode"
	"partnerhub/ent/predicate"
	"partnerhub/ent/session"
	"partnerhub/internal/errs"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// ErrWrongPassword answers a change of password with a wrong present one.
var ErrWrongPassword = errs.New(errs.BadCredentials, "errorWrongPassword")

// RequestReset mails a code that sets a new password, unless the address has
// no account; nothing tells.
//
// It fails with errors of form, and with [throttle.ErrTooMany] after too many
// mails.
func RequestReset(ctx context.Context, db *store.DB, in PasswordResetRequest) error {
	return mailTo(ctx, db, in.Email, func(tx *store.Tx, u *ent.User) error {
		code, err := issue(ctx, tx, u, mailcode.PurposeRESET_PASSWORD, ResetLife)
		if err != nil {
			return err
		}
		return mail.Post(ctx, tx, u.Email, mail.PasswordReset(languageOf(u), tx.PublicURL, code, ResetLife))
	})
}

// Reset sets a new password with the code from a mail, and ends every session
// of the person. Since the code came by mail, it confirms the address too.
//
// It fails with [ErrCode], with [ErrPasswordShort], [ErrPasswordLong] or
// [ErrPasswordEasy], with [throttle.ErrTooMany] after too many codes that were
// wrong, and with [ErrBusy].
func Reset(ctx context.Context, db *store.DB, in PasswordReset) (*ent.User, error) {
	var wrong errs.List
	code := enteredCode(&wrong, in.Token, "token")
	password := newPassword(&wrong, in.Password, "password")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	if err := guessingCode(ctx, db); err != nil {
		return nil, err
	}
	// Looked at before the hash is made, which costs so much more.
	owner, err := db.Read(ctx).MailCode.Query().Where(isCode(mailcode.PurposeRESET_PASSWORD, code)...).QueryUser().Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil, ErrCode.On("token")
	}
	if err != nil {
		return nil, fmt.Errorf("look for a code: %w", err)
	}
	notEasy(&wrong, password, wordsOf(owner), "password")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.User, error) {
		u, err := redeem(ctx, tx, mailcode.PurposeRESET_PASSWORD, code)
		if err != nil {
			return nil, err
		}
		if u, err = confirm(ctx, tx, u); err != nil {
			return nil, err
		}
		return setPassword(ctx, tx, u, hash, session.UserID(u.ID))
	})
}

// ChangePassword sets another password for who is signed in, and ends the
// other sessions.
//
// It fails with [ErrWrongPassword], with [ErrPasswordShort], [ErrPasswordLong]
// or [ErrPasswordEasy], with [throttle.ErrTooMany] after too many wrong tries,
// and with [ErrBusy].
func ChangePassword(ctx context.Context, db *store.DB, in PasswordUpdate) (changed *ent.User, err error) {
	var wrong errs.List
	current := enteredPassword(&wrong, in.CurrentPassword, "currentPassword")
	password := newPassword(&wrong, in.Password, "password")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	v := viewer.From(ctx)
	u, err := db.Read(ctx).User.Get(viewer.System(ctx), v.UserID)
	if err != nil {
		return nil, fmt.Errorf("look at a password: %w", err)
	}
	notEasy(&wrong, password, wordsOf(u), "password")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	g, err := guessing(ctx, db, rules(ctx).Session.Of(v.SessionID), nil)
	if err != nil {
		return nil, err
	}
	defer func() { g.over(ctx, err) }()
	refusal := ErrWrongPassword.On("currentPassword")
	ok, err := isPassword(ctx, current, u.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, refusal
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.User, error) {
		if err := hasPassword(ctx, tx, u, refusal); err != nil {
			return nil, err
		}
		if err := g.right(ctx, tx); err != nil {
			return nil, err
		}
		return setPassword(ctx, tx, u, hash, session.UserID(u.ID), session.IDNEQ(v.SessionID))
	})
}

// setPassword gives a person another password, ends the sessions that are to
// end, and tells the person by mail.
func setPassword(ctx context.Context, tx *store.Tx, u *ent.User, hash string, end ...predicate.Session) (*ent.User, error) {
	ctx = viewer.System(ctx)
	u, err := tx.User.UpdateOneID(u.ID).SetPasswordHash(hash).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("set a password: %w", err)
	}
	if _, err := tx.Session.Delete().Where(end...).Exec(ctx); err != nil {
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	tx.Signal(u.ID)
	if err := forgetCodes(ctx, tx, u.ID, mailcode.PurposeRESET_PASSWORD); err != nil {
		return nil, err
	}
	return u, mail.Post(ctx, tx, u.Email, mail.PasswordChanged(languageOf(u), tx.PublicURL))
}
