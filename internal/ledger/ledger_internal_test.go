package ledger

import (
	"errors"
	"math"
	"math/big"
	"testing"

	"partnerhub/ent/transaction"
)

// A balance and an amount are added exactly, or not at all.
func FuzzEntry_after(f *testing.F) {
	for _, balance := range []int64{0, 1, -Largest, Largest, Largest + 1, math.MaxInt64, math.MinInt64} {
		for _, amount := range []int64{-1, 0, 1, Largest, Largest + 1, math.MaxInt64, math.MinInt64} {
			f.Add(balance, amount, true)
			f.Add(balance, amount, false)
		}
	}
	f.Fuzz(func(t *testing.T, balance, amount int64, isDebit bool) {
		e := Entry{Amount: amount, Direction: transaction.DirectionCREDIT}
		exact := new(big.Int).Add(big.NewInt(balance), big.NewInt(amount))
		if isDebit {
			e.Direction = transaction.DirectionDEBIT
			exact.Sub(big.NewInt(balance), big.NewInt(amount))
		}
		fits := exact.CmpAbs(big.NewInt(Largest)) <= 0
		after, err := e.after(balance)
		switch isAmount := amount >= 1 && amount <= Largest; {
		case isAmount && fits && (err != nil || after != exact.Int64()):
			t.Fatalf("%d and %d make %d, %v; want %v", balance, amount, after, err, exact)
		case isAmount && !fits && !errors.Is(err, ErrBalance), !isAmount && err == nil, err != nil && after != 0:
			t.Fatalf("%d and %d make %d, %v", balance, amount, after, err)
		}
	})
}
