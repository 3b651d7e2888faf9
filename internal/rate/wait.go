package rate

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// line is where the streams of one caller wait, each behind those that came
// before it.
type line struct {
	turn  chan struct{} // one element while somebody is at the head
	share *rate.Limiter // half of the bucket, and half of what it gains
}

// lineFor returns the caller's line.
func (b *bucket) lineFor(points int) *line {
	b.begun.Do(func() {
		half := max(points/2, 1)
		b.line = &line{turn: make(chan struct{}, 1), share: rate.NewLimiter(gain(half), half)}
	})
	return b.line
}

// Wait takes the points from the caller's bucket as soon as there are so many,
// and returns then. It fails with the error of ctx when that ends first; nothing
// was taken then. It is for what can be slowed but not refused: the steps of
// streams.
//
// Those who wait for the same caller are served in the order they came in.
// Together they get half of the bucket and half of what it gains, so that what
// the caller asks with [Limiter.Spend] has the other half, however many wait;
// and the one at the head has what comes in before anything is spent, so that
// nobody who asks without end holds the streams up. What costs more than half a
// bucket needs, and empties, the whole half.
func (l *Limiter) Wait(ctx context.Context, kind Kind, caller string, cost int) error {
	b, err := l.lineUp(ctx, kind, caller)
	if err != nil {
		return err
	}
	defer func() { <-b.line.turn }()
	price := min(max(cost, 0), b.line.share.Burst())
	if err := take(ctx, b.line.share, price); err != nil {
		return err
	}
	return take(ctx, b.points, price)
}

// lineUp waits until the caller's streams before this one have been served, and
// returns the bucket whose turn it has.
func (l *Limiter) lineUp(ctx context.Context, kind Kind, caller string) (*bucket, error) {
	table := &l.tables[kind]
	for {
		b := table.bucket(caller, l.points, time.Now())
		turn := b.lineFor(l.points).turn
		select {
		case turn <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if table.bucket(caller, l.points, time.Now()) == b {
			return b, nil
		}
		<-turn // the bucket was forgotten meanwhile, and there is a new one
	}
}

// take takes the points in advance and waits until they have come in, or gives
// them back when ctx ends first.
func take(ctx context.Context, from *rate.Limiter, points int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	r := from.ReserveN(now, points)
	d := r.DelayFrom(now)
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		r.CancelAt(time.Now())
		return ctx.Err()
	}
}
