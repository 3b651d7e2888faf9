package scenario_test

import (
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// A person changes the own name and language, and the language is that of the
// answers where a request asks for none.
func TestUserUpdate(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	update := func(in world.Vars) world.Answer { return jan.Mutate("userUpdate", in, `user { name language }`) }
	a := w.OK(update(world.Vars{"name": " Jan Nowak ", "language": "pl"}))
	w.Equal(a.Text("user.name"), "Jan Nowak")
	w.Equal(a.Text("user.language"), "pl")
	a = w.OK(update(world.Vars{}))
	w.Equal(a.Text("user.name"), "Jan Nowak")
	a = w.Refused(update(world.Vars{"name": nil, "language": "x"}), "REQUIRED input.name", "INVALID input.language")
	w.Equal(a.Text("userErrors.0.message"), "Wypełnij to pole.")
	w.Refused(update(world.Vars{"name": strings.Repeat("x", 201), "language": nil}), "INVALID input.name", "REQUIRED input.language")
	w.Equal(jan.Speaks("en").Mutate("userUpdate", world.Vars{"name": ""}, `user { id }`).Text("userErrors.0.message"), "Fill in this field.")
	a = w.OK(jan.Query(`{ viewer { name language } }`))
	w.Equal(a.Text("viewer.name"), "Jan Nowak")
	w.Equal(a.Text("viewer.language"), "pl")
}

// Of a person colleagues see name and address, and people of other companies
// nothing: whoever may meet the person sees the name alone. (A50)
func TestUser_SeenByOthers(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	installer, stranger := company.Employee("INSTALLER"), w.Company("Day Watch").Owner
	const ask = `query($id: ID!) { node(id: $id) { ... on User { name email language isOperator emailVerifiedAt sessions { id } employments { nodes { role } } } } }`
	id := world.Vars{"id": installer.ID}
	a := w.OK(company.Owner.Query(ask, id))
	w.Equal(a.Text("node.email"), installer.Email)
	w.Equal(a.Get("node.emailVerifiedAt"), nil)
	w.Equal(len(a.List("node.sessions")), 0)
	w.Equal(strings.Join(a.Texts("node.employments.nodes", "role"), " "), "INSTALLER")
	w.Equal(w.OK(stranger.Query(ask, id)).Get("node"), nil)

	// What else the person works for is the person's own matter.
	w.Company("Other Watch").Employs(installer, "SERVICE_MANAGER")
	third := w.Company("Third Watch")
	w.OK(third.Owner.Mutate("employeeAdd", world.Vars{"companyId": third.ID, "email": installer.Email, "role": "INSTALLER"}, `employee { id }`))
	w.Equal(len(w.OK(company.Owner.Query(ask, id)).List("node.employments.nodes")), 1)
	const own = `query($s: [EmployeeStatus!]) { viewer { employments(status: $s) { totalCount nodes { company { name } } } } }`
	for status, want := range map[string]string{"": "Night Watch, Other Watch, Third Watch", "ACTIVE": "Night Watch, Other Watch", "INVITED": "Third Watch"} {
		vars := world.Vars{}
		if status != "" {
			vars["s"] = []string{status}
		}
		a := w.OK(installer.Query(own, vars))
		w.Equal(strings.Join(a.Texts("viewer.employments.nodes", "company.name"), ", "), want)
		w.Equal(a.Int("viewer.employments.totalCount"), strings.Count(want, ",")+1)
	}
}

// Of a partner's people a company meets the names in its log, and no more.
// (A50)
func TestUser_Partner(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	dealer.Requests(reseller)
	const ask = `query($id: ID!) { company(id: $id) { activities(filter: {action: ["connectionRequest"]}) { nodes { actor {
		name email language isOperator createdAt emailVerifiedAt sessions { id } employments { totalCount nodes { id } } } } } } }`
	a := w.OK(reseller.Owner.Query(ask, world.Vars{"id": reseller.ID}))
	actor := world.Answer{Data: a.Get("company.activities.nodes.0.actor")}
	w.Equal(actor.Text("name"), dealer.Owner.Name)
	for field, want := range map[string]any{
		"email": "", "language": "en", "isOperator": false, "createdAt": "1970-01-01T00:00:00Z", "emailVerifiedAt": nil, "employments.totalCount": 0.0,
	} {
		if got := actor.Get(field); got != want {
			t.Errorf("%s of a partner's person: %v", field, got)
		}
	}
	w.Equal(len(actor.List("sessions"))+len(actor.List("employments.nodes")), 0)
	a = w.OK(w.Operator().Query(ask, world.Vars{"id": reseller.ID})) // reads everything (A53)
	w.Equal(a.Text("company.activities.nodes.0.actor.email"), dealer.Owner.Email)
}
