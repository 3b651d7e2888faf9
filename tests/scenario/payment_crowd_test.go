package scenario_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

// Fifty calls that post to one reseller at the same moment, some with a key of
// another: each is answered with a transaction or a typed refusal, each key has
// one effect, the balance is the sum and no entry is missing. (A33 A48 R69)
func TestBalance_fiftyAtOnce(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	first := w.OK(replenishes(w, reseller, "1000.00", "first")).Text("transaction.id")

	const posters, keys = 50, 20 // those of one key modulo keys share it
	answers := make([]world.Answer, posters)
	var crowd sync.WaitGroup
	for i := range posters {
		crowd.Go(func() {
			key := fmt.Sprint("key ", i%keys)
			switch amount := fmt.Sprintf("%d.%02d", i%keys+1, i%keys); {
			case i%keys >= 10:
				answers[i] = adjusts(w, first, "DEBIT", amount, key)
			case i >= 40: // the key of another, with other input
				answers[i] = replenishes(w, reseller, "77.77", key)
			default:
				answers[i] = replenishes(w, reseller, amount, key)
			}
		})
	}
	crowd.Wait()

	byKey := map[int][]string{}
	refused := 0
	for i, a := range answers {
		switch codes := a.Codes(); {
		case a.Errors != nil:
			t.Errorf("call %d was answered %v", i, a.Errors)
		case len(codes) == 0:
			byKey[i%keys] = append(byKey[i%keys], a.Text("transaction.id"))
		case slices.Equal(codes, []string{"IDEMPOTENCY_MISMATCH input.idempotencyKey"}):
			refused++
		default:
			t.Errorf("call %d was refused with %v", i, codes)
		}
	}
	for key, ids := range byKey {
		if len(slices.Compact(ids)) != 1 {
			t.Errorf("key %d found the transactions %v", key, ids)
		}
	}
	if len(byKey) != keys || refused < 10 {
		t.Errorf("%d keys had an effect, %d calls met the key of another", len(byKey), refused)
	}

	history := w.OK(w.Operator().Query(`query($id: ID!) { company(id: $id) { transactions(first: 100, orderBy: {field: OCCURRED_AT, direction: ASC}) {
		totalCount nodes { id direction amount { minorUnits } balanceAfter { minorUnits } } } } }`, world.Vars{"id": reseller.ID}))
	balance := 0
	for i := range history.List("company.transactions.nodes") {
		at := fmt.Sprintf("company.transactions.nodes.%d.", i)
		amount := history.Int(at + "amount.minorUnits")
		if history.Text(at+"direction") == "DEBIT" {
			amount = -amount
		}
		balance += amount
		w.Equal(history.Int(at+"balanceAfter.minorUnits"), balance)
	}
	w.Equal(history.Int("company.transactions.totalCount"), keys+1)
}
