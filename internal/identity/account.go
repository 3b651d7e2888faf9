package identity

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/mailcode"
	"partnerhub/ent/user"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Register opens an account and mails a code that confirms its address, to
// which it returns the folded form. An address that has an account gets
// another mail instead, and nothing else tells: all the work is the same.
//
// It fails with errors of form, with [ErrPasswordEasy], with
// [throttle.ErrTooMany] after too many mails, and with [ErrBusy].
func Register(ctx context.Context, db *store.DB, in SignUp) (email string, err error) {
	var wrong errs.List
	email = form.Email(&wrong, in.Email, "email")
	password := newPassword(&wrong, in.Password, "password")
	name := form.Text(&wrong, in.Name, form.MaxName, true, "name")
	language := form.Optional(&wrong, in.Language, form.Language, "language")
	notEasy(&wrong, password, []string{email, name}, "password")
	if err := wrong.Err(); err != nil {
		return "", err
	}
	if language == nil {
		asked := string(i18n.From(ctx))
		language = &asked
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	return email, steadily(ctx, db, func(tx *store.Tx) error {
		if err := mailing(ctx, tx, email); err != nil {
			return err
		}
		u, err := personAt(ctx, tx, email)
		if err != nil {
			return err
		}
		if u != nil {
			if err := idle(ctx, tx, 3); err != nil { // an account, codes to forget, a code
				return err
			}
			return mail.Post(ctx, tx, u.Email, mail.AddressTaken(languageOf(u), tx.PublicURL))
		}
		u, err = tx.User.Create().SetEmail(email).SetName(name).SetNameKey(store.Fold(name)).SetLanguage(*language).
			SetPasswordHash(hash).SetCreatedAt(tx.Now).Save(viewer.System(ctx))
		if store.IsUnique(err) {
			return store.Again(err) // at the same moment: the retry finds the address taken
		}
		if err != nil {
			return fmt.Errorf("open an account: %w", err)
		}
		return mailVerification(ctx, tx, u)
	})
}

// Confirm confirms an address with the code from a mail (A31).
//
// It fails with [ErrCode], and with [throttle.ErrTooMany] after too many codes
// that were wrong.
func Confirm(ctx context.Context, db *store.DB, in EmailVerification) (*ent.User, error) {
	var wrong errs.List
	code := enteredCode(&wrong, in.Token, "token")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	if err := guessingCode(ctx, db); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.User, error) {
		u, err := redeem(ctx, tx, mailcode.PurposeVERIFY_EMAIL, code)
		if err != nil {
			return nil, err
		}
		return confirm(ctx, tx, u)
	})
}

// confirm notes that the address is the person's own.
func confirm(ctx context.Context, tx *store.Tx, u *ent.User) (*ent.User, error) {
	tx.Signal(u.ID) // what the person may do has changed
	if u.EmailVerifiedAt != nil {
		return u, nil
	}
	if err := forgetCodes(ctx, tx, u.ID, mailcode.PurposeVERIFY_EMAIL); err != nil {
		return nil, err
	}
	u, err := tx.User.UpdateOne(u).SetEmailVerifiedAt(tx.Now).Save(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("confirm an address: %w", err)
	}
	return u, nil
}

// Resend mails another code to confirm an address, unless it has no account or
// is confirmed; nothing tells which.
//
// It fails with errors of form, and with [throttle.ErrTooMany] after too many
// mails.
func Resend(ctx context.Context, db *store.DB, in VerificationResend) error {
	return mailTo(ctx, db, in.Email, func(tx *store.Tx, u *ent.User) error {
		if u.EmailVerifiedAt != nil {
			return idle(ctx, tx, mailed)
		}
		return mailVerification(ctx, tx, u)
	})
}

// mailTo does something for the person at an address, without telling whether
// there is one.
func mailTo(ctx context.Context, db *store.DB, address string, do func(*store.Tx, *ent.User) error) error {
	var wrong errs.List
	email := form.Email(&wrong, address, "email")
	if err := wrong.Err(); err != nil {
		return err
	}
	return steadily(ctx, db, func(tx *store.Tx) error {
		if err := mailing(ctx, tx, email); err != nil {
			return err
		}
		u, err := personAt(ctx, tx, email)
		if err != nil {
			return err
		}
		if u == nil {
			return idle(ctx, tx, mailed)
		}
		return do(tx, u)
	})
}

// mailed is how many statements it takes to mail a code: to forget those before,
// to keep the new one, and to post the mail.
const mailed = 3

// idle runs so many statements that write nothing, where others would write: to
// do nothing for an address takes as much as to do something.
func idle(ctx context.Context, tx *store.Tx, statements int) error {
	for range statements {
		if err := forgetCodes(ctx, tx, "nobody", mailcode.PurposeVERIFY_EMAIL); err != nil {
			return err
		}
	}
	return nil
}

func mailVerification(ctx context.Context, tx *store.Tx, u *ent.User) error {
	code, err := issue(ctx, tx, u, mailcode.PurposeVERIFY_EMAIL, VerificationLife)
	if err != nil {
		return err
	}
	return mail.Post(ctx, tx, u.Email, mail.EmailConfirmation(languageOf(u), tx.PublicURL, code, VerificationLife))
}

// personAt returns who has the address, nil where nobody does.
func personAt(ctx context.Context, tx *store.Tx, email string) (*ent.User, error) {
	u, err := tx.User.Query().Where(user.Email(email)).Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an address: %w", err)
	}
	return u, nil
}

// Change changes the profile of who is signed in.
//
// It fails with errors of form alone.
func Change(ctx context.Context, db *store.DB, in Profile) (*ent.User, error) {
	var wrong errs.List
	name := form.Replace(&wrong, in.Name, form.UpTo(form.MaxName), "name")
	language := form.Replace(&wrong, in.Language, form.Language, "language")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.User, error) {
		update := tx.User.UpdateOneID(viewer.From(ctx).UserID).SetNillableName(name).SetNillableLanguage(language)
		if name != nil {
			update.SetNameKey(store.Fold(*name))
		}
		u, err := update.Save(viewer.System(ctx))
		if err != nil {
			return nil, fmt.Errorf("change a profile: %w", err)
		}
		return u, nil
	})
}
