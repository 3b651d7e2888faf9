package demo

import (
	"context"

	"partnerhub/ent/transaction"
	"partnerhub/internal/ledger"
	"partnerhub/internal/money"
)

// pays books two payments of a reseller, and a correction of the second. Fees
// come with the months: what the running one will cost is on the Dashboard.
func (a *act) pays(reseller string) {
	a.replenishes(reseller, "250.00", "Bank transfer 2041")
	wrong := a.replenishes(reseller, "520.00", "Bank transfer 2067")
	a.do(a.operator, func(ctx context.Context) error {
		_, err := ledger.Adjust(ctx, a.db, ledger.Adjustment{
			TransactionID: wrong, Direction: transaction.DirectionDEBIT, Amount: money.Input{Amount: "270.00", Currency: "EUR"},
			Note: "Transfer 2067 was of 250.00", IdempotencyKey: "demo-correction",
		})
		return err
	})
}

func (a *act) replenishes(reseller, amount, note string) (id string) {
	a.do(a.operator, func(ctx context.Context) error {
		t, err := ledger.Replenish(ctx, a.db, ledger.Replenishment{
			ResellerID: reseller, Amount: money.Input{Amount: amount, Currency: "EUR"}, Note: &note, IdempotencyKey: "demo " + note,
		})
		if err == nil {
			id = t.ID
		}
		return err
	})
	return id
}
