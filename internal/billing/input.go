package billing

import "time"

// ClockAdvance moves the test clock.
type ClockAdvance struct{ To time.Time }
