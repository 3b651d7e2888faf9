package billing

import (
	"context"
	"time"

	"partnerhub/internal/calendar"
	"partnerhub/internal/store"
)

// pulse is how often the calendar looks at the clock at least: a machine may
// sleep, and its clock be set.
const pulse = time.Minute

// RunCalendar does the work of every month boundary as it comes, until the
// context ends. First it catches up on those that passed while no server ran.
// What fails is tried again within a minute.
func RunCalendar(ctx context.Context, db *store.DB) {
	for ctx.Err() == nil {
		moved := db.Clock.Moved()
		done, err := Run(ctx, db, calendar.MonthOf(db.Clock.Now(), db.Zone).Prev())
		if err != nil && ctx.Err() == nil {
			db.Log().ErrorContext(ctx, "the month's turn is not done", "error", err)
		}
		if done != (Outcome{}) {
			db.Log().InfoContext(ctx, "the month has turned", "booked", done.Booked, "ended", done.Ended)
		}
		wait := time.NewTimer(untilNextLook(db))
		select {
		case <-ctx.Done():
		case <-moved:
		case <-wait.C:
		}
		wait.Stop()
	}
}

// untilNextLook is how long the calendar sleeps: a test clock stands, and wakes
// it when it is moved.
func untilNextLook(db *store.DB) time.Duration {
	if db.Clock.IsTest() {
		return pulse
	}
	now := db.Clock.Now()
	return min(pulse, calendar.NextBoundary(now, db.Zone).Sub(now))
}
