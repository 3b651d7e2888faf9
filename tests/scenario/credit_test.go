package scenario_test

import (
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// enrols changes a reseller's currency and credit limit as the operator.
func enrols(w *world.World, c *world.Company, currency string, limit any) world.Answer {
	w.Helper()
	return w.Operator().Mutate("companyResellerEnroll", world.Vars{"companyId": c.ID, "currency": currency, "creditLimit": limit}, `company { id }`)
}

// A reseller that owes more than its credit limit takes no new accounts; what
// runs goes on, and can be stopped, deactivated and resumed. The dealer is told
// no amounts. (A9 A20 A35 A58)
func TestCreditLimit(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa, shop, barn := dealer.Hub("Villa"), dealer.Hub("Shop"), dealer.Hub("Barn")
	w.OK(enrols(w, reseller, "EUR", "10.00"))
	paid := w.OK(replenishes(w, reseller, "1.00", "1")).Text("transaction.id")
	w.OK(adjusts(w, paid, "DEBIT", "11.00", "2"))
	w.OK(dealer.Activates(villa)) // the balance is the limit exactly
	w.OK(adjusts(w, paid, "DEBIT", "0.01", "3"))

	refused := w.Refused(dealer.Activates(shop), "CREDIT_LIMIT input.connectionId")
	if text := refused.Text("userErrors.0.message"); strings.ContainsAny(text, "0123456789€") {
		t.Errorf("the dealer is told %q", text)
	}
	options := w.OK(dealer.Owner.Query(`query($h: ID!) { hub(id: $h) { activationOptions { blockers { code path } } } }`, world.Vars{"h": shop.ID}))
	w.Equal(strings.Join(options.Texts("hub.activationOptions.blockers", "code"), " "), "CREDIT_LIMIT")
	bulk := w.OK(dealer.Owner.Mutate("hubProvision", world.Vars{"companyId": dealer.ID, "items": []world.Vars{{
		"object": world.Vars{"create": world.Vars{"name": "Loft"}}, "serialNumber": "00B00001", "name": "Loft",
		"sim": world.Vars{"iccid": "8948010000000777777", "isAjaxSim": true}, "activation": world.Vars{},
	}}}, `results { userErrors { code } }`))
	w.Equal(bulk.Text("results.0.userErrors.0.code"), "CREDIT_LIMIT")

	for _, step := range []string{"serviceSuspend", "serviceResume", "serviceDeactivate", "serviceResume", "serviceStop"} {
		w.OK(dealer.Owner.Mutate(step, world.Vars{"hubId": villa.ID}, ``))
	}
	w.Refused(dealer.Activates(villa), "CREDIT_LIMIT")

	w.Package("AJAX_PLUS", world.Vars{"monthlyFees": []world.Vars{}})
	w.Refused(dealer.Activates(shop), "PACKAGE_REQUIRED") // and so on, in the order of A35
	w.OK(w.Operator().Mutate("servicePackageSave", world.Vars{"code": "AJAX_PLUS", "names": []world.Vars{}, "monthlyFees": []world.Vars{}, "isArchived": true}, ``))
	w.OK(enrols(w, reseller, "EUR", "10.01"))
	w.OK(dealer.Activates(shop))
	w.OK(enrols(w, reseller, "EUR", "0"))
	w.Refused(dealer.Activates(barn), "CREDIT_LIMIT")
	w.OK(enrols(w, reseller, "EUR", nil))
	w.OK(dealer.Activates(barn)) // without a limit it may owe what it will

	other := w.Reseller("Other Station")
	w.OK(enrols(w, other, "EUR", "0"))
	connection := dealer.Connects(other)
	w.OK(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": villa.ID, "connectionId": connection}, ``)) // it owes nothing
}

// The currency can be changed until there is a transaction, to one in which
// all that is to be charged has a price. (A25 A44)
func TestCurrency_lock(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa")
	w.OK(enrols(w, reseller, "USD", nil)) // nothing is to be charged
	w.OK(enrols(w, reseller, "EUR", nil))
	w.OK(dealer.Activates(villa))
	refused := w.Refused(enrols(w, reseller, "USD", nil), "NO_PRICE_IN_CURRENCY input.currency")
	if !strings.Contains(refused.Text("userErrors.0.message"), "AJAX_SIM") {
		t.Errorf("the operator is told %v", refused.Get("userErrors"))
	}
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID}, ``))
	w.Refused(enrols(w, reseller, "USD", nil), "NO_PRICE_IN_CURRENCY input.currency") // the month is due
	w.OK(enrols(w, reseller, "PLN", nil))
	w.OK(enrols(w, reseller, "EUR", nil))
	w.OK(replenishes(w, reseller, "1.00", "1"))
	w.Refused(enrols(w, reseller, "PLN", nil), "INVALID_STATE input.currency")
	w.OK(enrols(w, reseller, "EUR", "5.00"))
}

// A reseller is not deleted while its balance is above or below zero. (A10 A45)
func TestCompanyDelete_balance(t *testing.T) {
	w := world.New(t)
	reseller := w.Reseller("Central Station")
	deletes := func() world.Answer {
		return reseller.Owner.Mutate("companyDelete", world.Vars{"companyId": reseller.ID, "confirmName": "Central Station"}, `deletedCompanyId`)
	}
	blockers := func() string {
		a := w.OK(reseller.Owner.Query(`query($id: ID!) { company(id: $id) { deletionBlockers { __typename code
			... on StateError { subject { id } } } } }`, world.Vars{"id": reseller.ID}))
		return strings.Join(a.Texts("company.deletionBlockers", "code"), " ") + " " + a.Text("company.deletionBlockers.0.subject.id")
	}
	paid := w.OK(replenishes(w, reseller, "5.00", "1")).Text("transaction.id")
	w.Refused(deletes(), "INVALID_STATE input.companyId")
	w.Equal(blockers(), "INVALID_STATE "+reseller.ID)
	w.OK(adjusts(w, paid, "DEBIT", "6.00", "2"))
	w.Refused(deletes(), "INVALID_STATE input.companyId")
	w.OK(adjusts(w, paid, "CREDIT", "1.00", "3"))
	w.Equal(blockers(), " ")
	w.OK(deletes())
	w.Refused(replenishes(w, reseller, "5.00", "4"), "NOT_FOUND input.resellerId")
	w.Refused(adjusts(w, paid, "DEBIT", "1.00", "5"), "NOT_FOUND input.transactionId")
}

// Nor while it has a fee to pay: one that is due this month, and one of a month
// that is over until it is booked. (A10 A45)
func TestCompanyDelete_nextCharge(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	deletes := func() world.Answer {
		return reseller.Owner.Mutate("companyDelete", world.Vars{"companyId": reseller.ID, "confirmName": "Central Station"}, `deletedCompanyId`)
	}
	villa := dealer.Hub("Villa")
	w.OK(dealer.Activates(villa))
	w.Refused(deletes(), "SERVICES_ACTIVE input.companyId")
	w.OK(dealer.Owner.Mutate("serviceStop", world.Vars{"hubId": villa.ID}, ``))
	a := w.Refused(deletes(), "INVALID_STATE input.companyId")
	w.Equal(a.Text("userErrors.0.subject.id"), reseller.ID)
	w.Advance("2026-02-01T00:00:00Z")
	w.Refused(deletes(), "INVALID_STATE input.companyId") // it owes the fee now
	w.OK(replenishes(w, reseller, "5.00", "1"))
	w.OK(deletes())
}
