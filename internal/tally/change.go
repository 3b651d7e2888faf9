package tally

import (
	"context"
	"fmt"
	"slices"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Change is what a command does to the lives of some fee keys.
type Change struct {
	keys          []fee.Key
	before, after map[fee.Key][]fee.Life
}

// Begin reads the lives of fee keys before a command changes them. The ledgers
// of their resellers are locked.
func Begin(ctx context.Context, tx *store.Tx, keys ...fee.Key) (*Change, error) {
	before, err := fee.Lives(ctx, tx.Client(), fee.MonthOf(tx.Now, tx.Zone).Start, keys...)
	if err != nil {
		return nil, err
	}
	c := &Change{keys: keys, before: before, after: make(map[fee.Key][]fee.Life, len(before))}
	for k, lives := range before {
		c.after[k] = slices.Clone(lives)
	}
	return c, nil
}

// NotBefore returns the instant, or a later one where a life has begun or
// ended since, on a server whose clock is ahead: what follows comes after.
func (c *Change) NotBefore(at time.Time) time.Time {
	for _, lives := range c.before {
		for _, l := range lives {
			if !l.Live && l.EndsAt.After(at) {
				at = l.EndsAt.Add(time.Microsecond).UTC()
			}
		}
	}
	return at
}

// Took notes a step of a service, which is given as it is after the step.
func (c *Change) Took(after *ent.Service, step serviceevent.Action, at time.Time) {
	k := fee.KeyOf(after)
	lives := c.after[k]
	i := slices.IndexFunc(lives, func(l fee.Life) bool { return l.ServiceID == after.ID })
	if i < 0 {
		c.after[k] = append(lives, fee.LifeOf(after, nil))
		return
	}
	lives[i] = fee.LifeOf(after, fee.Follow(lives[i].Pauses, step, at))
}

// Apply changes the counters by the difference that the steps make, as things
// stand at an instant, which is that of the last step or later. Where there is
// one, the figures of the reseller have a new version.
func (c *Change) Apply(ctx context.Context, tx *store.Tx, now time.Time) error {
	if len(c.keys) == 0 {
		return nil
	}
	var resellers, packages []string
	for _, k := range c.keys {
		resellers, packages = append(resellers, k.ResellerID), append(packages, k.PackageID)
	}
	p, err := readPrices(ctx, tx.Client(), unique(resellers), unique(packages))
	if err != nil {
		return err
	}
	m, difference := fee.MonthOf(now, tx.Zone), counts{}
	for _, k := range c.keys {
		difference.addAll(contribution(k, c.before[k], m, now, p.of(k)), -1)
		difference.addAll(contribution(k, c.after[k], m, now, p.of(k)), 1)
	}
	if err := write(ctx, tx, difference); err != nil {
		return err
	}
	var changed []string
	for at := range difference {
		changed = append(changed, at.resellerID)
	}
	return raise(ctx, tx, changed)
}

// raise gives the figures of resellers a new version.
func raise(ctx context.Context, tx *store.Tx, resellers []string) error {
	if len(resellers) == 0 {
		return nil
	}
	err := tx.Ledger.Update().Where(ledger.ResellerIDIn(unique(resellers)...)).AddVersion(1).Exec(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("count the changes of a reseller's figures: %w", err)
	}
	return nil
}

// unique returns each of the ids once, sorted.
func unique(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
