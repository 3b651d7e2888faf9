package ledger

import (
	"partnerhub/ent/transaction"
	"partnerhub/internal/money"
)

// Replenishment is a payment of a reseller.
type Replenishment struct {
	ResellerID     string
	Amount         money.Input // above zero, in the reseller's currency
	Note           *string     // payment reference
	IdempotencyKey string      // of the caller, remembered for ever (A33)
}

// Adjustment corrects a transaction.
type Adjustment struct {
	TransactionID  string
	Direction      transaction.Direction
	Amount         money.Input // above zero, in the reseller's currency
	Note           string      // why
	IdempotencyKey string      // of the caller, remembered for ever (A33)
}
