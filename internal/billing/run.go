package billing

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Outcome is what a run did.
type Outcome struct {
	Ended  int // services that ended
	Booked int // fees that were booked: at most one for each reseller and month
}

// Run closes every month through the given one, which is over, and charges it
// to each reseller: it books the fees of the month and then ends the services
// that were to run until its end (A2). What an earlier run left undone is done
// first, month by month; what is done already is left alone, also where two
// run at once, on one server or several. It may be killed at any time: the next
// one goes on from there.
//
// A reseller that cannot be charged keeps no other from it; its own months stay
// in their order. Run tells of each such failure in the log, and returns them
// together with what was done all the same.
func Run(ctx context.Context, db *store.DB, through calendar.Month) (Outcome, error) {
	ctx = asNobody(ctx)
	var all Outcome
	oldest, err := LastCharged(ctx, db.Read(ctx))
	if err != nil || oldest.IsZero() {
		return all, err
	}
	var failures []error
	for m := oldest.Next(); !through.Before(m); m = m.Next() {
		month := fee.MonthIn(m, db.Zone)
		if err := db.CloseMonth(ctx, month.End); err != nil {
			return all, errors.Join(append(failures, err)...)
		}
		done, err := runMonth(ctx, db, month)
		all.Ended += done.Ended
		all.Booked += done.Booked
		if err != nil {
			failures = append(failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return all, errors.Join(failures...)
}

// asNobody is the context of what nobody asked for.
func asNobody(ctx context.Context) context.Context {
	return viewer.System(viewer.With(ctx, viewer.Viewer{}))
}

// LastCharged returns the last month that every reseller is charged for; zero
// while there are no resellers.
func LastCharged(ctx context.Context, c *ent.Client) (calendar.Month, error) {
	months, err := c.Ledger.Query().Order(ent.Asc(ledger.FieldChargedThrough)).Limit(1).
		Select(ledger.FieldChargedThrough).Strings(viewer.System(ctx))
	if err != nil {
		return calendar.Month{}, fmt.Errorf("look for the last charged month: %w", err)
	}
	if len(months) == 0 {
		return calendar.Month{}, nil
	}
	return calendar.ParseMonth(months[0])
}

// page is how many resellers are looked up at a time.
const page = 500

// runMonth charges a closed month to the resellers that are charged through
// the month before.
func runMonth(ctx context.Context, db *store.DB, month fee.Month) (Outcome, error) {
	var all Outcome
	var failures []error
	waiting := ledger.ChargedThrough(month.Prev().String())
	total, err := db.Read(ctx).Ledger.Query().Where(waiting).Count(ctx)
	if err != nil {
		return all, fmt.Errorf("count the resellers to charge: %w", err)
	}
	said := newProgress(db.Log(), month, total)
	defer said.stop()
	var next booking
	book := func() {
		done, err := next.run(ctx)
		all.Ended += done.Ended
		all.Booked += done.Booked
		if err != nil {
			failures = append(failures, err)
		}
	}
	for last := ""; ; {
		resellers, err := db.Read(ctx).Ledger.Query().Where(waiting, ledger.ResellerIDGT(last)).
			Order(ent.Asc(ledger.FieldResellerID)).Limit(page).Select(ledger.FieldResellerID).Strings(ctx)
		if err != nil {
			return all, errors.Join(append(failures, fmt.Errorf("look for resellers to charge: %w", err))...)
		}
		for _, id := range resellers {
			c := &charge{db: db, resellerID: id, month: month, said: said}
			err := c.begin(ctx)
			switch {
			case ctx.Err() != nil:
				return all, ctx.Err()
			case errors.Is(err, errCharged):
				said.booked(1, 0)
				continue
			case err != nil:
				failures = append(failures, c.failed(ctx, err))
				continue
			}
			if !next.hasRoomFor(c) {
				book()
			}
			next.add(c)
		}
		book()
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
		if len(resellers) < page {
			return all, errors.Join(failures...)
		}
		last = resellers[len(resellers)-1]
	}
}
