package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/activity"
	"partnerhub/internal/mail"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// HoldAddress keeps others from inviting an address and from becoming its
// reseller until the transaction ends: an invitation of that moment would wait
// for ever on a reseller that did not see it.
func HoldAddress(ctx context.Context, tx *store.Tx, address string) error {
	return store.Hold(ctx, tx, "the reseller of "+address)
}

// claimInvitations turns the invitations that wait on a reseller's contact
// address into ordinary pending requests (A23). Where a dealer has asked this
// reseller besides, that request stays and the invitation goes (A55): they
// were meant for one and the same.
func claimInvitations(ctx context.Context, tx *store.Tx, reseller *ent.Company) error {
	ctx = viewer.System(ctx)
	if err := HoldAddress(ctx, tx, reseller.ContactEmail); err != nil {
		return err
	}
	waiting, err := store.Lock(tx, tx.Connection.Query().
		Where(connection.InvitedEmail(reseller.ContactEmail), connection.ResellerIDIsNil(), connection.DeletedAtIsNil()).
		Order(ent.Asc(connection.FieldID))).All(ctx)
	if err != nil {
		return fmt.Errorf("look for invitations: %w", err)
	}
	for _, invitation := range waiting {
		dealer, err := tx.Company.Get(ctx, invitation.DealerID)
		if err != nil {
			return fmt.Errorf("look for a dealer: %w", err)
		}
		asked, err := tx.Connection.Query().
			Where(connection.DealerID(dealer.ID), connection.ResellerID(reseller.ID)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for a request: %w", err)
		}
		if asked {
			err = withdraw(ctx, tx, invitation, dealer)
		} else {
			err = turn(ctx, tx, invitation, dealer, reseller)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// turn makes an invitation a request to the reseller, and tells it by mail.
func turn(ctx context.Context, tx *store.Tx, invitation *ent.Connection, dealer, reseller *ent.Company) error {
	if err := invitation.Update().SetResellerID(reseller.ID).AddVersion(1).Exec(ctx); err != nil {
		return fmt.Errorf("turn an invitation into a request: %w", err)
	}
	err := activity.Record(ctx, tx, activity.Entry{
		Action: "connectionRequest", SubjectID: invitation.ID, ConnectionID: invitation.ID,
		Words:     map[string]string{"dealer": dealer.Name, "reseller": reseller.Name},
		Companies: []string{dealer.ID, reseller.ID},
	})
	if err != nil {
		return err
	}
	language, err := Language(ctx, tx, reseller.ID)
	if err != nil {
		return err
	}
	return mail.Post(ctx, tx, reseller.ContactEmail, mail.ConnectionRequested(language, tx.PublicURL, dealer.Name))
}

// withdraw takes an invitation away. Only the dealer ever saw it.
func withdraw(ctx context.Context, tx *store.Tx, invitation *ent.Connection, dealer *ent.Company) error {
	if err := tx.Connection.DeleteOne(invitation).Exec(ctx); err != nil {
		return fmt.Errorf("take an invitation away: %w", err)
	}
	return activity.Record(ctx, tx, activity.Entry{
		Action: "connectionCancel", SubjectID: invitation.ID, ConnectionID: invitation.ID,
		Words:     map[string]string{"dealer": dealer.Name, "reseller": *invitation.InvitedEmail},
		Companies: []string{dealer.ID},
	})
}
