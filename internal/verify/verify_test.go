package verify_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/internal/verify"
	"partnerhub/tests/database"
	"partnerhub/tests/world"
)

// play fills a database with everything that a check looks at, through the
// public API, and returns where it is. The names of its things are stand-ins
// for their ids in the table of breakages.
func play(t *testing.T) (url string, ids map[string]string) {
	t.Helper()
	url = database.SQLite(t)
	w := world.New(t, world.InZone(t, "Europe/Warsaw"), func(c *server.Config) { c.DatabaseURL = url })
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	pkg := w.Package("AJAX_SIM", world.Vars{"trialDays": 14})
	paid := w.Package("PAID")
	other := w.Reseller("South Station")
	con := dealer.Connects(reseller)
	w.OK(reseller.Owner.Mutate("connectionSuspend", world.Vars{"connectionId": con, "reason": "late"}, `connection { status }`))
	w.OK(reseller.Owner.Mutate("connectionResume", world.Vars{"connectionId": con}, `connection { status }`))
	dealer.Requests(other)
	w.OK(dealer.Owner.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": world.Vars{"email": "new@station.example"}}, `connection { id }`))

	ids = map[string]string{"dealer": dealer.ID, "reseller": reseller.ID, "other": other.ID, "con": con, "pkg": pkg, "paid": paid}
	act := func(name, pkg string, h *world.Hub, steps ...string) {
		for _, step := range steps {
			in := world.Vars{"hubId": h.ID}
			if step == "Activate" {
				in["packageId"], in["idempotencyKey"] = pkg, name
			}
			a := w.OK(dealer.Owner.Mutate("service"+step, in, `service { id }`))
			ids[name] = a.Text("service.id")
		}
		ids[name+" hub"], ids[name+" object"], ids[name+" serial"] = h.ID, h.ObjectID, h.Serial
	}
	act("running", paid, dealer.Hub("Villa"), "Activate")
	act("stopped", pkg, dealer.Hub("Barn"), "Activate", "Stop")
	act("over", paid, dealer.Hub("Mill"), "Activate", "Deactivate")
	act("again", pkg, dealer.Hub("Tower"), "Activate", "Deactivate", "Resume", "Suspend", "Resume")
	money := func(amount string) world.Vars { return world.Vars{"amount": amount, "currency": "EUR"} }
	ids["payment"] = w.OK(w.Operator().Mutate("balanceReplenish", world.Vars{"resellerId": reseller.ID, "amount": money("100.00"), "idempotencyKey": "one"},
		`transaction { id }`)).Text("transaction.id")
	w.Advance("2026-01-31T23:00:00Z") // where February begins, and January is charged
	ids["fee"] = w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { transactions(first: 1) { nodes { id } } } }`, world.Vars{"id": reseller.ID})).
		Text("company.transactions.nodes.0.id")
	ids["correction"] = w.OK(w.Operator().Mutate("balanceAdjust", world.Vars{
		"transactionId": ids["fee"], "direction": "CREDIT", "amount": money("5.00"), "note": "Sorry", "idempotencyKey": "two"},
		`transaction { id }`)).Text("transaction.id")
	act("paused", pkg, dealer.Hub("Shop"), "Activate", "Deactivate", "Suspend")
	act("ending", pkg, dealer.Hub("Yard"), "Activate", "Deactivate")
	w.Advance("2026-02-10T12:00:00Z")
	act("late", paid, dealer.Hub("Dock"), "Activate") // pays from within the month on
	ids["idle hub"] = dealer.Hub("Idle").ID

	// As a run leaves it that was killed half way.
	run(t, strings.TrimPrefix(url, "sqlite://"), ids, `
		INSERT INTO charge_lines (reseller_id, month, serial_number, package_id, service_id, amount)
			SELECT reseller_id, '2026-02', serial_number, package_id, id, 500 FROM services WHERE id = '{running}'`)
	for name, of := range map[string]string{"led": reseller.ID, "other led": other.ID} {
		var id string
		if err := connect(t, strings.TrimPrefix(url, "sqlite://")).QueryRowContext(t.Context(), "SELECT id FROM ledgers WHERE reseller_id = ?", of).Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids[name] = id
	}
	return url, ids
}

// breakages are what may happen to a database past all rules of the program,
// with the check that is to see it, and the row that it is to name. Where no
// other can but see it too, it is named behind.
var breakages = []struct{ check, row, problem, sql string }{
	{"transactions", "{fee}", "balance_after 8000, expected 9000", `UPDATE transactions SET balance_after = 8000 WHERE id = '{fee}'; UPDATE transactions SET balance_after = 8500 WHERE id = '{correction}'`},
	{"transactions", "{correction}", "number 4 of {reseller}, expected 3", `UPDATE transactions SET number = 4 WHERE id = '{correction}'; UPDATE ledgers SET last_number = 4 WHERE reseller_id = '{reseller}'`},
	{"transactions", "{correction}", "currency PLN, expected EUR", `UPDATE transactions SET currency = 'PLN' WHERE id = '{correction}'`},
	{"transactions counters forecast", "{payment}", "currency EUR, that of the reseller {reseller} is PLN", `UPDATE companies SET currency = 'PLN' WHERE id = '{reseller}'`},
	{"balance", "{led}", "balance 9501 of {reseller}, expected 9500", `UPDATE ledgers SET balance = 9501 WHERE reseller_id = '{reseller}'`},
	{"balance", "{led}", "last_number 4 of {reseller}, expected 3", `UPDATE ledgers SET last_number = 4 WHERE reseller_id = '{reseller}'`},
	{"balance", "{other}", "no ledger", `DELETE FROM ledgers WHERE reseller_id = '{other}'`},
	{"balance", "{other led}", `charged_through "soon"`, `UPDATE ledgers SET charged_through = 'soon' WHERE reseller_id = '{other}'`},
	{"triggers", "transaction_kept", "of transactions is missing", `DROP TRIGGER transaction_kept`},
	{"triggers", "charge_line_kept", "changed", `DROP TRIGGER charge_line_kept; CREATE TRIGGER charge_line_kept BEFORE DELETE ON charge_lines BEGIN SELECT 1; END`},
	{"fee-once", "{reseller}", "2 lines for {running serial}", `DROP INDEX chargeline_reseller_id_month_serial_number_package_id;
		INSERT INTO charge_lines (reseller_id, month, serial_number, package_id, service_id, amount)
			SELECT reseller_id, month, serial_number, package_id, service_id, amount FROM charge_lines WHERE month = '2026-02'`},
	{"fee-sum", "{fee}", "amount 1000 for 2026-01, the lines of {reseller} add up to 999", `UPDATE charge_lines SET amount = 499 WHERE month = '2026-01' AND service_id = '{over}'`},
	{"fee-sum", "{fee}", "booked for 2026-01, but {reseller} is charged through 2025-12 only", `UPDATE ledgers SET charged_through = '2025-12' WHERE reseller_id = '{reseller}'; DELETE FROM charge_lines WHERE month = '2026-02'`},
	{"fee-sum", "{fee}", "which was not over", `UPDATE transactions SET occurred_at = '2026-01-31 22:59:59+00:00' WHERE id = '{fee}'`},
	{"fee-month", "{reseller}", "1 lines for 2026-03, though the month after 2026-01 comes next", `UPDATE charge_lines SET month = '2026-03' WHERE month = '2026-02'`},
	{"fee-month", "{reseller}", "1 lines for 2025-12, which is over without a transaction", `UPDATE charge_lines SET month = '2025-12' WHERE month = '2026-02'`},
	{"fee-account", "", "names svc_0, which is no service", `UPDATE charge_lines SET service_id = 'svc_0' WHERE service_id = '{over}'`},
	{"fee-account", "", "but {over} is for {over serial}", `UPDATE charge_lines SET service_id = '{over}' WHERE month = '2026-02'`},
	{"counters", "{reseller}", "accounts of package {pkg} through dealer {dealer}: kept 4 live, 2 running, 0 gone, counted 3 live", `UPDATE tallies SET live = live + 1 WHERE package_id = '{pkg}'`},
	{"counters", "{reseller}", "trials to 2026-02-28T23:00:00Z", `UPDATE trial_tallies SET live = live + 1`},
	{"counters", "{reseller}", "fees of 500 in 2026-02", `UPDATE month_tallies SET running = 0 WHERE month = '2026-02'`},
	{"forecast counters", "{reseller}", "2000 in 4 fees for 2026-02 by the counters, 1500 in 3 by the history", `UPDATE tallies SET running = running + 1 WHERE package_id = '{paid}'`},
	{"one-service", "{running hub}", "2 live services", `DROP INDEX service_one_live; UPDATE services SET hub_id = '{running hub}', serial_number = '{running serial}' WHERE id = '{ending}';
		UPDATE activities SET hub_id = '{running hub}' WHERE subject_id = '{ending}' AND hub_id IS NOT NULL; UPDATE sim_cards SET is_active = 0 WHERE hub_id = '{ending hub}'`},
	{"one-connection", "{dealer}", "2 connections with {reseller}", `DROP INDEX connection_dealer_id_reseller_id; UPDATE connections SET reseller_id = '{reseller}' WHERE reseller_id = '{other}';
		UPDATE activities SET company_id = '{reseller}' WHERE company_id = '{other}' AND connection_id IS NOT NULL`},
	{"history", "{running}", "status EXPIRING, its history leads to ACTIVE", `UPDATE services SET status = 'EXPIRING', ends_at = '2026-02-28 23:00:00+00:00' WHERE id = '{running}'`},
	{"history", "{stopped}", "ends_at", `UPDATE services SET ends_at = '2026-01-16 00:00:00+00:00' WHERE id = '{stopped}'`},
	{"history", "{paused}", "suspended_at null by DEALER", `UPDATE services SET suspended_at = NULL WHERE id = '{paused}'`},
	{"history", "{running}", "activated_at", `UPDATE services SET activated_at = '2026-01-15 13:00:00+00:00' WHERE id = '{running}'`},
	{"history", "", "STOP of {stopped}, which the state none does not allow", `UPDATE service_events SET id = 'evt_z' WHERE service_id = '{stopped}' AND action = 'ACTIVATE'`},
	{"history", "", "before the step before it", `UPDATE service_events SET occurred_at = '2026-01-01 00:00:00+00:00' WHERE service_id = '{ending}' AND action = 'DEACTIVATE'`},
	{"history", "", "tile SUSPENDED after ACTIVATE of {running}, expected ACTIVATED", `UPDATE service_events SET tile = 'SUSPENDED' WHERE service_id = '{running}'`},
	{"card", "", "is_active false on {running hub}, whose service is ACTIVE", `UPDATE sim_cards SET is_active = 0 WHERE hub_id = '{running hub}'`},
	{"card", "", "is_active true on {paused hub}, whose service is SUSPENDED", `UPDATE sim_cards SET is_active = 1 WHERE hub_id = '{paused hub}'`},
	{"card", "", "is_active true on {idle hub}, whose service is none", `UPDATE sim_cards SET is_active = 1 WHERE hub_id = '{idle hub}'`},
	{"card-switch", "8900", "is to be switched to true, intended is false", `INSERT INTO sim_switches (id, is_active, version, attempts, next_attempt_at) VALUES ('8900', 1, 1, 0, '2099-01-01 00:00:00+00:00')`},
	{"boundary", "{ending}", "ends_at 2026-03-01T00:00:00Z is no month boundary in Europe/Warsaw", `UPDATE services SET ends_at = '2026-03-01 00:00:00+00:00' WHERE id = '{ending}'`},
	{"boundary", "{again}", "trial_ends_at", `UPDATE services SET trial_ends_at = '2026-01-20 00:00:00+00:00' WHERE id = '{again}'`},
	{"expired", "{ending}", "lives on after 2026-01-31T23:00:00Z, and 2026-01 is charged", `UPDATE services SET ends_at = '2026-01-31 23:00:00+00:00' WHERE id = '{ending}'`},
	{"activation-connection", "{running}", "the log last told connectionSuspend", `UPDATE activities SET action = 'connectionSuspend' WHERE action = 'connectionResume';
		UPDATE activities SET action = 'connectionResume', position = position + 5000 WHERE action = 'connectionApprove' AND subject_id = '{con}'`},
	{"activation-card", "{running}", "activated where the tile was UNAVAILABLE", `UPDATE activities SET previous_tile = 'UNAVAILABLE' WHERE subject_id = '{running}' AND hub_id IS NOT NULL`},
	{"activation-card", "{paused}", "lives on {paused hub}, which has no Ajax SIM", `DELETE FROM sim_cards WHERE hub_id = '{paused hub}'`},
	{"deleted", "{running}", "lives, but {running hub} is deleted", `UPDATE hubs SET removed_at = created_at WHERE id = '{running hub}'`},
	{"deleted", "{running}", "lives, but {running object} is deleted", `UPDATE objects SET deleted_at = created_at WHERE id = '{running object}'`},
	{"deleted", "{running}", "lives, but {reseller} is deleted", `UPDATE companies SET deleted_at = created_at WHERE id = '{reseller}'`},
	{"account", "{paused}", "serial_number 00X, expected {paused serial}", `UPDATE services SET serial_number = '00X' WHERE id = '{paused}'`},
	{"account", "{paused}", "dealer_id", `UPDATE hubs SET company_id = '{other}' WHERE id = '{paused hub}'`},
	{"log-service", "{running}", "1 steps ACTIVATE, the reseller's log tells of 0", `DELETE FROM activities WHERE subject_id = '{running}' AND company_id = '{reseller}'`},
	{"log-service", "{again}", "2 steps RESUME, the dealer's log tells of 1", `DELETE FROM activities WHERE id = (SELECT id FROM activities WHERE subject_id = '{again}' AND company_id = '{dealer}' AND action = 'serviceResume' LIMIT 1)`},
	{"log-connection", "{con}", "status SUSPENDED, the dealer's log last tells of connectionResume", `UPDATE connections SET status = 'SUSPENDED' WHERE id = '{con}'`},
	{"log-connection", "{con}", "status_changed_at", `UPDATE connections SET status_changed_at = '2026-01-16 00:00:00+00:00' WHERE id = '{con}'`},
	{"log-transaction", "{correction}", "ADJUSTMENT with 0 entries in the log", `DELETE FROM activities WHERE subject_id = '{correction}'`},
	{"key", "", `2 effects of the key "running" for serviceActivate`, `DROP INDEX idempotencykey_user_id_operation_key; INSERT INTO idempotency_keys (id, user_id, operation, key, input_hash, result_id, created_at) SELECT 'idk_0', user_id, operation, key, input_hash, result_id, created_at FROM idempotency_keys WHERE key = 'running'`},
	{"key", "", "which is not there", `UPDATE idempotency_keys SET result_id = 'svc_0' WHERE key = 'running'`},
	{"schema", "schema_migrations", "newer than this program", `INSERT INTO schema_migrations VALUES ('9999_future', 'x', 'x')`},
	{"schema", "schema_migrations", "older than this program: it lacks the change 0001_create_graph", `DELETE FROM schema_migrations`},
	{"schema", "schema_migrations", "changed by another build", `UPDATE schema_migrations SET checksum = 'x'`},
}

// Every check sees what it is there for, names the row, and no other check is
// troubled by it.
func TestRun_seesEachBreakage(t *testing.T) {
	url, ids := play(t)
	sound, err := verify.Database(t.Context(), url, verify.Options{})
	if err != nil || !sound.OK() {
		t.Fatalf("the database is not sound before: %v, %v", err, sound.Broken())
	}
	seen := map[string]bool{}
	for _, b := range breakages {
		t.Run(b.check+" "+b.problem, func(t *testing.T) {
			checks := strings.Fields(b.check)
			seen[checks[0]] = true
			copied := copyOf(t, url)
			tamper(t, copied, ids, b.sql)
			report, err := verify.Database(t.Context(), "sqlite://"+copied, verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range report.Results {
				if (c.Broken > 0) != slices.Contains(checks, c.Name) {
					t.Errorf("%s: %d broken: %v", c.Name, c.Broken, c.Findings)
				}
				if c.Name != checks[0] {
					continue
				}
				named := slices.ContainsFunc(c.Findings, func(f verify.Finding) bool {
					return (b.row == "" || f.ID == stand(ids, b.row)) && strings.Contains(f.Problem, stand(ids, b.problem))
				})
				if !named {
					t.Errorf("found %v, want %s %s", c.Findings, stand(ids, b.row), stand(ids, b.problem))
				}
			}
		})
	}
	for _, c := range sound.Results {
		if !seen[c.Name] {
			t.Errorf("nothing breaks %s", c.Name)
		}
		if c.Rows == 0 && c.Name != "card-switch" {
			t.Errorf("%s looks at nothing", c.Name)
		}
	}
}

// A check names some rows and counts the rest.
func TestRun_namesSomeRows(t *testing.T) {
	url, ids := play(t)
	copied := copyOf(t, url)
	tamper(t, copied, ids, `UPDATE sim_cards SET is_active = NOT is_active`)
	report, err := verify.Database(t.Context(), "sqlite://"+copied, verify.Options{Rows: 2})
	if err != nil || report.OK() {
		t.Fatalf("%v, %v", err, report.Broken())
	}
	line := report.Broken()[0]
	if !strings.HasPrefix(line, "BROKEN  5  a SIM card works while") || !strings.HasSuffix(line, "; and 6 more") || strings.Count(line, "sim_") != 2 {
		t.Errorf("told as %s", line)
	}
}

// copyOf returns a copy of a database in which something can be broken.
func copyOf(t *testing.T, url string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "copy.db")
	run(t, strings.TrimPrefix(url, "sqlite://"), nil, `VACUUM INTO '`+path+`'`)
	return path
}

// tamper changes a database past its constraints. Triggers that stand in the
// way are put back, unless they are what is broken.
func tamper(t *testing.T, path string, ids map[string]string, statements string) {
	t.Helper()
	var drop, again []string
	if !strings.Contains(statements, "TRIGGER") {
		drop, again = triggersOf(t, path)
	}
	run(t, path, ids, strings.Join(slices.Concat(drop, []string{statements}, again), ";\n"))
}

// triggersOf returns what drops the triggers of a database, and what makes them
// again.
func triggersOf(t *testing.T, path string) (drop, again []string) {
	t.Helper()
	rows, err := connect(t, path).QueryContext(t.Context(), "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		drop, again = append(drop, "DROP TRIGGER "+name), append(again, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return drop, again
}

func run(t *testing.T, path string, ids map[string]string, statements string) {
	t.Helper()
	if _, err := connect(t, path).ExecContext(t.Context(), stand(ids, statements)); err != nil {
		t.Fatal(err)
	}
}

func connect(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_foreign_keys=off&_ignore_check_constraints=on")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// stand puts ids in the places of their stand-ins.
func stand(ids map[string]string, text string) string {
	for name, id := range ids {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}
