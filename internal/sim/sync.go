package sim

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/simswitch"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Times of the switching, by the real clock.
const (
	timeout  = 10 * time.Second // for one card
	claim    = time.Minute      // longer than a batch can take: nobody else asks meanwhile
	maxPause = 10 * time.Minute // between two tries
	batch    = 5                // cards claimed at a time
	pulse    = 5 * time.Second  // between two looks for cards that are due again
)

// Run switches the cards whenever wake has a value, and those that are to be
// tried again as their time comes, until the context ends.
func Run(ctx context.Context, db *store.DB, p Provider, wake <-chan struct{}, log *slog.Logger) {
	tick := time.NewTicker(pulse)
	defer tick.Stop()
	for {
		if _, err := Sync(ctx, db, p, log); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "SIM cards are not switched", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.C:
		}
	}
}

// Sync asks the provider for every card that is due, and returns how many it
// switched. A card that the provider failed at is tried again later, ever more
// seldom, and does not keep the others waiting.
func Sync(ctx context.Context, db *store.DB, p Provider, log *slog.Logger) (int, error) {
	ctx = viewer.System(ctx)
	switched := 0
	for {
		due, err := claimDue(ctx, db)
		if err != nil || len(due) == 0 {
			return switched, err
		}
		for _, s := range due {
			ok, err := ask(ctx, db, p, s, log)
			if err != nil {
				return switched, err
			}
			if ok {
				switched++
			}
		}
	}
}

// claimDue takes what is due, so that no other server asks for the same cards.
func claimDue(ctx context.Context, db *store.DB) ([]*ent.SIMSwitch, error) {
	now := time.Now()
	due := simswitch.NextAttemptAtLTE(now)
	some, err := db.Read(ctx).SIMSwitch.Query().Where(due).Exist(ctx)
	if err != nil || !some {
		return nil, wrap(err)
	}
	return store.Do(ctx, db, func(tx *store.Tx) ([]*ent.SIMSwitch, error) {
		rows, err := store.LockFree(tx, tx.SIMSwitch.Query().Where(due).
			Order(ent.Asc(simswitch.FieldNextAttemptAt)).Limit(batch)).All(ctx)
		if err != nil {
			return nil, wrap(err)
		}
		for _, r := range rows {
			if err := tx.SIMSwitch.UpdateOne(r).SetNextAttemptAt(now.Add(claim)).Exec(ctx); err != nil {
				return nil, wrap(err)
			}
		}
		return rows, nil
	})
}

// ask has one card switched and settles the row. A row whose intention changed
// meanwhile stays, and is due at once.
func ask(ctx context.Context, db *store.DB, p Provider, s *ent.SIMSwitch, log *slog.Logger) (ok bool, err error) {
	asking, cancel := context.WithTimeout(ctx, timeout)
	failure := p.Switch(asking, s.ID, s.IsActive)
	cancel()
	if failure != nil {
		log.WarnContext(ctx, "a SIM card was not switched and will be tried again", "iccid", s.ID, "active", s.IsActive, "error", failure)
	}
	return store.Do(ctx, db, func(tx *store.Tx) (bool, error) {
		same := simswitch.And(simswitch.ID(s.ID), simswitch.Version(s.Version))
		var n int
		var err error
		if failure == nil {
			n, err = tx.SIMSwitch.Delete().Where(same).Exec(ctx)
		} else {
			n, err = tx.SIMSwitch.Update().Where(same).AddAttempts(1).SetLastError(failure.Error()).
				SetNextAttemptAt(time.Now().Add(pause(s.Attempts))).Save(ctx)
		}
		if err == nil && n == 0 {
			err = tx.SIMSwitch.Update().Where(simswitch.ID(s.ID)).SetNextAttemptAt(time.Now()).Exec(ctx)
		}
		return failure == nil, wrap(err)
	})
}

// pause is how long to wait after the failures before and this one: 1 s, 2 s,
// 4 s and so on.
func pause(before int) time.Duration {
	return min(maxPause, time.Second<<min(before, 16))
}

func wrap(err error) error {
	if err != nil {
		return fmt.Errorf("switch SIM cards: %w", err)
	}
	return nil
}
