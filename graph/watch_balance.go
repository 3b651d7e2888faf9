package graph

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/ent/company"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/report"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// changesOfFigures are the entries of a reseller's log that tell of something
// by which its figures change.
var changesOfFigures = append([]string{
	"companyResellerEnroll", // currency and credit limit
	"monthClosed",           // trials end with a month
	"serviceActivate", "serviceDeactivate", "serviceSuspend", "serviceResume", "serviceStop", "serviceExpire",
}, bookings...)

// figuresScope is the figures of a reseller. Those who see its Services module
// watch them, and the platform operator; amounts have a rule of their own (A9).
type figuresScope struct {
	db         *store.DB
	resellerID string
}

func (s *figuresScope) companies() []string { return []string{s.resellerID} }

func (s *figuresScope) column() string { return entry.FieldCompanyID }

func (s *figuresScope) allowed(ctx context.Context) error {
	return mayWatch(ctx, s.db, authz.ViewServicesModule, s.resellerID, company.ResellerSinceNotNil())
}

// present returns the reseller, with the instant of its last change.
func (s *figuresScope) present(ctx context.Context, after string, _ int) ([]thing, error) {
	if after != "" {
		return nil, nil
	}
	reseller, err := s.db.Read(ctx).Company.Query().Where(company.ID(s.resellerID)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a reseller: %w", err)
	}
	figures := thing{reseller.ID, reseller.CreatedAt}
	last, err := s.db.Read(ctx).Activity.Query().Where(s.about).Order(ent.Desc(entry.FieldPosition)).
		Select(entry.FieldOccurredAt).First(ctx)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("look when figures changed: %w", err)
	}
	if last != nil {
		figures.changedAt = last.OccurredAt
	}
	return []thing{figures}, nil
}

func (s *figuresScope) about(sel *sql.Selector) {
	entry.CompanyID(s.resellerID)(sel)
	entry.ActionIn(changesOfFigures...)(sel)
}

// BalanceChanged streams the figures of a reseller (R58, R66, A49).
func (r subscription) BalanceChanged(ctx context.Context, companyID string, after *string) (<-chan *model.BalanceEvent, error) {
	scope := &figuresScope{db: r.DB, resellerID: companyID}
	return watch(ctx, r.Resolver, scope, after, func(n news) *model.BalanceEvent {
		e := &model.BalanceEvent{
			Cursor: n.cursor.String(), Kind: n.kind, OccurredAt: n.occurredAt, ResellerID: companyID,
			IsCaughtUp: n.caughtUp, Guard: scope.allowed,
		}
		if slices.Contains(bookings, n.logged) {
			e.TransactionID = &n.subjectID
		}
		return e
	})
}

// Overview returns the figures as they are now.
func (r balanceEventType) Overview(ctx context.Context, e *model.BalanceEvent) (*report.Overview, error) {
	reseller, err := r.DB.Read(ctx).Company.Get(viewer.System(ctx), e.ResellerID)
	if err != nil {
		return nil, fmt.Errorf("read a reseller: %w", err)
	}
	found, err := report.Overviews(ctx, r.DB.View(ctx), []*ent.Company{reseller})
	return found[reseller], err
}

// Transaction returns the one that caused the change, for who may see it.
func (r balanceEventType) Transaction(ctx context.Context, e *model.BalanceEvent) (*ent.Transaction, error) {
	return loadOne(ctx, e, "transaction", func(e *model.BalanceEvent) string { return orEmpty(e.TransactionID) },
		r.transactionsByID, transactionID)
}

// Reseller returns whose figures they are.
func (r balanceEventType) Reseller(ctx context.Context, e *model.BalanceEvent) (*ent.Company, error) {
	return loadOne(ctx, e, "reseller", func(e *model.BalanceEvent) string { return e.ResellerID }, r.companiesByID, companyID)
}
