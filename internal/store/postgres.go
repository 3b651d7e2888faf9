package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"runtime"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// openPostgres opens one pool for everything.
func (db *DB) openPostgres(o Options) error {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(8 * runtime.GOMAXPROCS(0))
	pool.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	db.dialect, db.pools = dialect.Postgres, []*sql.DB{pool}
	db.writer = client(dialect.Postgres, pool, o)
	db.reader = db.writer
	db.wire = newWire(o.URL, db.log)
	return nil
}

// connector makes connections that tell the pool when they are closed.
type connector struct{ sqldriver.Connector }

// Connect opens a connection.
func (c connector) Connect(ctx context.Context) (sqldriver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	pgx, ok := opened.(*stdlib.Conn)
	if !ok {
		return nil, fmt.Errorf("store: %T is no connection of pgx", opened)
	}
	return conn{pgx}, nil
}

// conn is a connection of pgx, which closes itself when a statement is
// cancelled. The pool would give it to the next who waits, and fail that one.
type conn struct{ *stdlib.Conn }

// IsValid implements [sqldriver.Validator].
func (c conn) IsValid() bool { return !c.Conn.Conn().IsClosed() }
