package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"partnerhub/ent/migrate/migrations"
)

// migration is one versioned change of the database.
type migration struct{ name, text, checksum string }

// migrate brings the database to the version of this program, in one
// transaction: racing starters wait for each other, and a failure changes
// nothing. A database that holds a change this program does not know, or one
// that reads otherwise here, is refused.
func (db *DB) migrate(ctx context.Context) error {
	known, err := knownMigrations(db.dialect)
	if err != nil {
		return err
	}
	conn, err := db.pools[0].Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer conn.Close()
	if db.dialect == dialect.SQLite {
		// Rebuilt tables would otherwise take their children's rows along. The
		// switch works outside of transactions only.
		if _, err := conn.ExecContext(ctx, "PRAGMA foreign_keys = off"); err != nil {
			return fmt.Errorf("open the database: %w", err)
		}
		defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA foreign_keys = on") }()
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := db.apply(ctx, tx, known); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func (db *DB) apply(ctx context.Context, tx *sql.Tx, known []migration) error {
	if db.dialect == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('partnerhub.migrate'))"); err != nil {
			return fmt.Errorf("migrate: %w", err)
		}
	}
	const table = `CREATE TABLE IF NOT EXISTS schema_migrations
		(name text NOT NULL PRIMARY KEY, checksum text NOT NULL, applied_at text NOT NULL)`
	if _, err := tx.ExecContext(ctx, table); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	done, err := applied(ctx, tx, known)
	if err != nil {
		return err
	}
	for _, m := range known[done:] {
		if _, err := tx.ExecContext(ctx, m.text); err != nil {
			return fmt.Errorf("migrate %s: %w", m.name, err)
		}
		// The three values are made here, none comes from outside.
		row := fmt.Sprintf("INSERT INTO schema_migrations VALUES ('%s', '%s', '%s')",
			m.name, m.checksum, time.Now().UTC().Format(time.RFC3339))
		if _, err := tx.ExecContext(ctx, row); err != nil {
			return fmt.Errorf("migrate %s: %w", m.name, err)
		}
	}
	if db.dialect == dialect.SQLite && done < len(known) {
		return checkReferences(ctx, tx)
	}
	return nil
}

// applied returns how many of the known migrations the database has.
func applied(ctx context.Context, c queryer, known []migration) (int, error) {
	rows, err := c.QueryContext(ctx, "SELECT name, checksum FROM schema_migrations ORDER BY name")
	if err != nil {
		return 0, fmt.Errorf("migrate: %w", err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var name, checksum string
		if err := rows.Scan(&name, &checksum); err != nil {
			return 0, fmt.Errorf("migrate: %w", err)
		}
		if n == len(known) || name > known[n].name {
			return 0, fmt.Errorf("the database is newer than this program: it has the change %s, which is not known here", name)
		}
		if name != known[n].name || checksum != known[n].checksum {
			return 0, fmt.Errorf("the database was changed by another build: %s is not what it has as %s", known[n].name, name)
		}
	}
	return n, rows.Err()
}

func checkReferences(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer rows.Close()
	if rows.Next() {
		return fmt.Errorf("migrate: rows would be left that refer to nothing")
	}
	return rows.Err()
}

func knownMigrations(d string) ([]migration, error) {
	dir := map[string]string{dialect.SQLite: "sqlite", dialect.Postgres: "postgres"}[d]
	files, err := fs.Glob(migrations.Files, dir+"/*.sql") // sorted by name
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	var list []migration
	for _, f := range files {
		text, err := migrations.Files.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
		sum := sha256.Sum256(text)
		list = append(list, migration{strings.TrimSuffix(path.Base(f), ".sql"), string(text), hex.EncodeToString(sum[:])})
	}
	return list, nil
}
