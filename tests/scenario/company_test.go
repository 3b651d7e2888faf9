package scenario

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// cardFields are what everybody who sees a company at all sees of it (A50).
const cardFields = `id name country contact { email phone website address } kind kindLabel createdAt dealerSince resellerSince`

// insideFields are what its people see besides, each as far as its role goes.
const insideFields = ` registrationNumber taxNumber modules servicesTabs
	onboarding { kind isDone } deletionBlockers { __typename code message ... on ServicesActiveError { activeServiceCount hubs { id } } }
	viewerCan { manageCompany manageEmployees manageConnections manageServices viewServicesModule viewFinances manageObjects manageApiTokens }
	viewerEmployee { id role status } employees { totalCount nodes { role status user { name } } }`

// seesCompany reads a company as somebody.
func seesCompany(w *world.World, p *world.Person, id string) world.Answer {
	w.Helper()
	a := w.OK(p.Query(`query($id: ID!) { company(id: $id) { `+cardFields+insideFields+` } }`, world.Vars{"id": id}))
	a.Data = a.Get("company")
	return a
}

// actions are the newest entries of a company's log, newest first.
func actions(w *world.World, p *world.Person, id string) []string {
	w.Helper()
	a := w.OK(p.Query(`query($id: ID!) { company(id: $id) { activities(first: 100) { nodes { action } } } }`, world.Vars{"id": id}))
	return a.Texts("company.activities.nodes", "action")
}

// founding is the input of a company that is fine.
func founding(change ...world.Vars) world.Vars {
	input := world.Vars{"name": "Night Watch", "country": "PL", "contact": world.Vars{"email": "office@watch.example"}}
	for _, c := range change {
		for name, value := range c {
			input[name] = value
		}
	}
	return input
}

// Whoever registers a company is its owner, and finds what was filled in as it
// was, also in the answer itself. Before, the person has no company to act for.
// (R1 R3 R4 R7 A50)
func TestCompanyCreate(t *testing.T) {
	w := world.New(t)
	jan, eve := w.Person("Jan Nowak"), w.Person("Eve")
	w.Equal(w.OK(jan.Query(`{ viewer { employments { totalCount } } resellers(country: "PL") { totalCount } servicePackages { totalCount } }`)).
		Int("viewer.employments.totalCount"), 0)

	contact := world.Vars{
		"email": "Biuro@Straz.example", "phone": "+48 22 123 45 67", "website": "https://straz.example/kontakt",
		"address": "ul. Łódzka 1\n00-001 Warszawa",
	}
	a := w.OK(jan.Mutate("companyCreate", founding(world.Vars{"name": "  Nocna Straż  ", "country": "pl", "contact": contact}),
		`company { `+cardFields+insideFields+` activities { nodes { action summary actor { id } subject { id } } } }`))
	id := a.Text("company.id")
	if !strings.HasPrefix(id, "co_") {
		t.Errorf("the id is %q", id)
	}
	for path, want := range map[string]string{
		"name": "Nocna Straż", "country": "PL", "createdAt": "2026-01-15T12:00:00Z",
		"contact.email": "biuro@straz.example", "contact.phone": "+48 22 123 45 67",
		"contact.website": "https://straz.example/kontakt", "contact.address": "ul. Łódzka 1\n00-001 Warszawa",
		"viewerEmployee.role": "OWNER", "viewerEmployee.status": "ACTIVE", "employees.nodes.0.user.name": "Jan Nowak",
		"activities.nodes.0.action": "companyCreate", "activities.nodes.0.actor.id": jan.ID, "activities.nodes.0.subject.id": id,
		"activities.nodes.0.summary": "The company Nocna Straż was registered.",
	} {
		if got := a.Text("company." + path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	for _, path := range []string{"kind", "kindLabel", "dealerSince", "resellerSince", "registrationNumber"} {
		if got := a.Get("company." + path); got != nil {
			t.Errorf("%s is %v", path, got)
		}
	}
	if can := a.Get("company.viewerCan.manageCompany"); can != true {
		t.Errorf("the owner can: %v", a.Get("company.viewerCan"))
	}
	again := seesCompany(w, jan, id)
	w.Equal(fmt.Sprint(again.Get("contact")), fmt.Sprint(a.Get("company.contact")))
	own := w.OK(jan.Query(`{ viewer { employments { nodes { role company { id name } } } } }`))
	w.Equal(own.Text("viewer.employments.nodes.0.company.id"), id)

	if seesCompany(w, eve, id).Data != nil {
		t.Error("a stranger sees the company")
	}
}

// Every wrong field is named, all at once, and nothing is registered. (R3 A54)
func TestCompanyCreate_Form(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	w.Refused(jan.Mutate("companyCreate", world.Vars{
		"name": " ", "country": "XX", "idempotencyKey": "",
		"contact": world.Vars{"email": "nobody", "phone": "call me", "website": "javascript:alert(1)", "address": strings.Repeat("x", 501)},
	}, `company { id }`), "REQUIRED input.name", "INVALID input.country", "INVALID input.contact.email",
		"INVALID input.contact.phone", "INVALID input.contact.website", "INVALID input.contact.address", "INVALID input.idempotencyKey")
	for name, c := range map[string]struct {
		change world.Vars
		want   string
	}{
		"a long name":           {world.Vars{"name": strings.Repeat("ł", 201)}, "INVALID input.name"},
		"a control character":   {world.Vars{"name": "Night\u0007Watch"}, "INVALID input.name"},
		"no country":            {world.Vars{"country": ""}, "REQUIRED input.country"},
		"no address":            {world.Vars{"contact": world.Vars{"email": " "}}, "REQUIRED input.contact.email"},
		"a long key":            {world.Vars{"idempotencyKey": strings.Repeat("k", 129)}, "INVALID input.idempotencyKey"},
		"a name of the longest": {world.Vars{"name": strings.Repeat("ł", 200)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := jan.Mutate("companyCreate", founding(c.change), `company { id }`)
			if c.want == "" {
				w.OK(a)
			} else if w.Refused(a, c.want); a.Get("company") != nil {
				t.Errorf("refused, and still %v", a.Get("company"))
			}
		})
	}
	// What is missing altogether only a programmer can put right.
	w.Fails(jan.Mutate("companyCreate", world.Vars{"name": "Night Watch", "country": "PL"}, `company { id }`), "BAD_USER_INPUT")
	w.Equal(w.OK(jan.Query(`{ viewer { employments { totalCount } } }`)).Int("viewer.employments.totalCount"), 1)
}

// A company needs somebody whose address is confirmed; signed out nothing of a
// company can be asked or done at all. (R113 R124 A31)
func TestCompany_WhoAsks(t *testing.T) {
	w := world.New(t)
	jan := w.Unconfirmed("Jan", "jan@people.example")
	w.Refused(jan.Mutate("companyCreate", founding(), `company { id }`), "EMAIL_NOT_VERIFIED")
	w.OK(w.Mutate("userEmailVerify", world.Vars{"token": w.Code("jan@people.example")}, `user { id }`))
	w.OK(jan.Mutate("companyCreate", founding(), `company { id }`))

	contact := world.Vars{"email": "a@b.example"}
	for field, input := range map[string]world.Vars{
		"companyCreate":            founding(),
		"companyUpdate":            {"companyId": "co_1", "contact": contact},
		"companyDealerEnroll":      {"companyId": "co_1", "registrationNumber": "1", "acceptsTerms": true},
		"companyResellerEnroll":    {"companyId": "co_1", "currency": "EUR"},
		"companyDelete":            {"companyId": "co_1", "confirmName": "x"},
		"employeeAdd":              {"companyId": "co_1", "email": "a@b.example", "role": "INSTALLER"},
		"employeeInvitationAccept": {"employeeId": "emp_1"}, "employeeInvitationDecline": {"employeeId": "emp_1"},
		"employeeInvitationResend": {"employeeId": "emp_1"}, "employeeRemove": {"employeeId": "emp_1"},
		"employeeRoleUpdate": {"employeeId": "emp_1", "role": "INSTALLER"},
		"servicePackageSave": {"code": "A", "names": []any{}, "monthlyFees": []any{}},
	} {
		w.Fails(w.Mutate(field, input, `__typename`), "UNAUTHENTICATED")
	}
	for _, document := range []string{
		`{ company(id: "co_1") { id } }`, `{ serviceCountries { code } }`, `{ resellers(country: "PL") { totalCount } }`,
		`{ resellerByEmail(email: "a@b.example") { id } }`, `{ servicePackages { totalCount } }`, `{ node(id: "co_1") { id } }`,
	} {
		w.Fails(w.Query(document), "UNAUTHENTICATED")
	}
}

// There is no hidden present company: each operation names the one it is about,
// and a person of two acts in each by the role there. (R2 R113 R127)
func TestCompany_OfOnePersonInTwo(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	own, other := jan.Founds("Own"), w.Company("Other")
	other.Employs(jan, "INSTALLER")
	a := w.OK(jan.Query(`{ viewer { employments { nodes { role company { id viewerCan { manageCompany manageObjects } } } } } }`))
	w.Equal(fmt.Sprint(a.Texts("viewer.employments.nodes", "role")), "[OWNER INSTALLER]")
	w.Equal(fmt.Sprint(a.Texts("viewer.employments.nodes", "company.id")), fmt.Sprint([]string{own.ID, other.ID}))
	w.Equal(a.Get("viewer.employments.nodes.0.company.viewerCan.manageCompany"), true)
	w.Equal(a.Get("viewer.employments.nodes.1.company.viewerCan.manageCompany"), false)
	w.Equal(a.Get("viewer.employments.nodes.1.company.viewerCan.manageObjects"), true)
	w.OK(jan.Mutate("companyUpdate", world.Vars{"companyId": own.ID, "name": "Mine"}, `company { name }`))
	w.Refused(jan.Mutate("companyUpdate", world.Vars{"companyId": other.ID, "name": "Mine"}, `company { name }`), "FORBIDDEN input.companyId")
}

// A key makes a retry safe: one company, whatever comes twice. (A33 A48)
func TestCompanyCreate_Key(t *testing.T) {
	w := world.New(t)
	jan, eve := w.Person("Jan"), w.Person("Eve")
	input := founding(world.Vars{"idempotencyKey": "k1"})
	create := func(p *world.Person, change ...world.Vars) world.Answer {
		return p.Mutate("companyCreate", founding(append([]world.Vars{{"idempotencyKey": "k1"}}, change...)...), `company { id name }`)
	}
	w.Refused(create(jan, world.Vars{"country": "XX"}), "INVALID input.country") // refused: the key is still free

	answers := make([]world.Answer, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = jan.Mutate("companyCreate", input, `company { id name }`) })
	}
	all.Wait()
	id := w.OK(answers[0]).Text("company.id")
	for _, a := range answers {
		w.Equal(w.OK(a).Text("company.id"), id)
	}
	w.OK(jan.Mutate("companyUpdate", world.Vars{"companyId": id, "name": "Day Watch"}, `company { id }`))
	w.Equal(w.OK(create(jan)).Text("company.name"), "Day Watch") // the same thing in its present state
	w.Refused(create(jan, world.Vars{"country": "DE"}), "IDEMPOTENCY_MISMATCH input.idempotencyKey")
	if other := w.OK(create(eve)).Text("company.id"); other == id {
		t.Error("one key of two people is one key")
	}
	w.Restart()
	w.Equal(w.OK(create(jan)).Text("company.id"), id)
	w.Equal(w.OK(jan.Query(`{ viewer { employments { totalCount } } }`)).Int("viewer.employments.totalCount"), 1)

	w.OK(jan.Mutate("companyDelete", world.Vars{"companyId": id, "confirmName": "Day Watch"}, `deletedCompanyId`))
	w.Refused(create(jan), "NOT_FOUND")
	w.Restart(func(c *server.Config) { c.TestClock = new(world.Start.Add(24 * time.Hour)) })
	if later := w.OK(create(jan)).Text("company.id"); later == id {
		t.Error("a key is remembered for ever")
	}
}

// Updates keep what is left out, also inside the contact; null clears what may
// be missing. (A54)
func TestCompanyUpdate(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	update := func(p *world.Person, change world.Vars) world.Answer {
		change["companyId"] = c.ID
		return p.Mutate("companyUpdate", change, `company { name contact { email phone website address } }`)
	}
	is := func(name, email, phone, website, address any) {
		t.Helper()
		a := seesCompany(w, c.Owner, c.ID)
		for path, want := range map[string]any{
			"name": name, "contact.email": email, "contact.phone": phone, "contact.website": website, "contact.address": address,
		} {
			if got := a.Get(path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}
	}
	site, place := "https://night-watch.example", "Prosta 1, Warszawa"
	w.OK(update(c.Owner, world.Vars{"name": "Day Watch"}))
	is("Day Watch", c.Email, "+48 22 123 45 67", site, place)
	w.OK(update(c.Owner, world.Vars{"contact": world.Vars{"email": "New@watch.example", "phone": nil}}))
	is("Day Watch", "new@watch.example", nil, site, place)
	w.OK(update(c.Owner, world.Vars{"contact": world.Vars{"email": "new@watch.example", "phone": "112", "website": "", "address": nil}}))
	is("Day Watch", "new@watch.example", "112", nil, nil)
	w.OK(update(c.Owner, world.Vars{}))                    // nothing is asked for
	w.OK(update(c.Owner, world.Vars{"name": "Day Watch"})) // and nothing changes
	w.Equal(fmt.Sprint(actions(w, c.Owner, c.ID)), "[companyUpdate companyUpdate companyUpdate companyCreate]")

	w.Refused(update(c.Owner, world.Vars{"name": nil, "contact": nil}), "REQUIRED input.name", "REQUIRED input.contact")
	w.Refused(update(c.Owner, world.Vars{"name": " ", "contact": world.Vars{"email": "x", "phone": "x"}}),
		"REQUIRED input.name", "INVALID input.contact.email", "INVALID input.contact.phone")
	for _, role := range world.Roles {
		w.Refused(update(c.Employee(role), world.Vars{"name": "Mine"}), "FORBIDDEN input.companyId")
	}
	for _, p := range []*world.Person{w.Person("Eve"), w.Dealer("Other").Owner} {
		w.Refused(update(p, world.Vars{"name": "Mine"}), "NOT_FOUND input.companyId")
	}
	w.Refused(update(w.Operator(), world.Vars{"name": "Mine"}), "FORBIDDEN input.companyId")
	is("Day Watch", "new@watch.example", "112", nil, nil)
}
