package identity

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/mailcode"
	"partnerhub/ent/predicate"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/throttle"
	"partnerhub/internal/viewer"
)

// How long the codes in mails are good. Each works once, and a new one takes
// the place of those before.
const (
	VerificationLife = 48 * time.Hour
	ResetLife        = time.Hour
)

// ErrCode answers a code that was never given out, was used, was replaced by a
// newer one, or is too old.
var ErrCode = errs.New(errs.TokenExpired, "errorCode")

// codeText is base 32 without the letters that look like digits.
var codeText = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

const (
	codeBytes = 10 // 80 bits
	codeGroup = 4  // characters between two dashes
)

// newCode returns a code that nobody can guess while it is good, in groups
// that people can type: 7Q2F-9ZKD-X0WM-4T6B.
func newCode() string {
	bits := make([]byte, codeBytes)
	_, _ = rand.Read(bits) // never fails: it would end the program
	var groups []string
	for text := codeText.EncodeToString(bits); text != ""; text = text[codeGroup:] {
		groups = append(groups, text[:codeGroup])
	}
	return strings.Join(groups, "-")
}

// misread are the characters that people leave out or take for others.
var misread = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")

// hashOfCode returns what the database keeps of a code, however it was typed.
func hashOfCode(typed string) string { return hashOf(misread.Replace(strings.ToUpper(typed))) }

// maxTyped is the longest text that is looked at as a code, in characters.
const maxTyped = 100

// enteredCode checks the field of a code.
func enteredCode(list *errs.List, typed string, path ...string) string {
	return form.Text(list, typed, maxTyped, true, path...)
}

// issue gives a person a new code in the place of all earlier ones for the
// same purpose.
func issue(ctx context.Context, tx *store.Tx, u *ent.User, purpose mailcode.Purpose, life time.Duration) (string, error) {
	ctx = viewer.System(ctx)
	if err := forgetCodes(ctx, tx, u.ID, purpose); err != nil {
		return "", err
	}
	code := newCode()
	err := tx.MailCode.Create().SetUserID(u.ID).SetPurpose(purpose).SetCodeHash(hashOfCode(code)).
		SetCreatedAt(now()).SetExpiresAt(now().Add(life)).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("issue a code: %w", err)
	}
	return code, nil
}

// guessingCode counts a code that somebody enters, which [redeem] gives back
// where it is good.
func guessingCode(ctx context.Context, db *store.DB) error {
	counts := here(ctx, rules(ctx).Code)
	if len(counts) == 0 {
		return nil
	}
	_, err := store.Do(ctx, db, func(tx *store.Tx) (time.Duration, error) { return throttle.Try(ctx, tx, counts...) })
	return err
}

// redeem returns the person of a code and uses it up, with all that the person
// has for the purpose. It fails with [ErrCode].
func redeem(ctx context.Context, tx *store.Tx, purpose mailcode.Purpose, typed string) (*ent.User, error) {
	ctx = viewer.System(ctx)
	c, err := tx.MailCode.Query().Where(isCode(purpose, typed)...).WithUser().Only(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrCode.On("token")
	}
	if err != nil {
		return nil, fmt.Errorf("look for a code: %w", err)
	}
	// Of two who use a code at the same moment, one finds it gone.
	n, err := tx.MailCode.Delete().Where(mailcode.ID(c.ID)).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("use up a code: %w", err)
	}
	if n == 0 {
		return nil, ErrCode.On("token")
	}
	if err := throttle.Return(ctx, tx, here(ctx, rules(ctx).Code)...); err != nil {
		return nil, err
	}
	return c.Edges.User, forgetCodes(ctx, tx, c.UserID, purpose)
}

func forgetCodes(ctx context.Context, tx *store.Tx, userID string, purposes ...mailcode.Purpose) error {
	_, err := tx.MailCode.Delete().Where(mailcode.UserID(userID), mailcode.PurposeIn(purposes...)).Exec(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("forget codes: %w", err)
	}
	return nil
}

// isCode keeps the code that was typed, while it is good.
func isCode(purpose mailcode.Purpose, typed string) []predicate.MailCode {
	return []predicate.MailCode{
		mailcode.CodeHash(hashOfCode(typed)), mailcode.PurposeEQ(purpose), mailcode.ExpiresAtGT(now()),
	}
}
