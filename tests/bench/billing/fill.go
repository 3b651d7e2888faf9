package main

import (
	"context"
	"fmt"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// The month that is charged, January 2026 in UTC.
var (
	monthStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	monthEnd   = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
)

// size says how much there is to charge.
type size struct {
	accounts  int
	resellers int
	expiring  int // services that end with the month
}

// dealersEach is how many dealers a reseller has.
const dealersEach = 5

// fill writes a year-old installation past all rules, straight into its
// tables. Of a hundred accounts five had a pause within the month, two are on
// trial, one has been paused since before, two were stopped within the month
// and run again, ten have a service of years ago behind them, and those on
// trial aside all pay. Accounts of one reseller do not stand side by side.
func fill(ctx context.Context, db *store.DB, s size) error {
	ctx = viewer.System(ctx)
	return write(ctx, db, append(people(s), accounts(s)...))
}

// step is a statement that writes many rows.
type step struct {
	text string
	args []any
}

// numbers counts in n.
func numbers(to int) string {
	return fmt.Sprintf("WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d) ", to-1)
}

// people are the companies, their connections, the package, and its price.
func people(s size) []step {
	old := monthStart.AddDate(-1, 0, 0)
	return []step{
		{numbers(s.resellers) + `INSERT INTO companies (id, name, name_key, country, contact_email, reseller_since, reseller_email, currency, created_at)
			SELECT printf('co_r%06d', n), 'Station ' || n, 'station ' || n, 'PL', 'r' || n || '@example.org', ?, 'r' || n || '@example.org', 'EUR', ? FROM numbers`,
			[]any{old, old}},
		{numbers(s.resellers) + `INSERT INTO ledgers (id, charged_through, reseller_id)
			SELECT printf('led_%06d', n), '2025-12', printf('co_r%06d', n) FROM numbers`, nil},
		{numbers(s.resellers*dealersEach) + `INSERT INTO companies (id, name, name_key, country, contact_email, dealer_since, created_at)
			SELECT printf('co_d%06d', n), 'Dealer ' || n, 'dealer ' || n, 'PL', 'd' || n || '@example.org', ?, ? FROM numbers`, []any{old, old}},
		{numbers(s.resellers*dealersEach) + `INSERT INTO connections (id, status, requested_at, status_changed_at, dealer_id, reseller_id)
			SELECT printf('con_%06d', n), 'ACTIVE', ?, ?, printf('co_d%06d', n), printf('co_r%06d', n / ?) FROM numbers`, []any{old, old, dealersEach}},
		{numbers(s.resellers*dealersEach) + `INSERT INTO objects (id, name, name_key, search_key, created_at, company_id)
			SELECT printf('obj_%06d', n), 'Villa', 'villa', 'villa', ?, printf('co_d%06d', n) FROM numbers`, []any{old}},
		{`INSERT INTO service_packages (id, code, names, trial_days, created_at) VALUES ('pkg_1', 'AJAX_SIM', '{"en":"SIM"}', 30, ?)`, []any{old}},
		{`INSERT INTO package_prices (id, currency, amount, valid_from, package_id) VALUES
			('prc_1', 'EUR', 500, ?, 'pkg_1'), ('prc_2', 'EUR', 700, ?, 'pkg_1')`, []any{old, monthStart.AddDate(0, 0, 10)}},
		{`INSERT INTO users (id, email, name, name_key, password_hash, created_at) VALUES ('usr_operator', 'o@example.org', 'O', 'o', 'x', ?)`, []any{old}},
	}
}

// accounts are the hubs with their services and the history of those.
func accounts(s size) []step {
	old, month := monthStart.AddDate(-1, 0, 0), func(days int) time.Time { return monthStart.AddDate(0, 0, days) }
	each := numbers(s.accounts) + fmt.Sprintf(`, account AS (SELECT n, n / %[1]d AS turn, n %% %[1]d AS r, n %% %[1]d * %[2]d + n / %[1]d %% %[2]d AS d,
		printf('%%08X', (n * 2654435761) %% 4294967296) AS serial FROM numbers) `, s.resellers, dealersEach)
	const service = `INSERT INTO services (id, serial_number, status, activated_at, trial_ends_at, ends_at, suspended_at, suspended_by, updated_at,
		hub_id, package_id, dealer_id, reseller_id, connection_id) `
	const whose = ` printf('hub_%08d', n), 'pkg_1', printf('co_d%06d', d), printf('co_r%06d', r), printf('con_%06d', d) FROM account `
	const event = `INSERT INTO service_events (id, action, occurred_at, tile, service_id) `
	return []step{
		{each + `INSERT INTO hubs (id, serial_number, name, search_key, created_at, company_id, object_id)
			SELECT printf('hub_%08d', n), serial, 'Hub ' || serial, 'hub ' || serial, ?, printf('co_d%06d', d), printf('obj_%06d', d) FROM account`, []any{old}},
		{each + service + `SELECT printf('svc_0%08d', n), serial, 'ENDED', ?, NULL, ?, NULL, NULL, ?,` + whose + `WHERE turn % 10 = 0`,
			[]any{old, old.AddDate(0, 2, 0), old.AddDate(0, 2, 0)}},
		{each + service + `SELECT printf('svc_1%08d', n), serial, 'ENDED', ?, NULL, ?, NULL, NULL, ?,` + whose + `WHERE turn % 100 IN (21, 22)`,
			[]any{old.AddDate(0, 3, 0), month(8), month(8)}},
		{each + service + `SELECT printf('svc_2%08d', n), serial,
			CASE WHEN turn % 100 = 33 THEN 'SUSPENDED' WHEN n < ?1 THEN 'EXPIRING' ELSE 'ACTIVE' END,
			CASE WHEN turn % 100 IN (21, 22) THEN ?2 WHEN turn % 100 IN (44, 45) THEN ?3 ELSE ?4 END,
			CASE WHEN turn % 100 IN (44, 45) THEN ?5 END,
			CASE WHEN n < ?1 AND turn % 100 <> 33 THEN ?6 END,
			CASE WHEN turn % 100 = 33 THEN ?7 END, CASE WHEN turn % 100 = 33 THEN 'DEALER' END, ?4,` + whose,
			[]any{s.expiring, month(15), month(5), old.AddDate(0, 4, 0), monthEnd.AddDate(0, 1, 0), monthEnd, old.AddDate(0, 6, 0)}},
		{`INSERT INTO service_events (id, action, occurred_at, tile, service_id)
			SELECT 'evt_01' || id, 'ACTIVATE', activated_at, 'ACTIVATED', id FROM services`, nil},
		{each + event + `SELECT printf('evt_02%08d', n), 'SUSPEND', CASE turn % 100 WHEN 33 THEN ?1 ELSE ?2 END, 'SUSPENDED', printf('svc_2%08d', n)
			FROM account WHERE turn % 100 IN (33, 51, 52, 53, 54, 55)`, []any{old.AddDate(0, 6, 0), month(-3)}},
		{each + event + `SELECT printf('evt_03%08d', n), 'RESUME', ?, 'ACTIVATED', printf('svc_2%08d', n)
			FROM account WHERE turn % 100 IN (51, 52, 53, 54, 55)`, []any{month(12)}},
		{`INSERT INTO tallies (reseller_id, dealer_id, package_id, live, running)
			SELECT reseller_id, dealer_id, package_id, count(*), sum(status <> 'SUSPENDED') FROM services WHERE status <> 'ENDED' GROUP BY 1, 2, 3`, nil},
		{`INSERT INTO trial_tallies (reseller_id, trial_ends_at, dealer_id, package_id, live, running)
			SELECT reseller_id, trial_ends_at, dealer_id, package_id, count(*), sum(status <> 'SUSPENDED') FROM services
			WHERE status <> 'ENDED' AND trial_ends_at IS NOT NULL GROUP BY 1, 2, 3, 4`, nil},
	}
}
