package store

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
)

// A transaction happens at the instant that it reads at its beginning, and may
// commit some time later. So a month can be charged once no transaction is
// left that read an instant of it: each holds the running month open until it
// ends, and whoever closes a month waits for them. On PostgreSQL that is a
// lock that all share; on SQLite there is but one writer at a time.

// hold is how a transaction takes that lock.
type hold string

const (
	besideOthers hold = "SELECT pg_advisory_xact_lock_shared(hashtext('partnerhub.month'))"
	alone        hold = "SELECT pg_advisory_xact_lock(hashtext('partnerhub.month'))"
)

// settleNow sets the instant of a transaction. The lock comes first, in a
// statement of its own: one that waited for a month to be closed would still
// read what was before.
func (db *DB) settleNow(ctx context.Context, tx *Tx, h hold) error {
	if db.dialect == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, string(h)); err != nil {
			return fmt.Errorf("hold the month: %w", err)
		}
		if err := db.readClosed(ctx, tx); err != nil {
			return err
		}
	}
	tx.Now = db.Clock.Now()
	return nil
}

// readClosed lifts the clock to what any server has closed.
func (db *DB) readClosed(ctx context.Context, tx *Tx) error {
	until, err := tx.closedUntil(ctx)
	if err == nil {
		db.Clock.raise(until)
	}
	return err
}

// closedUntil returns the boundary of the last month that is closed, zero
// before the first.
func (tx *Tx) closedUntil(ctx context.Context) (time.Time, error) {
	kept, err := tx.Setting(ctx, settingClosedUntil)
	if err != nil || kept == "" {
		return time.Time{}, err
	}
	until, err := time.Parse(time.RFC3339Nano, kept)
	if err != nil {
		return time.Time{}, fmt.Errorf("read what is closed: %w", err)
	}
	return until.UTC(), nil
}

// CloseMonth makes the boundary, the first instant after a month, the earliest
// instant of every transaction that has not ended when it returns, on all
// servers and for good: from then on the history of the month stands, whatever
// clocks are set to. The boundary has passed; one that was closed already
// changes nothing.
func (db *DB) CloseMonth(ctx context.Context, boundary time.Time) error {
	boundary = boundary.UTC().Truncate(time.Microsecond)
	_, err := do(ctx, db, alone, func(tx *Tx) (struct{}, error) {
		if boundary.After(tx.Now) {
			return struct{}{}, fmt.Errorf("close the month before %s: it is not over", boundary.Format(time.RFC3339Nano))
		}
		until, err := tx.closedUntil(ctx)
		if err != nil || !until.Before(boundary) {
			return struct{}{}, err
		}
		if err := tx.Keep(ctx, settingClosedUntil, boundary.Format(time.RFC3339Nano)); err != nil {
			return struct{}{}, err
		}
		db.Clock.raise(boundary) // before the commit: the next writer may begin with it
		return struct{}{}, nil
	})
	return err
}
