package world

import (
	"fmt"
	"strings"
)

// Company is a company with its owner.
type Company struct {
	w     *World
	ID    string
	Name  string
	Email string // contact address
	Owner *Person
}

// Company registers a company in Poland; it is neither dealer nor reseller.
func (w *World) Company(name string) *Company {
	w.Helper()
	return w.Person(name + " owner").Founds(name)
}

// Founds registers a company whose owner is the person.
func (p *Person) Founds(name string) *Company {
	p.w.Helper()
	email := fmt.Sprintf("office@%s.example", slug(name))
	a := p.w.OK(p.Mutate("companyCreate", Vars{
		"name": name, "country": "PL",
		"contact": Vars{"email": email, "phone": "+48 22 123 45 67", "website": "https://" + slug(name) + ".example", "address": "Prosta 1, Warszawa"},
	}, `company { id }`))
	return &Company{w: p.w, ID: a.Text("company.id"), Name: name, Email: email, Owner: p}
}

// Dealer registers a company and enrols it as a dealer.
func (w *World) Dealer(name string) *Company {
	w.Helper()
	c := w.Company(name)
	w.OK(c.Owner.Mutate("companyDealerEnroll", Vars{
		"companyId": c.ID, "registrationNumber": "KRS 0000123456", "taxNumber": "PL5250000000", "acceptsTerms": true,
	}, `company { kind }`))
	return c
}

// Reseller registers a company that the operator enrols as a reseller in EUR.
func (w *World) Reseller(name string) *Company {
	w.Helper()
	return w.ResellerIn(name, "EUR")
}

// ResellerIn is Reseller with a currency of choice.
func (w *World) ResellerIn(name, currency string) *Company {
	w.Helper()
	c := w.Company(name)
	w.OK(w.Operator().Mutate("companyResellerEnroll", Vars{"companyId": c.ID, "currency": currency}, `company { kind }`))
	w.resellers = append(w.resellers, c)
	return c
}

// Roles are all but the owner's, AllRoles are all.
var (
	Roles    = []string{"SENIOR_SERVICE_MANAGER", "SERVICE_MANAGER", "INSTALLER"}
	AllRoles = append([]string{"OWNER"}, Roles...)
)

// InRole returns the owner, or somebody new in another role.
func (c *Company) InRole(role string) *Person {
	c.w.Helper()
	if role == "OWNER" {
		return c.Owner
	}
	return c.Employee(role)
}

// Employee adds somebody new to the company, who accepts.
func (c *Company) Employee(role string) *Person {
	c.w.Helper()
	p := c.w.Person(c.Name + " " + strings.ToLower(role))
	c.Employs(p, role)
	return p
}

// Employs adds a person to the company, who accepts; it returns the id of the
// employee.
func (c *Company) Employs(p *Person, role string) string {
	c.w.Helper()
	a := c.w.OK(c.Owner.Mutate("employeeAdd", Vars{"companyId": c.ID, "email": p.Email, "role": role}, `employee { id }`))
	id := a.Text("employee.id")
	c.w.OK(p.Mutate("employeeInvitationAccept", Vars{"employeeId": id}, `employee { status }`))
	return id
}

// Requests sends a connection request, and returns the id of the connection.
func (c *Company) Requests(reseller *Company) string {
	c.w.Helper()
	a := c.w.OK(c.Owner.Mutate("connectionRequest", Vars{"dealerId": c.ID, "reseller": Vars{"id": reseller.ID}}, `connection { id }`))
	return a.Text("connection.id")
}

// Connects has the dealer send a request and the reseller approve it; it
// returns the id of the connection.
func (c *Company) Connects(reseller *Company) string {
	c.w.Helper()
	id := c.Requests(reseller)
	c.w.OK(reseller.Owner.Mutate("connectionApprove", Vars{"connectionId": id}, `connection { status }`))
	return id
}

// Package puts a package with the Ajax SIM on offer, at 5.00 EUR and 20.00 PLN
// a month without free days. change sets other fields of its input.
func (w *World) Package(code string, change ...Vars) string {
	w.Helper()
	input := Vars{
		"code":  code,
		"names": []Vars{{"language": "en", "text": "Package " + code}, {"language": "pl", "text": "Pakiet " + code}},
		"monthlyFees": []Vars{
			{"amount": "5.00", "currency": "EUR"}, {"amount": "20.00", "currency": "PLN"},
		},
		"trialDays": 0, "includesSim": true,
	}
	for _, c := range change {
		for name, value := range c {
			input[name] = value
		}
	}
	a := w.OK(w.Operator().Mutate("servicePackageSave", input, `servicePackage { id }`))
	return a.Text("servicePackage.id")
}

// Object creates an object of the company.
func (c *Company) Object(name string) string {
	c.w.Helper()
	a := c.w.OK(c.Owner.Mutate("objectCreate", Vars{"companyId": c.ID, "name": name, "address": name + " street 1"}, `object { id }`))
	return a.Text("object.id")
}

// Hub is a hub with its numbers.
type Hub struct {
	w        *World
	ID       string
	ObjectID string
	Serial   string
	ICCID    string // "" without a card
}

// Hub adds a hub with an Ajax SIM, at an object of its own.
func (c *Company) Hub(name string) *Hub {
	c.w.Helper()
	return c.HubAt(c.Object(name), name, true)
}

// HubWithoutSIM adds a hub without a card, at an object of its own.
func (c *Company) HubWithoutSIM(name string) *Hub {
	c.w.Helper()
	return c.HubAt(c.Object(name), name, false)
}

// HubAt adds a hub to an object.
func (c *Company) HubAt(objectID, name string, withSIM bool) *Hub {
	c.w.Helper()
	c.w.mu.Lock()
	c.w.people++
	n := c.w.people
	c.w.mu.Unlock()
	h := &Hub{w: c.w, ObjectID: objectID, Serial: fmt.Sprintf("00A%05X", n)}
	input := Vars{"objectId": objectID, "serialNumber": h.Serial, "name": name}
	if withSIM {
		h.ICCID = fmt.Sprintf("8948000000000%06d", n)
		input["sim"] = Vars{"iccid": h.ICCID, "isAjaxSim": true}
	}
	a := c.w.OK(c.Owner.Mutate("hubAdd", input, `hub { id }`))
	h.ID = a.Text("hub.id")
	return h
}

// Activates activates services on a hub as the owner.
func (c *Company) Activates(h *Hub) Answer {
	c.w.Helper()
	return c.Owner.Mutate("serviceActivate", Vars{"hubId": h.ID}, `service { id status } hub { tile { kind } } screen { code }`)
}

// Tile returns the kind of the tile under a hub, as a person sees it.
func (p *Person) Tile(h *Hub) string {
	p.w.Helper()
	return p.w.OK(p.Query(`query($id: ID!) { hub(id: $id) { tile { kind } } }`, Vars{"id": h.ID})).Text("hub.tile.kind")
}
