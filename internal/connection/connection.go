// Package connection holds what a dealer and a reseller agree on: the dealer
// asks, once for each reseller and for ever (A4); the reseller approves or
// rejects, suspends and resumes. Services can be activated over an active
// connection only; what runs already is not touched (A8).
package connection

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// ErrState answers a step that the state of the connection does not allow. It
// tells which steps are.
var ErrState = errs.New(errs.InvalidState, "errorConnectionState")

// forUpdate returns a connection that the viewer sees, its row locked until
// the transaction ends. It fails with [authz.ErrNotFound].
func forUpdate(ctx context.Context, tx *store.Tx, id string) (*ent.Connection, error) {
	c, err := store.Lock(tx, tx.Connection.Query().Where(connection.ID(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On("connectionId")
	}
	if err != nil {
		return nil, fmt.Errorf("read a connection: %w", err)
	}
	return c, nil
}

// forStep is [forUpdate] for a step: it fails with [authz.ErrForbidden] where
// the step is not the viewer's side's to take, and then with [ErrState].
func forStep(ctx context.Context, tx *store.Tx, id string, action Action) (*ent.Connection, error) {
	c, err := forUpdate(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !action.isOpenTo(ctx, c) {
		return nil, authz.ErrForbidden.On("connectionId")
	}
	if _, ok := next(c.Status, action); !ok {
		state := errs.State{SubjectID: c.ID}
		for _, a := range Allowed(c.Status) {
			state.ConnectionActions = append(state.ConnectionActions, string(a))
		}
		return nil, ErrState.On("connectionId").About(state)
	}
	return c, nil
}

// sides are the two companies of a connection; reseller is nil while it was
// only invited.
type sides struct{ dealer, reseller *ent.Company }

func sidesOf(ctx context.Context, tx *store.Tx, c *ent.Connection) (s sides, err error) {
	ctx = viewer.System(ctx)
	if s.dealer, err = tx.Company.Get(ctx, c.DealerID); err != nil {
		return s, fmt.Errorf("read a dealer: %w", err)
	}
	if c.ResellerID != nil {
		if s.reseller, err = tx.Company.Get(ctx, *c.ResellerID); err != nil {
			return s, fmt.Errorf("read a reseller: %w", err)
		}
	}
	return s, nil
}

// record writes what was done to a connection into the logs of both sides,
// from where their streams have it (R47). Of an invitation only the dealer's
// log tells, with the address in place of the reseller.
func (s sides) record(ctx context.Context, tx *store.Tx, mutation string, c *ent.Connection) error {
	e := activity.Entry{
		Action: mutation, SubjectID: c.ID, ConnectionID: c.ID,
		Words: map[string]string{"dealer": s.dealer.Name}, Companies: []string{s.dealer.ID},
	}
	if s.reseller != nil {
		e.Words["reseller"] = s.reseller.Name
		e.Companies = append(e.Companies, s.reseller.ID)
	} else {
		e.Words["reseller"] = *c.InvitedEmail
	}
	return activity.Record(ctx, tx, e)
}

// write posts a letter to a company's contact address, in its language.
func write(ctx context.Context, tx *store.Tx, to *ent.Company, letter func(i18n.Language) mail.Letter) error {
	language, err := company.Language(ctx, tx, to.ID)
	if err != nil {
		return err
	}
	return mail.Post(ctx, tx, to.ContactEmail, letter(language))
}
