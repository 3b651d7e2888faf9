package scenario

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// enrolls enrols a company as a dealer, as somebody; change sets other fields.
func enrolls(p *world.Person, c *world.Company, change ...world.Vars) world.Answer {
	input := world.Vars{"companyId": c.ID, "registrationNumber": "KRS 0000123456", "acceptsTerms": true}
	for _, more := range change {
		for name, value := range more {
			input[name] = value
		}
	}
	return p.Mutate("companyDealerEnroll", input, `company { `+cardFields+insideFields+` }`)
}

// onboarding is the way of a company as its owner sees it: "+" is done.
func onboarding(w *world.World, c *world.Company) string {
	w.Helper()
	a := seesCompany(w, c.Owner, c.ID)
	steps := []string{}
	for i, kind := range a.Texts("onboarding", "kind") {
		if a.Get(fmt.Sprintf("onboarding.%d.isDone", i)) == true {
			kind = "+" + kind
		}
		steps = append(steps, kind)
	}
	return strings.Join(steps, " ")
}

// The owner enrols the company, also one that has been there for long: it is a
// dealer, with the Services module and the Your Resellers tab, in the answer
// itself too. (R6 R7 R8 R11 R12 R125 R133)
func TestDealerEnroll(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	before := seesCompany(w, c.Owner, c.ID)
	w.Equal(fmt.Sprint(before.Get("modules"), before.Get("servicesTabs"), before.Get("kind")), "[OBJECTS COMPANY] [] <nil>")
	w.Equal(before.Get("viewerCan.viewServicesModule"), false)

	a := w.OK(enrolls(c.Owner, c, world.Vars{"taxNumber": " PL5250000000 "}))
	for _, company := range []world.Answer{{Data: a.Get("company")}, seesCompany(w, c.Owner, c.ID)} {
		w.Equal(fmt.Sprint(company.Get("modules"), company.Get("servicesTabs")), "[OBJECTS COMPANY SERVICES] [YOUR_RESELLERS]")
		w.Equal(company.Text("kind"), "DEALER")
		w.Equal(company.Text("kindLabel"), "Dealer")
		w.Equal(company.Text("dealerSince"), "2026-01-15T12:00:00Z")
		w.Equal(company.Text("registrationNumber"), "KRS 0000123456")
		w.Equal(company.Text("taxNumber"), "PL5250000000")
		w.Equal(company.Get("viewerCan.viewServicesModule"), true)
		w.Equal(company.Get("viewerCan.viewFinances"), false) // a dealer sees no amounts
	}
	w.Equal(fmt.Sprint(actions(w, c.Owner, c.ID)), "[companyDealerEnroll companyCreate]")
	a = c.Owner.Speaks("pl").Query(`query($id: ID!) { company(id: $id) { kindLabel } }`, world.Vars{"id": c.ID})
	w.Equal(w.OK(a).Text("company.kindLabel"), "Sprzedawca") // R120
}

// Nobody but the owner can enrol a company, the operator neither. (R6 R10 A34)
func TestDealerEnroll_WhoAsks(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	for _, role := range world.Roles {
		w.Refused(enrolls(c.Employee(role), c), "FORBIDDEN input.companyId")
	}
	w.Refused(enrolls(w.Operator(), c), "FORBIDDEN input.companyId")
	invited := w.Person("Invited")
	w.OK(c.Owner.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": invited.Email, "role": "SERVICE_MANAGER"}, `employee { id }`))
	w.Refused(enrolls(invited, c), "FORBIDDEN input.companyId") // sees the card
	w.Refused(enrolls(w.Dealer("Other").Owner, c), "NOT_FOUND input.companyId")
	w.Refused(enrolls(c.Owner, &world.Company{ID: "co_none"}), "NOT_FOUND input.companyId")
	w.Fails(w.Mutate("companyDealerEnroll", world.Vars{"companyId": c.ID, "registrationNumber": "1", "acceptsTerms": true}, `company { id }`), "UNAUTHENTICATED")
	if seesCompany(w, c.Owner, c.ID).Get("kind") != nil {
		t.Error("one of them made the company a dealer")
	}
}

// A missing field is named, and nothing changes. (R11 A54)
func TestDealerEnroll_Form(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	w.Refused(enrolls(c.Owner, c, world.Vars{"registrationNumber": "  ", "taxNumber": strings.Repeat("1", 51), "acceptsTerms": false}),
		"REQUIRED input.registrationNumber", "INVALID input.taxNumber", "INVALID input.acceptsTerms")
	w.Refused(enrolls(c.Owner, c, world.Vars{"acceptsTerms": false}), "INVALID input.acceptsTerms")
	a := seesCompany(w, c.Owner, c.ID)
	if a.Get("kind") != nil || a.Get("registrationNumber") != nil || a.Get("taxNumber") != nil {
		t.Errorf("a refused enrolment left %v", a.Data)
	}
}

// Ajax Services are not available worldwide: the countries can be asked for,
// with their names and resellers, and a company of another is refused. (R9)
func TestDealerEnroll_Country(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Countries = []string{"AT", "CZ", "PL"} })
	w.Reseller("Central Station")
	abroad := w.Person("Jean")
	a := w.OK(abroad.Mutate("companyCreate", founding(world.Vars{"country": "FR"}), `company { id }`))
	c := &world.Company{ID: a.Text("company.id"), Owner: abroad}
	w.Refused(enrolls(abroad, c), "COUNTRY_NOT_SUPPORTED input.companyId")
	w.Equal(onboarding(w, c), "+CREATE_COMPANY BECOME_DEALER REQUEST_CONNECTION CONNECTION_APPROVED")

	for language, want := range map[string]string{"en": "AT Austria 0, CZ Czechia 0, PL Poland 1", "pl": "AT Austria 0, CZ Czechy 0, PL Polska 1"} {
		a := w.OK(abroad.Speaks(language).Query(`{ serviceCountries { code name resellerCount } }`))
		got := []string{}
		for i := range a.List("serviceCountries") {
			at := fmt.Sprintf("serviceCountries.%d.", i)
			got = append(got, fmt.Sprintf("%s %s %d", a.Text(at+"code"), a.Text(at+"name"), a.Int(at+"resellerCount")))
		}
		w.Equal(strings.Join(got, ", "), want)
	}
}

// A company is a dealer once, and not a reseller besides; neither at the same
// moment. (A22 A44)
func TestDealerEnroll_Once(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	again := w.Refused(enrolls(dealer.Owner, dealer), "INVALID_STATE input.companyId")
	w.Equal(again.Text("userErrors.0.__typename"), "StateError")
	w.Equal(again.Text("userErrors.0.subject.id"), dealer.ID)
	w.Refused(enrolls(reseller.Owner, reseller), "INVALID_STATE input.companyId")
	w.Refused(enrollsReseller(w.Operator(), dealer), "INVALID_STATE input.companyId")

	c := w.Company("Both")
	answers := make([]world.Answer, 10)
	operator := w.Operator()
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			if i%2 == 0 {
				answers[i] = enrolls(c.Owner, c)
			} else {
				answers[i] = enrollsReseller(operator, c)
			}
		})
	}
	all.Wait()
	a := seesCompany(w, c.Owner, c.ID)
	if (a.Get("dealerSince") == nil) == (a.Get("resellerSince") == nil) {
		t.Errorf("the company is %v", a.Data)
	}
	for i, answer := range answers {
		if isDealers := i%2 == 0; isDealers && a.Get("dealerSince") != nil || !isDealers && a.Get("resellerSince") != nil {
			continue // one of them was it; a reseller may be enrolled again
		}
		w.Refused(answer, "INVALID_STATE input.companyId")
	}
}

// Right after the enrolment the hubs can be activated, which their tiles tell
// on open streams.
func TestDealerEnroll_Tiles(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	villa, shed := c.Hub("Villa 7"), c.HubWithoutSIM("Shed")
	tiles := c.Owner.Tiles(world.Vars{"companyId": c.ID}, "")
	for range 2 {
		w.Equal(tiles.Next().Text("hub.tile.kind"), "UNAVAILABLE")
	}
	w.OK(enrolls(c.Owner, c))
	e := tiles.Next()
	w.Equal(fmt.Sprint(e.Text("kind"), e.Text("hubId"), e.Text("previousTile"), e.Text("hub.tile.kind")),
		fmt.Sprint("CHANGE", villa.ID, "UNAVAILABLE", "ACTIVATION_REQUIRED"))
	tiles.Quiet()
	w.Equal(c.Owner.Tile(shed), "UNAVAILABLE")
}

// The onboarding is derived from how things stand, up to the approval that
// ends it. (R13 R128)
func TestDealer_Onboarding(t *testing.T) {
	w := world.New(t)
	c, reseller := w.Company("Night Watch"), w.Reseller("Central Station")
	w.Equal(onboarding(w, c), "+CREATE_COMPANY BECOME_DEALER REQUEST_CONNECTION CONNECTION_APPROVED")
	w.Refused(c.Owner.Mutate("connectionRequest", world.Vars{"dealerId": c.ID, "reseller": world.Vars{"id": reseller.ID}}, `connection { id }`),
		"NOT_A_DEALER")
	w.OK(enrolls(c.Owner, c))
	w.Equal(onboarding(w, c), "+CREATE_COMPANY +BECOME_DEALER REQUEST_CONNECTION CONNECTION_APPROVED")
	id := c.Requests(reseller)
	w.Equal(onboarding(w, c), "+CREATE_COMPANY +BECOME_DEALER +REQUEST_CONNECTION CONNECTION_APPROVED")
	w.OK(c.Owner.Mutate("connectionCancel", world.Vars{"connectionId": id}, `cancelledConnectionId`))
	w.Equal(onboarding(w, c), "+CREATE_COMPANY +BECOME_DEALER REQUEST_CONNECTION CONNECTION_APPROVED")
	id = c.Connects(reseller)
	done := "+CREATE_COMPANY +BECOME_DEALER +REQUEST_CONNECTION +CONNECTION_APPROVED"
	w.Equal(onboarding(w, c), done)
	w.OK(reseller.Owner.Mutate("connectionSuspend", world.Vars{"connectionId": id}, `connection { id }`))
	w.Equal(onboarding(w, c), done) // it was approved once
	w.Equal(onboarding(w, reseller), "")
}
