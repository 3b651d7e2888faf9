package throttle

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"partnerhub/internal/store"
	"partnerhub/tests/database"
)

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t), PublicURL: "http://hub.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func try(ctx context.Context, db *store.DB, counts ...Count) (time.Duration, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (time.Duration, error) { return Try(ctx, tx, counts...) })
}

// However tries and returns follow each other, a count is as a small model of
// it; periods are too long to pass within the test.
func TestTry_followsTheModel(t *testing.T) {
	db := open(t)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		ctx := context.Background()
		hard := Rule{Name: "hard", Tries: rapid.IntRange(1, 5).Draw(t, "tries"), Every: time.Hour}
		soft := Rule{Name: "soft", Tries: 2, Every: time.Hour, Slow: time.Second, SlowMost: 5 * time.Second}
		names := []string{"ann", "bob"}
		spent, all := map[string]int{}, 0
		count := func(who string) []Count { return []Count{hard.Of(who, strconv.Itoa(n)), soft.Of(strconv.Itoa(n))} }
		for range rapid.IntRange(1, 15).Draw(t, "steps") {
			who := rapid.SampledFrom(names).Draw(t, "who")
			if spent[who] > 0 && rapid.Bool().Draw(t, "returns") {
				_, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) { return 0, Return(ctx, tx, count(who)...) })
				if err != nil {
					t.Fatal(err)
				}
				spent[who]--
				all--
				continue
			}
			delay, err := try(ctx, db, count(who)...)
			if spent[who] == hard.Tries {
				if !errors.Is(err, ErrTooMany) {
					t.Fatalf("%s tries once too often: %v", who, err)
				}
				continue // and nothing was counted
			}
			if err != nil {
				t.Fatal(err)
			}
			spent[who]++
			all++
			want := time.Duration(0)
			if over := all - soft.Tries; over > 0 {
				want = min(time.Second<<(over-1), 5*time.Second)
			}
			if delay != want {
				t.Fatalf("try %d is delayed by %v, want %v", all, delay, want)
			}
		}
	})
}

// Of many at the same moment, in different order, as many are let as there may
// be, and nobody waits in a circle.
func TestTry_AtTheSameMoment(t *testing.T) {
	db := open(t)
	r := Rule{Name: "x", Tries: 10, Every: time.Hour}
	a, b := r.Of("a"), r.Of("b")
	var let atomic.Int64
	var all sync.WaitGroup
	for i := range 24 {
		all.Go(func() {
			counts := []Count{a, b}
			if i%2 == 0 {
				counts = []Count{b, a}
			}
			switch _, err := try(t.Context(), db, counts...); {
			case err == nil:
				let.Add(1)
			case !errors.Is(err, ErrTooMany):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := let.Load(); n != 10 {
		t.Errorf("%d were let", n)
	}
}

// A count gains a try after each period, and is forgotten when it has run out.
func TestTry_passes(t *testing.T) {
	db := open(t)
	r := Rule{Name: "quick", Tries: 2, Every: 300 * time.Millisecond}
	begun := time.Now()
	let := 0
	for time.Since(begun) < time.Second {
		if _, err := try(t.Context(), db, r.Of("ann")); err == nil {
			let++
		}
	}
	if took := time.Since(begun); let < 4 || let > 2+int(took/r.Every) {
		t.Errorf("%d in %v", let, took)
	}
	time.Sleep(3 * r.Every)
	if n, err := Sweep(t.Context(), db); err != nil || n != 1 {
		t.Errorf("%d were forgotten, %v", n, err)
	}
}

func TestAfter(t *testing.T) {
	for wait, minutes := range map[time.Duration]int{
		time.Millisecond: 1, time.Minute: 1, time.Minute + 1: 2, 6 * time.Minute: 6,
	} {
		if e := After(wait); !errors.Is(e, ErrTooMany) || e.Args["count"] != minutes {
			t.Errorf("after %v: %v %v", wait, e, e.Args)
		}
	}
}

// Whoever tries rightly many times at once is served one after the other; more
// than a line holds are refused, and nothing is left behind.
func TestTurns(t *testing.T) {
	var turns Turns
	c := Rule{Name: "x"}.Of("ann")
	var mu sync.Mutex
	running, served := 0, 0
	var all sync.WaitGroup
	for range maxLine / 2 {
		all.Go(func() {
			done, err := turns.Wait(t.Context(), c)
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			mu.Lock()
			running++
			served++
			if running != 1 {
				t.Error("two at once")
			}
			running--
			mu.Unlock()
		})
	}
	all.Wait()
	done, err := turns.Wait(t.Context(), c)
	if err != nil || served != maxLine/2 {
		t.Fatal(err, served)
	}
	ctx, cancel := context.WithCancel(t.Context())
	for range maxLine - 1 {
		all.Go(func() {
			if _, err := turns.Wait(ctx, c); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	full := func() bool {
		turns.mu.Lock()
		defer turns.mu.Unlock()
		return turns.lines[c.id].here == maxLine
	}
	for end := time.Now().Add(10 * time.Second); !full() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	if _, err := turns.Wait(t.Context(), c); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: %v", err)
	}
	if other, err := turns.Wait(t.Context(), Rule{Name: "x"}.Of("bob")); err != nil {
		t.Error(err)
	} else {
		other()
	}
	cancel()
	all.Wait()
	done()
	if len(turns.lines) != 0 {
		t.Errorf("%d lines are left", len(turns.lines))
	}
}
