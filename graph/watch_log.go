package graph

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/graph/model"
	"partnerhub/internal/activity"
	"partnerhub/internal/live"
)

// pageOfStream is how many things or entries a stream reads at a time.
const pageOfStream = 100

// replayFor is how long, by the real clock, the log answers a cursor: one that
// misses an entry older than this gets the present state instead.
const replayFor = 7 * 24 * time.Hour

// placeAfter reads a cursor of a client, nil for none. It fails with
// errBadCursor.
func placeAfter(after *string) (*live.Cursor, error) {
	if after == nil {
		return nil, nil
	}
	c, err := live.ParseCursor(*after)
	if err != nil {
		return nil, errBadCursor
	}
	return &c, nil
}

// canReplay reports whether the log tells all that happened after a position,
// and returns its newest one. It cannot where the first entry behind is too
// old, and where the position is one that is still to come: the database is
// not the one that the cursor is from, or an older copy.
func (r *Resolver) canReplay(ctx context.Context, after int64) (newest int64, ok bool, err error) {
	newest, err = activity.Last(ctx, r.DB.Read(ctx))
	if err != nil || after >= newest {
		return newest, after == newest, err
	}
	next, err := r.DB.Read(ctx).Activity.Query().
		Where(entry.PositionGT(after)).Order(ent.Asc(entry.FieldPosition)).
		Select(entry.FieldRecordedAt).First(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("look how old the log is: %w", err)
	}
	return newest, time.Since(next.RecordedAt) <= replayFor, nil
}

// entries returns the first entries about the things, behind one position and
// up to another, oldest first.
func (r *Resolver) entries(ctx context.Context, of watched, after, to int64, limit int) ([]news, error) {
	return r.told(ctx, of, limit, within(of, after, to))
}

// latestEntries is entries with but the latest entry about each thing.
func (r *Resolver) latestEntries(ctx context.Context, of watched, after, to int64, limit int) ([]news, error) {
	return r.told(ctx, of, limit, latestOf(of.column(), within(of, after, to)))
}

// isBehind reports whether there are more than so many entries.
func (r *Resolver) isBehind(ctx context.Context, of watched, after, to int64, limit int) (bool, error) {
	more, err := r.DB.Read(ctx).Activity.Query().Where(within(of, after, to)).
		Order(ent.Asc(entry.FieldPosition)).Offset(limit).Limit(1).IDs(ctx)
	if err != nil {
		return false, fmt.Errorf("look how far a stream is behind: %w", err)
	}
	return len(more) > 0, nil
}

// told returns entries as what happened in the past.
func (r *Resolver) told(ctx context.Context, of watched, limit int, which func(*sql.Selector)) ([]news, error) {
	found, err := r.DB.Read(ctx).Activity.Query().Where(which).
		Order(ent.Asc(entry.FieldPosition)).Limit(limit).
		Select(entry.FieldPosition, entry.FieldOccurredAt, entry.FieldPreviousTile, entry.FieldServiceAction, entry.FieldAction, entry.FieldSubjectID, of.column()).
		All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log for a stream: %w", err)
	}
	list := make([]news, len(found))
	for i, e := range found {
		id := &e.SubjectID
		switch of.column() {
		case entry.FieldHubID:
			id = e.HubID
		case entry.FieldConnectionID:
			id = e.ConnectionID
		case entry.FieldCompanyID:
			id = e.CompanyID
		}
		list[i] = news{
			cursor: live.Cursor{Position: e.Position}, kind: model.EventKindReplay, occurredAt: e.OccurredAt, id: *id,
			logged: e.Action, subjectID: e.SubjectID,
			previousTile: e.PreviousTile, action: e.ServiceAction,
		}
	}
	return list, nil
}

// within keeps the entries about the things between two positions.
func within(of watched, after, to int64) func(*sql.Selector) {
	return func(s *sql.Selector) {
		of.about(s)
		s.Where(sql.And(sql.GT(s.C(entry.FieldPosition), after), sql.LTE(s.C(entry.FieldPosition), to)))
	}
}

// latestOf keeps, of the entries that which keeps, the latest of each thing.
func latestOf(column string, which func(*sql.Selector)) func(*sql.Selector) {
	return func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		t := d.Table(entry.Table).As("latest")
		latest := d.Select(sql.Max(t.C(entry.FieldPosition))).From(t).GroupBy(t.C(column))
		which(latest)
		s.Where(sql.In(s.C(entry.FieldPosition), latest))
	}
}

// stateOf tells of a thing in a snapshot that was begun at a position.
func stateOf(position int64, t thing) news {
	return news{
		cursor: live.Cursor{Position: position, Unfinished: t.id},
		kind:   model.EventKindSnapshot, occurredAt: t.changedAt, id: t.id,
	}
}
