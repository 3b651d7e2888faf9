package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/activity"
	"partnerhub/internal/errs"
	"partnerhub/internal/live"
	"partnerhub/internal/viewer"
)

// Sizes of the pages of hubTileChanges.
const (
	DefaultChanges = 100
	MaxChanges     = 500
)

var errChangesPageSize = errs.NewForProgrammer(errs.BadUserInput, "errorPageSize").With("max", MaxChanges)

// HubTileChanged streams the tiles of hubs (R85, R112, A49).
func (r subscription) HubTileChanged(ctx context.Context, in model.HubScope, after *string) (<-chan *model.HubTileEvent, error) {
	if _, err := placeAfter(after); err != nil {
		return nil, err // before the hubs are looked for: garbage must not tell what exists
	}
	scope, err := r.hubScope(ctx, in, after != nil)
	if err != nil {
		return nil, err
	}
	return watch(ctx, r.Resolver, scope, after, func(n news) *model.HubTileEvent {
		e := tileEvent(n)
		e.Guard = scope.allowed
		return e
	})
}

// ConnectionChanged streams the connections of a company (R47, A49).
func (r subscription) ConnectionChanged(ctx context.Context, companyID string, after *string) (<-chan *model.ConnectionEvent, error) {
	scope := &connectionScope{db: r.DB, companyID: companyID}
	return watch(ctx, r.Resolver, scope, after, func(n news) *model.ConnectionEvent {
		return &model.ConnectionEvent{
			Cursor: n.cursor.String(), Kind: n.kind, OccurredAt: n.occurredAt, ConnectionID: idOf(n),
			IsCaughtUp: n.caughtUp, Guard: scope.allowed,
		}
	})
}

// StreamCursor is the newest place of the log, as the rest of the answer has
// it: they are read in one read transaction.
func (r query) StreamCursor(ctx context.Context) (string, error) {
	newest, err := activity.Last(ctx, r.DB.Read(ctx))
	return live.Cursor{Position: newest}.String(), err
}

// HubTileChanges tells what the stream would have told since a cursor.
func (r query) HubTileChanges(ctx context.Context, in model.HubScope, after string, first *int) (*model.HubTileChanges, error) {
	limit := DefaultChanges
	if first != nil {
		limit = *first
	}
	if limit < 0 || limit > MaxChanges {
		return nil, errChangesPageSize
	}
	from, err := placeAfter(&after)
	if err != nil {
		return nil, err
	}
	scope, err := r.hubScope(ctx, in, true)
	if err != nil {
		return nil, err
	}
	if err := scope.allowed(ctx); err != nil {
		return nil, err
	}
	return r.changes(viewer.System(ctx), scope, *from, limit)
}

// changes tells of at most limit hubs: of those that changed where the log can
// say, of all otherwise. A snapshot too large for one answer goes on where the
// cursor of the answer before it says.
func (r *Resolver) changes(ctx context.Context, scope *hubScope, from live.Cursor, limit int) (*model.HubTileChanges, error) {
	newest, replays, err := r.canReplay(ctx, from.Position)
	if err != nil {
		return nil, err
	}
	c := &model.HubTileChanges{IsSnapshot: !replays || from.Unfinished != "", Cursor: from.String(), Events: []*model.HubTileEvent{}}
	var found []news
	switch {
	case !replays:
		found, err = scope.state(ctx, live.Cursor{Position: newest}, limit+1)
	case c.IsSnapshot:
		found, err = scope.state(ctx, from, limit+1)
		newest = from.Position // what has changed since the snapshot began is told after it
	default:
		found, err = r.latestEntries(ctx, scope, from.Position, newest, limit+1)
	}
	if err != nil {
		return nil, err
	}
	if c.HasMore = len(found) > limit; c.HasMore {
		found = found[:limit]
	} else {
		c.Cursor = live.Cursor{Position: newest}.String()
	}
	for _, n := range found {
		c.Events = append(c.Events, tileEvent(n))
	}
	if n := len(c.Events); n > 0 {
		last := c.Events[n-1]
		if last.IsCaughtUp = !c.HasMore; last.IsCaughtUp {
			last.Cursor = c.Cursor // all of it was seen by whoever comes back with it
		} else {
			c.Cursor = last.Cursor
		}
	}
	together(ctx, c.Events)
	return c, nil
}

// state tells of the hubs there are, from the place of an unfinished snapshot
// on.
func (s *hubScope) state(ctx context.Context, from live.Cursor, limit int) ([]news, error) {
	things, err := s.present(ctx, from.Unfinished, limit)
	list := make([]news, len(things))
	for i, t := range things {
		list[i] = stateOf(from.Position, t)
	}
	return list, err
}

func tileEvent(n news) *model.HubTileEvent {
	return &model.HubTileEvent{
		Cursor: n.cursor.String(), Kind: n.kind, OccurredAt: n.occurredAt, HubID: idOf(n),
		PreviousTile: (*serviceevent.Tile)(n.previousTile), Action: (*serviceevent.Action)(n.action),
		IsCaughtUp: n.caughtUp,
	}
}

func idOf(n news) *string {
	if n.id == "" {
		return nil
	}
	return &n.id
}

// Hub returns the hub of an event as it is now.
func (r hubTileEventType) Hub(ctx context.Context, e *model.HubTileEvent) (*ent.Hub, error) {
	return loadOne(ctx, e, "hub", func(e *model.HubTileEvent) string { return orEmpty(e.HubID) },
		func(ctx context.Context, ids []string) ([]*ent.Hub, error) {
			return r.DB.Read(ctx).Hub.Query().Where(hub.IDIn(ids...)).All(ctx)
		}, func(h *ent.Hub) string { return h.ID })
}

// Connection returns the connection of an event as it is now.
func (r connectionEventType) Connection(ctx context.Context, e *model.ConnectionEvent) (*ent.Connection, error) {
	return loadOne(ctx, e, "connection", func(e *model.ConnectionEvent) string { return orEmpty(e.ConnectionID) },
		func(ctx context.Context, ids []string) ([]*ent.Connection, error) {
			return r.DB.Read(ctx).Connection.Query().Where(connection.IDIn(ids...)).All(ctx)
		}, func(c *ent.Connection) string { return c.ID })
}

func orEmpty(id *string) string {
	if id == nil {
		return ""
	}
	return *id
}
