package property_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checked is how many steps are taken where SOAK_STEPS does not say.
const checked = 20_000

// runsOfSeed is how many runs a place has with one seed, and seedsApart how far
// the next seed is away, so that no run comes twice.
const (
	runsOfSeed = 4
	seedsApart = 10
)

// taken counts the steps of all runs.
var taken atomic.Int64

// The product answers as the model, and is as the model, after every step.
//
// SOAK_STEPS says how many steps to take, SEED with which seed to begin: what
// was stopped goes on with the seed that was told last, and what failed fails
// again with the seed of its failure.
func TestProduct_followsTheModel(t *testing.T) {
	want := number(t, "SOAK_STEPS", checked)
	seed := uint64(number(t, "SEED", rand.Int64N(1_000_000)*seedsApart+1))
	set(t, "rapid.checks", runsOfSeed)
	set(t, "rapid.steps", 150)
	templates := make([]*template, len(places))
	for i := range places {
		templates[i] = prepare(t, i)
	}
	began, told := time.Now(), time.Now()
	fmt.Printf("the property test begins with SEED=%d\n", seed)
	for ; taken.Load() < want && !t.Failed(); seed += seedsApart {
		set(t, "rapid.seed", int64(seed))
		t.Run("runs", func(t *testing.T) {
			for _, tp := range templates {
				t.Run(tp.zone, func(t *testing.T) {
					t.Parallel()
					tp.play(t, seed)
				})
			}
		})
		if time.Since(told) > 5*time.Second || taken.Load() >= want {
			told = time.Now()
			fmt.Printf("SEED=%d is done: %d of %d steps, %.0f a second\n",
				seed, taken.Load(), want, float64(taken.Load())/time.Since(began).Seconds())
		}
	}
}

// play has rapid draw the runs of a seed.
func (tp *template) play(t *testing.T, seed uint64) {
	rapid.Check(t, func(r *rapid.T) {
		p := tp.begin(t, r, seed)
		defer p.close()
		p.compare()
		r.Repeat(map[string]func(*rapid.T){"step": func(r *rapid.T) { p.step(r); taken.Add(1) }})
		p.verify()
	})
}

// number reads a number from the environment.
func number(t *testing.T, name string, otherwise int64) int64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		t.Fatalf("%s must be a number, not %q", name, s)
	}
	return n
}

// set sets a flag of rapid.
func set(t *testing.T, name string, value int64) {
	t.Helper()
	if err := flag.Set(name, strconv.FormatInt(value, 10)); err != nil {
		t.Fatal(err)
	}
}
