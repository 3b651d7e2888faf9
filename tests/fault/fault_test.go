// Package fault kills the built server in the middle of its work and looks what
// is left.
package fault

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"
)

// build builds the server.
func build(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "partnerhub")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../..").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// multiply gives the dealer of a hub with services, activated and nothing else,
// n more of the same, past all rules.
func multiply(t *testing.T, url, hubID string, n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+strings.TrimPrefix(url, "sqlite://")+"?_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, text := range []string{
		`INSERT INTO hubs (id, serial_number, name, search_key, created_at, company_id, object_id)
			SELECT id || n, serial_number || n, name, search_key, created_at, company_id, object_id FROM numbers JOIN hubs ON id = ?1`,
		`INSERT INTO sim_cards (id, iccid, is_ajax, is_active, hub_id)
			SELECT id || n, iccid || n, is_ajax, is_active, hub_id || n FROM numbers JOIN sim_cards ON hub_id = ?1`,
		`INSERT INTO services (id, serial_number, status, activated_at, updated_at, hub_id, package_id, dealer_id, reseller_id, connection_id)
			SELECT id || n, serial_number || n, status, activated_at, updated_at, hub_id || n, package_id, dealer_id, reseller_id, connection_id
			FROM numbers JOIN services ON hub_id = ?1`,
		`INSERT INTO service_events (id, action, occurred_at, tile, service_id, actor_id)
			SELECT e.id || n, action, occurred_at, tile, service_id || n, actor_id
			FROM numbers JOIN services s ON hub_id = ?1 JOIN service_events e ON service_id = s.id`,
		`INSERT INTO activities (id, position, company_id, action, subject_id, words, occurred_at, recorded_at, hub_id, object_id, connection_id,
				previous_tile, service_action, actor_id)
			SELECT a.id || n, (SELECT max(position) FROM activities) + row_number() OVER (), company_id, action, subject_id || n, words,
				occurred_at, recorded_at, a.hub_id || n, object_id, a.connection_id, previous_tile, service_action, actor_id
			FROM numbers JOIN services s ON s.hub_id = ?1 JOIN activities a ON a.subject_id = s.id`,
		`UPDATE tallies SET live = live + ?2, running = running + ?2 WHERE dealer_id = (SELECT company_id FROM hubs WHERE id = ?1)`,
	} {
		_, err := tx.ExecContext(t.Context(), `WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2) `+text, hubID, n)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}
