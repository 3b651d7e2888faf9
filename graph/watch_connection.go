package graph

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/predicate"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// connectionScope is the connections of a company, whichever side it is on.
// Owner and managers may watch them, and the platform operator (A52, A53).
type connectionScope struct {
	db        *store.DB
	companyID string
}

func (s *connectionScope) companies() []string { return []string{s.companyID} }

func (s *connectionScope) column() string { return entry.FieldConnectionID }

func (s *connectionScope) allowed(ctx context.Context) error {
	return mayWatch(ctx, s.db, authz.ViewConnections, s.companyID)
}

// mayWatch fails with [authz.ErrForbidden] unless the company is there, with
// what else is asked of it, and the viewer has a right to see something in it.
func mayWatch(ctx context.Context, db *store.DB, right authz.Right, companyID string, also ...predicate.Company) error {
	if !authz.CanRead(ctx, right, companyID) {
		return authz.ErrForbidden
	}
	there, err := db.Read(ctx).Company.Query().
		Where(company.ID(companyID), company.DeletedAtIsNil()).Where(also...).Count(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("look for the company of a scope: %w", err)
	}
	if there == 0 {
		return authz.ErrForbidden
	}
	return nil
}

func (s *connectionScope) present(ctx context.Context, after string, limit int) ([]thing, error) {
	links, err := s.db.Read(ctx).Connection.Query().
		Where(
			connection.Or(connection.DealerID(s.companyID), connection.ResellerID(s.companyID)),
			connection.DeletedAtIsNil(), connection.IDGT(after),
		).
		Order(ent.Asc(connection.FieldID)).Limit(limit).
		Select(connection.FieldID, connection.FieldStatusChangedAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the connections of a stream: %w", err)
	}
	things := make([]thing, len(links))
	for i, l := range links {
		things[i] = thing{l.ID, l.StatusChangedAt}
	}
	return things, nil
}

func (s *connectionScope) about(sel *sql.Selector) {
	entry.CompanyID(s.companyID)(sel)
	entry.ConnectionIDNotNil()(sel)
}
