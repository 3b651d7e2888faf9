package billing

import (
	"time"

	"partnerhub/internal/calendar"
)

// ClockAdvance moves the test clock.
type ClockAdvance struct{ To time.Time }

// MonthRun asks for the monthly run.
type MonthRun struct {
	Month    calendar.Month // the last to close; it is over
	IsDryRun bool
}
