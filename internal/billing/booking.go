package billing

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	entledger "partnerhub/ent/ledger"
	"partnerhub/ent/service"
	"partnerhub/ent/transaction"
	"partnerhub/internal/activity"
	"partnerhub/internal/ledger"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
)

// booking is the charges of a month that are booked together, in the order of
// their resellers: one of many accounts, or several of few. Most of what a
// transaction costs it costs once, however many are in it.
type booking struct {
	charges []*charge
	rest    int // services whose lines it prepares
}

// hasRoomFor reports whether one more charge leaves the transaction short.
func (b *booking) hasRoomFor(c *charge) bool { return len(b.charges) == 0 || b.rest+c.rest <= chunk }

func (b *booking) add(c *charge) {
	b.charges = append(b.charges, c)
	b.rest += c.rest
}

// run books the charges and begins anew. Where that fails, each is booked by
// itself, so that it fails for those alone that are to blame.
func (b *booking) run(ctx context.Context) (all Outcome, err error) {
	charges := b.charges
	*b = booking{}
	if len(charges) > 1 {
		if all, err = book(ctx, charges); err == nil || ctx.Err() != nil {
			return all, err
		}
	}
	var failures []error
	for _, c := range charges {
		done, err := book(ctx, []*charge{c})
		all.Ended += done.Ended
		all.Booked += done.Booked
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if err != nil {
			failures = append(failures, c.failed(ctx, err))
		}
	}
	return all, errors.Join(failures...)
}

// book prepares the last lines of each, books their sum, ends what expires, and
// marks the month as charged: in one transaction (A2). Counters whose time is
// over go with it. All ledgers are locked before the first fee is booked, which
// takes the log: a command that holds one of them may be waiting for that.
func book(ctx context.Context, charges []*charge) (Outcome, error) {
	if len(charges) == 0 {
		return Outcome{}, nil
	}
	db, month, lines := charges[0].db, charges[0].month, 0
	done, err := store.Do(ctx, db, func(tx *store.Tx) (done Outcome, err error) {
		lines = 0
		var posts []func() error
		var ledgers, resellers []string
		for _, c := range charges {
			led, err := c.lock(ctx, tx)
			if errors.Is(err, errCharged) {
				continue
			}
			if err != nil {
				return done, err
			}
			sum, err := c.prepare(ctx, tx, led, "")
			if err != nil {
				return done, err
			}
			if sum.Amount > 0 {
				done.Booked++
			}
			lines += sum.Count - c.sum.Count
			posts = append(posts, func() error { return c.post(ctx, tx, led, sum.Amount) })
			ledgers, resellers = append(ledgers, led.ID), append(resellers, c.resellerID)
		}
		if len(ledgers) == 0 {
			return done, nil
		}
		for _, post := range posts {
			if err := post(); err != nil {
				return done, err
			}
		}
		if done.Ended, err = lifecycle.EndDueOf(ctx, tx, month.End, resellers...); err != nil {
			return done, err
		}
		err = tx.Ledger.Update().Where(entledger.IDIn(ledgers...)).SetChargedThrough(month.String()).AddVersion(1).Exec(ctx)
		if err != nil {
			return done, fmt.Errorf("mark a month as charged: %w", err)
		}
		return done, tally.Sweep(ctx, tx, resellers...)
	})
	if err == nil {
		charges[0].said.booked(len(charges), lines)
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

// failed tells the log of a reseller that could not be charged.
func (c *charge) failed(ctx context.Context, err error) error {
	err = fmt.Errorf("charge %s to the reseller %s: %w", c.month.Month, c.resellerID, err)
	c.db.Log().ErrorContext(ctx, "a month is not charged", "error", err)
	return err
}
