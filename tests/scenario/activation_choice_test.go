package scenario_test

import (
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// With several packages one has to choose; an archived or unknown one is
// refused. (R79, A35 A43)
func TestServiceActivate_choiceOfPackage(t *testing.T) {
	f := newFirm(t)
	second := f.Package("SECOND")
	h := f.dealer.Hub("Villa")
	screen := f.hub(f.dealer.Owner, h)
	f.same(screen.Texts("activationOptions.packages", "code"), []string{"AJAX_SIM", "SECOND"})
	f.Equal(screen.Get("activationOptions.preselectedPackage"), nil)
	f.same(screen.Texts("activationOptions.blockers", "code"), []string{"PACKAGE_REQUIRED"})
	f.Refused(f.dealer.Activates(h), "PACKAGE_REQUIRED input.packageId")
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"packageId": "pkg_unknown"}), "INVALID input.packageId")
	f.Package("AJAX_SIM", world.Vars{"isArchived": true})
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"packageId": f.pkg}), "INVALID input.packageId")
	a := f.OK(f.dealer.Activates(h))
	f.Equal(f.hub(f.dealer.Owner, h).Text("activationOptions.preselectedPackage.id"), second)
	f.Equal(a.Text("service.status"), "ACTIVE")
	f.Package("SECOND", world.Vars{"isArchived": true})
	f.Refused(f.dealer.Activates(f.dealer.Hub("Shop")), "PACKAGE_REQUIRED input.packageId")
}

// With several resellers one has to choose, and only the chosen one is billed;
// an archived, foreign or unknown connection is refused. (R33 R42 R48 R54 R81
// R82, A8 A36)
func TestServiceActivate_choiceOfReseller(t *testing.T) {
	f := newFirm(t)
	second := f.Reseller("Second Station")
	to := second.ID
	h := f.dealer.Hub("Villa")
	pending := f.dealer.Requests(second)
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"connectionId": pending}), "CONNECTION_NOT_ACTIVE input.connectionId")
	f.Equal(f.hub(f.dealer.Owner, h).Text("activationOptions.preselectedConnection.id"), f.connection)
	f.OK(second.Owner.Mutate("connectionApprove", world.Vars{"connectionId": pending}, ``))

	screen := f.hub(f.dealer.Employee("INSTALLER"), h)
	f.same(screen.Texts("activationOptions.connections", "reseller.name"), []string{"Central Station", "Second Station"})
	f.Equal(screen.Get("activationOptions.preselectedConnection"), nil)
	f.same(screen.Texts("activationOptions.blockers", "code"), []string{"RESELLER_REQUIRED"})
	f.Refused(f.dealer.Activates(h), "RESELLER_REQUIRED input.connectionId")
	other := f.Dealer("Another dealer").Connects(second)
	for _, id := range []string{other, "con_unknown"} {
		f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"connectionId": id}), "NOT_FOUND input.connectionId")
	}
	a := f.OK(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"connectionId": pending}))
	f.Equal(a.Text("service.reseller.id"), to)
	f.Equal(f.OK(f.reseller.Owner.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": a.Text("service.id")})).Get("node"), nil)

	// A suspended connection takes no new activation, also after a stop; what
	// runs goes on, and the other reseller takes new ones.
	f.OK(second.Owner.Mutate("connectionSuspend", world.Vars{"connectionId": pending}, ``))
	f.shows(f.dealer.Owner, h, "ACTIVATED", true, true)
	f.OK(f.takes(f.dealer.Owner, "Stop", h))
	f.Refused(f.takes(f.dealer.Owner, "Activate", h, world.Vars{"connectionId": pending}), "CONNECTION_SUSPENDED input.connectionId")
	f.Equal(f.OK(f.dealer.Activates(h)).Text("service.status"), "ACTIVE") // the only active one is chosen
	f.OK(f.takes(f.dealer.Owner, "Stop", h))
	f.OK(f.reseller.Owner.Mutate("connectionSuspend", world.Vars{"connectionId": f.connection}, ``))
	f.Refused(f.dealer.Activates(h), "CONNECTION_SUSPENDED input.connectionId")
	f.same(f.hub(f.dealer.Owner, h).Texts("activationOptions.blockers", "code"), []string{"CONNECTION_SUSPENDED"})

	lonely := f.Dealer("Lonely dealer")
	f.Refused(lonely.Activates(lonely.Hub("Villa")), "CONNECTION_NOT_ACTIVE input.connectionId")
}

// A package without a price in the reseller's currency cannot be activated, and
// the refusal tells the dealer no money. (A9 A25)
func TestServiceActivate_noPrice(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.ResellerIn("Zürich Station", "CHF")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	h := dealer.Hub("Villa")
	a := w.Refused(dealer.Activates(h), "NO_PRICE_IN_CURRENCY input.packageId")
	if said := a.Text("userErrors.0.message"); strings.Contains(said, "CHF") || strings.Contains(said, "EUR") {
		t.Errorf("the refusal says %q", said)
	}
}
