package billing

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect"

	"partnerhub/ent"
	"partnerhub/internal/fee"
	"partnerhub/internal/ledger"
	"partnerhub/internal/store"
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
	rest  int    // services behind it, once they are few enough for one transaction
}

// errCharged ends a charge that another run has booked meanwhile.
var errCharged = errors.New("charged already")

// begin prepares the lines of so many accounts that those of the rest can be
// prepared in the transaction that books them.
func (c *charge) begin(ctx context.Context) error {
	var err error
	if c.after, c.sum, err = c.prepared(ctx); err != nil {
		return err
	}
	for {
		var through string
		if through, c.rest, err = neighbour(ctx, c.db.Read(ctx), c.resellerID, c.after, ">", chunk); err != nil || through == "" {
			return err
		}
		sum, err := store.Do(ctx, c.db, func(tx *store.Tx) (Sum, error) {
			led, err := c.lock(ctx, tx)
			if err != nil {
				return Sum{}, err
			}
			return c.prepare(ctx, tx, led, through)
		})
		if err != nil {
			return err
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
