package idempotency_test

import (
	"context"
	"testing"
	"time"

	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// A key that is too old is forgotten by whoever comes first: by a call that
// brings it again, by the sweep, or by both at the same moment.
func TestEarlier_whileSwept(t *testing.T) {
	start := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t), TestClock: &start})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx := viewer.With(t.Context(), viewer.Viewer{UserID: "usr_1"})
	word := "k"
	call := func(do func(context.Context, *store.Tx, idempotency.Key) error) error {
		_, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) {
			return 0, do(ctx, tx, idempotency.New("objectCreate", &word, "input"))
		})
		return err
	}
	keep := func(ctx context.Context, tx *store.Tx, k idempotency.Key) error {
		if earlier, err := k.Earlier(ctx, tx); earlier != "" || err != nil {
			t.Errorf("an earlier call made %q, %v", earlier, err)
			return err
		}
		return k.Keep(ctx, tx, "obj_1")
	}
	if err := call(keep); err != nil {
		t.Fatal(err)
	}
	db.Clock.Set(start.Add(2 * idempotency.Window))

	again := make(chan error, 1)
	err = call(func(ctx context.Context, tx *store.Tx, _ idempotency.Key) error {
		if n, err := tx.IdempotencyKey.Delete().Exec(viewer.System(ctx)); n != 1 || err != nil { // as the sweep does
			t.Errorf("%d keys swept, %v", n, err)
		}
		go func() { again <- call(keep) }()
		select { // until it waits for this transaction
		case err := <-again:
			again <- err
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-again; err != nil {
		t.Errorf("the call failed: %v", err)
	}
}
