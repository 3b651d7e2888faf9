// Package identity keeps the PRO accounts of people: signing up and in,
// confirmed addresses, passwords and sessions (R113, R124, A31).
//
// Sessions, codes and their ends go by the real clock, never by the test
// clock of the business (A47). Whether an address has an account is told by
// neither text, code nor time of any answer of this package (A61).
package identity

import (
	"context"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/mailcode"
	"partnerhub/ent/session"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// now is the instant by the real clock, as the database keeps it.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// IsOperator reports whether a person runs the platform: the confirmed
// address is the one that the server's configuration names (A32).
func IsOperator(email string, verifiedAt *time.Time, operatorEmail string) bool {
	folded, ok := form.FoldEmail(operatorEmail)
	return ok && verifiedAt != nil && email == folded
}

// languageOf returns the language of the mails to a person.
func languageOf(u *ent.User) i18n.Language {
	l, _ := i18n.Match(u.Language)
	return l
}

// beat is longer than what a command of this package does in its transaction.
const beat = 50 * time.Millisecond

// steadily runs a command whose answer must not tell whether an address has an
// account. The answer comes on a beat, so that its time does not tell either
// how much there was to do.
func steadily(ctx context.Context, db *store.DB, command func(*store.Tx) error) error {
	begun := time.Now()
	_, err := store.Do(ctx, db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, command(tx) })
	select {
	case <-ctx.Done():
	case <-time.After(beat - time.Since(begun)%beat):
	}
	return err
}

// Sweep forgets the sessions and codes that have ended, and says how many.
func Sweep(ctx context.Context, db *store.DB) (int, error) {
	ctx = viewer.System(ctx)
	return store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		sessions, err := tx.Session.Delete().Where(session.ExpiresAtLTE(now())).Exec(ctx)
		if err != nil {
			return 0, err
		}
		codes, err := tx.MailCode.Delete().Where(mailcode.ExpiresAtLTE(now())).Exec(ctx)
		return sessions + codes, err
	})
}
