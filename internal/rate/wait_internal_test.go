package rate

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// waits takes points for ann by so many streams at once, and returns when each
// of them was served, by the clock of the bubble.
func waits(t *testing.T, l *Limiter, streams, cost int) []time.Duration {
	begun, served := time.Now(), make(chan time.Duration)
	for range streams {
		go func() {
			if err := l.Wait(t.Context(), Person, "ann", cost); err != nil {
				t.Error(err)
			}
			served <- time.Since(begun)
		}()
	}
	at := make([]time.Duration, streams)
	for i := range at {
		at[i] = <-served
	}
	return at
}

// near allows for what is rounded.
func near(got, want time.Duration) bool { return (got - want).Abs() < time.Millisecond }

// Streams get half of the bucket at once, and then half of what it gains; the
// rest is there for what the person asks.
func TestLimiter_Wait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(600) // 10 a second, of which streams get 5
		at := waits(t, l, 40, 10)
		for i, at := range at {
			want := max(time.Duration(i-29)*2*time.Second, 0) // 30 of them from the half that was there
			if !near(at, want) {
				t.Errorf("the %d. was served after %v, want %v", i+1, at, want)
			}
		}
		// 20 s have brought 200, and 400 were spent.
		if s, paid := l.Spend(Person, "ann", 399, time.Now()); !paid || s.Remaining > 1 {
			t.Errorf("for the queries is left: %+v", s)
		}
	})
}

// However many streams wait, what the person asks is paid some time, also what
// needs all that a bucket holds; and however much the person asks, each stream
// has its turn.
func TestLimiter_Wait_beside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(600)
		ctx, cancel := context.WithCancel(t.Context())
		var steps atomic.Int64
		for range 20 {
			go func() {
				for l.Wait(ctx, Person, "ann", 10) == nil {
					steps.Add(1)
				}
			}()
		}
		time.Sleep(10 * time.Minute)
		large := 0
		for range 20 { // as whoever heeds what is answered
			s, paid := l.Spend(Person, "ann", 600, time.Now())
			if paid {
				large++
			}
			time.Sleep(max(s.RetryAfter, time.Second))
		}
		if large == 0 {
			t.Error("the streams take what the person needs")
		}
		before, small, begun := steps.Load(), 0, time.Now()
		for time.Since(begun) < 10*time.Minute { // and as whoever does not
			if _, paid := l.Spend(Person, "ann", 1, time.Now()); paid {
				small++
			}
			time.Sleep(20 * time.Millisecond)
		}
		if got := steps.Load() - before; got < 280 || got > 310 {
			t.Errorf("the streams had %d steps in ten minutes, for which they have 3,000 points", got)
		}
		if small < 2800 || small > 3700 {
			t.Errorf("%d points were left for the person, of 6,000", small)
		}
		cancel()
	})
}

// Who gives up waiting pays nothing and is gone at once, at the head of the line
// or behind; those behind go on.
func TestLimiter_Wait_givenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(600)
		waits(t, l, 1, 300)
		l.Spend(Person, "ann", 300, time.Now())
		head, leave := context.WithCancel(t.Context())
		left := make(chan error)
		begun := time.Now()
		go func() { left <- l.Wait(head, Person, "ann", 300) }()
		synctest.Wait()
		go func() { left <- l.Wait(head, Person, "ann", 300) }()
		synctest.Wait()
		served := make(chan time.Duration)
		go func() {
			_ = l.Wait(t.Context(), Person, "ann", 10)
			served <- time.Since(begun)
		}()
		time.Sleep(time.Second)
		leave()
		for range 2 {
			if err := <-left; !errors.Is(err, context.Canceled) || time.Since(begun) != time.Second {
				t.Errorf("%v after %v", err, time.Since(begun))
			}
		}
		if at := <-served; !near(at, 2*time.Second) {
			t.Errorf("who came after was served after %v", at)
		}
		if s, _ := l.Spend(Person, "ann", 0, time.Now()); s.Remaining < 9 || s.Remaining > 10 {
			t.Errorf("of 20 that came in and 10 that were spent are left: %+v", s)
		}
		if err := l.Wait(head, Person, "ann", 1); !errors.Is(err, context.Canceled) {
			t.Error("waits for somebody who is gone: ", err)
		}
	})
}

// Nobody is slowed by what the streams of others do.
func TestLimiter_Wait_others(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(600)
		ctx, cancel := context.WithCancel(t.Context())
		for range 100 {
			go func() {
				for l.Wait(ctx, Person, "ann", 10) == nil {
				}
			}()
		}
		synctest.Wait()
		begun := time.Now()
		for range 30 {
			if err := l.Wait(ctx, Person, "bob", 10); err != nil {
				t.Error(err)
			}
		}
		if d := time.Since(begun); d != 0 {
			t.Errorf("bob waits %v", d)
		}
		cancel()
	})
}

// Whatever a step costs, and however little the bucket holds, it is served.
func TestLimiter_Wait_extremes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, points := range []int{1, 2, 3, 600, 1 << 31} {
			l, begun := NewLimiter(points), time.Now()
			for _, cost := range []int{0, 1, points, 2 * points, -1} {
				if err := l.Wait(t.Context(), Person, "ann", cost); err != nil {
					t.Errorf("%d of %d: %v", cost, points, err)
				}
			}
			if d := time.Since(begun); d > 3*window {
				t.Errorf("with %d points it takes %v", points, d)
			}
		}
	})
}

// Streams that wait longer than callers are remembered wait in one line.
func TestLimiter_Wait_remembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter(600)
		at := waits(t, l, 8, 300) // half a bucket each, a minute apart
		for i, at := range at {
			if want := time.Duration(i) * window; !near(at, want) {
				t.Errorf("the %d. was served after %v, want %v", i+1, at, want)
			}
		}
	})
}
