package lifecycle

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/authz"
	"partnerhub/internal/fee"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// Activate starts services on a hub with an Ajax SIM; the chosen reseller is
// billed for the account (R77–R86).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer],
// [ErrAlreadyActive], [ErrNoSIM], [ErrChoosePackage], [ErrNoPackage],
// [ErrUnknownPackage], [ErrChooseReseller], [ErrNotConnected],
// [ErrConnectionSuspended], [ErrNoPrice] or [ErrCreditLimit], and changes
// nothing when it fails.
func Activate(ctx context.Context, db *store.DB, in Activation) (*ent.Service, error) {
	key := idempotency.New(operations[serviceevent.ActionACTIVATE], in.IdempotencyKey, in)
	if err := key.Check(); err != nil {
		return nil, err
	}
	return do(ctx, db, func(tx *store.Tx) (*ent.Service, error) {
		a, err := prepare(ctx, tx, in.HubID, Choice{PackageID: in.PackageID, ConnectionID: in.ConnectionID})
		if err != nil {
			return nil, err
		}
		return once(ctx, tx, key, func() (*ent.Service, error) { return a.begin(ctx, tx) })
	})
}

// activate is [Activate] as a step of a greater command, which runs in [do].
func activate(ctx context.Context, tx *store.Tx, hubID string, c Choice) (*ent.Service, error) {
	a, err := prepare(ctx, tx, hubID, c)
	if err != nil {
		return nil, err
	}
	return a.begin(ctx, tx)
}

// activation is a hub with its market, locked, and what was chosen from it.
type activation struct {
	*Standing
	market *Market
	choice Choice
	billed account
}

// prepare locks all that an activation depends on, in the order company,
// connection, ledger, hub: so no deletion and no suspension slips in between (R108).
// It refuses what is not there, and who has no right.
func prepare(ctx context.Context, tx *store.Tx, hubID string, c Choice) (*activation, error) {
	system := viewer.System(ctx)
	seen, err := tx.Hub.Query().Where(hub.ID(hubID)).Select(hub.FieldCompanyID).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On("hubId")
	}
	if err != nil {
		return nil, fmt.Errorf("read a hub: %w", err)
	}
	owner := seen.CompanyID
	if _, err := store.Lock(tx, tx.Company.Query().Where(company.ID(owner))).OnlyID(system); err != nil {
		return nil, fmt.Errorf("lock a company: %w", err)
	}
	all, err := markets(ctx, tx.Client(), store.Lock(tx, tx.Connection.Query()), tx.Now, []string{owner})
	if err != nil {
		return nil, err
	}
	m := all[owner]
	var billed account
	if t, refusals := m.pick(c); len(refusals) == 0 { // else the activation is refused
		if billed, err = hold(ctx, tx, t.connection.Edges.Reseller.ID, t.pkg.ID); err != nil {
			return nil, err
		}
		m.settle(billed.ledger)
	}
	s, err := standForUpdate(ctx, tx, hubID)
	if err != nil {
		return nil, err
	}
	forbidden := s.right(ctx, serviceevent.ActionACTIVATE)
	if c.ConnectionID != nil {
		if err := m.has(ctx, tx, *c.ConnectionID, forbidden == nil); err != nil {
			return nil, err
		}
	}
	if forbidden != nil {
		return nil, forbidden
	}
	return &activation{Standing: s, market: m, choice: c, billed: billed}, nil
}

// has fails with [authz.ErrNotFound] unless the connection is the company's.
// Who may not activate, such as a reseller that is billed for the hub, learns
// nothing of connections that are not theirs to see (A34).
func (m *Market) has(ctx context.Context, tx *store.Tx, connectionID string, mayChoose bool) error {
	if m.named(connectionID) == nil {
		return authz.ErrNotFound.On("connectionId")
	}
	if mayChoose {
		return nil
	}
	seen, err := tx.Connection.Query().Where(connection.ID(connectionID)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for a connection: %w", err)
	}
	if !seen {
		return authz.ErrNotFound.On("connectionId")
	}
	return nil
}

// begin starts the services unless something stands in the way.
func (a *activation) begin(ctx context.Context, tx *store.Tx) (*ent.Service, error) {
	if refusals := a.obstacles(ctx, serviceevent.ActionACTIVATE, a.market, a.choice); len(refusals) > 0 {
		return nil, refusals[0]
	}
	t, _ := a.market.pick(a.choice)
	key := fee.Key{ResellerID: a.billed.ledger.ResellerID, SerialNumber: a.Hub.SerialNumber, PackageID: t.pkg.ID}
	change, err := tally.Begin(ctx, tx, key)
	if err != nil {
		return nil, err
	}
	a.Now = change.NotBefore(a.Now)
	trialEndsAt, err := a.trial(ctx, tx, t.pkg)
	if err != nil {
		return nil, err
	}
	s, err := tx.Service.Create().
		SetHubID(a.Hub.ID).
		SetPackageID(t.pkg.ID).
		SetDealerID(a.Hub.CompanyID).
		SetResellerID(t.connection.Edges.Reseller.ID).
		SetConnectionID(t.connection.ID).
		SetSerialNumber(a.Hub.SerialNumber).
		SetStatus(service.StatusACTIVE).
		SetActivatedAt(a.Now).
		SetNillableTrialEndsAt(trialEndsAt).
		SetUpdatedAt(a.Now).
		Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // activated at the same moment: the retry finds it
	}
	if err != nil {
		return nil, fmt.Errorf("activate services: %w", err)
	}
	if trialEndsAt != nil {
		if err := a.spendTrial(ctx, tx, s); err != nil {
			return nil, err
		}
	}
	e := event{step: serviceevent.ActionACTIVATE, at: a.Now}
	change.Took(s, e.step, e.at)
	if err := change.Apply(ctx, tx, e.at); err != nil {
		return nil, err
	}
	if err := a.billed.begin(ctx, e.at); err != nil {
		return nil, err
	}
	return s, a.record(ctx, tx, s, active, e)
}
