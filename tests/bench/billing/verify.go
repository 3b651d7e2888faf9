package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"partnerhub/internal/store"
	"partnerhub/internal/verify"
	"partnerhub/internal/viewer"
)

// measureVerify fills a database of which every rule holds, with the month
// charged, and measures its verification.
func measureVerify(ctx context.Context, dir string, s size) error {
	dir, err := os.MkdirTemp(dir, "bench-verify")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "full.db")
	fmt.Printf("%s, %d cores, %s\n\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	for _, part := range []string{"fill", "log", "run", "verify"} {
		if err := child(ctx, part, path, s).Run(); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}

// history is what the run does not look at: cards, the steps that ended
// services, and the log of everything.
func history() []step {
	const sides = `(SELECT 0 AS side UNION ALL SELECT 1)`
	const whose = `CASE side WHEN 0 THEN dealer_id ELSE reseller_id END`
	return []step{
		{`INSERT INTO sim_cards (id, iccid, is_ajax, is_active, hub_id)
			SELECT 'sim_' || h.id, '8948' || h.serial_number, TRUE, coalesce(s.status <> 'SUSPENDED', FALSE), h.id
			FROM hubs h LEFT JOIN services s ON s.hub_id = h.id AND s.status <> 'ENDED'`, nil},
		{`INSERT INTO service_events (id, action, occurred_at, tile, service_id)
			SELECT 'evt_04' || id, 'DEACTIVATE', ?, 'EXPIRES_SOON', id FROM services WHERE status = 'EXPIRING'`, []any{monthStart.AddDate(0, 0, 20)}},
		{`INSERT INTO service_events (id, action, occurred_at, tile, service_id)
			SELECT 'evt_05' || id, 'STOP', ends_at, 'ACTIVATION_REQUIRED', id FROM services WHERE status = 'ENDED'`, nil},
		{`INSERT INTO activities (id, position, company_id, action, subject_id, occurred_at, recorded_at, connection_id)
			SELECT 'act_0' || c.id || action || side, row_number() OVER (ORDER BY action DESC, c.id, side), ` + whose + `, action, c.id,
				c.status_changed_at, c.status_changed_at, c.id
			FROM connections c, (SELECT 'connectionRequest' AS action UNION ALL SELECT 'connectionApprove'), ` + sides, nil},
		{`INSERT INTO activities (id, position, company_id, action, subject_id, occurred_at, recorded_at, hub_id, connection_id, previous_tile, service_action)
			SELECT 'act_0' || e.id || side, (SELECT max(position) FROM activities) + row_number() OVER (ORDER BY e.occurred_at, e.id, side), ` + whose + `,
				'service' || substr(e.action, 1, 1) || lower(substr(e.action, 2)), s.id, e.occurred_at, e.occurred_at, s.hub_id, s.connection_id,
				'ACTIVATION_REQUIRED', e.action
			FROM service_events e JOIN services s ON s.id = e.service_id, ` + sides, nil},
	}
}

func logPart(ctx context.Context, path string, _ size) error {
	db, err := open(ctx, path, monthStart)
	if err != nil {
		return err
	}
	defer db.Close()
	return write(viewer.System(ctx), db, history())
}

func verifyPart(ctx context.Context, path string, _ size) error {
	watch := start()
	began, last := time.Now(), verify.Progress{}
	report, err := verify.Database(ctx, "sqlite://"+path, verify.Options{Progress: func(p verify.Progress) {
		if p.Check == last.Check {
			return
		}
		if took := time.Since(began); took > time.Second {
			fmt.Printf("%6.1f s  %s\n", took.Seconds(), last.Says)
		}
		began, last = time.Now(), p
	}})
	if err != nil {
		return err
	}
	fmt.Print("\nthe verification\n")
	watch.stop()
	fmt.Printf("peak memory %s\n", peak())
	for _, line := range report.Broken() {
		fmt.Println(line)
	}
	return nil
}

// write runs statements, each in a transaction of its own.
func write(ctx context.Context, db *store.DB, steps []step) error {
	for _, step := range steps {
		_, err := store.Do(ctx, db, func(tx *store.Tx) (int, error) {
			_, err := tx.ExecContext(ctx, step.text, step.args...)
			return 0, err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", step.text, err)
		}
	}
	return nil
}
