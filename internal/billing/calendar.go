package billing

import (
	"context"
	"log/slog"
	"time"

	"partnerhub/internal/calendar"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

// turnOfMonth does what falls due when a month begins, the clock standing at
// its first instant or later. What an earlier month left undone is done too.
func turnOfMonth(ctx context.Context, db *store.DB) (ended int, err error) {
	return lifecycle.EndDue(ctx, db)
}

// pulse is how often the calendar looks at the clock at least: a machine may
// sleep, and its clock be set.
const pulse = time.Minute

// RunCalendar does the work of every month boundary as it comes, until the
// context ends. First it catches up on those that passed while no server ran.
// What fails is tried again within a minute.
func RunCalendar(ctx context.Context, db *store.DB, log *slog.Logger) {
	for ctx.Err() == nil {
		moved := db.Clock.Moved()
		ended, err := turnOfMonth(ctx, db)
		if err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "the month's turn is not done", "error", err)
		}
		if ended > 0 {
			log.InfoContext(ctx, "services ended with the month", "count", ended)
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
