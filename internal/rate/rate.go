// Package rate gives each caller a budget of points that fills up again: a
// bucket that holds the points of a minute and gains them evenly. What an
// operation costs is taken before it runs, so that many at the same moment
// cannot spend more than there is. What cannot be refused waits: see
// [Limiter.Wait].
//
// A [Limiter] counts for one process and in memory alone. It forgets whoever
// has asked nothing for a minute, as that bucket is full again, and holds a
// bounded number of callers: see [Limiter.Spend].
package rate

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// window is the time in which an empty bucket becomes full.
const window = time.Minute

// maxCallers is how many callers of one kind are remembered of each of the last
// two minutes, at about 250 bytes each: 25 MB in all.
const maxCallers = 25_000

// Kind tells callers of different sorts apart: whatever one sort does, it cannot
// make the limiter forget what one of the other has spent.
type Kind int

// Kinds of callers.
const (
	Person  Kind = iota // by the id of who is signed in
	Address             // by the network address of who is not
	kinds
)

// Standing is a budget after an operation was paid, or refused.
type Standing struct {
	Limit      int           // points that the bucket holds
	Cost       int           // points of the operation
	Remaining  int           // points left, whole ones
	FullAt     time.Time     // when the bucket is full again
	RetryAfter time.Duration // until there is enough for what was refused; 0 when it was paid
}

// Limiter holds the buckets of all callers. Its methods may be called from any
// goroutine.
type Limiter struct {
	points int
	tables [kinds]table
}

// NewLimiter returns a limiter that gives each caller so many points a minute,
// at least 1.
func NewLimiter(points int) *Limiter {
	l := &Limiter{points: points}
	for i := range l.tables {
		l.tables[i].bound = maxCallers
	}
	return l
}

// Spend takes the points from the caller's bucket if there are so many, all at
// once, and reports whether there were. What costs more than a bucket holds
// needs a full one and empties it. What costs nothing is always paid.
//
// Where too many callers are remembered, one is forgotten who has spent little
// compared with some others: whoever has spent much stays known, however many
// strangers appear.
func (l *Limiter) Spend(kind Kind, caller string, cost int, now time.Time) (Standing, bool) {
	b := l.tables[kind].bucket(caller, l.points, now)
	price := min(cost, l.points)
	paid := price <= 0 || b.points.AllowN(now, price)
	left := max(b.points.TokensAt(now), 0)
	s := Standing{
		Limit: l.points, Cost: cost, Remaining: int(left),
		FullAt: now.Add(l.timeFor(float64(l.points) - left)).UTC(),
	}
	if !paid {
		s.RetryAfter = max(l.timeFor(float64(price)-left), time.Millisecond)
	}
	return s, paid
}

// timeFor is how long a bucket takes to gain so many points.
func (l *Limiter) timeFor(points float64) time.Duration {
	return time.Duration(math.Ceil(points / float64(l.points) * float64(window)))
}

// table holds the buckets of one kind: those used in the present minute, and
// those used last in the one before. A bucket that was not used for a minute is
// full, and nothing is lost with it.
type table struct {
	mu    sync.Mutex
	bound int       // of young, and so of old
	began time.Time // of the present minute
	young map[string]*bucket
	old   map[string]*bucket
}

// bucket is what one caller has.
type bucket struct {
	points *rate.Limiter
	begun  sync.Once
	line   *line // of waiting streams; nil for whoever never had one
}

func (t *table) bucket(caller string, points int, now time.Time) *bucket {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	if b := t.young[caller]; b != nil {
		return b
	}
	b := t.old[caller]
	if b == nil {
		b = &bucket{points: rate.NewLimiter(gain(points), points)}
	}
	delete(t.old, caller)
	if len(t.young) >= t.bound {
		t.evict(now)
	}
	t.young[caller] = b
	return b
}

// turn begins another minute when the present one is over.
func (t *table) turn(now time.Time) {
	switch past := now.Sub(t.began); {
	case t.young != nil && past < window:
		return
	case past < 2*window:
		t.old = t.young
	default:
		t.old = nil
	}
	t.young, t.began = map[string]*bucket{}, now
}

// gain is what a bucket that holds so many points gains, evenly.
func gain(points int) rate.Limit { return rate.Limit(float64(points) / window.Seconds()) }

// contenders is how many callers are compared when one has to go.
const contenders = 8

// evict forgets one of a few callers taken at random: the one with most left.
func (t *table) evict(now time.Time) {
	var goes string
	most, seen := -1.0, 0
	for caller, b := range t.young { // in random order
		if left := b.points.TokensAt(now); left > most {
			goes, most = caller, left
		}
		if seen++; seen == contenders {
			break
		}
	}
	delete(t.young, goes)
}

type standingKey struct{}

// With returns a context that knows how the caller stands.
func With(ctx context.Context, s Standing) context.Context {
	return context.WithValue(ctx, standingKey{}, s)
}

// From returns how the caller of the context stands; ok is false where nothing
// is counted.
func From(ctx context.Context) (s Standing, ok bool) {
	s, ok = ctx.Value(standingKey{}).(Standing)
	return s, ok
}
