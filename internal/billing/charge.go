package billing

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect"

	"partnerhub/ent"
	entledger "partnerhub/ent/ledger"
	"partnerhub/ent/service"
	"partnerhub/ent/transaction"
	"partnerhub/internal/activity"
	"partnerhub/internal/fee"
	"partnerhub/internal/ledger"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
)

// chunk is of how many services a transaction prepares the lines: few enough
// that a command that waits for it does not notice.
const chunk = 5000

// charge is the run of one reseller and month. Lines are prepared in the order
// of serial numbers; since the month is closed, they are the same whoever
// prepares them, and those that are there tell how far it came.
type charge struct {
	db         *store.DB
	resellerID string
	month      fee.Month
	said       *progress

	after string // serial number through which the lines are there
	sum   Sum    // of those lines
}

// errCharged ends a charge that another run has booked meanwhile.
var errCharged = errors.New("charged already")

// run prepares the lines and books them.
func (c *charge) run(ctx context.Context) (Outcome, error) {
	done, err := c.toTheEnd(ctx)
	if errors.Is(err, errCharged) {
		return Outcome{}, nil
	}
	return done, err
}

func (c *charge) toTheEnd(ctx context.Context) (Outcome, error) {
	var err error
	if c.after, c.sum, err = c.prepared(ctx); err != nil {
		return Outcome{}, err
	}
	for {
		through, err := neighbour(ctx, c.db.Read(ctx), c.resellerID, c.after, ">", chunk)
		if err != nil {
			return Outcome{}, err
		}
		if through == "" {
			return c.book(ctx)
		}
		sum, err := store.Do(ctx, c.db, func(tx *store.Tx) (Sum, error) {
			led, err := c.lock(ctx, tx)
			if err != nil {
				return Sum{}, err
			}
			return c.prepare(ctx, tx, led, through)
		})
		if err != nil {
			return Outcome{}, err
		}
		c.said.wrote(sum.Count - c.sum.Count)
		c.after, c.sum = through, sum
	}
}

// prepared returns how far the lines of the month are there, and their sum.
func (c *charge) prepared(ctx context.Context) (through string, sum Sum, err error) {
	err = row(ctx, c.db.Read(ctx), `SELECT coalesce(max(serial_number), ''), CAST(coalesce(sum(amount), 0) AS bigint), count(*)
		FROM charge_lines WHERE reseller_id = $1 AND month = $2`, []any{c.resellerID, c.month.String()}, &through, &sum.Amount, &sum.Count)
	if err != nil {
		return "", Sum{}, fmt.Errorf("read how far the lines are prepared: %w", err)
	}
	return through, sum, nil
}

// lock locks the ledger, which waits for the month.
func (c *charge) lock(ctx context.Context, tx *store.Tx) (*ent.Ledger, error) {
	led, err := ledger.ForUpdate(ctx, tx, c.resellerID)
	if err != nil {
		return nil, err
	}
	if led.ChargedThrough != c.month.Prev().String() {
		return nil, errCharged
	}
	return led, nil
}

// prepare writes the lines behind those that are there, through a serial
// number or, where it is "", to the last, and returns the sum of all. Those that
// another run has written are as these would be.
func (c *charge) prepare(ctx context.Context, tx *store.Tx, led *ent.Ledger, through string) (Sum, error) {
	lines, args := fee.Lines(tx.Dialect(), fee.Span{
		ResellerID: c.resellerID, Currency: *led.Edges.Reseller.Currency, Month: c.month, After: c.after, Through: through,
	})
	at := "$" // the placeholders are those of the lines
	if tx.Dialect() == dialect.SQLite {
		at = "?"
	}
	month := at + strconv.Itoa(len(args)+1)
	_, err := tx.ExecContext(ctx, `INSERT INTO charge_lines (reseller_id, month, serial_number, package_id, service_id, amount)
		SELECT `+at+`1, `+month+`, serial_number, package_id, service_id, amount FROM (`+lines+`) AS line
		WHERE true ON CONFLICT DO NOTHING`, append(args, c.month.String())...)
	if err != nil {
		return Sum{}, fmt.Errorf("prepare the lines of a charge: %w", err)
	}
	args = []any{c.resellerID, c.month.String(), c.after}
	text := `SELECT CAST(coalesce(sum(amount), 0) AS bigint), count(*) FROM charge_lines
		WHERE reseller_id = $1 AND month = $2 AND serial_number > $3`
	if through != "" {
		text, args = text+" AND serial_number <= $4", append(args, through)
	}
	var more Sum
	if err := row(ctx, tx.Client(), text, args, &more.Amount, &more.Count); err != nil {
		return Sum{}, fmt.Errorf("sum the lines of a charge: %w", err)
	}
	if more.Amount > ledger.Largest-c.sum.Amount { // beyond 2^63 the database has failed
		return Sum{}, fmt.Errorf("the lines of a charge sum up to more than %d", int64(ledger.Largest))
	}
	return Sum{c.sum.Amount + more.Amount, c.sum.Count + more.Count}, nil
}

// book prepares the last lines, books their sum, ends what expires, and marks
// the month as charged: in one transaction (A2). Counters whose time is over
// go with it.
func (c *charge) book(ctx context.Context) (Outcome, error) {
	lines := 0
	done, err := store.Do(ctx, c.db, func(tx *store.Tx) (done Outcome, err error) {
		led, err := c.lock(ctx, tx)
		if err != nil {
			return done, err
		}
		sum, err := c.prepare(ctx, tx, led, "")
		if err != nil {
			return done, err
		}
		lines = sum.Count - c.sum.Count
		if err := c.post(ctx, tx, led, sum.Amount); err != nil {
			return done, err
		}
		if sum.Amount > 0 {
			done.Booked = 1
		}
		if done.Ended, err = lifecycle.EndDueOf(ctx, tx, c.resellerID, c.month.End); err != nil {
			return done, err
		}
		err = tx.Ledger.Update().Where(entledger.ID(led.ID)).SetChargedThrough(c.month.String()).AddVersion(1).Exec(ctx)
		if err != nil {
			return done, fmt.Errorf("mark a month as charged: %w", err)
		}
		return done, tally.Sweep(ctx, tx, c.resellerID)
	})
	if err == nil {
		c.said.wrote(lines)
	}
	return done, err
}

// post books the fee. Where nothing is due, the reseller's screens are told
// that the month has turned, if any account is on them.
func (c *charge) post(ctx context.Context, tx *store.Tx, led *ent.Ledger, sum int64) error {
	if sum > 0 {
		_, err := ledger.Post(ctx, tx, led, ledger.Entry{
			Type: transaction.TypeMONTHLY_FEE, Direction: transaction.DirectionDEBIT, Amount: sum, Month: c.month.Month,
		})
		return err
	}
	live, err := tx.Service.Query().
		Where(service.ResellerID(c.resellerID), service.StatusIn(service.StatusACTIVE, service.StatusEXPIRING, service.StatusSUSPENDED)).
		Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for accounts: %w", err)
	}
	if !live {
		return nil
	}
	return activity.Record(ctx, tx, activity.Entry{
		Action: "monthClosed", SubjectID: led.ID, Words: map[string]string{"month": c.month.String()}, Companies: []string{c.resellerID},
	})
}

// row reads the one row of a query, if there is one. Placeholders are $1, $2…
// in this order, which both databases count alike.
func row(ctx context.Context, c *ent.Client, query string, args []any, into ...any) error {
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
	}
	return rows.Err()
}
