package ledger_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/transaction"
	"partnerhub/internal/calendar"
	"partnerhub/internal/ledger"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// house is a database with a reseller, the platform operator, and others who
// ask.
type house struct {
	testing.TB
	db       *store.DB
	reseller *ent.Company
	operator viewer.Viewer
}

func newHouse(t testing.TB) *house {
	t.Helper()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t), TestClock: &now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &house{TB: t, db: db, operator: viewer.Viewer{UserID: "usr_operator", Operator: true}}
	h.write(func(ctx context.Context, tx *store.Tx) {
		tx.User.Create().SetID(h.operator.UserID).SetEmail("o@example.org").SetName("O").SetNameKey("o").
			SetPasswordHash("x").SetCreatedAt(now).ExecX(ctx)
	})
	h.reseller = h.enrolls("Station", "EUR")
	return h
}

// write changes the database past all rules.
func (h *house) write(fn func(context.Context, *store.Tx)) {
	h.Helper()
	ctx := viewer.System(h.Context())
	if _, err := store.Do(ctx, h.db, func(tx *store.Tx) (int, error) { fn(ctx, tx); return 0, nil }); err != nil {
		h.Fatal(err)
	}
}

// enrolls makes a reseller.
func (h *house) enrolls(name, currency string) (c *ent.Company) {
	h.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) {
		c = tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail(name + "@b.example").
			SetCreatedAt(tx.Now).SetResellerSince(tx.Now).SetResellerEmail(name + "@b.example").SetCurrency(currency).SaveX(ctx).Unwrap()
		tx.Ledger.Create().SetResellerID(c.ID).SetChargedThrough("2025-12").ExecX(ctx)
	})
	return c
}

// as is a context in which somebody asks.
func (h *house) as(v viewer.Viewer) context.Context { return viewer.With(h.Context(), v) }

// posts books an entry of the monthly run.
func (h *house) posts(e ledger.Entry) (*ent.Transaction, error) {
	h.Helper()
	return store.Do(h.as(viewer.Viewer{}), h.db, func(tx *store.Tx) (*ent.Transaction, error) {
		led, err := ledger.ForUpdate(h.as(viewer.Viewer{}), tx, h.reseller.ID)
		if err != nil {
			return nil, err
		}
		return ledger.Post(h.as(viewer.Viewer{}), tx, led, e)
	})
}

func monthlyFee(amount int64, month time.Month) ledger.Entry {
	return ledger.Entry{
		Type: transaction.TypeMONTHLY_FEE, Direction: transaction.DirectionDEBIT, Amount: amount,
		Month: calendar.Month{Year: 2026, Month: month},
	}
}

// Post numbers the transactions, keeps the running balance, and tells of each
// in the reseller's log. (R67, R69)
func TestPost(t *testing.T) {
	h := newHouse(t)
	var heard []string
	h.db.OnCommit(func(topics []string) { heard = append(heard, topics...) })
	for i, amount := range []int64{700, 550} {
		got, err := h.posts(monthlyFee(amount, time.Month(i+1)))
		if err != nil {
			t.Fatal(err)
		}
		want := []int64{-700, -1250}[i]
		if got.Number != int64(i+1) || got.BalanceAfter != want || got.Currency != "EUR" || !got.OccurredAt.Equal(h.db.Clock.Now()) {
			t.Errorf("transaction %v", got)
		}
	}
	ctx := viewer.System(t.Context())
	led := h.db.Read(ctx).Ledger.Query().OnlyX(ctx)
	if led.Balance != -1250 || led.LastNumber != 2 || led.Version != 3 {
		t.Errorf("ledger %v", led)
	}
	told := h.db.Read(ctx).Activity.Query().Where(activity.Action("monthlyFee")).Order(ent.Asc(activity.FieldPosition)).AllX(ctx)
	if len(told) != 2 || *told[0].CompanyID != h.reseller.ID || told[0].ActorID != nil || told[1].Words["month"] != "2026-02" {
		t.Errorf("the log tells %v", told)
	}
	if len(heard) != 2 || heard[0] != h.reseller.ID {
		t.Errorf("woken were %v", heard)
	}
}

// A balance stays exact in every client: within ±(2^53 - 1).
func TestPost_beyondTheLargestBalance(t *testing.T) {
	h := newHouse(t)
	if _, err := h.posts(monthlyFee(ledger.Largest, time.January)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.posts(monthlyFee(1, time.February)); !errors.Is(err, ledger.ErrBalance) {
		t.Errorf("one more: %v", err)
	}
}

// all runs some statements, one after the other.
func all(ctx context.Context, tx *store.Tx, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// The database itself refuses what would break the history, whoever asks.
func TestGuard(t *testing.T) {
	h := newHouse(t)
	for _, m := range []time.Month{1, 2} {
		if _, err := h.posts(monthlyFee(100, m)); err != nil {
			t.Fatal(err)
		}
	}
	ctx := viewer.System(t.Context())
	last := h.db.Read(ctx).Transaction.Query().Where(transaction.Number(2)).OnlyX(ctx)
	other := h.enrolls("Other", "PLN")
	insert := func(verb, id, reseller, number, amount, currency, after, month string) string {
		return verb + ` INTO transactions (id, reseller_id, number, type, direction, amount, currency, balance_after, occurred_at, month) VALUES ('` +
			strings.Join([]string{id, reseller, number}, "', '") + `', 'MONTHLY_FEE', 'DEBIT', '` +
			strings.Join([]string{amount, currency, after, "2026-03-01 00:00:00+00:00", month}, "', '") + `')`
	}
	line := func(verb, id, month, amount string) string {
		return verb + ` INTO charge_lines (id, reseller_id, month, serial_number, package_id, service_id, amount) VALUES (` +
			strings.Join([]string{id, "'" + h.reseller.ID + "'", "'" + month + "'", "'1', 'p', 's'", amount}, ", ") + `)`
	}
	// What is tried of lines is undone: there is no service that they are for.
	loosen, next := "PRAGMA defer_foreign_keys = ON", "NULL"
	if database.IsPostgres() {
		loosen, next = "ALTER TABLE charge_lines DROP CONSTRAINT charge_lines_services_service", "DEFAULT"
	}
	prepared := []string{loosen, line("INSERT", "7", "2026-03", "100")}
	const follows, booked = "follows from the one before", "booked already"
	fixed, lines := "a transaction is never", "a charge line is never"
	if database.IsPostgres() {
		fixed, lines = "rows of transactions are never", "rows of charge_lines are never"
	}
	for name, c := range map[string]struct{ statement, want string }{
		"change":                {`UPDATE transactions SET amount = 1 WHERE number = 1`, fixed},
		"deletion":              {`DELETE FROM transactions WHERE number = 2`, fixed},
		"replacement":           {insert("REPLACE", last.ID, h.reseller.ID, "3", "1", "EUR", "-201", "2026-03"), fixed},
		"a month once more":     {insert("REPLACE", "txn_x", h.reseller.ID, "3", "1", "EUR", "-201", "2026-02"), fixed},
		"a gap":                 {insert("INSERT", "txn_x", h.reseller.ID, "4", "1", "EUR", "-201", "2026-03"), follows},
		"a number once more":    {insert("INSERT", "txn_x", h.reseller.ID, "2", "1", "EUR", "-201", "2026-03"), follows},
		"a wrong balance":       {insert("INSERT", "txn_x", h.reseller.ID, "3", "1", "EUR", "-199", "2026-03"), follows},
		"another currency":      {insert("INSERT", "txn_x", h.reseller.ID, "3", "1", "PLN", "-201", "2026-03"), follows},
		"a first that is not 1": {insert("INSERT", "txn_x", other.ID, "2", "1", "PLN", "-1", "2026-03"), follows},
		"a foreign first":       {insert("INSERT", "txn_x", other.ID, "1", "1", "EUR", "-1", "2026-03"), follows},
		"a line too late":       {line("INSERT", next, "2026-02", "1"), booked},
		"change of a line":      {`UPDATE charge_lines SET amount = 1`, lines},
		"deletion of a line":    {`DELETE FROM charge_lines`, lines},
		"a line once more":      {line("REPLACE", next, "2026-03", "1"), lines},
		"a line's id once more": {line("REPLACE", "7", "2026-04", "100"), lines},
	} {
		t.Run(name, func(t *testing.T) {
			if insertion, ok := strings.CutPrefix(c.statement, "REPLACE"); ok && database.IsPostgres() { // which has no such verb
				c.statement, c.want = "INSERT"+insertion, "duplicate key"
			}
			_, err := store.Do(ctx, h.db, func(tx *store.Tx) (int, error) {
				return 0, all(ctx, tx, append(prepared, c.statement)...)
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a line that is there passes by", func(t *testing.T) {
		undo := errors.New("undo")
		_, err := store.Do(ctx, h.db, func(tx *store.Tx) (int, error) {
			err := all(ctx, tx, append(prepared, line("INSERT", next, "2026-03", "100")+" ON CONFLICT DO NOTHING", line("INSERT", next, "2026-04", "1"))...)
			if n := tx.ChargeLine.Query().CountX(ctx); n != 2 {
				t.Errorf("%d lines", n)
			}
			return 0, errors.Join(undo, err)
		})
		if err == nil || err.Error() != undo.Error() {
			t.Error(err)
		}
	})
	t.Run("what follows is fine", func(t *testing.T) {
		h.write(func(ctx context.Context, tx *store.Tx) {
			for _, s := range []string{
				insert("INSERT", "txn_3", h.reseller.ID, "3", "1", "EUR", "-201", "2026-03"),
				insert("INSERT", "txn_1", other.ID, "1", "5", "PLN", "-5", "2026-03"),
			} {
				if _, err := tx.ExecContext(ctx, s); err != nil {
					t.Error(err)
				}
			}
		})
	})
}
