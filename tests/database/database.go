// Package database gives tests an empty database of the kind that they are run
// with: SQLite, or the PostgreSQL that HUB_TEST_POSTGRES names as
// postgres://USER@HOST:PORT.
package database

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"partnerhub/internal/store"
)

// IsPostgres reports whether tests run on PostgreSQL.
func IsPostgres() bool { return os.Getenv("HUB_TEST_POSTGRES") != "" }

// URL names an empty database, which is gone when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	if !IsPostgres() {
		return SQLite(t)
	}
	made, err := template()
	if err != nil {
		t.Fatal(err)
	}
	name := newName()
	if err := do(t.Context(), "postgres", fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, made)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := do(context.Background(), "postgres", fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Error(err)
		}
	})
	return url(name)
}

// template makes a database with all its tables once: copying one is quicker
// than making them anew.
var template = sync.OnceValues(func() (string, error) {
	ctx, name := context.Background(), newName()
	if err := do(ctx, "postgres", "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	db, err := store.Open(ctx, store.Options{URL: url(name)})
	if err != nil {
		return "", err
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	return name, do(ctx, name, "DELETE FROM settings") // what it has decided is for each to decide
})

var count atomic.Int64

func newName() string { return fmt.Sprintf("test_%d_%d", os.Getpid(), count.Add(1)) }

// url names a database of the server, which need not keep anything.
func url(name string) string { return os.Getenv("HUB_TEST_POSTGRES") + "/" + name + "?durable=no" }

// do runs a statement in a database.
func do(ctx context.Context, name, statement string) error {
	pool, err := sql.Open("pgx", os.Getenv("HUB_TEST_POSTGRES")+"/"+name)
	if err != nil {
		return err
	}
	defer pool.Close()
	if _, err := pool.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// SQLite names an empty SQLite database, whatever tests are run with: for what
// is so on SQLite alone.
func SQLite(t testing.TB) string {
	t.Helper()
	return "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
}
