package connection

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
)

// decision is a step that the reseller takes.
type decision struct {
	action   Action
	mutation string  // for the log
	reason   *string // words to the dealer; nil clears those of an earlier step
	number   *string // to give the dealer; nil keeps its number
	letter   func(l i18n.Language, publicURL, reseller string, c *ent.Connection) mail.Letter
}

// Approve lets the dealer activate services with the reseller (R45, R48), and
// gives it a number where one is named (R46). A request that was rejected can
// be approved as well (A4).
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden], [ErrState] or [ErrNumberTaken].
func Approve(ctx context.Context, db *store.DB, in Approval) (*ent.Connection, error) {
	var wrong errs.List
	number := form.Optional(&wrong, in.DealerNumber, form.UpTo(maxNumber), "dealerNumber")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return decide(ctx, db, in.ConnectionID, decision{
		action: ActionApprove, mutation: "connectionApprove", number: number,
		letter: func(l i18n.Language, publicURL, reseller string, c *ent.Connection) mail.Letter {
			return mail.ConnectionApproved(l, publicURL, reseller, orNone(c.DealerNumber))
		},
	})
}

// Reject refuses a request, with words to the dealer where there are any
// (R52). The dealer cannot ask again; the reseller can still approve (A4).
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden] or [ErrState].
func Reject(ctx context.Context, db *store.DB, in Refusal) (*ent.Connection, error) {
	return refuse(ctx, db, in, ActionReject, "connectionReject", mail.ConnectionRejected)
}

// Suspend keeps the dealer from activating new services with the reseller;
// those that run are not touched (R53, R54, A8).
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden] or [ErrState].
func Suspend(ctx context.Context, db *store.DB, in Refusal) (*ent.Connection, error) {
	return refuse(ctx, db, in, ActionSuspend, "connectionSuspend", mail.ConnectionSuspended)
}

// Resume makes a suspended connection active again, with the number that the
// dealer had (R55, R56).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden] or [ErrState].
func Resume(ctx context.Context, db *store.DB, in Ref) (*ent.Connection, error) {
	return decide(ctx, db, in.ConnectionID, decision{
		action: ActionResume, mutation: "connectionResume",
		letter: func(l i18n.Language, publicURL, reseller string, _ *ent.Connection) mail.Letter {
			return mail.ConnectionResumed(l, publicURL, reseller)
		},
	})
}

// refuse is a decision with a reason.
func refuse(ctx context.Context, db *store.DB, in Refusal, action Action, mutation string,
	letter func(l i18n.Language, publicURL, reseller, reason string) mail.Letter,
) (*ent.Connection, error) {
	var wrong errs.List
	reason := form.Optional(&wrong, in.Reason, form.LinesUpTo(form.MaxReason), "reason")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return decide(ctx, db, in.ConnectionID, decision{
		action: action, mutation: mutation, reason: reason,
		letter: func(l i18n.Language, publicURL, reseller string, c *ent.Connection) mail.Letter {
			return letter(l, publicURL, reseller, orNone(c.StatusReason))
		},
	})
}

// decide takes a step of the reseller, logs it for both sides and tells the
// dealer by mail.
func decide(ctx context.Context, db *store.DB, id string, d decision) (*ent.Connection, error) {
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Connection, error) {
		c, err := forStep(ctx, tx, id, d.action)
		if err != nil {
			return nil, err
		}
		to, _ := next(c.Status, d.action)
		update := c.Update().SetStatus(to).SetStatusChangedAt(tx.Now).AddVersion(1)
		if d.reason != nil {
			update.SetStatusReason(*d.reason)
		} else {
			update.ClearStatusReason()
		}
		if d.number != nil {
			if err := giveNumber(ctx, tx, c, update, d.number); err != nil {
				return nil, err
			}
		}
		c, s, err := change(ctx, tx, update, d.mutation)
		if err != nil {
			return nil, err
		}
		return c, write(ctx, tx, s.dealer, func(l i18n.Language) mail.Letter {
			return d.letter(l, tx.PublicURL, s.reseller.Name, c)
		})
	})
}

// change writes a change of a connection, and into the logs of both sides. A
// number that was given to another dealer at the same moment is met again by
// the retry.
func change(ctx context.Context, tx *store.Tx, update *ent.ConnectionUpdateOne, mutation string) (*ent.Connection, sides, error) {
	c, err := update.Save(ctx)
	if store.IsUnique(err) {
		return nil, sides{}, store.Again(err)
	}
	if err != nil {
		return nil, sides{}, fmt.Errorf("change a connection: %w", err)
	}
	s, err := sidesOf(ctx, tx, c)
	if err != nil {
		return nil, sides{}, err
	}
	return c, s, s.record(ctx, tx, mutation, c)
}

func orNone(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
