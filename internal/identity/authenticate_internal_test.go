package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// open returns an empty database on a test clock long past, which nothing of
// this package may follow (A47), and a count of its statements.
func open(t *testing.T) (*store.DB, *atomic.Int64) {
	t.Helper()
	statements := new(atomic.Int64)
	past := time.Date(2020, 2, 29, 23, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{
		URL: database.SQLite(t), TestClock: &past, PublicURL: "http://hub.test",
		OnStatement: func(context.Context, string) { statements.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, statements
}

// write runs fn in a transaction as the system.
func write[T any](t *testing.T, db *store.DB, fn func(ctx context.Context, tx *store.Tx) (T, error)) T {
	t.Helper()
	ctx := viewer.System(t.Context())
	v, err := store.Do(ctx, db, func(tx *store.Tx) (T, error) { return fn(ctx, tx) })
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func person(t *testing.T, db *store.DB, email string, verified bool) *ent.User {
	t.Helper()
	return write(t, db, func(ctx context.Context, tx *store.Tx) (*ent.User, error) {
		create := tx.User.Create().SetEmail(email).SetName("Jan").SetNameKey("jan").SetLanguage("pl").SetPasswordHash("x").SetCreatedAt(now())
		if verified {
			create.SetEmailVerifiedAt(now())
		}
		return create.Save(ctx)
	})
}

func begin(t *testing.T, db *store.DB, u *ent.User, expiresAt, lastUsedAt time.Time) (id, token string) {
	t.Helper()
	token = newToken(sessionPrefix)
	s := write(t, db, func(ctx context.Context, tx *store.Tx) (*ent.Session, error) {
		return tx.Session.Create().SetUserID(u.ID).SetTokenHash(hashOf(token)).
			SetCreatedAt(now()).SetLastUsedAt(lastUsedAt).SetExpiresAt(expiresAt).Save(ctx)
	})
	return s.ID, token
}

func TestAuthenticate(t *testing.T) {
	db, statements := open(t)
	rights := authz.Rights(false)
	jan := person(t, db, "jan@example.pl", true)
	company := func(name string, change func(*ent.CompanyCreate)) *ent.Company {
		return write(t, db, func(ctx context.Context, tx *store.Tx) (*ent.Company, error) {
			create := tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("a@b.pl").SetCreatedAt(tx.Now)
			change(create)
			return create.Save(ctx)
		})
	}
	employ := func(c *ent.Company, role employee.Role, status employee.Status) *ent.Employee {
		return write(t, db, func(ctx context.Context, tx *store.Tx) (*ent.Employee, error) {
			return tx.Employee.Create().SetUserID(jan.ID).SetCompanyID(c.ID).SetRole(role).SetStatus(status).SetInvitedAt(tx.Now).Save(ctx)
		})
	}
	dealer := company("dealer", func(c *ent.CompanyCreate) { c.SetDealerSince(now()) })
	reseller := company("reseller", func(c *ent.CompanyCreate) { c.SetResellerSince(now()) })
	plain := company("plain", func(*ent.CompanyCreate) {})
	gone := company("gone", func(c *ent.CompanyCreate) { c.SetDeletedAt(now()) })
	want := []viewer.Membership{
		{EmployeeID: employ(dealer, employee.RoleOWNER, employee.StatusACTIVE).ID, CompanyID: dealer.ID, Role: viewer.Owner, Dealer: true, Rights: rights.Of(viewer.Owner)},
		{EmployeeID: employ(reseller, employee.RoleSERVICE_MANAGER, employee.StatusACTIVE).ID, CompanyID: reseller.ID, Role: viewer.ServiceManager, Reseller: true, Rights: rights.Of(viewer.ServiceManager)},
		{EmployeeID: employ(plain, employee.RoleINSTALLER, employee.StatusINVITED).ID, CompanyID: plain.ID, Role: viewer.Installer, Invited: true, Rights: rights.Of(viewer.Installer)},
	}
	employ(gone, employee.RoleOWNER, employee.StatusACTIVE)

	ends := now().Add(time.Hour)
	id, token := begin(t, db, jan, ends, now())
	before := statements.Load()
	v, err := Authenticate(t.Context(), db, rights, " ", token)
	if err != nil {
		t.Fatal(err)
	}
	if n := statements.Load() - before; n != 2 {
		t.Errorf("it took %d statements", n)
	}
	if v.UserID != jan.ID || v.SessionID != id || v.Language != "pl" || !v.Verified || v.Operator || v.IsSystem() || !v.ExpiresAt.Equal(ends) {
		t.Errorf("viewer %+v", v)
	}
	if !slices.Equal(v.Memberships, want) {
		t.Errorf("memberships %+v\nwant %+v", v.Memberships, want)
	}
}

// A32: the operator is who has confirmed the configured address.
func TestAuthenticate_Operator(t *testing.T) {
	db, _ := open(t)
	for _, c := range []struct {
		email, configured  string
		verified, operator bool
	}{
		{"op1@example.pl", "op1@example.pl", true, true},
		{"op2@example.pl", "Op2@Example.PL", true, true},
		{"op3@example.pl", "op3@example.pl", false, false},
		{"op4@example.pl", "op@example.pl", true, false},
		{"op5@example.pl", "", true, false},
		{"op6@żółw.pl", "op6@xn--w-uga1v8h.pl", true, true},
	} {
		_, token := begin(t, db, person(t, db, c.email, c.verified), now().Add(time.Hour), now())
		v, err := Authenticate(t.Context(), db, authz.Rights(false), c.configured, token)
		if err != nil || v.Operator != c.operator || v.Verified != c.verified {
			t.Errorf("%s where %q is configured: %+v, %v", c.email, c.configured, v, err)
		}
	}
}

func TestAuthenticate_Refused(t *testing.T) {
	db, statements := open(t)
	jan := person(t, db, "jan@example.pl", true)
	_, ended := begin(t, db, jan, now().Add(-time.Second), now())
	revokedID, revoked := begin(t, db, jan, now().Add(time.Hour), now())
	write(t, db, func(ctx context.Context, tx *store.Tx) (int, error) {
		return 0, tx.Session.DeleteOneID(revokedID).Exec(ctx)
	})
	_, good := begin(t, db, jan, now().Add(time.Hour), now())
	for name, c := range map[string]struct {
		token string
		looks bool // into the database
	}{
		"nothing": {"", false}, "garbage": {"hubs_garbage", false}, "of another kind": {newToken("hubp_"), false},
		"wrong checksum": {good[:len(good)-1] + "-", false}, "cut": {good[:20], false}, "with a blank": {good + " ", false},
		"in capitals": {strings.ToUpper(good), false},
		"never given": {newToken(sessionPrefix), true}, "ended": {ended, true}, "revoked": {revoked, true},
		"the hash itself": {hashOf(good), false},
	} {
		before := statements.Load()
		v, err := Authenticate(t.Context(), db, authz.Rights(false), "", c.token)
		if !errors.Is(err, authz.ErrUnauthenticated) || v.SignedIn() {
			t.Errorf("%s: %+v, %v", name, v, err)
		}
		if looked := statements.Load() > before; looked != c.looks {
			t.Errorf("%s: looked into the database: %v", name, looked)
		}
	}
}

// The hour of the last use is kept, with one write an hour; a writer that is
// busy does not keep the request waiting for long, nor fail it.
func TestAuthenticate_LastUse(t *testing.T) {
	db, statements := open(t)
	ctx := viewer.System(t.Context())
	yesterday := now().Add(-24 * time.Hour)
	id, token := begin(t, db, person(t, db, "jan@example.pl", true), now().Add(time.Hour), yesterday)
	ask := func() {
		t.Helper()
		reading, done := db.Reading(t.Context())
		defer done()
		if _, err := Authenticate(reading, db, authz.Rights(false), "", token); err != nil {
			t.Fatal(err)
		}
	}
	lastUsed := func() time.Time {
		t.Helper()
		s, err := db.Read(ctx).Session.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return s.LastUsedAt
	}
	busy, finish := make(chan struct{}), make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = store.Do(ctx, db, func(*store.Tx) (int, error) {
			close(busy)
			<-finish
			return 0, nil
		})
	}()
	<-busy
	ask()
	close(finish)
	<-done
	if got := lastUsed(); !got.Equal(yesterday) {
		t.Errorf("last used at %v although nobody could write", got)
	}
	ask()
	first := lastUsed()
	if !first.Equal(first.Truncate(time.Hour)) || now().Sub(first) > 2*time.Hour {
		t.Errorf("last used at %v", first)
	}
	before := statements.Load()
	ask()
	if n := statements.Load() - before; n != 2 && now().Truncate(time.Hour).Equal(first) {
		t.Errorf("the second use in an hour took %d statements", n)
	}
}

// Sessions are seen by their person alone, also not by the operator.
func TestSessions_Seen(t *testing.T) {
	db, _ := open(t)
	jan, eve := person(t, db, "jan@example.pl", true), person(t, db, "eve@example.pl", true)
	id, _ := begin(t, db, jan, now().Add(time.Hour), now())
	begin(t, db, eve, now().Add(time.Hour), now())
	for name, c := range map[string]struct {
		asks viewer.Viewer
		want int
	}{
		"nobody": {viewer.Viewer{}, 0}, "the person": {viewer.Viewer{UserID: jan.ID}, 1},
		"another": {viewer.Viewer{UserID: "usr_x"}, 0}, "the operator": {viewer.Viewer{UserID: "usr_o", Operator: true}, 0},
	} {
		ctx := viewer.With(t.Context(), c.asks)
		ids, err := db.Read(ctx).Session.Query().IDs(ctx)
		if err != nil || len(ids) != c.want || c.want == 1 && ids[0] != id {
			t.Errorf("%s sees %q, %v", name, ids, err)
		}
	}
}
