package graph

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/ent/company"
	"partnerhub/ent/transaction"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
)

// bookings are the entries of a reseller's log that tell of a transaction:
// each is written with it.
var bookings = []string{"balanceReplenish", "balanceAdjust", "monthlyFee"}

// historyScope is the payment history of a reseller. Those who may see its
// money watch it, and the platform operator (A9, A53).
type historyScope struct {
	db         *store.DB
	resellerID string
}

func (s *historyScope) companies() []string { return []string{s.resellerID} }

func (s *historyScope) column() string { return entry.FieldSubjectID }

func (s *historyScope) allowed(ctx context.Context) error {
	return mayWatch(ctx, s.db, authz.ViewFinances, s.resellerID, company.ResellerSinceNotNil())
}

// present returns the newest entry alone (A49).
func (s *historyScope) present(ctx context.Context, after string, _ int) ([]thing, error) {
	if after != "" {
		return nil, nil
	}
	newest, err := s.db.Read(ctx).Transaction.Query().
		Where(transaction.ResellerID(s.resellerID)).Order(ent.Desc(transaction.FieldNumber)).
		Select(transaction.FieldID, transaction.FieldOccurredAt).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the newest transaction: %w", err)
	}
	return []thing{{newest.ID, newest.OccurredAt}}, nil
}

func (s *historyScope) about(sel *sql.Selector) {
	entry.CompanyID(s.resellerID)(sel)
	entry.ActionIn(bookings...)(sel)
}

// TransactionAdded streams the payment history of a reseller (R67, A49).
func (r subscription) TransactionAdded(ctx context.Context, companyID string, after *string) (<-chan *model.TransactionEvent, error) {
	scope := &historyScope{db: r.DB, resellerID: companyID}
	return watch(ctx, r.Resolver, scope, after, func(n news) *model.TransactionEvent {
		return &model.TransactionEvent{
			Cursor: n.cursor.String(), Kind: n.kind, OccurredAt: n.occurredAt, ResellerID: companyID, TransactionID: idOf(n),
			IsCaughtUp: n.caughtUp, Guard: scope.allowed,
		}
	})
}

// Transaction returns the entry of an event.
func (r transactionEventType) Transaction(ctx context.Context, e *model.TransactionEvent) (*ent.Transaction, error) {
	return loadOne(ctx, e, "transaction", func(e *model.TransactionEvent) string { return orEmpty(e.TransactionID) },
		r.transactionsByID, transactionID)
}

// Reseller returns whose payment history it is.
func (r transactionEventType) Reseller(ctx context.Context, e *model.TransactionEvent) (*ent.Company, error) {
	return loadOne(ctx, e, "reseller", func(e *model.TransactionEvent) string { return e.ResellerID }, r.companiesByID, companyID)
}

// transactionsByID returns those that the viewer may see.
func (r *Resolver) transactionsByID(ctx context.Context, ids []string) ([]*ent.Transaction, error) {
	return r.DB.Read(ctx).Transaction.Query().Where(transaction.IDIn(ids...)).All(ctx)
}

func transactionID(t *ent.Transaction) string { return t.ID }
