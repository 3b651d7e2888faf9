package graph

import (
	"context"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/ent/company"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// maxScopeHubs is how many hubs a scope may name.
const maxScopeHubs = 500

var errTooManyHubs = errs.NewForProgrammer(errs.BadUserInput, "errorTooManyHubs").With("max", maxScopeHubs)

// hubScope is the hubs of a company, of an object, or those named. Only those
// who work for their companies may watch them, and the platform operator; a
// reseller that bills a hub is told nothing of its tile (A50).
type hubScope struct {
	db       *store.DB
	owners   []string // companies of the hubs
	objectID string   // "" takes any object
	hubIDs   []string // nil takes all
}

// hubScope finds out whose hubs an input means. It fails with
// [form.ErrOneOf], errTooManyHubs, or [authz.ErrForbidden] for what does not
// exist; whether the viewer may watch the others is for allowed to say.
//
// Who comes back with a cursor may name hubs that were removed since: the log
// still tells that.
func (r *Resolver) hubScope(ctx context.Context, in model.HubScope, back bool) (*hubScope, error) {
	if err := form.OneOf([]string{"scope"}, in.CompanyID != nil, in.ObjectID != nil, in.HubIds != nil); err != nil {
		return nil, err
	}
	ctx = viewer.System(ctx)
	s := &hubScope{db: r.DB}
	switch {
	case in.CompanyID != nil:
		s.owners = []string{*in.CompanyID}
	case in.ObjectID != nil:
		o, err := visible(r.DB.Read(ctx).Object.Get(ctx, *in.ObjectID))
		if err != nil {
			return nil, fmt.Errorf("read the object of a scope: %w", err)
		}
		if o == nil {
			return nil, authz.ErrForbidden
		}
		s.owners, s.objectID = []string{o.CompanyID}, o.ID
	default:
		return s, s.name(ctx, in.HubIds, back)
	}
	return s, nil
}

// name makes the scope that of these hubs.
func (s *hubScope) name(ctx context.Context, ids []string, back bool) error {
	if len(ids) > maxScopeHubs {
		return errTooManyHubs
	}
	s.hubIDs = slices.Compact(slices.Sorted(slices.Values(ids)))
	q := s.db.Read(ctx).Hub.Query().Where(hub.IDIn(s.hubIDs...))
	if !back {
		q = q.Where(hub.RemovedAtIsNil())
	}
	found, err := q.Select(hub.FieldCompanyID).Strings(ctx)
	if err != nil {
		return fmt.Errorf("read the hubs of a scope: %w", err)
	}
	if len(found) != len(s.hubIDs) {
		return authz.ErrForbidden
	}
	s.owners = slices.Compact(slices.Sorted(slices.Values(found)))
	return nil
}

func (s *hubScope) companies() []string { return slices.Clone(s.owners) }

func (s *hubScope) column() string { return entry.FieldHubID }

func (s *hubScope) allowed(ctx context.Context) error {
	for _, id := range s.owners {
		if !seesInside(ctx, id) {
			return authz.ErrForbidden
		}
	}
	ctx = viewer.System(ctx)
	there, err := s.db.Read(ctx).Company.Query().Where(company.IDIn(s.owners...), company.DeletedAtIsNil()).Count(ctx)
	if err != nil {
		return fmt.Errorf("look for the companies of a scope: %w", err)
	}
	if there != len(s.owners) {
		return authz.ErrForbidden
	}
	if s.objectID == "" {
		return nil
	}
	there, err = s.db.Read(ctx).Object.Query().Where(object.ID(s.objectID), object.DeletedAtIsNil()).Count(ctx)
	if err != nil {
		return fmt.Errorf("look for the object of a scope: %w", err)
	}
	if there == 0 {
		return authz.ErrForbidden
	}
	return nil
}

// present returns hubs with the instants of their last changes.
func (s *hubScope) present(ctx context.Context, after string, limit int) ([]thing, error) {
	q := s.db.Read(ctx).Hub.Query().Where(hub.RemovedAtIsNil(), hub.IDGT(after))
	switch {
	case s.objectID != "":
		q = q.Where(hub.ObjectID(s.objectID))
	case s.hubIDs != nil:
		q = q.Where(hub.IDIn(s.hubIDs...))
	default:
		q = q.Where(hub.CompanyIDIn(s.owners...))
	}
	hubs, err := q.Order(ent.Asc(hub.FieldID)).Limit(limit).Select(hub.FieldID, hub.FieldCreatedAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the hubs of a stream: %w", err)
	}
	if len(hubs) == 0 {
		return nil, nil
	}
	things := make([]thing, len(hubs))
	for i, h := range hubs {
		things[i] = thing{h.ID, h.CreatedAt}
	}
	changed, err := s.lastChanges(ctx, things)
	if err != nil {
		return nil, err
	}
	for i, t := range things {
		if at, ok := changed[t.id]; ok {
			things[i].changedAt = at
		}
	}
	return things, nil
}

func (s *hubScope) lastChanges(ctx context.Context, things []thing) (map[string]time.Time, error) {
	ids := make([]string, len(things))
	for i, t := range things {
		ids[i] = t.id
	}
	found, err := s.db.Read(ctx).Activity.Query().
		Where(latestOf(entry.FieldHubID, entry.HubIDIn(ids...))).
		Select(entry.FieldHubID, entry.FieldOccurredAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read when hubs changed: %w", err)
	}
	at := make(map[string]time.Time, len(found))
	for _, e := range found {
		at[*e.HubID] = e.OccurredAt
	}
	return at, nil
}

// about keeps the entries about the hubs in the logs of their own companies.
// Of an object these are the entries about the hubs that were at it, or are.
func (s *hubScope) about(sel *sql.Selector) {
	h := sql.Dialect(sel.Dialect()).Table(hub.Table).As("its_hub")
	own := sql.Dialect(sel.Dialect()).Select(h.C(hub.FieldID)).From(h).Where(sql.And(
		sql.ColumnsEQ(h.C(hub.FieldID), sel.C(entry.FieldHubID)),
		sql.ColumnsEQ(h.C(hub.FieldCompanyID), sel.C(entry.FieldCompanyID)),
	))
	if s.objectID != "" {
		own.Where(sql.Or(sql.EQ(sel.C(entry.FieldObjectID), s.objectID), sql.EQ(h.C(hub.FieldObjectID), s.objectID)))
	}
	entry.CompanyIDIn(s.owners...)(sel)
	entry.HubIDNotNil()(sel)
	if s.hubIDs != nil {
		entry.HubIDIn(s.hubIDs...)(sel)
	}
	sel.Where(sql.Exists(own))
}
