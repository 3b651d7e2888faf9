// Package activity writes the log of the companies: one entry for each effect,
// in the transaction of the effect. People read it as the company's history,
// live streams replay from it (R47, R85).
package activity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Entry is one effect to be logged.
type Entry struct {
	Action    string            // name of the mutation, or of the calendar's step
	SubjectID string            // thing it was done to
	Words     map[string]string // names for the summary, as they are now: which ones stands in the table sentences
	Companies []string          // whose logs; empty where only the platform is concerned

	// Of an effect on a hub's tile, icons or name: what `hubTileChanged` tells.
	HubID         string
	ObjectID      string              // object the hub was at before
	PreviousTile  serviceevent.Tile   // "" where the hub is new
	ServiceAction serviceevent.Action // "" where no step caused it

	// Of an effect on a connection: what `connectionChanged` tells.
	ConnectionID string
}

// Record writes each entry into each of its companies' logs, in their order,
// and wakes their watchers after the commit. The actor is who asks; the
// calendar asks as nobody.
//
// It fails, as a fault of the server, for an action without a sentence and for
// words that are missing.
func Record(ctx context.Context, tx *store.Tx, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	position, err := nextPosition(ctx, tx)
	if err != nil {
		return fmt.Errorf("log %s: %w", entries[0].Action, err)
	}
	var rows []*ent.ActivityCreate
	for _, e := range entries {
		if err := e.check(); err != nil {
			return err
		}
		if len(e.Companies) == 0 {
			rows = append(rows, e.row(ctx, tx, position+int64(len(rows)), nil))
		}
		for _, id := range e.Companies {
			rows = append(rows, e.row(ctx, tx, position+int64(len(rows)), &id))
			tx.Signal(id)
		}
	}
	for chunk := range slices.Chunk(rows, together) {
		if err := tx.Activity.CreateBulk(chunk...).Exec(ctx); err != nil {
			return fmt.Errorf("log %s: %w", entries[0].Action, err)
		}
	}
	return nil
}

// together is how many entries one statement writes.
const together = 500

// row is an entry in the log of a company; nil is that of the platform alone.
func (e Entry) row(ctx context.Context, tx *store.Tx, position int64, companyID *string) *ent.ActivityCreate {
	return tx.Activity.Create().
		SetPosition(position).
		SetNillableCompanyID(companyID).
		SetNillableActorID(orNil(viewer.From(ctx).UserID)).
		SetAction(e.Action).
		SetSubjectID(e.SubjectID).
		SetWords(e.Words).
		SetOccurredAt(tx.Now).
		SetRecordedAt(time.Now()). // the real clock: it says how long streams can replay
		SetNillableHubID(orNil(e.HubID)).
		SetNillableObjectID(orNil(e.ObjectID)).
		SetNillableConnectionID(orNil(e.ConnectionID)).
		SetNillablePreviousTile(orNil(string(e.PreviousTile))).
		SetNillableServiceAction(orNil(string(e.ServiceAction)))
}

// nextPosition numbers the entries in the order of their commits, so that who
// reads on from a position misses none: from here on no other transaction
// writes to the log until this one has ended.
func nextPosition(ctx context.Context, tx *store.Tx) (int64, error) {
	if err := store.Hold(ctx, tx, "the activity log"); err != nil {
		return 0, err
	}
	last, err := Last(ctx, tx.Client())
	return last + 1, err
}

// Last returns the position of the newest entry of all, 0 when there is none.
func Last(ctx context.Context, c *ent.Client) (int64, error) {
	newest, err := c.Activity.Query().Order(ent.Desc(activity.FieldPosition)).Select(activity.FieldPosition).First(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return newest.Position, nil
}

func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
