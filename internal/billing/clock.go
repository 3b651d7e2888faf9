package billing

import (
	"context"
	"sync"
	"time"

	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/store"
)

// advancing lets one advance happen after the other: their steps would mix.
var advancing sync.Mutex

// AdvanceClock moves the test clock forward. It stops at the beginning of each
// month on the way and does the work that falls due there, as if the time had
// passed by itself (A47).
//
// It fails with [authz.ErrForbidden] unless the platform operator asks, and
// with [ErrNoTestClock] or [ErrClockBackwards]. When it fails on the way, the
// clock stands where the work was not done.
func AdvanceClock(ctx context.Context, db *store.DB, in ClockAdvance) error {
	if err := authz.RequireOperator(ctx); err != nil {
		return err
	}
	if !db.Clock.IsTest() {
		return ErrNoTestClock.On("to")
	}
	advancing.Lock()
	defer advancing.Unlock()
	now := db.Clock.Now()
	if !in.To.After(now) {
		return ErrClockBackwards.On("to")
	}
	for boundary := calendar.NextBoundary(now, db.Zone); !boundary.After(in.To); boundary = calendar.NextBoundary(boundary, db.Zone) {
		if err := setClock(ctx, db, boundary); err != nil {
			return err
		}
		if _, err := Run(ctx, db, calendar.MonthOf(boundary, db.Zone).Prev()); err != nil {
			return err
		}
	}
	return setClock(ctx, db, in.To)
}

// setClock moves the clock of this server once the database keeps it.
func setClock(ctx context.Context, db *store.DB, to time.Time) error {
	_, err := store.Do(ctx, db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, tx.KeepClock(ctx, to) })
	if err != nil {
		return err
	}
	db.Clock.Set(to)
	return nil
}
