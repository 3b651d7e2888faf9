package lifecycle_test

import (
	"errors"
	"testing"
	"time"

	"partnerhub/ent/company"
	"partnerhub/ent/ledger"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

// An activation goes by what holds for the reseller once nobody can change it
// any more: not by a currency or a credit limit that was just being changed.
// (A20 A25)
func TestActivate_whileTheResellerChanges(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fixture, *store.Tx)
		want   error
	}{
		"its currency": {func(f *fixture, tx *store.Tx) {
			tx.Company.UpdateOneID(f.reseller.ID).SetCurrency("PLN").ExecX(f.system())
		}, lifecycle.ErrNoPrice},
		"its first credit limit": {func(f *fixture, tx *store.Tx) {
			tx.Company.Update().Where(company.ID(f.reseller.ID)).SetCreditLimit(0).ExecX(f.system())
			tx.Ledger.Update().Where(ledger.ResellerID(f.reseller.ID)).SetBalance(-1).ExecX(f.system())
		}, lifecycle.ErrCreditLimit},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			h := f.hub()
			activated := make(chan error, 1)
			f.write(func(tx *store.Tx) {
				store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerID(f.reseller.ID))).OnlyX(f.system())
				c.change(f, tx)
				go func() {
					_, err := f.ask("owner", activate, h)
					activated <- err
				}()
				select { // until it waits for this transaction
				case err := <-activated:
					activated <- err
				case <-time.After(300 * time.Millisecond):
				}
			})
			if err := <-activated; !errors.Is(err, c.want) {
				t.Errorf("answered with %v, want %v", err, c.want)
			}
		})
	}
}
