package scenario

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

const employeeFields = `id role roleLabel status invitedAt joinedAt user { name email } company { id name }`

func adds(p *world.Person, c *world.Company, email, role string) world.Answer {
	return p.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": email, "role": role}, `employee { `+employeeFields+` }`)
}

// invites has the owner invite somebody; it returns the id of the employee.
func invites(w *world.World, c *world.Company, p *world.Person, role string) string {
	w.Helper()
	return w.OK(adds(c.Owner, c, p.Email, role)).Text("employee.id")
}

// answers accepts or declines an invitation, or resends or removes one.
func answers(p *world.Person, mutation, employeeID string) world.Answer {
	selection := `employee { ` + employeeFields + ` company { viewerCan { manageObjects } modules } }`
	if mutation == "employeeInvitationDecline" || mutation == "employeeRemove" {
		selection = `removedEmployeeId`
	}
	return p.Mutate(mutation, world.Vars{"employeeId": employeeID}, selection)
}

func promotes(p *world.Person, employeeID, role string) world.Answer {
	return p.Mutate("employeeRoleUpdate", world.Vars{"employeeId": employeeID, "role": role}, `employee { `+employeeFields+` }`)
}

// staffOf is the people of a company, as somebody sees them.
func staffOf(w *world.World, p *world.Person, c *world.Company) string {
	w.Helper()
	a := seesCompany(w, p, c.ID)
	people := []string{}
	for i, name := range a.Texts("employees.nodes", "user.name") {
		at := fmt.Sprintf("employees.nodes.%d.", i)
		people = append(people, name+" "+a.Text(at+"role")+" "+a.Text(at+"status"))
	}
	return strings.Join(people, ", ")
}

// The owner adds somebody by the address of an account, whatever its case: the
// person is on the list at once, as invited, and gets one letter.
// (R19 R23 R24 R25 R26 A61)
func TestEmployeeAdd(t *testing.T) {
	w := world.New(t)
	c := w.Person("Ewa").Founds("Night Watch")
	jan := w.SignUp("Jan Nowak", "jan@people.example")
	w.OK(jan.Mutate("userUpdate", world.Vars{"language": "pl"}, `user { language }`))

	w.Refused(adds(c.Owner, c, "nobody@people.example", "INSTALLER"), "ACCOUNT_REQUIRED input.email")
	w.Refused(adds(c.Owner, c, "nobody", "INSTALLER"), "INVALID input.email")
	w.Refused(adds(c.Owner, c, " ", "INSTALLER"), "REQUIRED input.email")
	w.Fails(adds(c.Owner, c, "jan@people.example", "BOSS"), "BAD_USER_INPUT")

	a := w.OK(adds(c.Owner, c, " Jan@People.example ", "SENIOR_SERVICE_MANAGER"))
	for path, want := range map[string]any{
		"role": "SENIOR_SERVICE_MANAGER", "roleLabel": "Senior Service Manager", "status": "INVITED", "invitedAt": "2026-01-15T12:00:00Z",
		"joinedAt": nil, "user.name": "Jan Nowak", "user.email": "jan@people.example", "company.id": c.ID,
	} {
		w.Equal(a.Get("employee."+path), want)
	}
	w.Equal(staffOf(w, c.Owner, c), "Ewa OWNER ACTIVE, Jan Nowak SENIOR_SERVICE_MANAGER INVITED")
	taken := w.Refused(adds(c.Owner, c, "JAN@people.example", "INSTALLER"), "TAKEN input.email")
	w.Equal(taken.Text("userErrors.0.existing.id"), a.Text("employee.id"))
	w.Refused(adds(c.Owner, c, c.Owner.Email, "INSTALLER"), "TAKEN input.email")

	letters := w.Letters("jan@people.example", 2)[1:] // after that of the confirmation
	if len(letters) != 1 || letters[0].Subject != "Zaproszenie do dołączenia do firmy Night Watch" ||
		!strings.Contains(letters[0].Text, "Twoja rola: Starszy menadżer usług") {
		t.Errorf("the letters are %v", letters)
	}
	w.Equal(fmt.Sprint(actions(w, c.Owner, c.ID)), "[employeeAdd companyCreate]")

	w.Unconfirmed("Ola", "ola@people.example") // an account all the same
	w.OK(adds(c.Owner, c, "ola@people.example", "INSTALLER"))
}

// Only the owner adds, changes, resends and removes. (R18 A34)
func TestEmployees_WhoAsks(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	jan, ola := w.Person("Jan"), w.Person("Ola")
	joined, waiting := c.Employs(jan, "INSTALLER"), invites(w, c, ola, "INSTALLER")
	tries := func(p *world.Person, forbidden, unseen string) {
		t.Helper()
		w.Refused(adds(p, c, "x@people.example", "INSTALLER"), unseen+" input.companyId")
		w.Refused(promotes(p, joined, "SERVICE_MANAGER"), forbidden+" input.employeeId")
		w.Refused(answers(p, "employeeRemove", joined), forbidden+" input.employeeId")
		w.Refused(answers(p, "employeeInvitationResend", waiting), forbidden+" input.employeeId")
	}
	for _, role := range world.Roles {
		tries(c.Employee(role), "FORBIDDEN", "FORBIDDEN")
	}
	tries(w.Operator(), "FORBIDDEN", "FORBIDDEN")
	tries(w.Person("Eve"), "NOT_FOUND", "NOT_FOUND")
	tries(w.Company("Other").Owner, "NOT_FOUND", "NOT_FOUND")
	w.Refused(promotes(jan, joined, "SENIOR_SERVICE_MANAGER"), "FORBIDDEN input.employeeId") // nor for oneself
	w.Refused(answers(jan, "employeeRemove", joined), "FORBIDDEN input.employeeId")
	w.Refused(promotes(ola, waiting, "SENIOR_SERVICE_MANAGER"), "FORBIDDEN input.employeeId") // who sees her own invitation
	w.Refused(adds(ola, c, "x@people.example", "INSTALLER"), "FORBIDDEN input.companyId")
	w.Refused(promotes(ola, joined, "SENIOR_SERVICE_MANAGER"), "NOT_FOUND input.employeeId")
	w.Refused(promotes(c.Owner, "emp_none", "INSTALLER"), "NOT_FOUND input.employeeId")
}

// There is one owner, for good: nobody else becomes it, and it cannot be
// changed or removed. (R5)
func TestEmployees_OwnerFixed(t *testing.T) {
	w := world.New(t)
	c := w.Person("Ewa").Founds("Night Watch")
	jan, ola := w.Person("Jan"), w.Person("Ola")
	joined := c.Employs(jan, "INSTALLER")
	owner := seesCompany(w, c.Owner, c.ID).Text("viewerEmployee.id")
	w.Refused(adds(c.Owner, c, ola.Email, "OWNER"), "OWNER_FIXED input.role")
	w.Refused(promotes(c.Owner, joined, "OWNER"), "OWNER_FIXED input.role")
	w.Refused(promotes(c.Owner, owner, "INSTALLER"), "OWNER_FIXED input.employeeId")
	w.Refused(promotes(c.Owner, owner, "OWNER"), "OWNER_FIXED input.employeeId")
	w.Refused(answers(c.Owner, "employeeRemove", owner), "OWNER_FIXED input.employeeId")
	w.Refused(answers(c.Owner, "employeeInvitationDecline", owner), "INVALID_STATE input.employeeId")
	w.Refused(promotes(jan, joined, "OWNER"), "FORBIDDEN input.employeeId")
	w.Equal(staffOf(w, c.Owner, c), "Ewa OWNER ACTIVE, Jan INSTALLER ACTIVE")
}

// The invited person finds the company among the own ones, sees its card and
// the own record, and nothing else before selecting it. (R27 A31)
func TestEmployeeInvitation(t *testing.T) {
	w := world.New(t)
	c := w.Person("Ewa").Founds("Night Watch")
	object := c.Object("Villa 7")
	jan := w.Unconfirmed("Jan", "jan@people.example")
	id := invites(w, c, jan, "SERVICE_MANAGER")

	a := w.OK(jan.Query(`{ viewer { employments(status: [INVITED]) { nodes { id status roleLabel company { id name } } } } }`))
	w.Equal(a.Text("viewer.employments.nodes.0.id"), id)
	w.Equal(a.Text("viewer.employments.nodes.0.company.name"), "Night Watch")
	seen := seesCompany(w, jan, c.ID)
	w.Equal(seen.Text("viewerEmployee.status"), "INVITED")
	w.Equal(fmt.Sprint(seen.Get("modules"), seen.Get("employees.totalCount"), seen.Get("viewerCan.manageObjects"), seen.Get("onboarding")), "[] 0 false []")
	w.Equal(w.OK(jan.Query(`query($id: ID!) { node(id: $id) { id } }`, world.Vars{"id": object})).Get("node"), nil)
	create := world.Vars{"companyId": c.ID, "name": "Villa 8"}
	w.Refused(jan.Mutate("objectCreate", create, `object { id }`), "FORBIDDEN")

	w.Refused(answers(jan, "employeeInvitationAccept", id), "EMAIL_NOT_VERIFIED")
	w.Refused(answers(jan, "employeeInvitationDecline", id), "EMAIL_NOT_VERIFIED")
	w.OK(w.Mutate("userEmailVerify", world.Vars{"token": w.Code("jan@people.example")}, `user { id }`))
	w.Refused(answers(w.Person("Eve"), "employeeInvitationAccept", id), "NOT_FOUND input.employeeId")
	w.Refused(answers(c.Owner, "employeeInvitationAccept", id), "FORBIDDEN input.employeeId")
	w.Refused(answers(c.Employee("INSTALLER"), "employeeInvitationDecline", id), "FORBIDDEN input.employeeId")
	w.Refused(answers(w.Operator(), "employeeInvitationAccept", id), "FORBIDDEN input.employeeId")
	w.Refused(answers(jan, "employeeInvitationAccept", "emp_none"), "NOT_FOUND input.employeeId")

	a = w.OK(answers(jan, "employeeInvitationAccept", id))
	w.Equal(a.Text("employee.status"), "ACTIVE")
	w.Equal(a.Text("employee.joinedAt"), "2026-01-15T12:00:00Z")
	w.Equal(a.Get("employee.company.viewerCan.manageObjects"), true)
	w.OK(jan.Mutate("objectCreate", create, `object { id }`))

	for _, mutation := range []string{"employeeInvitationAccept", "employeeInvitationDecline"} {
		again := w.Refused(answers(jan, mutation, id), "INVALID_STATE input.employeeId")
		w.Equal(again.Text("userErrors.0.subject.id"), id)
	}
	w.Refused(answers(c.Owner, "employeeInvitationResend", id), "INVALID_STATE input.employeeId")
}

// An invitation can be sent again, and declined; then it may come anew. Its
// letters all go to the invited person.
func TestEmployeeInvitation_Decline(t *testing.T) {
	w := world.New(t)
	c := w.Person("Ewa").Founds("Night Watch")
	jan := w.SignUp("Jan", "jan@people.example")
	id := invites(w, c, jan, "INSTALLER")
	w.OK(answers(c.Owner, "employeeInvitationResend", id))
	w.Equal(w.OK(answers(jan, "employeeInvitationDecline", id)).Text("removedEmployeeId"), id)
	if seesCompany(w, jan, c.ID).Data != nil {
		t.Error("who has declined still sees the company")
	}
	w.Refused(answers(jan, "employeeInvitationAccept", id), "NOT_FOUND input.employeeId")
	w.Refused(answers(c.Owner, "employeeInvitationResend", id), "NOT_FOUND input.employeeId")
	w.Equal(staffOf(w, c.Owner, c), "Ewa OWNER ACTIVE")
	if again := invites(w, c, jan, "SERVICE_MANAGER"); again == id {
		t.Error("the invitation is the one that was declined")
	}
	w.Equal(len(w.Letters("jan@people.example", 4)), 4) // the code, and three times the invitation
	w.Equal(fmt.Sprint(actions(w, c.Owner, c.ID)),
		"[employeeAdd employeeInvitationDecline employeeInvitationResend employeeAdd companyCreate]")
}

// Of several answers at one moment one counts.
func TestEmployeeInvitation_AtOnce(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	jan := w.Person("Jan")
	id := invites(w, c, jan, "INSTALLER")
	got := make([]world.Answer, 12)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			got[i] = answers(jan, []string{"employeeInvitationAccept", "employeeInvitationDecline"}[i%2], id)
		})
	}
	all.Wait()
	winners := 0
	for _, a := range got {
		switch codes := a.Codes(); {
		case len(codes) == 0:
			winners++
		case !slices.Contains([]string{"INVALID_STATE input.employeeId", "NOT_FOUND input.employeeId"}, codes[0]):
			t.Errorf("refused with %v", codes)
		}
	}
	w.Equal(winners, 1)
}

// A role can be changed at any time, before joining and after, again and
// again, and holds from the next request on. (R18 R19 R22)
func TestEmployeeRoleUpdate(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	jan := w.Person("Jan")
	id := invites(w, c, jan, "INSTALLER")
	w.Equal(w.OK(promotes(c.Owner, id, "SERVICE_MANAGER")).Text("employee.status"), "INVITED")
	w.OK(answers(jan, "employeeInvitationAccept", id))
	for _, role := range []string{"SERVICE_MANAGER", "INSTALLER", "SENIOR_SERVICE_MANAGER", "INSTALLER", "INSTALLER", "SERVICE_MANAGER"} {
		a := w.OK(promotes(c.Owner, id, role))
		w.Equal(a.Text("employee.role"), role)
		w.Equal(a.Text("employee.status"), "ACTIVE")
		w.Equal(seesCompany(w, jan, c.ID).Get("viewerCan.manageConnections"), role != "INSTALLER")
	}
	w.Equal(len(actions(w, c.Owner, c.ID)), 2+1+1+1+4) // what changes nothing is not told
}

// A removed employee has no rights from the next request on; the same person
// may come back. (R18)
func TestEmployeeRemove(t *testing.T) {
	w := world.New(t)
	c := w.Person("Ewa").Founds("Night Watch")
	jan := w.Person("Jan")
	id := c.Employs(jan, "SERVICE_MANAGER")
	w.Equal(seesCompany(w, jan, c.ID).Text("name"), c.Name)
	w.Equal(w.OK(answers(c.Owner, "employeeRemove", id)).Text("removedEmployeeId"), id)
	if seesCompany(w, jan, c.ID).Data != nil {
		t.Error("a removed employee sees the company")
	}
	w.Refused(jan.Mutate("objectCreate", world.Vars{"companyId": c.ID, "name": "Villa"}, `object { id }`), "NOT_FOUND")
	w.Refused(answers(c.Owner, "employeeRemove", id), "NOT_FOUND input.employeeId")
	c.Employs(jan, "INSTALLER")
	w.Equal(staffOf(w, c.Owner, c), "Ewa OWNER ACTIVE, Jan INSTALLER ACTIVE")
}

// The roles in both languages, in the manuals' words. (R119 R120)
func TestEmployee_RoleLabels(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	for _, role := range world.Roles {
		c.Employee(role)
	}
	for language, want := range map[string]string{
		"en": "[Company owner Senior Service Manager Service Manager Installer]",
		"pl": "[Właściciel firmy Starszy menadżer usług Menadżer usług Instalator]",
	} {
		a := w.OK(c.Owner.Speaks(language).Query(`query($id: ID!) { company(id: $id) { employees { nodes { roleLabel } } } }`, world.Vars{"id": c.ID}))
		w.Equal(fmt.Sprint(a.Texts("company.employees.nodes", "roleLabel")), want)
	}
}

// What is revoked ends on open streams too, within a second; the socket and
// the person's other streams stay. (R18)
func TestEmployeeRemove_Streams(t *testing.T) {
	w := world.New(t)
	c, other := w.Dealer("Night Watch"), w.Dealer("Other")
	jan := w.Person("Jan")
	id := c.Employs(jan, "SERVICE_MANAGER")
	other.Employs(jan, "INSTALLER")
	tiles, links := jan.Tiles(world.Vars{"companyId": c.ID}, ""), jan.Connections(c.ID, "")
	stays := jan.Tiles(world.Vars{"companyId": other.ID}, "")
	for _, s := range []*world.Stream{tiles, links, stays} {
		w.Equal(s.Next().Get("isCaughtUp"), true) // nothing to show yet
	}
	w.OK(promotes(c.Owner, id, "INSTALLER"))
	w.Equal(links.End(), "FORBIDDEN") // an installer sees no connections
	c.Hub("Villa")
	w.Equal(tiles.Next().Text("hub.name"), "Villa")
	w.OK(answers(c.Owner, "employeeRemove", id))
	w.Equal(tiles.End(), "FORBIDDEN")
	other.Hub("House")
	w.Equal(stays.Next().Text("hub.name"), "House")
}
