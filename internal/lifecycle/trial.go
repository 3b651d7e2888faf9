package lifecycle

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/predicate"
	"partnerhub/ent/trial"
	"partnerhub/internal/calendar"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// trial returns when the free days of an activation end, the first instant
// that is no longer free: nil where the package has none, and where the hub or
// its card had them before, whoever owned them then (A3, A40).
func (s *Standing) trial(ctx context.Context, tx *store.Tx, p *ent.ServicePackage) (*time.Time, error) {
	end, ok := calendar.TrialEnd(s.Now, p.TrialDays, tx.Zone)
	if !ok {
		return nil, nil
	}
	had := make([]predicate.Trial, 0, 2)
	for thing, number := range s.numbers() {
		had = append(had, trial.And(trial.ThingEQ(thing), trial.Number(number)))
	}
	spent, err := tx.Trial.Query().Where(trial.PackageID(p.ID), trial.Or(had...)).Exist(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("look for a spent trial: %w", err)
	}
	if spent {
		return nil, nil
	}
	return &end, nil
}

// spendTrial remembers that the hub and its card had the trial of a package.
func (s *Standing) spendTrial(ctx context.Context, tx *store.Tx, on *ent.Service) error {
	for thing, number := range s.numbers() {
		err := tx.Trial.Create().SetPackageID(on.PackageID).SetThing(thing).SetNumber(number).SetServiceID(on.ID).
			Exec(viewer.System(ctx))
		if store.IsUnique(err) {
			return store.Again(err) // spent at the same moment, with another hub
		}
		if err != nil {
			return fmt.Errorf("spend a trial: %w", err)
		}
	}
	return nil
}

// numbers are what a trial is remembered by.
func (s *Standing) numbers() map[trial.Thing]string {
	return map[trial.Thing]string{trial.ThingSERIAL_NUMBER: s.Hub.SerialNumber, trial.ThingICCID: s.SIM.Iccid}
}
