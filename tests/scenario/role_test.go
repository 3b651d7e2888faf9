package scenario

import (
	"slices"
	"testing"

	"partnerhub/tests/world"
)

// The owner alone does everything that a service manager does: requests,
// approvals, every step of a service, both sides' tabs. (R14)
func TestOwnerAloneManagesServices(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa 7")
	for _, step := range []string{"serviceActivate", "serviceDeactivate", "serviceResume", "serviceSuspend", "serviceResume", "serviceStop"} {
		w.OK(dealer.Owner.Mutate(step, world.Vars{"hubId": villa.ID}, `hub { tile { kind } }`))
	}
	if got := tabs(dealer.Owner, dealer); !slices.Equal(got, []string{"YOUR_RESELLERS"}) {
		t.Errorf("tabs of the dealer's owner: %v", got)
	}
	if got := tabs(reseller.Owner, reseller); !slices.Equal(got, []string{"DASHBOARD", "YOUR_DEALERS", "PAYMENT_HISTORY"}) {
		t.Errorf("tabs of the reseller's owner: %v", got)
	}
}

// Both manager roles of a reseller open the Dashboard, its installer does not,
// nor does anybody else. (R17 R28)
func TestDashboardIsForManagers(t *testing.T) {
	w := world.New(t)
	reseller, other := w.Reseller("Central Station"), w.Reseller("Guardian")
	for role, opens := range map[string]bool{"SENIOR_SERVICE_MANAGER": true, "SERVICE_MANAGER": true, "INSTALLER": false} {
		p := reseller.Employee(role)
		w.Equal(slices.Contains(tabs(p, reseller), "DASHBOARD"), opens)
		a := w.OK(p.Query(`query($id: ID!) { company(id: $id) { viewerCan { viewServicesModule viewFinances } } }`, world.Vars{"id": reseller.ID}))
		w.Equal(a.Get("company.viewerCan.viewServicesModule"), opens)
		w.Equal(a.Get("company.viewerCan.viewFinances"), opens)
	}
	w.Equal(len(tabs(other.Owner, reseller)), 0)
}

func tabs(p *world.Person, c *world.Company) []string {
	a := p.Query(`query($id: ID!) { company(id: $id) { servicesTabs } }`, world.Vars{"id": c.ID})
	return a.Texts("company.servicesTabs", "")
}
