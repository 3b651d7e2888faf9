package store

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// lossy is the part of a database URL that takes a PostgreSQL which may lose
// what it has acknowledged, as one for tests does.
const lossy = "durable=no"

// openPostgres opens one pool for everything.
func (db *DB) openPostgres(o Options) error {
	address, isLossy := withoutLossy(o.URL)
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	pool := sql.OpenDB(connector{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(8 * runtime.GOMAXPROCS(0))
	pool.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	db.dialect, db.pools = dialect.Postgres, []*sql.DB{pool}
	db.writer = client(dialect.Postgres, pool, o)
	db.reader = db.writer
	db.wire = newWire(address, db.log)
	db.isLossy = isLossy
	return nil
}

// withoutLossy returns a URL without what pgx does not know, and whether it was
// there.
func withoutLossy(address string) (string, bool) {
	before, query, _ := strings.Cut(address, "?")
	parts := strings.Split(query, "&")
	rest := slices.DeleteFunc(slices.Clone(parts), func(p string) bool { return p == lossy })
	if len(rest) == len(parts) {
		return address, false
	}
	if len(rest) == 0 {
		return before, true
	}
	return before + "?" + strings.Join(rest, "&"), true
}

// oldest is the first PostgreSQL that is served.
const oldest = 15

// checkPostgres refuses a server that is too old, and one that acknowledges
// what a power cut may take away again, unless the URL says that this is meant.
func (db *DB) checkPostgres(ctx context.Context) error {
	for _, wrong := range []struct{ setting, off, because string }{
		{"fsync", "off", "a power cut may destroy the database"},
		{"full_page_writes", "off", "a power cut may destroy the database"},
		{"synchronous_commit", "off", "a crash may take away what was acknowledged"},
	} {
		var value string
		if err := db.pools[0].QueryRowContext(ctx, "SELECT current_setting($1)", wrong.setting).Scan(&value); err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		if value == wrong.off && !db.isLossy {
			return fmt.Errorf("the PostgreSQL server has %s off, so %s: switch it on, or add %s to the database URL if that is meant",
				wrong.setting, wrong.because, lossy)
		}
	}
	var version int
	if err := db.pools[0].QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int / 10000").Scan(&version); err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	if version < oldest {
		return fmt.Errorf("the PostgreSQL server is of version %d: %d or a later one is needed", version, oldest)
	}
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

// BeginTx implements [sqldriver.ConnBeginTx]. pgx ends a transaction with the
// context of its beginning: where that is done by then, it closes the connection.
// Readings are not worth one. The pool sees when the context is done all the same.
func (c conn) BeginTx(ctx context.Context, o sqldriver.TxOptions) (sqldriver.Tx, error) {
	if o.ReadOnly {
		ctx = context.WithoutCancel(ctx)
	}
	return c.Conn.BeginTx(ctx, o)
}
