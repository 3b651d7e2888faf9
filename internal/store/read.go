package store

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"entgo.io/ent/dialect"

	"partnerhub/ent"
)

// reading is the read transaction of one operation: begun by its first read,
// so that all figures of an answer are of one moment.
type reading struct {
	mu     sync.Mutex
	tx     *ent.Tx
	client *ent.Client
	at     time.Time // when it began
}

type readingKey struct{}

// Reading returns a context in which all reads share one read transaction,
// and the function that ends it.
func (db *DB) Reading(ctx context.Context) (context.Context, func()) {
	r := &reading{}
	return context.WithValue(ctx, readingKey{}, r), r.end
}

// refresh lets the next read of this context see what was just committed.
func refresh(ctx context.Context) {
	if r, ok := ctx.Value(readingKey{}).(*reading); ok {
		r.end()
	}
}

func (r *reading) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tx != nil {
		_ = r.tx.Rollback()
	}
	r.tx, r.client = nil, nil
}

// Read returns the client to read with: that of the context's read
// transaction, or a plain one where the context has none.
func (db *DB) Read(ctx context.Context) *ent.Client {
	r, ok := ctx.Value(readingKey{}).(*reading)
	if !ok {
		return db.reader
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client != nil {
		return r.client
	}
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if db.dialect == dialect.SQLite {
		options = nil // a deferred transaction of a query-only connection is all that
	}
	tx, err := db.reader.BeginTx(ctx, options)
	if err != nil {
		return ent.NewClient(ent.Driver(failed{dialect: db.dialect, err: err}))
	}
	r.tx, r.client, r.at = tx, tx.Client(), db.Clock.Now()
	return r.client
}

// ReadAt returns the instant that an answer speaks of: when the context's read
// transaction began, so that all of its figures follow one clock.
func (db *DB) ReadAt(ctx context.Context) time.Time { return db.View(ctx).Now }

// View is what there is to be read, and the instant that it is judged by.
type View struct {
	*ent.Client
	Now     time.Time      // UTC, whole microseconds
	Zone    *time.Location // billing time zone
	Dialect string         // dialect.SQLite or dialect.Postgres
}

// View returns what the context's read transaction sees, as of its beginning.
func (db *DB) View(ctx context.Context) View {
	v := View{Client: db.Read(ctx), Now: db.Clock.Now(), Zone: db.Zone, Dialect: db.dialect}
	if r, ok := ctx.Value(readingKey{}).(*reading); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.client != nil {
			v.Now = r.at
		}
	}
	return v
}

// View returns what the transaction sees.
func (tx *Tx) View() View {
	return View{Client: tx.Client(), Now: tx.Now, Zone: tx.Zone, Dialect: tx.dialect}
}

// failed answers every read with the reason why none was possible.
type failed struct {
	dialect string
	err     error
}

func (f failed) Exec(context.Context, string, any, any) error  { return f.err }
func (f failed) Query(context.Context, string, any, any) error { return f.err }
func (f failed) Tx(context.Context) (dialect.Tx, error)        { return nil, f.err }
func (f failed) Close() error                                  { return nil }
func (f failed) Dialect() string                               { return f.dialect }
