package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/servicepackage"
	ledgers "partnerhub/internal/ledger"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// errOther makes a transaction begin anew that locked the ledger of one
// service and then found another on the hub.
var errOther = errors.New("the hub has another service since")

// account is what a step locks before the hub, so that the figures of the
// reseller follow it: the ledger, and the prices that the figures go by.
type account struct {
	ledger  *ent.Ledger
	service string // that lives on the hub; "" before an activation
}

// hold locks the account of a package with a reseller. A price is changed
// under a lock of its package: so no step counts a fee by a price that is just
// not in force any more.
func hold(ctx context.Context, tx *store.Tx, resellerID, packageID string) (account, error) {
	if tx.Dialect() == dialect.Postgres {
		q := tx.ServicePackage.Query().Where(servicepackage.ID(packageID)).ForShare()
		if _, err := q.OnlyID(viewer.System(ctx)); err != nil {
			return account{}, fmt.Errorf("hold the prices of a package: %w", err)
		}
	}
	led, err := ledgers.ForUpdate(ctx, tx, resellerID)
	return account{ledger: led}, err
}

// holdLiving locks the account of the service that lives on a hub, none where
// none does. A deactivation changes no figures.
func holdLiving(ctx context.Context, tx *store.Tx, hubID string, step serviceevent.Action) (account, error) {
	if step == serviceevent.ActionDEACTIVATE {
		return account{}, nil
	}
	s, err := tx.Service.Query().Where(service.HubID(hubID), service.StatusNEQ(service.StatusENDED)).Only(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return account{}, nil
	}
	if err != nil {
		return account{}, fmt.Errorf("read the service of a hub: %w", err)
	}
	a, err := hold(ctx, tx, s.ResellerID, s.PackageID)
	a.service = s.ID
	return a, err
}

// isOf fails where the account is not that of the service the hub has now.
func (a account) isOf(s *Standing, step serviceevent.Action) error {
	living := ""
	if s.Service != nil {
		living = s.Service.ID
	}
	if step != serviceevent.ActionDEACTIVATE && living != a.service {
		return store.Again(errOther)
	}
	return nil
}

// begin notes when services were first activated through the reseller (A17).
func (a account) begin(ctx context.Context, at time.Time) error {
	if a.ledger.FirstActivatedAt != nil {
		return nil
	}
	if err := a.ledger.Update().SetFirstActivatedAt(at).Exec(viewer.System(ctx)); err != nil {
		return fmt.Errorf("note the first activation: %w", err)
	}
	return nil
}

// holdAll locks the ledgers of resellers.
func holdAll(ctx context.Context, tx *store.Tx, resellerIDs []string) error {
	_, err := store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerIDIn(resellerIDs...)).Order(ledger.ByResellerID())).
		IDs(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("lock ledgers: %w", err)
	}
	return nil
}

// notBefore returns the instant of a step that is taken at now: on a server whose
// clock is behind that of an earlier step it comes right after that one, and
// still before a pending end.
func notBefore(s *ent.Service, now time.Time) time.Time {
	if !now.Before(s.UpdatedAt) {
		return now
	}
	at := s.UpdatedAt.Add(time.Microsecond).UTC()
	if s.EndsAt != nil && !at.Before(*s.EndsAt) {
		return s.UpdatedAt.UTC()
	}
	return at
}
