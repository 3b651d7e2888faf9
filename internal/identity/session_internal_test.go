package identity

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"partnerhub/ent/session"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

const right = "correct horse battery"

// Nothing that opens an account is in the database as it is.
func TestEnter_KeepsNoSecret(t *testing.T) {
	db, _ := open(t)
	if _, err := Register(t.Context(), db, SignUp{Email: "jan@example.pl", Password: right, Name: "Jan"}); err != nil {
		t.Fatal(err)
	}
	e, err := Enter(t.Context(), db, SignIn{Email: "Jan@Example.PL", Password: right})
	if err != nil {
		t.Fatal(err)
	}
	ctx := viewer.System(t.Context())
	s := db.Read(ctx).Session.GetX(ctx, e.Session.ID)
	if s.TokenHash == e.Token || s.TokenHash != hashOf(e.Token) || !isToken(sessionPrefix, e.Token) {
		t.Errorf("kept as %q, token %q", s.TokenHash, e.Token)
	}
	if life := time.Until(s.ExpiresAt); life > SessionLife || life < SessionLife-time.Minute {
		t.Errorf("it lasts %v", life)
	}
}

// A sign-in that looked at the password before it was changed comes too late.
func TestEnter_PasswordJustChanged(t *testing.T) {
	db, _ := open(t)
	if _, err := Register(t.Context(), db, SignUp{Email: "jan@example.pl", Password: right, Name: "Jan"}); err != nil {
		t.Fatal(err)
	}
	u, err := known(t.Context(), db, "jan@example.pl", right)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.User.UpdateOneID(u.ID).SetPasswordHash("other").Exec(ctx)
	})
	_, err = store.Do(t.Context(), db, func(tx *store.Tx) (int, error) { return 0, hasPassword(t.Context(), tx, u, ErrBadCredentials) })
	if !errors.Is(err, ErrBadCredentials) {
		t.Errorf("it was let in: %v", err)
	}
}

// One session too many ends the oldest, and those that are over count nothing.
func TestEnter_MaxSessions(t *testing.T) {
	db, _ := open(t)
	if _, err := Register(t.Context(), db, SignUp{Email: "jan@example.pl", Password: right, Name: "Jan"}); err != nil {
		t.Fatal(err)
	}
	e, err := Enter(t.Context(), db, SignIn{Email: "jan@example.pl", Password: right})
	if err != nil {
		t.Fatal(err)
	}
	ctx := viewer.System(t.Context())
	write(t, db, func(ctx context.Context, tx *store.Tx) (int, error) {
		add := func(at, ends time.Time) error {
			return tx.Session.Create().SetUserID(e.User.ID).SetTokenHash(newToken("x")).SetCreatedAt(at).SetLastUsedAt(at).SetExpiresAt(ends).Exec(ctx)
		}
		for i := range MaxSessions - 1 {
			if err := add(now().Add(time.Duration(i+1)*time.Second), now().Add(time.Hour)); err != nil {
				return 0, err
			}
		}
		return 0, add(now().Add(time.Hour), now().Add(-time.Second))
	})
	var woken []string
	db.OnCommit(func(topics []string) { woken = append(woken, topics...) })
	if _, err := Enter(t.Context(), db, SignIn{Email: "jan@example.pl", Password: right}); err != nil {
		t.Fatal(err)
	}
	if n := db.Read(ctx).Session.Query().CountX(ctx); n != MaxSessions {
		t.Errorf("%d sessions", n)
	}
	if db.Read(ctx).Session.Query().Where(session.ID(e.Session.ID)).ExistX(ctx) {
		t.Error("the oldest session goes on")
	}
	if _, err := Authenticate(t.Context(), db, authz.Rights(false), "", e.Token); !errors.Is(err, authz.ErrUnauthenticated) {
		t.Errorf("the oldest session's token: %v", err)
	}
	if !slices.Contains(woken, e.User.ID) {
		t.Errorf("the streams of the oldest session were not told: %q", woken)
	}
}
