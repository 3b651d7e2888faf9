package store

import (
	"sync"
	"time"
)

// Clock is the time of the business: the real one, or a test clock that stands
// until it is advanced (A47). It never goes back behind the end of a month that
// was closed: where the machine's clock was set back, it stands there until
// that has caught up. Sessions, codes and throttles do not follow it.
type Clock struct {
	mu       sync.Mutex
	standing time.Time // zero: the real clock
	floor    time.Time // end of the last closed month; zero: none
	moved    chan struct{}
}

// Now returns the present instant, UTC in whole microseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.shows(); now.After(c.floor) {
		return now
	}
	return c.floor
}

// shows is what the clock shows, whatever months are closed.
func (c *Clock) shows() time.Time {
	if c.standing.IsZero() {
		return time.Now().UTC().Truncate(time.Microsecond)
	}
	return c.standing
}

// raise sets the end of the last closed month; it never goes back.
func (c *Clock) raise(floor time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if floor.After(c.floor) {
		c.floor = floor
	}
}

// IsTest reports whether this is a test clock.
func (c *Clock) IsTest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.standing.IsZero()
}

// Set moves a test clock; it never goes back. The caller has committed the
// instant before with [Tx.KeepClock].
func (c *Clock) Set(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.standing.IsZero() && to.After(c.standing) {
		c.standing = to.UTC().Truncate(time.Microsecond)
		if c.moved != nil {
			close(c.moved)
			c.moved = nil
		}
	}
}

// Moved returns a channel that is closed when a test clock is next moved.
func (c *Clock) Moved() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	return c.moved
}
