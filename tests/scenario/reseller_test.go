package scenario

import (
	"fmt"
	"testing"

	"partnerhub/tests/world"
)

func enrollsReseller(p *world.Person, c *world.Company, change ...world.Vars) world.Answer {
	input := world.Vars{"companyId": c.ID, "currency": "EUR"}
	for _, more := range change {
		for name, value := range more {
			input[name] = value
		}
	}
	return p.Mutate("companyResellerEnroll", input, `company { id kind resellerSince servicesTabs }`)
}

// The operator makes a company a reseller, and changes its terms by doing so
// again. (R28 R57 R133 A22 A25 A44)
func TestResellerEnroll(t *testing.T) {
	w := world.New(t)
	c := w.Company("Central Station")
	w.Refused(enrollsReseller(c.Owner, c), "FORBIDDEN input.companyId")
	w.Refused(enrollsReseller(c.Employee("SERVICE_MANAGER"), c), "FORBIDDEN input.companyId")
	w.Refused(enrollsReseller(w.Person("Eve"), c), "NOT_FOUND input.companyId")
	w.Refused(enrollsReseller(w.Operator(), &world.Company{ID: "co_none"}), "NOT_FOUND input.companyId")
	for name, refused := range map[string]struct {
		change world.Vars
		want   []string
	}{
		"no currency":       {world.Vars{"currency": "EURO"}, []string{"INVALID input.currency"}},
		"lower case":        {world.Vars{"currency": "eur"}, []string{"INVALID input.currency"}},
		"all wrong":         {world.Vars{"currency": "", "creditLimit": "much"}, []string{"INVALID input.currency", "INVALID input.creditLimit"}},
		"below zero":        {world.Vars{"creditLimit": "-0.01"}, []string{"INVALID input.creditLimit"}},
		"too fine":          {world.Vars{"creditLimit": "0.001"}, []string{"INVALID input.creditLimit"}},
		"too fine for none": {world.Vars{"currency": "XYZ", "creditLimit": "0.001"}, []string{"INVALID input.currency"}},
		"too large":         {world.Vars{"creditLimit": "99999999999999999999"}, []string{"INVALID input.creditLimit"}},
	} {
		t.Run(name, func(t *testing.T) { w.Refused(enrollsReseller(w.Operator(), c, refused.change), refused.want...) })
	}
	a := w.OK(enrollsReseller(w.Operator(), c, world.Vars{"creditLimit": "0"}))
	w.Equal(a.Text("company.kind"), "RESELLER")
	w.Equal(a.Text("company.resellerSince"), "2026-01-15T12:00:00Z")
	w.OK(enrollsReseller(w.Operator(), c, world.Vars{"creditLimit": "0"})) // nothing changes
	w.OK(enrollsReseller(w.Operator(), c, world.Vars{"currency": "JPY", "creditLimit": "1500"}))
	w.OK(enrollsReseller(w.Operator(), c))
	a = seesCompany(w, c.Owner, c.ID)
	w.Equal(fmt.Sprint(a.Get("modules"), a.Get("servicesTabs")), "[OBJECTS COMPANY SERVICES] [DASHBOARD YOUR_DEALERS PAYMENT_HISTORY]")
	w.Equal(a.Text("kindLabel"), "Reseller")
	w.Equal(a.Get("viewerCan.viewFinances"), true)
	w.Equal(fmt.Sprint(actions(w, c.Owner, c.ID)[:3]), "[companyResellerEnroll companyResellerEnroll companyResellerEnroll]")
	for role, tabs := range map[string]string{
		"SENIOR_SERVICE_MANAGER": "[DASHBOARD YOUR_DEALERS PAYMENT_HISTORY]", "SERVICE_MANAGER": "[DASHBOARD YOUR_DEALERS PAYMENT_HISTORY]", "INSTALLER": "[]",
	} {
		w.Equal(fmt.Sprint(seesCompany(w, c.Employee(role), c.ID).Get("servicesTabs")), tabs)
	}
	w.Equal(fmt.Sprint(seesCompany(w, w.Dealer("Night Watch").Owner, c.ID).Get("servicesTabs")), "[]")
}

// A contact address is one reseller's: no other can be enrolled with it, nor
// change to it. (A55)
func TestReseller_Address(t *testing.T) {
	w := world.New(t)
	first, second := w.Reseller("Central Station"), w.Reseller("North Station")
	move := func(address string) world.Answer {
		return second.Owner.Mutate("companyUpdate", world.Vars{"companyId": second.ID, "contact": world.Vars{"email": address}}, `company { id }`)
	}
	a := w.Refused(move("OFFICE@central-station.example"), "TAKEN input.contact.email")
	w.Equal(a.Text("userErrors.0.existing.id"), first.ID)
	w.OK(move(second.Email)) // its own
	w.OK(move("new@north.example"))
	w.OK(move(second.Email)) // and free again

	third := w.Person("Third")
	b := w.OK(third.Mutate("companyCreate", founding(world.Vars{"contact": world.Vars{"email": first.Email}}), `company { id }`))
	c := &world.Company{ID: b.Text("company.id"), Owner: third}
	a = w.Refused(enrollsReseller(w.Operator(), c), "TAKEN input.companyId")
	w.Equal(a.Text("userErrors.0.existing.id"), first.ID)
	w.OK(first.Owner.Mutate("companyDelete", world.Vars{"companyId": first.ID, "confirmName": first.Name}, `deletedCompanyId`))
	w.OK(enrollsReseller(w.Operator(), c))
}

// A dealer finds the resellers of a country by name, and one by its address;
// whoever works for no company finds none. (R35 R38 A23 A50)
func TestReseller_Found(t *testing.T) {
	w := world.New(t)
	dealer, eve := w.Dealer("Night Watch"), w.Person("Eve")
	for _, name := range []string{"Zenit", "Lodz", "alfa", "Beta"} {
		c := w.Reseller(name)
		if name == "Lodz" {
			w.OK(c.Owner.Mutate("companyUpdate", world.Vars{"companyId": c.ID, "name": "Łódź Alarm"}, `company { id }`))
		}
	}
	german := w.Person("Hans")
	a := w.OK(german.Mutate("companyCreate", founding(world.Vars{"name": "Berlin", "country": "DE", "contact": world.Vars{"email": "office@berlin.example"}}), `company { id }`))
	w.OK(enrollsReseller(w.Operator(), &world.Company{ID: a.Text("company.id")}))

	names := func(p *world.Person, arguments string) string {
		t.Helper()
		a := w.OK(p.Query(`{ resellers(` + arguments + `) { totalCount nodes { name } } }`))
		return fmt.Sprint(a.Int("resellers.totalCount"), a.Texts("resellers.nodes", "name"))
	}
	w.Equal(names(dealer.Owner, `country: "PL"`), "4 [alfa Beta Łódź Alarm Zenit]")
	w.Equal(names(dealer.Owner, `country: "pl", first: 2`), "4 [alfa Beta]")
	w.Equal(names(dealer.Owner, `country: "PL", search: "lodz"`), "1 [Łódź Alarm]")
	w.Equal(names(dealer.Owner, `country: "PL", search: "_"`), "0 []")
	w.Equal(names(dealer.Owner, `country: "DE"`), "1 [Berlin]")
	w.Equal(names(dealer.Owner, `country: "FR"`), "0 []")
	w.Equal(names(dealer.Employee("INSTALLER"), `country: "DE"`), "1 [Berlin]")
	w.Equal(names(eve, `country: "PL"`), "0 []")

	byEmail := func(p *world.Person, address string) string {
		t.Helper()
		return w.OK(p.Query(`query($email: EmailAddress!) { resellerByEmail(email: $email) { name } }`, world.Vars{"email": address})).Text("resellerByEmail.name")
	}
	w.Equal(byEmail(dealer.Owner, " Office@Berlin.example "), "Berlin")
	for _, other := range []string{dealer.Email, eve.Email, "nobody@nowhere.example", "nobody"} {
		w.Equal(byEmail(dealer.Owner, other), "") // nothing but that it is no reseller's
	}
	w.Equal(byEmail(eve, "office@berlin.example"), "")
	w.Equal(onboarding(w, dealer), "+CREATE_COMPANY +BECOME_DEALER REQUEST_CONNECTION CONNECTION_APPROVED") // looking creates nothing
}
