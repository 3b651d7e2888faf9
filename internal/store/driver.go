package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

// driver stands between ent and the database. It binds every instant as UTC in
// whole microseconds: SQLite keeps instants as text in the offset they come in
// and compares that text, and PostgreSQL keeps no more than microseconds.
type driver struct {
	dialect.Driver
	heard func(ctx context.Context, query string)
}

// Exec is ent's way to write.
func (d driver) Exec(ctx context.Context, query string, args, v any) error {
	return d.Driver.Exec(ctx, query, d.prepare(ctx, query, args), v)
}

// Query is ent's way to read.
func (d driver) Query(ctx context.Context, query string, args, v any) error {
	return d.Driver.Query(ctx, query, d.prepare(ctx, query, args), v)
}

// Tx begins a transaction.
func (d driver) Tx(ctx context.Context) (dialect.Tx, error) { return d.BeginTx(ctx, nil) }

// BeginTx begins a transaction with options.
func (d driver) BeginTx(ctx context.Context, o *sql.TxOptions) (dialect.Tx, error) {
	b, ok := d.Driver.(interface {
		BeginTx(context.Context, *sql.TxOptions) (dialect.Tx, error)
	})
	if !ok {
		return nil, fmt.Errorf("store: %T begins no transactions", d.Driver)
	}
	tx, err := b.BeginTx(ctx, o)
	if err != nil {
		return nil, err
	}
	return txDriver{Tx: tx, driver: d}, nil
}

// ExecContext runs a statement of our own.
func (d driver) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return execContext(ctx, d.Driver, query, d.prepared(ctx, query, args))
}

// QueryContext runs a query of our own.
func (d driver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return queryContext(ctx, d.Driver, query, d.prepared(ctx, query, args))
}

func (d driver) prepare(ctx context.Context, query string, args any) any {
	if list, ok := args.([]any); ok {
		return d.prepared(ctx, query, list)
	}
	return args
}

func (d driver) prepared(ctx context.Context, query string, args []any) []any {
	if d.heard != nil {
		d.heard(ctx, query)
	}
	for i, a := range args {
		switch t := a.(type) {
		case time.Time:
			args[i] = t.UTC().Truncate(time.Microsecond)
		case *time.Time:
			if t != nil {
				args[i] = t.UTC().Truncate(time.Microsecond)
			}
		}
	}
	return args
}

// txDriver is driver inside a transaction.
type txDriver struct {
	dialect.Tx
	driver driver
}

// Exec is ent's way to write.
func (d txDriver) Exec(ctx context.Context, query string, args, v any) error {
	return d.Tx.Exec(ctx, query, d.driver.prepare(ctx, query, args), v)
}

// Query is ent's way to read.
func (d txDriver) Query(ctx context.Context, query string, args, v any) error {
	return d.Tx.Query(ctx, query, d.driver.prepare(ctx, query, args), v)
}

// ExecContext runs a statement of our own.
func (d txDriver) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	return execContext(ctx, d.Tx, query, d.driver.prepared(ctx, query, args))
}

// QueryContext runs a query of our own.
func (d txDriver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return queryContext(ctx, d.Tx, query, d.driver.prepared(ctx, query, args))
}

func execContext(ctx context.Context, d any, query string, args []any) (sql.Result, error) {
	e, ok := d.(entsql.ExecQuerier)
	if !ok {
		return nil, fmt.Errorf("store: %T takes no plain statements", d)
	}
	return e.ExecContext(ctx, query, args...)
}

func queryContext(ctx context.Context, d any, query string, args []any) (*sql.Rows, error) {
	e, ok := d.(entsql.ExecQuerier)
	if !ok {
		return nil, fmt.Errorf("store: %T takes no plain queries", d)
	}
	return e.QueryContext(ctx, query, args...)
}
