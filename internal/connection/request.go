package connection

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/predicate"
	"partnerhub/internal/authz"
	area "partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/identity"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals of a request.
var (
	// ErrNotADealer answers a company that is not enrolled as a dealer (R8).
	ErrNotADealer = errs.New(errs.NotADealer, "errorConnectionNotADealer")
	// ErrNotAReseller answers a request to one's own company, or to one that
	// the viewer sees and that is no reseller (R29, A55).
	ErrNotAReseller = errs.New(errs.NotAReseller, "errorConnectionNotAReseller")
	// ErrRequestExists answers a second request to the same reseller, also
	// after the first was rejected (R31, R32, A4).
	ErrRequestExists = errs.New(errs.RequestExists, "errorConnectionRequestExists")
)

// Ask sends a dealer's request to a reseller. An address that is no reseller's
// is invited, and the request waits on it (A23): the answer tells nothing else
// about the address.
//
// It fails with [form.ErrOneOf], the refusals of [form.Email] and of package
// idempotency, [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer],
// [ErrNotAReseller] or [ErrRequestExists].
func Ask(ctx context.Context, db *store.DB, in Request) (*ent.Connection, error) {
	key := idempotency.New("connectionRequest", in.IdempotencyKey, in)
	email, err := checkRequest(in, key)
	if err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Connection, error) {
		dealer, err := companyForUpdate(ctx, tx, company.ID(in.DealerID))
		if ent.IsNotFound(err) {
			return nil, authz.ErrNotFound.On("dealerId")
		}
		if err != nil {
			return nil, err
		}
		s := sides{dealer: dealer}
		if s.reseller, err = asked(ctx, tx, in.Reseller.ID, email); err != nil {
			return nil, err
		}
		if !authz.Can(ctx, authz.ManageConnections, dealer.ID) {
			return nil, authz.ErrForbidden.On("dealerId")
		}
		if earlier, err := key.Earlier(ctx, tx); err != nil {
			return nil, err
		} else if earlier != "" {
			return again(ctx, tx, earlier)
		}
		if err := s.checkKinds(in.Reseller.path(), email); err != nil {
			return nil, err
		}
		c, err := s.request(ctx, tx, in.Reseller.path(), email)
		if err != nil {
			return nil, err
		}
		return c, key.Keep(ctx, tx, c.ID)
	})
}

// checkRequest checks the form of a request. It returns the address to ask,
// "" where the reseller was named by its id.
func checkRequest(in Request, key idempotency.Key) (email string, err error) {
	if refused := form.OneOf([]string{"reseller"}, in.Reseller.ID != nil, in.Reseller.Email != nil); refused != nil {
		return "", refused
	}
	var wrong errs.List
	if in.Reseller.Email != nil {
		email = form.Email(&wrong, *in.Reseller.Email, in.Reseller.path()...)
	}
	wrong.Add(key.Check())
	return email, wrong.Err()
}

// path is the field of the input that names the reseller.
func (r ResellerRef) path() []string {
	if r.ID != nil {
		return []string{"reseller", "id"}
	}
	return []string{"reseller", "email"}
}

// again answers a repeated call with what the first one made, as it is now.
func again(ctx context.Context, tx *store.Tx, id string) (*ent.Connection, error) {
	c, err := tx.Connection.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound // withdrawn since
	}
	if err != nil {
		return nil, fmt.Errorf("read a connection: %w", err)
	}
	return c, nil
}

// asked returns the company that the viewer asks, by its id or by the contact
// address of a reseller; nil where the address is to be invited. Both ways
// lead to the same company (R37). It fails with [authz.ErrNotFound].
func asked(ctx context.Context, tx *store.Tx, id *string, email string) (*ent.Company, error) {
	named := company.ResellerEmail(email)
	if id != nil {
		named = company.ID(*id)
	}
	c, err := companyForUpdate(ctx, tx, named)
	if ent.IsNotFound(err) && id == nil {
		if err := area.HoldAddress(ctx, tx, email); err != nil {
			return nil, err
		}
		c, err = companyForUpdate(ctx, tx, named) // it may have become a reseller meanwhile
	}
	switch {
	case ent.IsNotFound(err) && id == nil:
		return nil, nil
	case ent.IsNotFound(err):
		return nil, authz.ErrNotFound.On("reseller", "id")
	case err != nil:
		return nil, err
	}
	return c, nil
}

// checkKinds refuses a request of a company that is no dealer, or to one that
// is no reseller. email is the address asked, "" where an id was given; path
// is the field that names whom to ask.
func (s sides) checkKinds(path []string, email string) error {
	switch {
	case s.dealer.DealerSince == nil:
		return ErrNotADealer.On("dealerId")
	case s.reseller != nil && s.reseller.ResellerSince == nil, // one's own company among them: it is a dealer
		s.reseller == nil && email == s.dealer.ContactEmail: // and so is its address
		return ErrNotAReseller.On(path...)
	}
	return nil
}

// request writes the request of the dealer to the reseller, or to the address
// where there is no reseller yet. It fails with [ErrRequestExists].
func (s sides) request(ctx context.Context, tx *store.Tx, path []string, email string) (*ent.Connection, error) {
	pair := connection.And(connection.ResellerIDIsNil(), connection.InvitedEmail(email))
	create := tx.Connection.Create().SetDealerID(s.dealer.ID).SetStatus(connection.StatusPENDING).
		SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now)
	if s.reseller != nil {
		pair = connection.ResellerID(s.reseller.ID)
		create.SetResellerID(s.reseller.ID)
	} else {
		create.SetInvitedEmail(email)
	}
	earlier, err := tx.Connection.Query().Where(connection.DealerID(s.dealer.ID), pair).Only(viewer.System(ctx))
	if err == nil {
		return nil, ErrRequestExists.On(path...).About(errs.Existing{ID: earlier.ID})
	}
	if !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look for a request: %w", err)
	}
	c, err := create.Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // sent at the same moment: the retry finds it
	}
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	if err := s.record(ctx, tx, "connectionRequest", c); err != nil {
		return nil, err
	}
	return c, s.tell(ctx, tx, email)
}

// tell writes to the reseller that a request waits (R51), or to an unknown
// address that it is invited (R39), in the language of who invites. Too many
// invitations fail with [throttle.ErrTooMany].
func (s sides) tell(ctx context.Context, tx *store.Tx, email string) error {
	if s.reseller == nil {
		if err := identity.Inviting(ctx, tx, email); err != nil {
			return err
		}
		return mail.Post(ctx, tx, email, mail.ResellerInvitation(i18n.From(ctx), tx.PublicURL, s.dealer.Name))
	}
	return write(ctx, tx, s.reseller, func(l i18n.Language) mail.Letter {
		return mail.ConnectionRequested(l, tx.PublicURL, s.dealer.Name)
	})
}

// companyForUpdate returns a company that the viewer sees, its row locked
// until the transaction ends, so that it is not deleted meanwhile.
func companyForUpdate(ctx context.Context, tx *store.Tx, named predicate.Company) (*ent.Company, error) {
	c, err := store.Lock(tx, tx.Company.Query().Where(named)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a company: %w", err)
	}
	return c, nil
}
