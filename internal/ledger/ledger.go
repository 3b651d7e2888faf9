// Package ledger holds the money of the resellers: an append-only history of
// transactions for each, with the balance after each, and the commands of the
// platform operator that add to it (R66–R70). Fees are added by the monthly
// run, through the same door: [Post].
//
// The row of a reseller's ledger is the lock of its money. Whatever changes its
// figures takes it with [ForUpdate], after the locks of companies and
// connections and before those of hubs.
package ledger

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/transaction"
	"partnerhub/internal/activity"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Largest is the largest balance and the largest amount, in minor units, and
// the smallest below zero: what is exact in every client, 2^53 - 1.
const Largest = 1<<53 - 1

// ErrBalance answers a transaction after which the balance would be beyond
// ±[Largest].
var ErrBalance = errs.New(errs.Invalid, "errorBalanceTooLarge")

// ForUpdate returns the ledger of a reseller with its edge to the company, its
// row locked until the transaction ends. Every reseller has one from its
// enrolment on; it fails with an [ent.NotFoundError] for any other company.
func ForUpdate(ctx context.Context, tx *store.Tx, resellerID string) (*ent.Ledger, error) {
	ctx = viewer.System(ctx)
	led, err := store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerID(resellerID))).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock a ledger: %w", err)
	}
	// The company is read once the lock is held: its currency stays as it is.
	if led.Edges.Reseller, err = tx.Company.Get(ctx, resellerID); err != nil {
		return nil, fmt.Errorf("read the company of a ledger: %w", err)
	}
	return led, nil
}

// Entry is a transaction to be booked, in the currency of the reseller.
type Entry struct {
	Type       transaction.Type
	Direction  transaction.Direction // CREDIT adds to the balance, DEBIT takes from it
	Amount     int64                 // minor units, 1 to Largest
	Month      calendar.Month        // a MONTHLY_FEE is for; zero for anything else
	CorrectsID string                // what an ADJUSTMENT corrects; "" for anything else
	Note       *string
	Key        *Key // of a REPLENISHMENT or an ADJUSTMENT; nil for a MONTHLY_FEE
}

// Key is the idempotency key that the viewer booked a transaction with, and
// the hash of the whole input (A33).
type Key struct{ Value, InputHash string }

// actions are the names of the entries in the reseller's log.
var actions = map[transaction.Type]string{
	transaction.TypeREPLENISHMENT: "balanceReplenish",
	transaction.TypeADJUSTMENT:    "balanceAdjust",
	transaction.TypeMONTHLY_FEE:   "monthlyFee",
}

// Post books an entry: the one way in which transactions come to be and
// balances change. It numbers the transaction, brings the ledger up to date, in
// led too, and writes to the reseller's log, which wakes the streams. It fails
// with [ErrBalance]. The database refuses what does not follow from the
// transaction before.
//
// led must come from [ForUpdate] in the same transaction.
func Post(ctx context.Context, tx *store.Tx, led *ent.Ledger, e Entry) (*ent.Transaction, error) {
	balance, err := e.after(led.Balance)
	if err != nil {
		return nil, err
	}
	reseller := led.Edges.Reseller
	if reseller.Currency == nil {
		return nil, fmt.Errorf("the reseller %s has no currency", reseller.ID)
	}
	create := tx.Transaction.Create().
		SetResellerID(reseller.ID).SetNumber(led.LastNumber + 1).
		SetType(e.Type).SetDirection(e.Direction).SetAmount(e.Amount).SetCurrency(*reseller.Currency).
		SetBalanceAfter(balance).SetOccurredAt(tx.Now).SetNillableNote(e.Note)
	words := map[string]string{"company": reseller.Name}
	if !e.Month.IsZero() {
		create.SetMonth(e.Month.String())
		words["month"] = e.Month.String()
	}
	if e.CorrectsID != "" {
		create.SetCorrectsID(e.CorrectsID)
	}
	if e.Key != nil {
		create.SetActorID(viewer.From(ctx).UserID).SetIdempotencyKey(e.Key.Value).SetInputHash(e.Key.InputHash)
	}
	t, err := create.Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // the same key at the same moment: the retry finds its effect
	}
	if err != nil {
		return nil, fmt.Errorf("book a transaction: %w", err)
	}
	after, err := led.Update().SetBalance(balance).SetLastNumber(t.Number).AddVersion(1).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("change a ledger: %w", err)
	}
	led.Balance, led.LastNumber, led.Version = after.Balance, after.LastNumber, after.Version
	return t, activity.Record(ctx, tx, activity.Entry{
		Action: actions[e.Type], SubjectID: t.ID, Words: words, Companies: []string{reseller.ID},
	})
}

// after is the balance after the entry.
func (e Entry) after(balance int64) (int64, error) {
	if e.Amount < 1 || e.Amount > Largest {
		return 0, fmt.Errorf("%d is no amount of a transaction", e.Amount)
	}
	if e.Direction == transaction.DirectionDEBIT {
		balance -= e.Amount
	} else {
		balance += e.Amount
	}
	if balance > Largest || balance < -Largest {
		return 0, ErrBalance.On("amount", "amount")
	}
	return balance, nil
}
