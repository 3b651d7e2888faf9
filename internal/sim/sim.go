// Package sim switches SIM cards on and off. A command sets what state a card
// is to be in, within its transaction; from then on that is the card's state
// for everybody (A27). The provider is asked after the commit, and again until
// it has switched the card.
package sim

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/simcard"
	"partnerhub/ent/simswitch"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Topic is signalled when a card is to be switched.
const Topic = "sim"

// Provider is who runs the network of the cards. Switching a card to the state
// it is in already must do no harm: after a crash it is asked again.
type Provider interface {
	Switch(ctx context.Context, iccid string, active bool) error
}

// Builtin is the provider that comes with the server: the intended state is
// all there is to a card, so it is switched at once.
type Builtin struct{}

// Switch has nothing left to do.
func (Builtin) Switch(context.Context, string, bool) error { return nil }

// Intend sets the state that cards are to be in, and leaves the switching for
// after the commit. A card that is in it already is left alone.
func Intend(ctx context.Context, tx *store.Tx, active bool, cards ...*ent.SIMCard) error {
	ctx = viewer.System(ctx)
	var ids []string
	var switches []*ent.SIMSwitchCreate
	for _, card := range cards {
		if card.IsActive != active {
			ids = append(ids, card.ID)
			switches = append(switches, tx.SIMSwitch.Create().SetID(card.Iccid).SetIsActive(active).SetNextAttemptAt(time.Now()))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := tx.SIMCard.Update().Where(simcard.IDIn(ids...)).SetIsActive(active).Exec(ctx); err != nil {
		return fmt.Errorf("intend to switch cards: %w", err)
	}
	// A switch that is under way keeps its time: its end will see the change.
	err := tx.SIMSwitch.CreateBulk(switches...).OnConflictColumns(simswitch.FieldID).Update(func(u *ent.SIMSwitchUpsert) {
		u.SetIsActive(active).AddVersion(1).SetAttempts(0).ClearLastError()
	}).Exec(ctx)
	if err != nil {
		return fmt.Errorf("intend to switch cards: %w", err)
	}
	tx.Signal(Topic)
	return nil
}
