package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// parts are what a process does.
var parts = map[string]func(ctx context.Context, path string, s size) error{
	"fill":      fillPart,
	"statement": statementPart,
	"run":       func(ctx context.Context, path string, _ size) error { return runPart(ctx, path, false) },
	"busy":      func(ctx context.Context, path string, _ size) error { return runPart(ctx, path, true) },
	"check":     checkPart,
	"log":       logPart,
	"verify":    verifyPart,
}

// tookPrefix begins the line with the time of a part.
const tookPrefix = "took "

// statements counts the SQL of this process.
var statements atomic.Int64

func open(ctx context.Context, path string, at time.Time) (*store.DB, error) {
	return store.Open(ctx, store.Options{
		URL: "sqlite://" + path, TestClock: &at, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)),
		OnStatement: func(context.Context, string) { statements.Add(1) },
	})
}

func fillPart(ctx context.Context, path string, s size) error {
	db, err := open(ctx, path, monthStart)
	if err != nil {
		return err
	}
	defer db.Close()
	began := time.Now()
	if err := fill(ctx, db, s); err != nil {
		return err
	}
	fmt.Printf("%d accounts of %d resellers, %d of them end with the month; filled in %s\n",
		s.accounts, s.resellers, s.expiring, time.Since(began).Round(time.Second))
	return nil
}

// all is the best single statement that we know: what the run's SQL says, for
// all resellers together, in the order of the lines' unique key.
const all = `INSERT INTO charge_lines (reseller_id, month, serial_number, package_id, service_id, amount)
	SELECT reseller_id, '2026-01', serial_number, package_id, service_id, amount FROM (
		SELECT reseller_id, serial_number, package_id, service_id,
			(SELECT amount FROM package_prices AS p WHERE p.package_id = k.package_id AND p.currency = c.currency
				AND p.valid_from <= k.paid_from ORDER BY p.valid_from DESC LIMIT 1) AS amount
		FROM (
			SELECT reseller_id, serial_number, package_id, max(id) AS service_id, min(paid_from) AS paid_from FROM (
				SELECT reseller_id, serial_number, package_id, id, ends_at, CASE WHEN pause IS NULL THEN free_until ELSE (
					SELECT max(l.free_until, r.occurred_at) FROM service_events AS r
					WHERE r.service_id = l.id AND r.action = 'RESUME' AND r.occurred_at >= l.pause
					ORDER BY r.occurred_at LIMIT 1) END AS paid_from
				FROM (
					SELECT s.*, (SELECT max(e.occurred_at) FROM service_events AS e INDEXED BY service_event_pause
						WHERE e.service_id = s.id AND e.action = 'SUSPEND' AND e.occurred_at <= s.free_until) AS pause
					FROM (SELECT id, reseller_id, serial_number, package_id, activated_at, ends_at,
						max(?1, activated_at, coalesce(trial_ends_at, activated_at)) AS free_until FROM services
						WHERE status <> 'ENDED' OR ends_at >= ?1) AS s
					WHERE free_until < ?2 AND (ends_at IS NULL OR ends_at > ?1 OR activated_at >= ?1)
				LIMIT -1) AS l
			LIMIT -1) WHERE paid_from < ?2 AND (ends_at IS NULL OR ends_at >= paid_from)
			GROUP BY reseller_id, serial_number, package_id
		) AS k JOIN companies AS c ON c.id = k.reseller_id
	LIMIT -1) WHERE amount > 0`

func statementPart(ctx context.Context, path string, _ size) error {
	db, err := open(ctx, path, monthEnd)
	if err != nil {
		return err
	}
	defer db.Close()
	watch := start()
	_, err = store.Do(ctx, db, func(tx *store.Tx) (int, error) {
		_, err := tx.ExecContext(ctx, all, monthStart, monthEnd)
		return 0, err
	})
	if err != nil {
		return err
	}
	fmt.Print("\nthe best single statement, which blocks every other mutation meanwhile\n")
	watch.stop()
	return tell(ctx, db)
}

func runPart(ctx context.Context, path string, busy bool) error {
	db, err := open(ctx, path, monthEnd)
	if err != nil {
		return err
	}
	defer db.Close()
	said := "the run, alone"
	w := &waits{}
	stop := func() {}
	if busy {
		said = "the run, while others work"
		stop = w.work(ctx, db)
	}
	statements.Store(0)
	watch := start()
	done, err := billing.Run(ctx, db, calendar.MonthOf(monthStart, time.UTC))
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\n", said)
	watch.stop()
	stop()
	if !busy {
		fmt.Printf("%d statements, %d fees, %d services ended\n", statements.Load(), done.Booked, done.Ended)
	}
	w.tell()
	return tell(ctx, db)
}

// waits are how long mutations took.
type waits []time.Duration

// work pauses and resumes services, one mutation after the other, until it is
// stopped.
func (w *waits) work(ctx context.Context, db *store.DB) (stop func()) {
	ctx, cancel := context.WithCancel(viewer.With(ctx, viewer.Viewer{UserID: "usr_operator", Operator: true}))
	var worker sync.WaitGroup
	worker.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			hub := fmt.Sprintf("hub_%08d", 70_000+n/2%30) // that run, and do not expire
			began := time.Now()
			var err error
			if n%2 == 0 {
				_, err = lifecycle.Suspend(ctx, db, lifecycle.Step{HubID: hub})
			} else {
				_, err = lifecycle.Resume(ctx, db, lifecycle.Resumption{HubID: hub})
			}
			if err != nil && ctx.Err() == nil {
				fmt.Println("a mutation fails:", err)
				return
			}
			*w = append(*w, time.Since(began))
			time.Sleep(2 * time.Millisecond)
		}
	})
	return func() { cancel(); worker.Wait() }
}

func (w *waits) tell() {
	if len(*w) == 0 {
		return
	}
	slices.Sort(*w)
	at := func(part float64) time.Duration { return (*w)[int(part*float64(len(*w)-1))].Round(time.Microsecond) }
	fmt.Printf("%d other mutations meanwhile: median %s, p99 %s, longest %s\n", len(*w), at(.5), at(.99), at(1))
}

// checkPart says what is in the database.
func checkPart(ctx context.Context, path string, _ size) error {
	db, err := open(ctx, path, monthEnd)
	if err != nil {
		return err
	}
	defer db.Close()
	return tell(ctx, db)
}

// tell says what was booked, and how much memory the process had at most.
func tell(ctx context.Context, db *store.DB) error {
	rows, err := db.Read(ctx).QueryContext(viewer.System(ctx), `SELECT (SELECT count(*) FROM charge_lines), (SELECT coalesce(sum(amount), 0) FROM charge_lines),
		(SELECT count(*) FROM (SELECT DISTINCT reseller_id, month, serial_number, package_id FROM charge_lines)),
		(SELECT count(*) FROM transactions), (SELECT coalesce(sum(amount), 0) FROM transactions)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var lines, sum, keys, booked, total int64
		if err := rows.Scan(&lines, &sum, &keys, &booked, &total); err != nil {
			return err
		}
		fmt.Printf("%d lines with %d keys of %d.%02d; %d fees of %d.%02d\n", lines, keys, sum/100, sum%100, booked, total/100, total%100)
	}
	fmt.Printf("peak memory %s\n", peak())
	return rows.Err()
}

// stopwatch takes the time, and that of the processors: a machine that is busy
// with other things makes the one longer, not the other.
type stopwatch struct {
	began time.Time
	cpu   time.Duration
}

func start() stopwatch { return stopwatch{time.Now(), cpu()} }

// stop tells both.
func (w stopwatch) stop() {
	fmt.Printf("%s%s of processors, %s by the clock\n", tookPrefix,
		(cpu() - w.cpu).Round(time.Millisecond), time.Since(w.began).Round(time.Millisecond))
}

// cpu is how long processors have worked for this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak is the most memory this process ever had.
func peak() string {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return "unknown"
}
