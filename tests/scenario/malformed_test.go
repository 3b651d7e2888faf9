package scenario_test

import (
	"testing"

	"partnerhub/tests/world"
)

// A value of the wrong form in a scalar of the schema is the programmer's to
// put right, wherever it stands: it is no fault of the server (A54).
func TestMalformedScalars(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	for _, to := range []any{"tomorrow", "2026-11-22", 5, true} {
		w.Fails(w.Operator().Mutate("clockAdvance", world.Vars{"to": to}, `serverInfo { now }`), "BAD_USER_INPUT")
	}
	objects := `query($id: ID!, $at: DateTime) { company(id: $id) { objects(filter: { createdAt: { gte: $at } }) { totalCount } } }`
	w.Fails(c.Owner.Query(objects, world.Vars{"id": c.ID, "at": "yesterday"}), "BAD_USER_INPUT")
	services := `query($id: ID!, $month: Month!) { company(id: $id) { services(filter: { trialLastMonth: [$month] }) { totalCount } } }`
	w.Fails(c.Owner.Query(services, world.Vars{"id": c.ID, "month": "2026-13"}), "BAD_USER_INPUT")
	for _, email := range []any{5, true, world.Vars{"at": "night-watch.example"}} {
		w.Fails(c.Owner.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": email, "role": "INSTALLER"}, `employee { id }`), "BAD_USER_INPUT")
		w.Fails(w.Mutate("userSignIn", world.Vars{"email": email, "password": world.Password}, `sessionToken`), "BAD_USER_INPUT")
	}
	w.Fails(c.Owner.Query(`{ resellers(country: 7) { totalCount } }`), "BAD_USER_INPUT")
	w.Fails(w.Operator().Mutate("companyResellerEnroll", world.Vars{"companyId": c.ID, "currency": "EUR", "creditLimit": 12.5}, `company { id }`), "BAD_USER_INPUT")
	w.Fails(c.Owner.Mutate("userUpdate", world.Vars{"language": []string{"pl", "en"}}, `user { language }`), "BAD_USER_INPUT")
}
