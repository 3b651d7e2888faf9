package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// wire carries wake-ups between servers on one PostgreSQL: what one of them has
// committed wakes the watchers of all. Like every wake-up these are no news, and
// may be lost: each server looks at the log itself besides, once a second.
type wire struct {
	url  string
	log  *slog.Logger
	self string // tells a server's own wake-ups from those of others

	mu      sync.Mutex
	pending map[string]struct{} // topics to be sent
	more    chan struct{}       // some are pending
}

const (
	channel = "partnerhub"

	// look is how often a server looks at the log for what no wake-up told of.
	look = time.Second

	// patience is how long a database may take to answer on the wire before
	// its connection is given up.
	patience = 2 * time.Second

	// retry is the pause before another try to connect.
	retry = 250 * time.Millisecond

	// longest is how many bytes one NOTIFY may carry.
	longest = 7_900
)

func newWire(databaseURL string, log *slog.Logger) *wire {
	return &wire{url: databaseURL, log: log, self: uuid.NewString(), pending: map[string]struct{}{}, more: make(chan struct{}, 1)}
}

// send wakes the watchers of the topics on the other servers. It never waits:
// topics that come while others are under way are sent together.
func (w *wire) send(topics []string) {
	w.mu.Lock()
	for _, t := range topics {
		w.pending[t] = struct{}{}
	}
	w.mu.Unlock()
	select {
	case w.more <- struct{}{}:
	default: // it is to be sent already
	}
}

// Listen carries wake-ups to and from the other servers on the database until
// ctx ends; on SQLite there are none. While the database is away it tries to come
// back to it; once it has, it wakes all watchers, who may have missed something.
func (db *DB) Listen(ctx context.Context, wakeAll func()) {
	if db.wire == nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		db.wire.keep(ctx, "hear what other servers do", func(ctx context.Context, c *pgx.Conn) error {
			return db.wire.hear(ctx, c, db.onCommit, wakeAll)
		})
	})
	both.Go(func() { db.wire.keep(ctx, "tell other servers what this one does", db.wire.tell) })
	both.Wait()
}

// keep keeps something going that needs a connection.
func (w *wire) keep(ctx context.Context, what string, run func(context.Context, *pgx.Conn) error) {
	wasLost := false
	for ctx.Err() == nil {
		err := w.connected(ctx, func(ctx context.Context, c *pgx.Conn) error {
			if wasLost {
				w.log.InfoContext(ctx, "the database is back", "to", what)
				wasLost = false
			}
			return run(ctx, c)
		})
		if ctx.Err() != nil {
			return
		}
		if !wasLost {
			w.log.WarnContext(ctx, "the database is away", "to", what, "error", err)
			wasLost = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(retry):
		}
	}
}

func (w *wire) connected(ctx context.Context, run func(context.Context, *pgx.Conn) error) error {
	start, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	c, err := pgx.Connect(start, w.url)
	if err != nil {
		return err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		_ = c.Close(end)
	}()
	return run(ctx, c)
}

// hear wakes the watchers of what other servers tell, and of what the log has
// that nobody told of. All companies' entries of the log come in the order of
// their positions, so what is behind the last one seen was seen.
func (w *wire) hear(ctx context.Context, c *pgx.Conn, wake func(topics []string), wakeAll func()) error {
	if err := within(ctx, func(ctx context.Context) error {
		_, err := c.Exec(ctx, "LISTEN "+channel)
		return err
	}); err != nil {
		return err
	}
	var seen int64
	if err := within(ctx, func(ctx context.Context) error {
		return c.QueryRow(ctx, "SELECT coalesce(max(position), 0) FROM activities").Scan(&seen)
	}); err != nil {
		return err
	}
	wakeAll()
	next := time.Now().Add(look)
	for {
		told, err := w.wait(ctx, c, next)
		if err != nil {
			return err
		}
		if told != "" {
			from, topics, _ := strings.Cut(told, " ")
			if from != w.self {
				wake(strings.Fields(topics))
			}
			continue
		}
		next = time.Now().Add(look)
		grown, through, err := w.follow(ctx, c, seen)
		if err != nil {
			return err
		}
		wake(grown)
		seen = through
	}
}

// wait returns what is told until an instant, "" where nothing is.
func (w *wire) wait(ctx context.Context, c *pgx.Conn, until time.Time) (string, error) {
	waiting, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	n, err := c.WaitForNotification(waiting)
	switch {
	case err == nil:
		return n.Payload, nil
	case ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return "", nil
	}
	return "", err
}

// follow returns the companies whose logs have grown behind a position, and the
// last position that it saw.
func (w *wire) follow(ctx context.Context, c *pgx.Conn, after int64) (grown []string, seen int64, err error) {
	err = within(ctx, func(ctx context.Context) error {
		grown, seen = nil, after
		rows, err := c.Query(ctx, `SELECT coalesce(company_id, ''), max(position) FROM activities WHERE position > $1 GROUP BY 1`, after)
		if err != nil {
			return err
		}
		var id string
		var position int64
		_, err = pgx.ForEachRow(rows, []any{&id, &position}, func() error {
			grown, seen = append(grown, id), max(seen, position)
			return nil
		})
		return err
	})
	return grown, seen, err
}

// tell sends what is pending.
func (w *wire) tell(ctx context.Context, c *pgx.Conn) error {
	for {
		for text := w.next(); text != ""; text = w.next() {
			if err := within(ctx, func(ctx context.Context) error {
				_, err := c.Exec(ctx, "SELECT pg_notify($1, $2)", channel, text)
				return err
			}); err != nil {
				w.send(strings.Fields(text)[1:]) // once there is another connection
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-w.more:
		}
	}
}

// next takes as many of the pending topics as one text carries, "" where none
// is left.
func (w *wire) next() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) == 0 {
		return ""
	}
	text := w.self
	for t := range w.pending {
		if len(text)+1+len(t) > longest {
			break
		}
		text += " " + t
		delete(w.pending, t)
	}
	return text
}

// within runs something that may take no longer than a wire has patience.
func within(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := do(ctx); err != nil {
		return fmt.Errorf("on the wire to the database: %w", err)
	}
	return nil
}
