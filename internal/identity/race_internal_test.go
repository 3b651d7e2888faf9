package identity

import (
	"context"
	"errors"
	"testing"
	"time"

	"partnerhub/ent/session"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// withJan is a database with one account, jan@example.pl.
func withJan(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t), PublicURL: "http://hub.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := Register(t.Context(), db, SignUp{Email: "jan@example.pl", Password: right, Name: "Jan"}); err != nil {
		t.Fatal(err)
	}
	return db
}

// A sign-in that has found the password right, at the moment in which it is
// changed, leaves no session behind: the change waits, and ends it.
func TestEnter_whilePasswordChanges(t *testing.T) {
	db := withJan(t)
	u, err := known(t.Context(), db, "jan@example.pl", right)
	if err != nil {
		t.Fatal(err)
	}
	changed := make(chan error, 1)
	write(t, db, func(ctx context.Context, tx *store.Tx) (int, error) {
		if err := hasPassword(t.Context(), tx, u, ErrBadCredentials); err != nil {
			return 0, err
		}
		go func() {
			_, err := store.Do(viewer.System(t.Context()), db, func(tx *store.Tx) (int, error) {
				_, err := setPassword(t.Context(), tx, u, "other", session.UserID(u.ID))
				return 0, err
			})
			changed <- err
		}()
		select { // until it waits for this transaction
		case err := <-changed:
			changed <- err
		case <-time.After(300 * time.Millisecond):
		}
		return 0, tx.Session.Create().SetUserID(u.ID).SetTokenHash("x").SetCreatedAt(now()).SetLastUsedAt(now()).
			SetExpiresAt(now().Add(time.Hour)).Exec(ctx)
	})
	if err := <-changed; err != nil {
		t.Fatal(err)
	}
	ctx := viewer.System(t.Context())
	if n := db.Read(ctx).Session.Query().CountX(ctx); n != 0 {
		t.Errorf("%d sessions outlive the password", n)
	}
}

// Of two who end the same session at the same moment, one finds it gone.
func TestRevoke_twiceAtOnce(t *testing.T) {
	db := withJan(t)
	e, err := Enter(t.Context(), db, SignIn{Email: "jan@example.pl", Password: right})
	if err != nil {
		t.Fatal(err)
	}
	as := viewer.With(t.Context(), viewer.Viewer{UserID: e.User.ID})
	second := make(chan error, 1)
	write(t, db, func(ctx context.Context, tx *store.Tx) (int, error) {
		n, err := tx.Session.Delete().Where(session.ID(e.Session.ID)).Exec(ctx)
		go func() {
			_, err := Revoke(as, db, SessionRevocation{SessionID: e.Session.ID})
			second <- err
		}()
		select { // until it waits for this transaction
		case err := <-second:
			second <- err
		case <-time.After(300 * time.Millisecond):
		}
		return n, err
	})
	if err := <-second; !errors.Is(err, authz.ErrNotFound) {
		t.Errorf("the other is told %v", err)
	}
}
