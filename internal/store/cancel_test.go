package store_test

import (
	"context"
	"sync"
	"testing"

	"partnerhub/internal/store"
	"partnerhub/tests/database"
)

// Whoever goes away before the end of a reading takes no connection away from
// those who stay: pgx closes it, and the pool gave it to the next.
func TestRead_othersGoAway(t *testing.T) {
	db := open(t, store.Options{URL: database.URL(t)})
	read := func(ctx context.Context, leave func()) error {
		ctx, end := db.Reading(ctx)
		defer end()
		defer leave()
		rows, err := db.Read(ctx).QueryContext(ctx, "SELECT 1")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			continue
		}
		return rows.Err()
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for range 20 {
				ctx, goAway := context.WithCancel(t.Context())
				if err := read(ctx, goAway); err != nil {
					t.Error(err)
				}
			}
		})
		all.Go(func() {
			for range 20 {
				if err := read(t.Context(), func() {}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}
