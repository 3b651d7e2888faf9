package scenario

import (
	"fmt"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// What each person sees of a company: its people by their role, partners and
// strangers who see it at all the card, nobody else anything. (R125 R126 A50 A51 A52)
func TestCompany_Sight(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	manager, installer := dealer.Employee("SERVICE_MANAGER"), dealer.Employee("INSTALLER")
	nothing := map[string]any{
		"registrationNumber": nil, "taxNumber": nil, "modules": "[]", "servicesTabs": "[]", "onboarding": "[]", "deletionBlockers": "[]",
		"viewerCan.manageObjects": false, "viewerCan.viewServicesModule": false, "viewerEmployee": nil,
		"employees.totalCount": "0", "employees.nodes": "[]",
	}
	looks := func(who string, p *world.Person, c *world.Company, want map[string]any) {
		t.Helper()
		a := seesCompany(w, p, c.ID)
		if a.Text("name") != c.Name || a.Text("contact.email") != c.Email {
			t.Errorf("%s sees as the card %v", who, a.Data)
		}
		for path, want := range want {
			if got := a.Get(path); got != want && fmt.Sprint(got) != want {
				t.Errorf("%s sees %s as %v, want %v", who, path, got, want)
			}
		}
	}
	looks("the owner", dealer.Owner, dealer, map[string]any{
		"registrationNumber": "KRS 0000123456", "taxNumber": "PL5250000000", "kind": "DEALER", "dealerSince": "2026-01-15T12:00:00Z",
		"employees.totalCount": "3", "viewerCan.manageEmployees": true, "viewerCan.manageApiTokens": true, "viewerCan.viewFinances": false,
	})
	looks("a manager", manager, dealer, map[string]any{
		"registrationNumber": nil, "taxNumber": nil, "modules": "[OBJECTS COMPANY SERVICES]", "servicesTabs": "[YOUR_RESELLERS]",
		"employees.totalCount": "3", "viewerCan.manageCompany": false, "viewerCan.manageConnections": true, "viewerCan.manageServices": true,
		"viewerCan.viewServicesModule": true, "viewerCan.viewFinances": false, "viewerEmployee.role": "SERVICE_MANAGER",
	})
	looks("an installer", installer, dealer, map[string]any{
		"registrationNumber": nil, "servicesTabs": "[]", "employees.totalCount": "3", "viewerCan.manageConnections": false,
		"viewerCan.manageServices": true, "viewerCan.manageObjects": true, "viewerCan.viewServicesModule": false,
	})
	looks("the operator", w.Operator(), dealer, map[string]any{
		"registrationNumber": "KRS 0000123456", "employees.totalCount": "3", "viewerCan.manageCompany": false, "viewerEmployee": nil,
	})
	looks("a stranger of a company", dealer.Owner, reseller, nothing)
	for _, p := range []*world.Person{reseller.Owner, w.Person("Eve")} {
		if seesCompany(w, p, dealer.ID).Data != nil {
			t.Error("somebody sees a dealer that is no partner")
		}
	}
	dealer.Requests(reseller)
	looks("a partner", reseller.Owner, dealer, nothing)
	if seesCompany(w, reseller.Employee("INSTALLER"), dealer.ID).Data != nil {
		t.Error("a partner's installer sees the dealer")
	}
}

// The search of employees keeps whom it finds by name or address, the filters
// by role and state; the orders go by invitation and by name. (R126)
func TestCompany_Employees(t *testing.T) {
	w := world.New(t)
	c := w.SignUp("Zofia Wójcik", "zofia@people.example").Founds("Night Watch")
	for name, role := range map[string]string{"Łukasz Ćma": "INSTALLER", "anna Kos": "SERVICE_MANAGER"} {
		c.Employs(w.Person(name), role)
	}
	late := w.Person("Bolek")
	w.OK(c.Owner.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": late.Email, "role": "INSTALLER"}, `employee { id }`))
	list := func(arguments string) world.Answer {
		t.Helper()
		if !strings.Contains(arguments, "first:") {
			arguments += " first: 20"
		}
		a := w.OK(c.Owner.Query(`query($id: ID!) { company(id: $id) { employees(`+arguments+`) {
			totalCount pageInfo { hasNextPage endCursor } nodes { role status user { name } } } } }`, world.Vars{"id": c.ID}))
		a.Data = a.Get("company.employees")
		return a
	}
	byName := func(arguments string) string {
		t.Helper()
		return strings.Join(list(arguments+` orderBy: {field: NAME}`).Texts("nodes", "user.name"), ", ")
	}
	w.Equal(byName(``), "anna Kos, Bolek, Łukasz Ćma, Zofia Wójcik")
	w.Equal(byName(`filter: {search: "lukasz cm"}`), "Łukasz Ćma")
	w.Equal(byName(`filter: {search: "ZOFIA@PEOPLE"}`), "Zofia Wójcik")
	w.Equal(byName(`filter: {search: "%"}`), "")
	w.Equal(byName(`filter: {role: [INSTALLER]}`), "Bolek, Łukasz Ćma")
	w.Equal(byName(`filter: {role: [INSTALLER], status: [INVITED]}`), "Bolek")
	w.Equal(byName(`filter: {role: []}`), "")
	w.Equal(list(`filter: {role: [INSTALLER]}`).Int("totalCount"), 2)
	w.Equal(list(`orderBy: {field: INVITED_AT}`).Text("nodes.0.user.name"), "Zofia Wójcik")
	w.Equal(list(`orderBy: {field: INVITED_AT, direction: DESC}`).Text("nodes.0.user.name"), "Bolek")
	w.Equal(list(``).Text("nodes.0.role"), "OWNER")
	first := list(`first: 2, orderBy: {field: NAME, direction: DESC}`)
	w.Equal(fmt.Sprint(first.Texts("nodes", "user.name")), "[Zofia Wójcik Łukasz Ćma]")
	next := list(`first: 2, orderBy: {field: NAME, direction: DESC}, after: "` + first.Text("pageInfo.endCursor") + `"`)
	w.Equal(fmt.Sprint(next.Texts("nodes", "user.name")), "[Bolek anna Kos]")
}

// A list of companies takes the same statements however many there are.
func TestCompany_Statements(t *testing.T) {
	w := world.New(t)
	w.Package("AJAX_SIM")
	reseller := w.Reseller("Central Station")
	jan := w.Person("Jan")
	found := func(name string) {
		c := jan.Founds(name)
		w.OK(enrolls(jan, c))
		c.Connects(reseller)
		w.OK(c.Activates(c.Hub("Villa")))
		c.Employee("INSTALLER")
	}
	count := func() int {
		return len(w.Statements(func() {
			a := w.OK(jan.Query(`{ viewer { employments { nodes { user { name email } company { ` + cardFields + insideFields + ` } } } } }`))
			for i, c := range a.List("viewer.employments.nodes") {
				if at := fmt.Sprintf("viewer.employments.nodes.%d.company.", i); a.Text(at+"deletionBlockers.0.hubs.0.id") == "" || a.Int(at+"employees.totalCount") != 2 {
					t.Errorf("a company without what it has: %v", c)
				}
			}
		}))
	}
	found("First")
	found("Second")
	few := count()
	for i := range 4 {
		found(fmt.Sprintf("Company %d", i))
	}
	if many := count(); many != few {
		t.Errorf("2 companies take %d statements, 6 take %d", few, many)
	}
}
