package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent/setting"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func open(t *testing.T, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestOpen_keepsTheBillingZoneForGood(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	db := open(t, store.Options{URL: url, Zone: zone(t, "Europe/Warsaw")})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), store.Options{URL: url, Zone: time.UTC})
	if err == nil || !strings.Contains(err.Error(), "Europe/Warsaw for good") {
		t.Fatalf("another zone: %v", err)
	}
	if again := open(t, store.Options{URL: url}); again.Zone.String() != "Europe/Warsaw" {
		t.Fatalf("zone is %s", again.Zone)
	}
}

func TestOpen_refusesASecondServerOnOneFile(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	open(t, store.Options{URL: url})
	if _, err := store.Open(t.Context(), store.Options{URL: url}); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Fatalf("second server: %v", err)
	}
}

func TestOpen_refusesANewerDatabase(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	db := open(t, store.Options{URL: url})
	_, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO schema_migrations VALUES ('9999_future', 'x', 'x')")
		return 0, err
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := store.Open(t.Context(), store.Options{URL: url}); err == nil || !strings.Contains(err.Error(), "newer than this program") {
		t.Fatalf("newer database: %v", err)
	}
}

// A47: the advanced instant lives in the database; an earlier setting at the
// next start does not turn it back.
func TestOpen_testClockDoesNotGoBack(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	start, later := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	db := open(t, store.Options{URL: url, TestClock: &start})
	_, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) { return 0, tx.KeepClock(t.Context(), later) })
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	if _, err := store.Open(t.Context(), store.Options{URL: url}); err == nil || !strings.Contains(err.Error(), "-test-clock") {
		t.Fatalf("real clock after a later test clock: %v", err)
	}
	if again := open(t, store.Options{URL: url, TestClock: &start}); !again.Clock.Now().Equal(later) {
		t.Fatalf("clock stands at %s", again.Clock.Now())
	}
}

func TestDo_rollsBackAndSignalsOnlyAfterCommit(t *testing.T) {
	db := open(t, store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	var heard []string
	db.OnCommit(func(topics []string) { heard = append(heard, topics...) })
	ctx := viewer.System(t.Context())
	fail := errors.New("no")
	write := func(result error) error {
		_, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) {
			tx.Signal("co_1")
			if err := tx.Keep(ctx, "x", "1"); err != nil {
				return 0, err
			}
			if len(heard) > 0 {
				t.Error("signalled before the commit")
			}
			return 0, result
		})
		return err
	}
	count := func() int {
		n, err := db.Read(ctx).Setting.Query().Where(setting.ID("x")).Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := write(fail); !errors.Is(err, fail) || len(heard) != 0 || count() != 0 {
		t.Fatalf("after a refusal: err %v, heard %v, rows %d", err, heard, count())
	}
	if err := write(nil); err != nil || len(heard) != 1 || count() != 1 {
		t.Fatalf("after a commit: err %v, heard %v, rows %d", err, heard, count())
	}
}

func TestDo_rollsBackOnPanic(t *testing.T) {
	db := open(t, store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	func() {
		defer func() { _ = recover() }()
		_, _ = store.Do(t.Context(), db, func(*store.Tx) (int, error) { panic("x") })
	}()
	if _, err := store.Do(t.Context(), db, func(*store.Tx) (int, error) { return 1, nil }); err != nil {
		t.Fatalf("the writer is lost: %v", err)
	}
}

func TestReading_isOfOneMomentUntilACommand(t *testing.T) {
	db := open(t, store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	system := viewer.System(t.Context())
	ctx, done := db.Reading(system)
	defer done()
	count := func(ctx context.Context) int {
		n, err := db.Read(ctx).Setting.Query().Where(setting.ID("x")).Count(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if count(ctx) != 0 {
		t.Fatal("not empty")
	}
	keep := func(ctx context.Context, name string) {
		if _, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) { return 0, tx.Keep(ctx, name, "1") }); err != nil {
			t.Fatal(err)
		}
	}
	keep(system, "x")
	if count(ctx) != 0 {
		t.Fatal("a reading saw what was committed after it began")
	}
	keep(ctx, "y")
	if count(ctx) != 1 {
		t.Fatal("a reading does not see its own operation's command")
	}
}

func TestDo_bindsInstantsInUTCMicroseconds(t *testing.T) {
	db := open(t, store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db")})
	ctx := viewer.System(t.Context())
	at := time.Date(2026, 3, 29, 1, 30, 0, 123456789, zone(t, "Europe/Warsaw"))
	p, err := store.Do(ctx, db, func(tx *store.Tx) (string, error) {
		u, err := tx.User.Create().SetEmail("a@example.org").SetName("A").SetNameKey("a").SetPasswordHash("x").SetCreatedAt(at).Save(ctx)
		if err != nil {
			return "", err
		}
		return u.ID, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := db.Read(ctx).User.Get(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if want := at.UTC().Truncate(time.Microsecond); !u.CreatedAt.Equal(want) || u.CreatedAt.Location() != time.UTC {
		t.Fatalf("kept as %s, want %s", u.CreatedAt, want)
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Łódź": "lodz", "Straße": "strasse", "ÓŻ": "oz", "Øst": "ost", "": "",
	} {
		if got := store.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}
