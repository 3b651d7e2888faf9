package scenario

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// managing is what the roles of a dealer and of its reseller can do and see,
// told without ids: the answers to one and the same day's work.
func managing(t *testing.T, w *world.World, role string) []string {
	t.Helper()
	dealer, reseller := w.Dealer("Dealer "+role), w.Reseller("Reseller "+role)
	hub := dealer.Hub("Villa")
	ours, theirs := dealer.Employee(role), reseller.Employee(role)
	told := []string{}
	tell := func(a world.Answer, path string) world.Answer {
		told = append(told, strings.ReplaceAll(fmt.Sprint(a.Code(), a.Codes(), a.Get(path)), role, "ROLE"))
		return a
	}
	id := tell(ours.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": world.Vars{"id": reseller.ID}},
		`connection { id status }`), "connection.status").Text("connection.id")
	link := world.Vars{"connectionId": id}
	if id == "" { // not one's right: the owner does it, so that the others can be tried
		link["connectionId"] = dealer.Requests(reseller)
	}
	tell(ours.Mutate("connectionApprove", link, `connection { status }`), "connection.status")
	for _, step := range []string{"connectionReject", "connectionApprove", "connectionSuspend", "connectionResume"} {
		tell(theirs.Mutate(step, link, `connection { status }`), "connection.status")
	}
	for _, p := range []*world.Person{ours, theirs} {
		for _, c := range []*world.Company{dealer, reseller} {
			a := seesCompany(w, p, c.ID)
			for _, path := range []string{"registrationNumber", "modules", "servicesTabs", "onboarding", "viewerCan", "employees.totalCount", "deletionBlockers"} {
				tell(a, path)
			}
			a = p.Query(`query($id: ID!) { company(id: $id) { resellerConnections { totalCount } dealerConnections { totalCount }
				objects { totalCount } activities { totalCount } } }`, world.Vars{"id": c.ID})
			tell(a, "company")
			tell(adds(p, c, ours.Email, "INSTALLER"), "")
			tell(p.Mutate("companyUpdate", world.Vars{"companyId": c.ID, "name": "Mine"}, `company { name }`), "")
			tell(p.Mutate("companyDelete", world.Vars{"companyId": c.ID, "confirmName": c.Name}, `deletedCompanyId`), "")
		}
		tell(p.Query(`{ servicePackages { nodes { name monthlyFee { amount } names { text } prices { validFrom } } } }`), "servicePackages")
		for _, step := range []string{"serviceActivate", "serviceSuspend", "serviceResume", "serviceDeactivate", "serviceResume", "serviceStop"} {
			tell(p.Mutate(step, world.Vars{"hubId": hub.ID}, `service { status }`), "service.status")
		}
	}
	return told
}

// Both manager roles share the same rights: each answer of a day's work is the
// same. The installer's are not. (R15 R16 R20 R21 R71)
func TestRoles_ManagersAlike(t *testing.T) {
	w := world.New(t)
	w.Package("AJAX_SIM")
	senior, plain := managing(t, w, "SENIOR_SERVICE_MANAGER"), managing(t, w, "SERVICE_MANAGER")
	for i := range senior {
		if senior[i] != plain[i] {
			t.Errorf("answer %d: the senior gets %s, the other %s", i, senior[i], plain[i])
		}
	}
	if slices.Equal(plain, managing(t, w, "INSTALLER")) {
		t.Error("the day's work tells no roles apart")
	}
}

// The rights are data: the switch takes the sight of money from the plain
// manager, and from nobody else, and nothing else changes. (R20 A9)
func TestRoles_FinanceSeniorOnly(t *testing.T) {
	fees := func(w *world.World, p *world.Person, reseller *world.Company) string {
		t.Helper()
		a := w.OK(p.Query(`query($id: ID!) { servicePackages { nodes { monthlyFee { amount currency } } }
			company(id: $id) { servicesTabs viewerCan { viewFinances viewServicesModule } } }`, world.Vars{"id": reseller.ID}))
		return fmt.Sprintf("%v %v %v", a.Get("servicePackages.nodes.0.monthlyFee.amount"), a.Get("company.servicesTabs"), a.Get("company.viewerCan"))
	}
	tabs := " [DASHBOARD YOUR_DEALERS PAYMENT_HISTORY] "
	all, none := "5.00"+tabs+"map[viewFinances:true viewServicesModule:true]", "<nil>"+tabs+"map[viewFinances:false viewServicesModule:true]"
	for _, seniorOnly := range []bool{false, true} {
		w := world.New(t, func(c *server.Config) { c.FinanceSeniorOnly = seniorOnly })
		w.Package("AJAX_SIM")
		reseller := w.Reseller("Central Station")
		plain := all
		if seniorOnly {
			plain = none
		}
		for role, want := range map[string]string{"SENIOR_SERVICE_MANAGER": all, "SERVICE_MANAGER": plain} {
			if got := fees(w, reseller.Employee(role), reseller); got != want {
				t.Errorf("senior only %v: a %s sees %s, want %s", seniorOnly, role, got, want)
			}
		}
		w.Equal(fees(w, reseller.Owner, reseller), all)
	}
}
