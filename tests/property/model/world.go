// Package model is a second telling of the decisions A1–A63, as plain as can
// be: it keeps the whole history and works everything out anew from it, each
// time it is asked. The property test compares it with the product. It knows
// nothing of how the product does the same.
package model

import (
	"slices"
	"time"
)

// World is everything there is.
type World struct {
	Zone *time.Location
	Now  time.Time

	People      []*Person
	Companies   []*Company
	Connections []*Connection
	Objects     []*Object
	Hubs        []*Hub
	Packages    []*Package
	Services    []*Service
	Lines       []Line // booked

	keys   map[string]kept
	starts map[Month]time.Time
}

// New is an empty world.
func New(zone *time.Location, now time.Time) *World {
	return &World{Zone: zone, Now: now, keys: map[string]kept{}, starts: map[Month]time.Time{}}
}

// Role is what a person is in a company.
type Role int

// Roles. Invited has no rights yet.
const (
	None Role = iota
	Invited
	Installer
	Manager
	Senior
	Owner
)

// Person is somebody who may ask.
type Person struct {
	ID       string
	Operator bool
	Company  *Company // nil: works nowhere
	Role     Role
}

// in is what the person is in a company.
func (p *Person) in(c *Company) Role {
	if c == nil || p.Company != c {
		return None
	}
	return p.Role
}

// manages reports whether the person may act for the company as a manager.
func (p *Person) manages(c *Company) bool { return p.in(c) >= Manager }

// works reports whether the person may do what every employee may (A11).
func (p *Person) works(c *Company) bool { return p.in(c) >= Installer }

// Company is a dealer, a reseller (Account is set) or neither.
type Company struct {
	ID      string
	Dealer  bool
	Account *Account
}

// Account is what the platform has agreed with a reseller, and its money.
type Account struct {
	Currency     string
	Limit        *int64 // minor units; nil: none
	Charged      Month  // last month that is charged
	Transactions []*Transaction
	EverActive   bool // a dealer has activated services (A17)
}

// Balance is the sum of the transactions.
func (a *Account) Balance() int64 {
	var sum int64
	for _, t := range a.Transactions {
		sum += t.Signed()
	}
	return sum
}

// Connection is what a dealer and a reseller have agreed on.
type Connection struct {
	ID               string
	Dealer, Reseller *Company
	State            string // PENDING, ACTIVE, SUSPENDED, REJECTED; "" when withdrawn
	Number           string
}

// Object is guarded premises.
type Object struct {
	ID      string
	Company *Company
}

// Card is a SIM card in a hub.
type Card struct {
	ICCID    string
	Ajax, On bool
}

// Hub is a control panel.
type Hub struct {
	ID      string
	Serial  string
	Object  *Object
	Card    *Card // nil: none
	Removed bool
}

// Company looks after the hub.
func (h *Hub) Company() *Company { return h.Object.Company }

// Outcome is what a command must answer: the code of the refusal that comes
// first, or none. A command that goes through is then done with Do; one that
// was done before under the same key has Same instead.
type Outcome struct {
	Code string
	Same string          // id that the first call answered with
	Do   func(id string) // id: of what the product made, where it made something
}

func refuse(code string) Outcome { return Outcome{Code: code} }

// kept is the effect that an idempotency key stands for.
type kept struct {
	input, id string
	at        time.Time
	forEver   bool
}

// Call is who asks, and with which key; Input tells calls with the same key
// apart.
type Call struct {
	By    *Person
	Key   string // "": none
	Input string
}

func (c Call) name(operation string) string { return c.By.ID + " " + operation + " " + c.Key }

// Window is how long keys are kept that are not kept for ever (A33).
const Window = 24 * time.Hour

// once is the rule of keys (A33, A48): do is asked unless the key has an
// effect already. alive reports whether the answered thing is still there.
func (w *World) once(c Call, operation string, forEver bool, alive func(id string) bool, do func() Outcome) Outcome {
	if c.Key == "" {
		return do()
	}
	if k, ok := w.keys[c.name(operation)]; ok && (k.forEver || w.Now.Before(k.at.Add(Window))) {
		switch {
		case k.input != c.Input:
			return refuse("IDEMPOTENCY_MISMATCH")
		case !alive(k.id):
			return refuse("NOT_FOUND")
		}
		return Outcome{Same: k.id}
	}
	o := do()
	if o.Code != "" {
		return o
	}
	apply := o.Do
	o.Do = func(id string) {
		apply(id)
		w.keys[c.name(operation)] = kept{c.Input, id, w.Now, forEver}
	}
	return o
}

// SeesCompany reports whether the person may see the card of a company (A50).
func (w *World) SeesCompany(p *Person, c *Company) bool {
	if p.Operator || p.in(c) != None || c.Account != nil && p.works(p.Company) {
		return true
	}
	return slices.ContainsFunc(w.Connections, func(l *Connection) bool {
		return l.State != "" && l.Dealer == c && p.manages(l.Reseller)
	})
}

// SeesHub reports whether the person may see a hub: its company's people, the
// operator, and those of the reseller that it is billed to now (A50).
func (w *World) SeesHub(p *Person, h *Hub) bool {
	if h.Removed {
		return false
	}
	s := w.Live(h)
	return p.Operator || p.works(h.Company()) || s != nil && p.manages(s.Reseller)
}

// seesObject is the same for an object.
func (w *World) seesObject(p *Person, o *Object) bool {
	return p.Operator || p.works(o.Company) || slices.ContainsFunc(w.Hubs, func(h *Hub) bool {
		return h.Object == o && w.SeesHub(p, h)
	})
}
