package throttle

import (
	"errors"
	"testing"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Whoever tried while the clock was ahead is not kept waiting until it shows
// that time again: what no number of tries comes to lets one more pass, and is
// an ordinary count after it.
func TestTry_clockSetBack(t *testing.T) {
	db := open(t)
	hard := Rule{Name: "hard", Tries: 3, Every: time.Hour}
	soft := Rule{Name: "soft", Tries: 3, Every: time.Hour, Slow: time.Second, SlowMost: 4 * time.Second}
	ahead := func(c Count) {
		_, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) {
			return 0, Remember(t.Context(), tx, Count{rule: Rule{Every: 48 * time.Hour}, id: c.id})
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	right := hard.Of("signs in rightly")
	ahead(right)
	for range 5 {
		if _, err := try(t.Context(), db, right); err != nil {
			t.Fatalf("refused: %v", err)
		}
		if _, err := store.Do(t.Context(), db, func(tx *store.Tx) (int, error) { return 0, Return(t.Context(), tx, right) }); err != nil {
			t.Fatal(err)
		}
	}

	wrong := hard.Of("guesses")
	ahead(wrong)
	if _, err := try(t.Context(), db, wrong); err != nil {
		t.Fatalf("refused at once: %v", err)
	}
	if _, err := try(t.Context(), db, wrong); !errors.Is(err, ErrTooMany) {
		t.Errorf("nothing is counted any more: %v", err)
	}

	slowed := soft.Of("everywhere")
	ahead(slowed)
	for range 2 {
		if delay, err := try(t.Context(), db, slowed); err != nil || delay != soft.SlowMost {
			t.Errorf("delayed by %v, %v", delay, err)
		}
	}
	until, now := db.Read(t.Context()).TryCount.GetX(viewer.System(t.Context()), slowed.id).Until, time.Now()
	if most := now.Add(time.Duration(soft.Tries+doublings+1) * soft.Every); time.UnixMicro(until).After(most) {
		t.Errorf("it is slowed until %v, longer than by tries alone", time.UnixMicro(until))
	}
}
