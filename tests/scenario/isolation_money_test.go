package scenario_test

import (
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// A dealer's people, of whatever role, see no amount: not of a package, by any
// path to it, nor of a service, in any currency. Nor do installers of the
// reseller. (A9)
func TestIsolation_Money(t *testing.T) {
	w := world.New(t, world.Lavish)
	pkg := w.Package("AJAX_SIM")
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	dealer.Connects(reseller)
	villa, shop := dealer.Hub("Villa"), dealer.Hub("Shop")
	service := w.OK(dealer.Activates(villa)).Text("service.id")
	amounts := func(p *world.Person) string {
		a := w.OK(p.Query(`fragment P on ServicePackage { monthlyFee { amount } pln: monthlyFee(currency: "PLN") { amount } eur: monthlyFee(currency: "EUR") { amount }
				prices { monthlyFee { amount } } }
			fragment S on HubService { monthlyFee { amount } package { ...P } }
			fragment A on DealerActivity { monthlyFee { amount } packages { monthlyFee { amount } package { ...P } } accounts { nodes { ...S } } }
			query($p: ID!, $s: ID!, $h: ID!, $v: ID!, $d: ID!, $r: ID!) {
				package: node(id: $p) { ...P } service: node(id: $s) { ...S } servicePackages { nodes { ...P } }
				shop: hub(id: $h) { activationOptions { packages { ...P } preselectedPackage { ...P } } }
				villa: hub(id: $v) { service { ...S } services { nodes { ...S } } }
				dealer: company(id: $d) { services { nodes { ...S } } resellerConnections { nodes { activity { ...A } } } }
				reseller: company(id: $r) { services { nodes { ...S } } dealerConnections { nodes { activity { ...A } } } dealerActivity(dealerId: $d) { ...A }
					resellerOverview { balance { amount } monthlyFee { amount } nextCharge { amount { amount } } dealers { nodes { ...A } } } } }`,
			world.Vars{"p": pkg, "s": service, "h": shop.ID, "v": villa.ID, "d": dealer.ID, "r": reseller.ID}))
		return said(a, "no id")
	}
	blind := []*world.Person{dealer.Owner, reseller.Employee("INSTALLER")}
	for _, role := range world.Roles {
		blind = append(blind, dealer.Employee(role))
	}
	for _, p := range blind {
		if text := amounts(p); strings.Contains(text, `"amount"`) {
			t.Errorf("%s sees money: %s", p.Name, text)
		}
	}
	if text := amounts(reseller.Owner); strings.Count(text, `"amount":"5.00"`) < 20 || strings.Contains(text, "20.00") {
		t.Errorf("the reseller sees %s", text)
	}
}
