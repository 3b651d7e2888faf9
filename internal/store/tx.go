package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"partnerhub/ent"
)

// Tx is the one transaction of a command.
type Tx struct {
	*ent.Tx
	Now       time.Time      // the instant of everything the command does: UTC, whole microseconds
	Zone      *time.Location // billing time zone
	PublicURL string         // base of the links in mails

	dialect string
	topics  []string
}

// Dialect returns which SQL the database speaks, as [DB.Dialect].
func (tx *Tx) Dialect() string { return tx.dialect }

// Signal names topics whose watchers are woken once the transaction is
// committed. Nothing leaves the process before.
func (tx *Tx) Signal(topics ...string) { tx.topics = append(tx.topics, topics...) }

// tries is how often a transaction that met another one is run again.
const tries = 10

// Do runs a command in one transaction and returns its result once that is
// committed. What fn returns as an error rolls everything back. On PostgreSQL
// fn may run several times: it must have no effect but through tx.
func Do[T any](ctx context.Context, db *DB, fn func(*Tx) (T, error)) (T, error) {
	return do(ctx, db, besideOthers, fn)
}

// do is [Do] with what holds months open, or closes one, for the transaction.
func do[T any](ctx context.Context, db *DB, hold hold, fn func(*Tx) (T, error)) (T, error) {
	defer refresh(ctx)
	for try := 1; ; try++ {
		v, topics, err := once(ctx, db, hold, fn)
		if err == nil {
			db.signal(topics)
			if u, ok := any(v).(interface{ Unwrap() T }); ok {
				v = u.Unwrap() // an entity that lives on without its transaction
			}
			return v, nil
		}
		if try == tries || !retryable(err) {
			var zero T
			return zero, err
		}
		pause := time.Duration(rand.Int64N(int64(5*time.Millisecond) << try))
		select {
		case <-ctx.Done():
			var zero T
			return zero, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// signal wakes the watchers of the topics, here and on the other servers.
func (db *DB) signal(topics []string) {
	if len(topics) == 0 {
		return
	}
	if db.onCommit != nil {
		db.onCommit(topics)
	}
	if db.wire != nil {
		db.wire.send(topics)
	}
}

func once[T any](ctx context.Context, db *DB, hold hold, fn func(*Tx) (T, error)) (v T, topics []string, err error) {
	etx, err := db.writer.Tx(ctx)
	if err != nil {
		return v, nil, fmt.Errorf("begin: %w", err)
	}
	committed := false
	defer func() {
		if !committed {
			_ = etx.Rollback() // also when fn panics
		}
	}()
	tx := &Tx{Tx: etx, Zone: db.Zone, PublicURL: db.PublicURL, dialect: db.dialect}
	if err = db.settleNow(ctx, tx, hold); err != nil {
		return v, nil, err
	}
	if v, err = fn(tx); err != nil {
		return v, nil, err
	}
	if err = etx.Commit(); err != nil {
		return v, nil, fmt.Errorf("commit: %w", err)
	}
	committed = true
	return v, tx.topics, nil
}

// again marks an error after which the command may find things otherwise.
type again struct{ error }

// Again makes [Do] run the command once more, in a new transaction: what
// stood in its way was committed since it looked.
func Again(err error) error { return again{err} }

// Unwrap gives the error that was met.
func (a again) Unwrap() error { return a.error }

// retryable reports whether a transaction failed only because it met another.
func retryable(err error) bool {
	if _, ok := errors.AsType[again](err); ok {
		return true
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	lite, ok := errors.AsType[sqlite3.Error](err)
	return ok && (lite.Code == sqlite3.ErrBusy || lite.Code == sqlite3.ErrLocked)
}

// Lock makes a query lock the rows it reads until the transaction ends. Locks
// are taken in the order company, connection, reseller's account, hub. SQLite
// has one writer, which needs none.
func Lock[Q interface {
	ForUpdate(...entsql.LockOption) Q
}](tx *Tx, q Q) Q {
	if tx.dialect == dialect.Postgres {
		return q.ForUpdate()
	}
	return q
}

// LockFree is [Lock] of those rows that no other transaction has locked: work
// that several servers share.
func LockFree[Q interface {
	ForUpdate(...entsql.LockOption) Q
}](tx *Tx, q Q) Q {
	if tx.dialect == dialect.Postgres {
		return q.ForUpdate(entsql.WithLockAction(entsql.SkipLocked))
	}
	return q
}

// Hold makes transactions that name the same thing wait for one another, from
// here to their ends: for a thing that has no row yet to be locked, such as an
// address. It is taken after the locks of companies. SQLite has one writer,
// which needs none.
func Hold(ctx context.Context, tx *Tx, name string) error {
	if tx.dialect != dialect.Postgres {
		return nil
	}
	if _, err := tx.Client().ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name); err != nil {
		return fmt.Errorf("hold %s: %w", name, err)
	}
	return nil
}

// IsUnique reports whether an error is a unique constraint's: the value is
// taken, perhaps since the moment the command looked.
func IsUnique(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	lite, ok := errors.AsType[sqlite3.Error](err)
	return ok && (lite.ExtendedCode == sqlite3.ErrConstraintUnique || lite.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}
