package ledger

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/transaction"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/money"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals of what the operator books.
var (
	// ErrNotAReseller answers for a company that has no balance.
	ErrNotAReseller = errs.New(errs.NotAReseller, "errorBalanceNotAReseller")
	// ErrAmount answers an amount that is not above zero.
	ErrAmount = errs.New(errs.Invalid, "errorAmountNotPositive")
	// ErrCurrency answers an amount in another currency than the reseller's.
	ErrCurrency = errs.New(errs.Invalid, "errorAmountForeignCurrency")
)

// Replenish books a payment of a reseller, by the platform operator (R69). The
// same key with the same input finds the first transaction, however long ago
// it was booked (A33).
//
// It fails with the refusals of the form, [ErrAmount] and those of
// [money.Parse], all wrong fields at once; with [authz.ErrNotFound],
// [authz.ErrForbidden], [idempotency.ErrMismatch], [ErrNotAReseller],
// [ErrCurrency] or [ErrBalance]. It changes nothing when it fails.
func Replenish(ctx context.Context, db *store.DB, in Replenishment) (*ent.Transaction, error) {
	var wrong errs.List
	b := booking{
		money: in.Amount,
		key:   idempotency.New("balanceReplenish", &in.IdempotencyKey, in),
		entry: Entry{
			Type: transaction.TypeREPLENISHMENT, Direction: transaction.DirectionCREDIT,
			Amount: checkAmount(&wrong, in.Amount),
			Note:   form.Optional(&wrong, in.Note, form.LinesUpTo(form.MaxReason), "note"),
			Key:    &Key{Value: in.IdempotencyKey},
		},
	}
	wrong.Add(b.key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Transaction, error) {
		c, err := tx.Company.Query().Where(company.ID(in.ResellerID)).Only(ctx)
		switch {
		case ent.IsNotFound(err):
			return nil, authz.ErrNotFound.On("resellerId")
		case err != nil:
			return nil, fmt.Errorf("read a company: %w", err)
		case authz.RequireOperator(ctx) != nil:
			return nil, authz.ErrForbidden.On("resellerId")
		}
		return b.book(ctx, tx, c, "resellerId")
	})
}

// Adjust corrects a transaction by another one that names it, by the platform
// operator (A29): any transaction of a reseller, adjustments too, by any amount
// (A60). Keys are as for [Replenish].
//
// It fails with the refusals of the form, [ErrAmount] and those of
// [money.Parse], all wrong fields at once; with [authz.ErrNotFound],
// [authz.ErrForbidden], [idempotency.ErrMismatch], [ErrCurrency] or
// [ErrBalance]. It changes nothing when it fails.
func Adjust(ctx context.Context, db *store.DB, in Adjustment) (*ent.Transaction, error) {
	var wrong errs.List
	b := booking{
		money: in.Amount,
		key:   idempotency.New("balanceAdjust", &in.IdempotencyKey, in),
		entry: Entry{
			Type: transaction.TypeADJUSTMENT, Direction: in.Direction, CorrectsID: in.TransactionID,
			Amount: checkAmount(&wrong, in.Amount),
			Note:   new(form.Lines(&wrong, in.Note, form.MaxReason, true, "note")),
			Key:    &Key{Value: in.IdempotencyKey},
		},
	}
	wrong.Add(b.key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Transaction, error) {
		t, err := tx.Transaction.Query().Where(transaction.ID(in.TransactionID)).Only(ctx)
		switch {
		case ent.IsNotFound(err):
			return nil, authz.ErrNotFound.On("transactionId")
		case err != nil:
			return nil, fmt.Errorf("read a transaction: %w", err)
		case authz.RequireOperator(ctx) != nil:
			return nil, authz.ErrForbidden.On("transactionId")
		}
		c, err := tx.Company.Get(viewer.System(ctx), t.ResellerID)
		if err != nil {
			return nil, fmt.Errorf("read a company: %w", err)
		}
		return b.book(ctx, tx, c, "transactionId")
	})
}

// booking is what the operator books, its form found right.
type booking struct {
	money money.Input
	key   idempotency.Key
	entry Entry
}

// book posts the entry for a company that the viewer sees, unless the key has
// done so already. field is the one that named the company.
func (b booking) book(ctx context.Context, tx *store.Tx, c *ent.Company, field string) (*ent.Transaction, error) {
	var led *ent.Ledger
	if c.ResellerSince != nil {
		var err error
		if led, err = ForUpdate(ctx, tx, c.ID); err != nil {
			return nil, err
		}
		if led.Edges.Reseller.DeletedAt != nil {
			return nil, authz.ErrNotFound.On(field)
		}
	}
	b.entry.Key.InputHash = b.key.Hash()
	if t, err := b.earlier(ctx, tx); t != nil || err != nil {
		return t, err
	}
	if led == nil {
		return nil, ErrNotAReseller.On(field)
	}
	if currency := *led.Edges.Reseller.Currency; b.money.Currency != currency {
		return nil, ErrCurrency.With("currency", currency).On("amount", "currency")
	}
	return Post(ctx, tx, led, b.entry)
}

// earlier returns the transaction that was booked with the key, nil where this
// is the first call. It fails with [idempotency.ErrMismatch].
func (b booking) earlier(ctx context.Context, tx *store.Tx) (*ent.Transaction, error) {
	t, err := tx.Transaction.Query().Where(
		transaction.ActorID(viewer.From(ctx).UserID), // the person, whichever session (A48)
		transaction.TypeEQ(b.entry.Type),
		transaction.IdempotencyKey(b.entry.Key.Value),
	).Only(viewer.System(ctx))
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("look for an idempotency key: %w", err)
	case *t.InputHash != b.entry.Key.InputHash:
		return nil, idempotency.ErrMismatch.On("idempotencyKey")
	}
	return t, nil
}

// finest is a currency of as many digits as any has: where the currency is none
// at all, only the form of the amount can be checked.
const finest = "CLF"

// checkAmount returns the amount in minor units.
func checkAmount(wrong *errs.List, in money.Input) int64 {
	minor, err := money.Parse(in.Amount, in.Currency)
	if errors.Is(err, money.ErrInvalidCurrency) {
		wrong.Add(money.ErrInvalidCurrency.On("amount", "currency"))
		if minor, err = money.Parse(in.Amount, finest); errors.Is(err, money.ErrTooFine) {
			return 0
		}
	}
	switch {
	case err != nil:
		for _, e := range errs.Refusals(err) {
			wrong.Add(e.On("amount", "amount"))
		}
	case minor <= 0:
		wrong.Add(ErrAmount.On("amount", "amount"))
	case minor > Largest:
		wrong.Add(money.ErrTooLarge.On("amount", "amount"))
	}
	return minor
}
