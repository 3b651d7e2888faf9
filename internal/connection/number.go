package connection

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// maxNumber is the longest Dealer number, in characters (A24).
const maxNumber = 32

// ErrNumberTaken answers a number that another dealer of the reseller has, and
// names the connection with that dealer (R46, A24).
var ErrNumberTaken = errs.New(errs.Taken, "errorDealerNumberTaken")

// ChangeNumber changes the number that the reseller gave a dealer, in any
// state of the connection. Null takes it away; left out, it stays as it is,
// and nothing is logged. The same holds for the number that the dealer has.
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden] or [ErrNumberTaken].
func ChangeNumber(ctx context.Context, db *store.DB, in NumberUpdate) (*ent.Connection, error) {
	var wrong errs.List
	to, isSet := form.Change(&wrong, in.DealerNumber, form.UpTo(maxNumber), "dealerNumber")
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Connection, error) {
		c, err := forUpdate(ctx, tx, in.ConnectionID)
		if err != nil {
			return nil, err
		}
		if c.ResellerID == nil || !authz.Can(ctx, authz.ManageConnections, *c.ResellerID) {
			return nil, authz.ErrForbidden.On("connectionId")
		}
		if !isSet || orNone(to) == orNone(c.DealerNumber) {
			return c, nil
		}
		update := c.Update().AddVersion(1)
		if err := giveNumber(ctx, tx, c, update, to); err != nil {
			return nil, err
		}
		c, _, err = change(ctx, tx, update, "connectionDealerNumberUpdate")
		return c, err
	})
}

// giveNumber sets the number of a connection's dealer, none where it is nil. It
// fails with [ErrNumberTaken].
func giveNumber(ctx context.Context, tx *store.Tx, c *ent.Connection, update *ent.ConnectionUpdateOne, to *string) error {
	if to == nil {
		update.ClearDealerNumber().ClearNumberKey()
		return nil
	}
	other, err := tx.Connection.Query().Where(
		connection.ResellerID(*c.ResellerID), connection.DealerNumber(*to),
		connection.IDNEQ(c.ID), connection.DeletedAtIsNil(),
	).Only(viewer.System(ctx))
	if err == nil {
		return ErrNumberTaken.On("dealerNumber").About(errs.Existing{ID: other.ID})
	}
	if !ent.IsNotFound(err) {
		return fmt.Errorf("look for a dealer number: %w", err)
	}
	update.SetDealerNumber(*to).SetNumberKey(store.Fold(*to))
	return nil
}
