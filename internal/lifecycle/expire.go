package lifecycle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/activity"
	"partnerhub/internal/fee"
	"partnerhub/internal/sim"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// together is how many services one statement ends.
const together = 300

// EndDueOf ends, as a step of the monthly run, every service of some resellers
// whose pending end is at an instant or earlier, and returns how many there
// were. It writes what [EndDue] writes, in a number of statements that grows
// with hundreds of services, not with each. The resellers' ledgers are locked.
func EndDueOf(ctx context.Context, tx *store.Tx, until time.Time, resellerIDs ...string) (ended int, err error) {
	ctx = calendarContext(ctx)
	due, err := dueOf(ctx, tx, until, resellerIDs)
	if err != nil {
		return 0, fmt.Errorf("look for services that expire: %w", err)
	}
	slices.Sort(due) // hubs are locked in the order of their ids
	for chunk := range slices.Chunk(due, together) {
		n, err := endOn(ctx, tx, chunk, func(s *Standing) bool { return !s.Service.EndsAt.After(until) })
		if err != nil {
			return ended, err
		}
		ended += n
	}
	return ended, nil
}

// dueOf returns the hubs on which services of resellers are to end. The
// statement is written out: a placeholder for the status would hide from
// SQLite that the index of pending ends serves it. SQLite numbers placeholders
// in the order in which they first come.
func dueOf(ctx context.Context, tx *store.Tx, until time.Time, resellerIDs []string) (hubIDs []string, err error) {
	args, places := []any{until}, make([]string, len(resellerIDs))
	for i, id := range resellerIDs {
		args = append(args, id)
		places[i] = "$" + strconv.Itoa(i+2)
	}
	rows, err := tx.QueryContext(ctx, `SELECT hub_id FROM services
		WHERE ends_at <= $1 AND ends_at IS NOT NULL AND status <> 'ENDED' AND reseller_id IN (`+strings.Join(places, ", ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		hubIDs = append(hubIDs, id)
	}
	return hubIDs, rows.Err()
}

// endOn ends the services on some hubs whose pending end has passed, as far as
// which keeps them, and locks the hubs. Another server may have ended some.
func endOn(ctx context.Context, tx *store.Tx, hubIDs []string, which func(*Standing) bool) (ended int, err error) {
	hubs, err := store.Lock(tx, tx.Hub.Query().Where(hub.IDIn(hubIDs...)).Order(ent.Asc(hub.FieldID))).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("lock hubs: %w", err)
	}
	standings, err := Stand(ctx, tx.Client(), tx.Now, hubs)
	if err != nil {
		return 0, err
	}
	over := make([]*Standing, 0, len(hubs))
	for _, h := range hubs {
		if s := standings[h]; s.overdue() && which(s) {
			over = append(over, s)
		}
	}
	if len(over) == 0 {
		return 0, nil
	}
	slices.SortFunc(over, func(a, b *Standing) int { // the log goes by time
		return a.Service.EndsAt.Compare(*b.Service.EndsAt)
	})
	return len(over), expire(ctx, tx, over)
}

// expire takes the calendar's step on each of the hubs: the state and the
// history go by the boundary, however late it comes (A46). The reason stays that
// of the deactivation.
func expire(ctx context.Context, tx *store.Tx, over []*Standing) error {
	services, hubs, keys := make([]string, len(over)), make([]string, len(over)), make([]fee.Key, len(over))
	var cards []*ent.SIMCard
	for i, s := range over {
		services[i], hubs[i], keys[i] = s.Service.ID, s.Hub.ID, fee.KeyOf(s.Service)
		if s.SIM != nil {
			cards = append(cards, s.SIM)
		}
	}
	change, err := tally.Begin(ctx, tx, keys...)
	if err != nil {
		return err
	}
	err = tx.Service.Update().Where(service.IDIn(services...)).
		SetStatus(service.StatusENDED).SetUpdatedAt(tx.Now).ClearSuspendedAt().ClearSuspendedBy().Exec(ctx)
	if err != nil {
		return fmt.Errorf("end services: %w", err)
	}
	if err := tx.Hub.Update().Where(hub.IDIn(hubs...)).AddVersion(1).Exec(ctx); err != nil {
		return fmt.Errorf("count the changes of hubs: %w", err)
	}
	if err := sim.Intend(ctx, tx, false, cards...); err != nil {
		return err
	}
	history := make([]*ent.ServiceEventCreate, len(over))
	for i, s := range over {
		history[i] = tx.ServiceEvent.Create().SetServiceID(s.Service.ID).SetAction(serviceevent.ActionEXPIRE).
			SetOccurredAt(*s.Service.EndsAt).SetTile(s.tileIn(off))
		after := *s.Service
		after.Status = service.StatusENDED
		change.Took(&after, serviceevent.ActionEXPIRE, *after.EndsAt)
	}
	if err := change.Apply(ctx, tx, tx.Now); err != nil {
		return err
	}
	if err := tx.ServiceEvent.CreateBulk(history...).Exec(ctx); err != nil {
		return fmt.Errorf("write the history of services: %w", err)
	}
	return logEnds(ctx, tx, over)
}

// logEnds tells the dealer and the reseller of each.
func logEnds(ctx context.Context, tx *store.Tx, over []*Standing) error {
	ctx = viewer.System(ctx)
	places, resellers := make([]string, len(over)), make([]string, len(over))
	for i, s := range over {
		places[i], resellers[i] = s.Hub.ObjectID, s.Service.ResellerID
	}
	objects, err := tx.Object.Query().Where(object.IDIn(places...)).Select(object.FieldName).All(ctx)
	if err != nil {
		return fmt.Errorf("read the objects of hubs: %w", err)
	}
	companies, err := tx.Company.Query().Where(company.IDIn(resellers...)).Select(company.FieldName).All(ctx)
	if err != nil {
		return fmt.Errorf("read the resellers of services: %w", err)
	}
	place := byID(objects, func(o *ent.Object) string { return o.ID })
	reseller := byID(companies, func(c *ent.Company) string { return c.ID })
	entries := make([]activity.Entry, 0, 2*len(over))
	for _, s := range over {
		entries = append(entries, s.entries(place[s.Hub.ObjectID], reseller[s.Service.ResellerID], s.Service, serviceevent.ActionEXPIRE)...)
	}
	return activity.Record(ctx, tx, entries...)
}
