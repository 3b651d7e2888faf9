package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/ledger"
	"partnerhub/internal/errs"
	"partnerhub/internal/fee"
	"partnerhub/internal/offer"
	"partnerhub/internal/viewer"
)

// Market is what a company can choose from when it activates services.
type Market struct {
	Packages    []*ent.ServicePackage // on offer, the oldest first, with their prices
	Connections []*ent.Connection     // active ones, the oldest first, with their resellers

	all      []*ent.Connection // of the company, in any state
	balances map[string]int64  // of the resellers that have a credit limit at least, in minor units
	now      time.Time
}

// Markets returns the market of each company, in a number of statements that
// does not depend on how many there are. It reads as the system.
func Markets(ctx context.Context, c *ent.Client, now time.Time, companyIDs []string) (map[string]*Market, error) {
	return markets(ctx, c, c.Connection.Query(), now, companyIDs)
}

// markets reads the connections with a query that may lock them.
func markets(ctx context.Context, c *ent.Client, connections *ent.ConnectionQuery, now time.Time, companyIDs []string) (map[string]*Market, error) {
	ctx = viewer.System(ctx)
	packages, err := offer.OnSale(ctx, c)
	if err != nil {
		return nil, err
	}
	found, err := connections.
		Where(
			connection.DealerIDIn(companyIDs...),
			connection.DeletedAtIsNil(),
			connection.Not(connection.HasResellerWith(company.DeletedAtNotNil())), // gone (A45)
		).
		WithReseller().
		Order(ent.Asc(connection.FieldID)).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the connections of dealers: %w", err)
	}
	balances, err := limitedBalances(ctx, c, found)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Market, len(companyIDs))
	for _, id := range companyIDs {
		all[id] = &Market{Packages: packages, balances: balances, now: now}
	}
	for _, con := range found {
		m := all[con.DealerID]
		m.all = append(m.all, con)
		if con.Status == connection.StatusACTIVE {
			m.Connections = append(m.Connections, con)
		}
	}
	return all, nil
}

// limitedBalances returns the balances of those resellers that have a credit
// limit.
func limitedBalances(ctx context.Context, c *ent.Client, connections []*ent.Connection) (map[string]int64, error) {
	var limited []string
	for _, con := range connections {
		if r := con.Edges.Reseller; r != nil && r.CreditLimit != nil {
			limited = append(limited, r.ID)
		}
	}
	if len(limited) == 0 {
		return nil, nil
	}
	found, err := c.Ledger.Query().Where(ledger.ResellerIDIn(limited...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the balances of resellers: %w", err)
	}
	balances := make(map[string]int64, len(found))
	for _, l := range found {
		balances[l.ResellerID] = l.Balance
	}
	return balances, nil
}

// Package returns the package that is chosen beforehand: the only one, if
// there is only one (R79).
func (m *Market) Package() *ent.ServicePackage { return only(m.Packages) }

// Connection returns the connection that is chosen beforehand: the only active
// one, if there is only one (R80).
func (m *Market) Connection() *ent.Connection { return only(m.Connections) }

func only[T any](list []*T) *T {
	if len(list) == 1 {
		return list[0]
	}
	return nil
}

// terms are what services are activated with.
type terms struct {
	pkg        *ent.ServicePackage
	connection *ent.Connection // with its reseller
}

// pick returns what was chosen, or what is chosen beforehand, and all that
// stands in its way, in the order of A35.
func (m *Market) pick(c Choice) (t terms, refusals errs.List) {
	var err *errs.Error
	t.pkg, err = m.pickPackage(c.PackageID)
	refusals.Add(err)
	t.connection, err = m.pickConnection(c.ConnectionID)
	refusals.Add(err)
	if len(refusals) == 0 && !m.sells(t) {
		refusals.Add(ErrNoPrice.On("packageId"))
	}
	if t.connection != nil && m.isBeyondLimit(t.connection.Edges.Reseller) {
		refusals.Add(ErrCreditLimit.On("connectionId"))
	}
	return t, refusals
}

func (m *Market) pickPackage(id *string) (*ent.ServicePackage, *errs.Error) {
	if id == nil {
		switch len(m.Packages) {
		case 0:
			return nil, ErrNoPackage.On("packageId")
		case 1:
			return m.Packages[0], nil
		}
		return nil, ErrChoosePackage.On("packageId")
	}
	for _, p := range m.Packages {
		if p.ID == *id {
			return p, nil
		}
	}
	return nil, ErrUnknownPackage.On("packageId")
}

func (m *Market) pickConnection(id *string) (*ent.Connection, *errs.Error) {
	candidates := m.all
	if id != nil {
		candidates = m.named(*id)
	}
	var open []*ent.Connection
	refusal := ErrNotConnected
	for _, con := range candidates {
		switch con.Status {
		case connection.StatusACTIVE:
			open = append(open, con)
		case connection.StatusSUSPENDED:
			refusal = ErrConnectionSuspended
		case connection.StatusPENDING, connection.StatusREJECTED: // as good as none
		}
	}
	switch len(open) {
	case 0:
		return nil, refusal.On("connectionId")
	case 1:
		return open[0], nil
	}
	return nil, ErrChooseReseller.On("connectionId")
}

// named returns the company's connection with the id, whatever its state; none
// where it has no such connection.
func (m *Market) named(id string) []*ent.Connection {
	i := slices.IndexFunc(m.all, func(con *ent.Connection) bool { return con.ID == id })
	if i < 0 {
		return nil
	}
	return m.all[i : i+1]
}

// sells reports whether the package has a price in the reseller's currency.
func (m *Market) sells(t terms) bool {
	currency := t.connection.Edges.Reseller.Currency
	if currency == nil {
		return false
	}
	_, ok := fee.InForce(t.pkg.Edges.Prices, *currency, m.now)
	return ok
}

// settle takes a reseller, with its balance, from its ledger, once that is
// locked: currency and credit limit stay as they are from then on.
func (m *Market) settle(led *ent.Ledger) {
	for _, con := range m.all {
		if con.ResellerID != nil && *con.ResellerID == led.ResellerID {
			con.Edges.Reseller = led.Edges.Reseller
		}
	}
	if m.balances == nil {
		m.balances = map[string]int64{}
	}
	m.balances[led.ResellerID] = led.Balance
}

// isBeyondLimit reports whether the reseller owes more than its credit limit
// (A20, A58).
func (m *Market) isBeyondLimit(reseller *ent.Company) bool {
	return reseller.CreditLimit != nil && m.balances[reseller.ID] < -*reseller.CreditLimit
}
