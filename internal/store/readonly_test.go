package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func TestOpenReadOnly_leavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	url := "sqlite://" + filepath.Join(dir, "hub.db")
	start := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	db := open(t, store.Options{URL: url, Zone: zone(t, "Europe/Warsaw"), TestClock: &start})
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	db, err := store.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if db.Zone.String() != "Europe/Warsaw" || !db.Clock.Now().Equal(start) {
		t.Errorf("the zone is %s, the clock stands at %s", db.Zone, db.Clock.Now())
	}
	if n, err := db.Version(viewer.System(t.Context())); err != nil || n == 0 {
		t.Errorf("%d changes, %v", n, err)
	}
	triggers, err := db.Triggers(viewer.System(t.Context()))
	if err != nil || len(triggers) == 0 {
		t.Errorf("%d triggers, %v", len(triggers), err)
	}
	for trigger, there := range triggers {
		if !there {
			t.Errorf("%v is not there", trigger)
		}
	}
	if _, err := db.Read(t.Context()).ExecContext(t.Context(), "DELETE FROM settings"); err == nil {
		t.Error("something was written")
	}
	if db.Stirred() {
		t.Error("somebody used it")
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if after := files(t, dir); after != before {
		t.Errorf("there were %s, now there are %s", before, after)
	}
}

// Whoever reads a file that nobody had open learns that somebody has it now.
func TestOpenReadOnly_besideAServer(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	_ = open(t, store.Options{URL: url}).Close()
	alone, err := store.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer alone.Close()
	server := open(t, store.Options{URL: url})
	if !alone.Stirred() {
		t.Error("nobody uses it")
	}
	beside, err := store.OpenReadOnly(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	ctx := viewer.System(t.Context())
	if _, err := store.Do(ctx, server, func(tx *store.Tx) (int, error) { return 0, tx.Keep(ctx, "x", "1") }); err != nil {
		t.Fatal(err)
	}
	if s, err := beside.Read(ctx).Setting.Get(ctx, "x"); err != nil || s.Value != "1" || beside.Stirred() {
		t.Errorf("beside a server: %v, %v", s, err)
	}
}

func TestOpenReadOnly_refuses(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"mysql://x": "must begin with sqlite:// or postgres://",
		"sqlite://": "must name a file",
		"sqlite://" + filepath.Join(dir, "nothing.db"):          "there is no database at",
		"sqlite://" + empty:                                     "is none of this server",
		"postgres://me:secret@127.0.0.1:1/none?x=%zz":           "cannot parse",
		"postgres://me:secret@127.0.0.1:1/none?sslmode=disable": "cannot be read",
	} {
		_, err := store.OpenReadOnly(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s is refused with %v", url, err)
		}
		if errors.Is(err, store.ErrURL) != strings.Contains(want, "must") {
			t.Errorf("%s is refused as %v", url, err)
		}
	}
	if list := files(t, dir); list != "empty.db" {
		t.Errorf("there are %s", list)
	}
}

func files(t *testing.T, dir string) string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name()
	}
	return strings.Join(names, " ")
}
