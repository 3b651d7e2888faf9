// Package database gives tests beside the areas an empty database of the kind
// that they are run with.
package database

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "partnerhub/internal/store" // knows the drivers
)

// URL names an empty database: SQLite, or a new one of the PostgreSQL that
// HUB_TEST_POSTGRES names as postgres://USER@HOST:PORT.
func URL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("HUB_TEST_POSTGRES")
	if server == "" {
		return "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	}
	pool, err := sql.Open("pgx", server+"/postgres")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	name := fmt.Sprintf("test_%d", time.Now().UnixNano())
	if _, err := pool.ExecContext(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return server + "/" + name
}
