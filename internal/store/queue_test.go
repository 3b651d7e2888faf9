package store_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// Whoever goes away while all connections are taken waits for none.
func TestRead_goesAwayInTheQueue(t *testing.T) {
	db := open(t, store.Options{URL: database.URL(t)})
	last, end := db.Reading(t.Context())
	defer end() // after the others
	connections := 4 * runtime.GOMAXPROCS(0)
	if database.IsPostgres() {
		connections *= 2
	}
	for range connections {
		ctx, end := db.Reading(t.Context())
		defer end()
		if _, err := db.Read(ctx).Hub.Query().Exist(viewer.System(ctx)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, goAway := context.WithTimeout(last, 100*time.Millisecond)
	defer goAway()
	answered := make(chan error, 1)
	go func() {
		_, err := db.Read(ctx).Hub.Query().Exist(viewer.System(ctx))
		answered <- err
	}()
	select {
	case err := <-answered:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("it is answered %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it waits on")
	}
}
