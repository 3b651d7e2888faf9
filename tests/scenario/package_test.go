package scenario

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

const packageFields = `id code name trialDays includesSim archivedAt monthlyFee { amount currency formatted }
	names { language text } prices { monthlyFee { amount currency } validFrom }`

// offering is the input of a package that is fine.
func offering(change ...world.Vars) world.Vars {
	input := world.Vars{
		"code": "AJAX_SIM", "names": []world.Vars{{"language": "en", "text": "Ajax SIM"}},
		"monthlyFees": []world.Vars{{"amount": "5.00", "currency": "EUR"}},
	}
	for _, c := range change {
		for name, value := range c {
			input[name] = value
		}
	}
	return input
}

func saves(p *world.Person, change ...world.Vars) world.Answer {
	return p.Mutate("servicePackageSave", offering(change...), `servicePackage { `+packageFields+` }`)
}

func fee(amount, currency string) world.Vars {
	return world.Vars{"amount": amount, "currency": currency}
}

// prices are the rows of prices that the operator sees, oldest first.
func prices(a world.Answer) string {
	rows := []string{}
	for i := range a.List("servicePackage.prices") {
		at := fmt.Sprintf("servicePackage.prices.%d.", i)
		rows = append(rows, a.Text(at+"monthlyFee.amount")+" "+a.Text(at+"monthlyFee.currency")+" "+a.Text(at + "validFrom")[:10])
	}
	return strings.Join(rows, ", ")
}

// The operator puts packages on offer and changes them by their code: names
// and prices merge, what is left out is kept, prices come with their time.
// (A25 A26 A43)
func TestPackageSave(t *testing.T) {
	w := world.New(t)
	a := w.OK(saves(w.Operator()))
	for path, want := range map[string]any{
		"code": "AJAX_SIM", "name": "Ajax SIM", "includesSim": true, "archivedAt": nil, "monthlyFee.amount": "5.00", "monthlyFee.formatted": "€5.00",
	} {
		w.Equal(a.Get("servicePackage."+path), want)
	}
	w.Equal(a.Int("servicePackage.trialDays"), 0)
	id := a.Text("servicePackage.id")
	later := func(days int) {
		t.Helper()
		w.Restart(func(c *server.Config) { c.TestClock = new(world.Start.Add(time.Duration(days) * 24 * time.Hour)) })
	}
	later(1)
	a = w.OK(saves(w.Operator(), world.Vars{
		"names": []world.Vars{{"language": "pl", "text": "Karta Ajax"}}, "trialDays": 30,
		"monthlyFees": []world.Vars{fee("20", "PLN"), fee("500", "JPY")},
	}))
	w.Equal(a.Text("servicePackage.id"), id)
	w.Equal(fmt.Sprint(a.Get("servicePackage.names")), "[map[language:en text:Ajax SIM] map[language:pl text:Karta Ajax]]")
	w.Equal(prices(a), "5.00 EUR 2026-01-15, 20.00 PLN 2026-01-16, 500 JPY 2026-01-16")
	later(2)
	a = w.OK(saves(w.Operator(), world.Vars{"names": []any{}, "monthlyFees": []world.Vars{fee("6.50", "EUR"), fee("20.00", "PLN")}}))
	w.Equal(a.Int("servicePackage.trialDays"), 30)
	w.Equal(prices(a), "5.00 EUR 2026-01-15, 20.00 PLN 2026-01-16, 500 JPY 2026-01-16, 6.50 EUR 2026-01-17") // an unchanged price is none
	a = w.OK(saves(w.Operator(), world.Vars{"monthlyFees": []world.Vars{fee("7.00", "EUR")}}))               // at the same instant
	w.Equal(prices(a), "5.00 EUR 2026-01-15, 20.00 PLN 2026-01-16, 500 JPY 2026-01-16, 7.00 EUR 2026-01-17")
	a = w.OK(saves(w.Operator(), world.Vars{"monthlyFees": []world.Vars{fee("5.00", "EUR")}}))
	w.Equal(prices(a), "5.00 EUR 2026-01-15, 20.00 PLN 2026-01-16, 500 JPY 2026-01-16") // as if nothing had been said
	a = w.OK(saves(w.Operator(), world.Vars{"names": []world.Vars{{"language": "en-GB", "text": "SIM"}}, "monthlyFees": []any{}, "includesSim": false}))
	w.Equal(a.Get("servicePackage.includesSim"), false)
	w.Equal(a.Get("servicePackage.name"), "SIM")
	w.Equal(w.OK(w.Operator().Speaks("pl").Query(`{ servicePackages { nodes { name } } }`)).Text("servicePackages.nodes.0.name"), "Karta Ajax")
}

// An archived package is off the list unless asked for, and can come back. (A43)
func TestPackageSave_Archived(t *testing.T) {
	w := world.New(t)
	w.Package("FIRST")
	w.Package("SECOND")
	dealer := w.Dealer("Night Watch")
	list := func(arguments string) string {
		t.Helper()
		a := w.OK(dealer.Owner.Query(`{ servicePackages` + arguments + ` { totalCount nodes { code archivedAt } } }`))
		return fmt.Sprint(a.Int("servicePackages.totalCount"), a.Texts("servicePackages.nodes", "code"))
	}
	w.Equal(list(``), "2 [FIRST SECOND]")
	archive := func(is any) world.Answer {
		return w.OK(saves(w.Operator(), world.Vars{"code": "FIRST", "monthlyFees": []any{}, "isArchived": is}))
	}
	w.Equal(archive(true).Text("servicePackage.archivedAt"), "2026-01-15T12:00:00Z")
	w.Equal(archive(nil).Text("servicePackage.archivedAt"), "2026-01-15T12:00:00Z") // left as it is
	w.Equal(list(``), "1 [SECOND]")
	w.Equal(list(`(includeArchived: true)`), "2 [FIRST SECOND]")
	archive(false)
	w.Equal(list(`(first: 1)`), "2 [FIRST]")
}

// While services of a package live, it cannot be changed whether it comes with
// the card: theirs would not follow. All else can.
func TestPackageSave_SIMFixed(t *testing.T) {
	w := world.New(t)
	id := w.Package("AJAX_SIM")
	dealer := w.Dealer("Night Watch")
	dealer.Connects(w.Reseller("Central Station"))
	villa := dealer.Hub("Villa")
	w.OK(dealer.Activates(villa))
	refusal := w.Refused(saves(w.Operator(), world.Vars{"includesSim": false, "trialDays": 9}), "INVALID_STATE input.includesSim")
	w.Equal(refusal.Text("userErrors.0.subject.id"), id)
	w.Equal(w.OK(saves(w.Operator(), world.Vars{"includesSim": true, "isArchived": true})).Int("servicePackage.trialDays"), 0)
	w.OK(takes(dealer.Owner, "serviceStop", villa))
	w.Equal(w.OK(saves(w.Operator(), world.Vars{"includesSim": false})).Get("servicePackage.includesSim"), false)
}

// Every wrong field is named, with its place in the list. (A54)
func TestPackageSave_Form(t *testing.T) {
	w := world.New(t)
	w.Refused(saves(w.Operator(), world.Vars{
		"code":  " ",
		"names": []world.Vars{{"language": "polski", "text": "A"}, {"language": "en", "text": " "}, {"language": "EN", "text": "B"}},
		"monthlyFees": []world.Vars{
			fee("5", "EUR"), fee("5", "EURO"), fee("-1", "PLN"), fee("0.001", "USD"), fee("much", "CHF"), fee("6", "EUR"),
		},
		"trialDays": 3651,
	}), "REQUIRED input.code", "INVALID input.names.0.language", "REQUIRED input.names.1.text", "INVALID input.names.2.language",
		"INVALID input.monthlyFees.1.currency", "INVALID input.monthlyFees.2.amount", "INVALID input.monthlyFees.3.amount",
		"INVALID input.monthlyFees.4.amount", "INVALID input.monthlyFees.5.currency", "INVALID input.trialDays")
	for name, c := range map[string]struct {
		change world.Vars
		want   string
	}{
		"a code of two words":      {world.Vars{"code": "AJAX SIM"}, "INVALID input.code"},
		"a code with a slash":      {world.Vars{"code": "AJAX/SIM"}, "INVALID input.code"},
		"a long code":              {world.Vars{"code": strings.Repeat("A", 51)}, "INVALID input.code"},
		"no English name":          {world.Vars{"names": []world.Vars{{"language": "pl", "text": "A"}}}, "REQUIRED input.names"},
		"free days below zero":     {world.Vars{"trialDays": -1}, "INVALID input.trialDays"},
		"two English names":        {world.Vars{"names": []world.Vars{{"language": "en", "text": "A"}, {"language": "en-US", "text": "B"}}}, "INVALID input.names.1.language"},
		"a currency in lower case": {world.Vars{"monthlyFees": []world.Vars{fee("1", "eur")}}, "INVALID input.monthlyFees.0.currency"},
	} {
		t.Run(name, func(t *testing.T) { w.Refused(saves(w.Operator(), c.change), c.want) })
	}
	w.Equal(w.OK(w.Operator().Query(`{ servicePackages { totalCount } }`)).Int("servicePackages.totalCount"), 0)
	w.OK(saves(w.Operator(), world.Vars{"monthlyFees": []world.Vars{fee("0", "EUR")}, "trialDays": 3650})) // free is a price
}

// Nobody but the operator says what is on offer. (A21)
func TestPackageSave_WhoAsks(t *testing.T) {
	w := world.New(t)
	for _, p := range []*world.Person{w.Person("Eve"), w.Dealer("Night Watch").Owner, w.Reseller("Central Station").Owner} {
		w.Refused(saves(p), "FORBIDDEN")
	}
	w.Fails(w.Mutate("servicePackageSave", offering(), `servicePackage { id }`), "UNAUTHENTICATED")
}

// One code is one package, also when it is said several times at once.
func TestPackageSave_AtOnce(t *testing.T) {
	w := world.New(t)
	operator := w.Operator()
	got := make([]world.Answer, 10)
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			got[i] = saves(operator, world.Vars{"monthlyFees": []world.Vars{fee(fmt.Sprint(i+1), []string{"EUR", "PLN"}[i%2])}})
		})
	}
	all.Wait()
	ids := []string{}
	for _, a := range got {
		ids = append(ids, w.OK(a).Text("servicePackage.id"))
	}
	w.Equal(len(slices.Compact(ids)), 1)
	a := w.OK(saves(operator, world.Vars{"monthlyFees": []any{}}))
	w.Equal(len(a.List("servicePackage.prices")), 2) // one of each currency: the last said
}

// Amounts are for who may see the money of a reseller, in its currency; for a
// dealer a package has none. Names in all languages and all prices are the
// operator's. (A9 A25 A50)
func TestPackage_WhoSeesFees(t *testing.T) {
	w := world.New(t)
	id := w.Package("AJAX_SIM") // 5.00 EUR, 20.00 PLN
	euro, zloty := w.ResellerIn("Euro", "EUR"), w.ResellerIn("Zloty", "PLN")
	yen, dealer := w.ResellerIn("Yen", "JPY"), w.Dealer("Night Watch")
	dealer.Connects(euro)
	both := w.Person("Both")
	zloty.Employs(both, "SERVICE_MANAGER")
	euro.Employs(both, "SENIOR_SERVICE_MANAGER")
	mixed := w.Person("Mixed")
	euro.Employs(mixed, "INSTALLER")
	dealer.Employs(mixed, "SERVICE_MANAGER")
	sees := func(p *world.Person, arguments string) string {
		t.Helper()
		a := w.OK(p.Query(`query($id: ID!) { node(id: $id) { ... on ServicePackage { name monthlyFee`+arguments+` { amount currency } names { text } prices { validFrom } } }
			servicePackages { nodes { monthlyFee`+arguments+` { amount currency } } } }`, world.Vars{"id": id}))
		w.Equal(fmt.Sprint(a.Get("node.monthlyFee")), fmt.Sprint(a.Get("servicePackages.nodes.0.monthlyFee")))
		w.Equal(a.Text("node.name"), "Package AJAX_SIM")
		if isOperator := p == w.Operator(); isOperator != (len(a.List("node.names")) > 0) || isOperator != (len(a.List("node.prices")) > 0) {
			t.Errorf("%s sees names and prices %v", p.Name, a.Get("node"))
		}
		return strings.TrimSpace(a.Text("node.monthlyFee.amount") + " " + a.Text("node.monthlyFee.currency"))
	}
	for _, c := range []struct {
		who       *world.Person
		arguments string
		want      string
	}{
		{euro.Owner, "", "5.00 EUR"}, {euro.Employee("SERVICE_MANAGER"), "", "5.00 EUR"}, {euro.Employee("INSTALLER"), "", ""},
		{euro.Owner, `(currency: "EUR")`, "5.00 EUR"}, {euro.Owner, `(currency: "PLN")`, ""}, {euro.Owner, `(currency: "zł")`, ""},
		{zloty.Owner, "", "20.00 PLN"}, {yen.Owner, "", ""},
		{both, "", "5.00 EUR"}, {both, `(currency: "PLN")`, "20.00 PLN"}, // Euro was there first
		{dealer.Owner, "", ""}, {dealer.Owner, `(currency: "EUR")`, ""}, {mixed, "", ""}, {mixed, `(currency: "EUR")`, ""},
		{w.Operator(), "", ""}, {w.Operator(), `(currency: "PLN")`, "20.00 PLN"}, {w.Operator(), `(currency: "USD")`, ""},
	} {
		if got := sees(c.who, c.arguments); got != c.want {
			t.Errorf("%s sees%s %q, want %q", c.who.Name, c.arguments, got, c.want)
		}
	}
	eve := w.Person("Eve")
	a := w.OK(eve.Query(`query($id: ID!) { node(id: $id) { id } servicePackages { totalCount } }`, world.Vars{"id": id}))
	w.Equal(fmt.Sprint(a.Get("node"), a.Int("servicePackages.totalCount")), "<nil> 0")
}
