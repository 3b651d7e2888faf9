// Package throttle slows down guessing: it counts what was tried, and refuses or
// delays what is tried too often.
//
// A [Count] is a bucket of tries that gains one after each period. All counts
// are in the database, since what they protect is tried at every server and
// outlasts a restart; one row each, of which only a hash tells whom it is
// about, and which is forgotten when it has run out. They go by the real clock,
// never by the test clock of the business (A47).
//
// A try is counted before it is looked at, so that many at the same moment are
// as many tries, and given back where it turns out to be none.
package throttle

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/trycount"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// ErrTooMany answers a try that comes too early; its sentence says in how many
// minutes it may come again.
var ErrTooMany = errs.New(errs.TooManyAttempts, "errorTooMany")

// After returns [ErrTooMany] with the time to wait, rounded up to minutes.
func After(wait time.Duration) *errs.Error {
	return ErrTooMany.With("count", max(int((wait+time.Minute-1)/time.Minute), 1))
}

// Rule is how often something may be tried.
type Rule struct {
	Name  string        // tells counts of different rules apart
	Tries int           // at once, after a long time without any
	Every time.Duration // until one more

	// Slow is the delay of the first try that is one too many; the next wait
	// twice as long each, up to SlowMost. Such a rule refuses nothing. 0 is a
	// rule that refuses.
	Slow, SlowMost time.Duration
}

// doublings is how many tries above those allowed a rule that slows remembers:
// from there on the delay does not grow.
const doublings = 10

// leeway is more than clocks of servers differ, and than anybody waits for a row
// that another try has locked.
const leeway = time.Minute

// Of returns the count of a rule for somebody or something.
func (r Rule) Of(names ...string) Count {
	// The length of each name before it: no two lists make one text.
	var text strings.Builder
	for _, n := range append([]string{r.Name}, names...) {
		fmt.Fprintf(&text, "%d:%s,", len(n), n)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return Count{rule: r, id: hex.EncodeToString(sum[:])}
}

// Count is how often one thing was tried of late.
type Count struct {
	rule Rule
	id   string
}

// Try counts one try in each of the counts, or in none: it fails with
// [ErrTooMany] where one of them allows no more. It returns for how long the
// try is to be delayed, by whoever has committed tx.
//
// It costs two statements, whatever the counts are.
func Try(ctx context.Context, tx *store.Tx, counts ...Count) (delay time.Duration, err error) {
	until, now, err := add(ctx, tx, counts)
	if err != nil {
		return 0, err
	}
	var wait time.Duration
	for _, c := range counts {
		over := until[c.id].Sub(now) - time.Duration(c.rule.Tries)*c.rule.Every
		switch {
		case over <= 0:
		case c.rule.Slow == 0 && over > c.rule.Every+leeway:
			// No tries come to that: it was counted while the clock was ahead.
			if err := c.cap(ctx, tx, now, c.rule.Tries); err != nil {
				return 0, err
			}
		case c.rule.Slow == 0:
			wait = max(wait, over)
		default:
			tries := int((over + c.rule.Every - 1) / c.rule.Every)
			delay = max(delay, min(c.rule.Slow<<min(tries-1, doublings), c.rule.SlowMost))
			if err := c.cap(ctx, tx, now, c.rule.Tries+doublings); err != nil {
				return 0, err
			}
		}
	}
	if wait > 0 {
		return 0, After(wait)
	}
	return delay, nil
}

// add counts one more try in each row, atomically, and reads how they are.
func add(ctx context.Context, tx *store.Tx, counts []Count) (map[string]time.Time, time.Time, error) {
	ctx = viewer.System(ctx)
	counts = inOrder(counts)
	now := time.Now().UTC().Truncate(time.Microsecond)
	ids := make([]string, len(counts))
	rows := make([]*ent.TryCountCreate, len(counts))
	for i, c := range counts {
		ids[i] = c.id
		rows[i] = tx.TryCount.Create().SetID(c.id).SetUntil(now.Add(c.rule.Every).UnixMicro())
	}
	// What has run out begins anew, what has not grows by a period.
	grown := sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("CASE WHEN try_counts.until > ").Arg(now.UnixMicro())
		b.WriteString(" THEN try_counts.until + excluded.until - ").Arg(now.UnixMicro())
		b.WriteString(" ELSE excluded.until END")
	})
	err := tx.TryCount.CreateBulk(rows...).OnConflict(
		sql.ConflictColumns(trycount.FieldID),
		sql.ResolveWith(func(u *sql.UpdateSet) { u.Set(trycount.FieldUntil, grown) }),
	).Exec(ctx)
	if err != nil {
		return nil, now, fmt.Errorf("count a try: %w", err)
	}
	found, err := tx.TryCount.Query().Where(trycount.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, now, fmt.Errorf("count a try: %w", err)
	}
	until := make(map[string]time.Time, len(found))
	for _, f := range found {
		until[f.ID] = time.UnixMicro(f.Until)
	}
	return until, now, nil
}

// inOrder returns the counts in the order in which all take their rows: two who
// try the same at the same moment wait for each other, and not in a circle.
func inOrder(counts []Count) []Count {
	return slices.SortedFunc(slices.Values(counts), func(a, b Count) int { return strings.Compare(a.id, b.id) })
}

// cap makes of a count of more tries one of so many. A count that slows does
// not grow for ever: whoever is guessed at for a day is slowed no longer
// afterwards than who is for an hour.
func (c Count) cap(ctx context.Context, tx *store.Tx, now time.Time, tries int) error {
	most := now.Add(time.Duration(tries) * c.rule.Every).UnixMicro()
	err := tx.TryCount.Update().Where(trycount.ID(c.id), trycount.UntilGT(most)).SetUntil(most).Exec(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("cap a count: %w", err)
	}
	return nil
}

// Return gives one try back in each of the counts: what was tried was right, or
// was never looked at.
func Return(ctx context.Context, tx *store.Tx, counts ...Count) error {
	for _, c := range inOrder(counts) {
		err := tx.TryCount.UpdateOneID(c.id).AddUntil(-c.rule.Every.Microseconds()).Exec(viewer.System(ctx))
		if err != nil && !ent.IsNotFound(err) { // it may have run out, and been forgotten
			return fmt.Errorf("give a try back: %w", err)
		}
	}
	return nil
}

// Remember makes a count run until a time after now, whatever it was: a note
// that [Runs] finds.
func Remember(ctx context.Context, tx *store.Tx, c Count) error {
	err := tx.TryCount.Create().SetID(c.id).SetUntil(time.Now().Add(c.rule.Every).UnixMicro()).
		OnConflict(sql.ConflictColumns(trycount.FieldID), sql.ResolveWithNewValues()).Exec(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("remember: %w", err)
	}
	return nil
}

// Runs reports whether a count has not run out.
func Runs(ctx context.Context, tx *store.Tx, c Count) (bool, error) {
	runs, err := tx.TryCount.Query().Where(trycount.ID(c.id), trycount.UntilGT(time.Now().UnixMicro())).Exist(viewer.System(ctx))
	if err != nil {
		return false, fmt.Errorf("look at a count: %w", err)
	}
	return runs, nil
}

// Sweep forgets the counts that have run out, and says how many.
func Sweep(ctx context.Context, db *store.DB) (int, error) {
	ctx = viewer.System(ctx)
	return store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		return tx.TryCount.Delete().Where(trycount.UntilLTE(time.Now().UnixMicro())).Exec(ctx)
	})
}
