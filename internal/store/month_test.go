package store_test

import (
	"context"
	"testing"
	"time"

	"partnerhub/internal/store"
	"partnerhub/tests/database"
)

func instantOf(t *testing.T, db *store.DB) time.Time {
	t.Helper()
	at, err := store.Do(t.Context(), db, func(tx *store.Tx) (time.Time, error) { return tx.Now, nil })
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// The machine's clock is set back after a month was closed: business time
// stands at the month's end, also after a restart.
func TestCloseMonth_theClockIsSetBack(t *testing.T) {
	url := database.URL(t)
	db := open(t, store.Options{URL: url})
	boundary := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	_, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) { // as it was left an hour from now
		return 0, tx.Keep(t.Context(), "closed_until", boundary.Format(time.RFC3339Nano))
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = db.Close()
	db = open(t, store.Options{URL: url})
	if got := db.Clock.Now(); !got.Equal(boundary) {
		t.Errorf("the clock says %s, want %s", got, boundary)
	}
	if got := instantOf(t, db); !got.Equal(boundary) {
		t.Errorf("a transaction is at %s, want %s", got, boundary)
	}
	if err := db.CloseMonth(t.Context(), boundary.Add(-24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := instantOf(t, db); !got.Equal(boundary) {
		t.Errorf("closing an earlier month turned the clock to %s", got)
	}
}

func TestCloseMonth_notOver(t *testing.T) {
	db := open(t, store.Options{URL: database.URL(t)})
	if err := db.CloseMonth(t.Context(), time.Now().Add(time.Hour)); err == nil {
		t.Error("a month was closed before its end")
	}
	if got := db.Clock.Now(); got.After(time.Now()) {
		t.Errorf("the clock says %s", got)
	}
}

// A transaction that began in a month ends before the month is closed; those
// after it are at the boundary or later.
func TestCloseMonth_waitsForWhoBeganBefore(t *testing.T) {
	boundary := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	before := boundary.Add(-time.Microsecond)
	db := open(t, store.Options{URL: database.URL(t), TestClock: &before})
	closed := make(chan error, 1)
	_, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) {
		db.Clock.Set(boundary)
		go func() { closed <- db.CloseMonth(context.WithoutCancel(t.Context()), boundary) }()
		select {
		case err := <-closed:
			t.Errorf("the month was closed (%v) over a transaction at %s", err, tx.Now)
		case <-time.After(100 * time.Millisecond):
		}
		if !tx.Now.Equal(before) {
			t.Errorf("the transaction went from %s to %s", before, tx.Now)
		}
		return 0, tx.Keep(t.Context(), "x", "1")
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if got := instantOf(t, db); got.Before(boundary) {
		t.Errorf("a transaction after it is at %s", got)
	}
}
