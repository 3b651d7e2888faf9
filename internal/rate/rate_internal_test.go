package rate

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestLimiter_Spend(t *testing.T) {
	l := NewLimiter(600) // 10 a second
	for i, c := range []struct {
		after time.Duration
		cost  int
		want  Standing
		paid  bool
	}{
		{0, 0, Standing{600, 0, 600, start, 0}, true},
		{0, 500, Standing{600, 500, 100, start.Add(50 * time.Second), 0}, true},
		{0, 101, Standing{600, 101, 100, start.Add(50 * time.Second), 100 * time.Millisecond}, false},
		{100 * time.Millisecond, 101, Standing{600, 101, 0, start.Add(time.Minute + 100*time.Millisecond), 0}, true},
		{time.Minute, 1, Standing{600, 1, 598, start.Add(time.Minute + 200*time.Millisecond), 0}, true},
		// What costs more than there can ever be needs a full bucket.
		{time.Minute, 900, Standing{600, 900, 598, start.Add(time.Minute + 200*time.Millisecond), 200 * time.Millisecond}, false},
		{time.Minute + 200*time.Millisecond, 900, Standing{600, 900, 0, start.Add(2*time.Minute + 200*time.Millisecond), 0}, true},
		{time.Hour, 0, Standing{600, 0, 600, start.Add(time.Hour), 0}, true},
	} {
		if got, paid := l.Spend(Person, "ann", c.cost, start.Add(c.after)); got != c.want || paid != c.paid {
			t.Errorf("step %d: got %+v, %v\nwant %+v, %v", i, got, paid, c.want, c.paid)
		}
	}
	for _, other := range []struct {
		kind   Kind
		caller string
	}{{Person, "bob"}, {Address, "ann"}} {
		if s, paid := l.Spend(other.kind, other.caller, 600, start.Add(2*time.Minute)); !paid || s.Remaining != 0 {
			t.Errorf("%v pays for somebody else: %+v", other, s)
		}
	}
}

// Many at the same moment spend what there is and no more.
func TestLimiter_Spend_parallel(t *testing.T) {
	l := NewLimiter(1000)
	var paid atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				if _, ok := l.Spend(Person, "ann", 7, start); ok {
					paid.Add(1)
				}
			}
		})
	}
	all.Wait()
	if got := paid.Load(); got != 142 { // of 1,000 points, at 7 each
		t.Errorf("%d were paid", got)
	}
}

// However callers spend and wait, each bucket is as a small model of it: at
// most so many points, gaining evenly, and nobody feels what others do.
func TestLimiter_followsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.IntRange(1, 500).Draw(t, "points")
		l, now := NewLimiter(points), start
		left := map[string]float64{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			wait := time.Duration(rapid.IntRange(0, 40_000).Draw(t, "wait")) * time.Millisecond
			now = now.Add(wait)
			for who := range left {
				left[who] = min(float64(points), left[who]+float64(points)*wait.Minutes())
			}
			who := rapid.SampledFrom([]string{"ann", "bob", "eve"}).Draw(t, "who")
			if _, known := left[who]; !known {
				left[who] = float64(points)
			}
			cost := rapid.IntRange(0, 2*points).Draw(t, "cost")
			price := float64(min(cost, points))
			if diff := price - left[who]; diff > -1e-6 && diff < 1e-6 && diff != 0 {
				continue // too close to tell by fractions of doubles
			}
			s, paid := l.Spend(Address, who, cost, now)
			if want := price <= left[who]; paid != want {
				t.Fatalf("%s pays %d of %f: %v", who, cost, left[who], paid)
			}
			if paid {
				left[who] -= price
			}
			if d := left[who] - float64(s.Remaining); d < -1e-6 || d > 1+1e-6 {
				t.Fatalf("%s has %f left, told %d", who, left[who], s.Remaining)
			}
			full := time.Duration((float64(points) - left[who]) / float64(points) * float64(window))
			if d := s.FullAt.Sub(now) - full; d < -time.Millisecond || d > time.Millisecond {
				t.Fatalf("%s is full in %v, told %v", who, full, s.FullAt.Sub(now))
			}
			if !paid {
				need := time.Duration((price - left[who]) / float64(points) * float64(window))
				if d := s.RetryAfter - need; d < 0 && d < -time.Millisecond || d > 2*time.Millisecond {
					t.Fatalf("%s is to come in %v, told %v", who, need, s.RetryAfter)
				}
			} else if s.RetryAfter != 0 {
				t.Fatalf("paid, and to come in %v", s.RetryAfter)
			}
		}
	})
}

// Strangers in any number take a bounded place, and do not make the limiter
// forget who has spent much; nor does one kind push out another.
func TestLimiter_bounded(t *testing.T) {
	l := NewLimiter(600)
	for i := range l.tables {
		l.tables[i].bound = 100
	}
	now := start
	spend := func(kind Kind, who string, cost int) bool {
		_, paid := l.Spend(kind, who, cost, now)
		return paid
	}
	for i := range 10 {
		spend(Address, fmt.Sprint("spender ", i), 600)
	}
	spend(Person, "ann", 600)
	for i := range 20_000 {
		spend(Address, fmt.Sprint("stranger ", i), 1)
		now = now.Add(time.Millisecond)
	}
	if n := len(l.tables[Address].young) + len(l.tables[Address].old); n > 200 {
		t.Errorf("%d are remembered", n)
	}
	for i := range 10 {
		if spend(Address, fmt.Sprint("spender ", i), 300) { // 20 s have brought 200
			t.Errorf("spender %d was forgotten", i)
		}
	}
	if spend(Person, "ann", 300) {
		t.Error("ann was forgotten")
	}
	now = now.Add(2 * window)
	spend(Address, "somebody", 1)
	if n := len(l.tables[Address].young) + len(l.tables[Address].old); n != 1 {
		t.Errorf("%d are remembered after two quiet minutes", n)
	}
}

// What was spent is remembered from one minute to the next.
func TestLimiter_turn(t *testing.T) {
	l, now := NewLimiter(600), start
	for range 10 {
		if s, _ := l.Spend(Person, "ann", 450, now); s.Remaining != 150 {
			t.Fatalf("at %v: %+v", now.Sub(start), s)
		}
		now = now.Add(45 * time.Second)
	}
}

// The cost of asking, among ten thousand callers.
func BenchmarkLimiter_Spend(b *testing.B) {
	l := NewLimiter(50_000)
	names := make([]string, 10_000)
	for i := range names {
		names[i] = fmt.Sprint("usr_", i)
	}
	b.ReportAllocs()
	now := start
	for i := 0; b.Loop(); i++ {
		now = now.Add(time.Microsecond)
		l.Spend(Person, names[i%len(names)], 10, now)
	}
}
