package isolation_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// cast is everybody and everything: dealers and resellers in every state that
// two companies can be to each other, and every kind of viewer. Each value has
// its owner's mark: a word that begins with zz and stands nowhere else, a
// number, an amount in the owner's own currency, an instant at which nothing
// else happened.
type cast struct {
	*world.World
	db      *sql.DB
	judge   *judge
	clock   time.Time
	viewers []*viewer
	firms   map[string]*firm
	pkg     string       // the package without free days
	trial   string       // the package with some
	numbers int          // of hubs and cards
	asked   atomic.Int64 // requests
}

// firm is a company with its people by role, and ids of its things by name.
type firm struct {
	*world.Company
	c      *cast
	mark   string // begins the words of its own
	people map[string]*viewer
	ids    map[string]string
}

func newCast(t testing.TB) *cast {
	path := filepath.Join(t.TempDir(), "isolation.db")
	c := &cast{firms: map[string]*firm{}, clock: world.Start, judge: newJudge(loadSchema(t), readTable(t))}
	c.World = world.New(t, func(config *server.Config) {
		config.DatabaseURL = "sqlite://" + path
		config.FinanceSeniorOnly = true // so that a manager sees the Dashboard, and no money
		config.RateLimit = 1 << 30
		config.SupportURL = "https://support.example"
		// One document asks for all that the guard would have in many.
		l := &config.Limits
		const all = 1 << 20
		l.HTTPBody = 4 * all
		l.Document, l.DocumentTokens, l.Depth, l.Nesting, l.Aliases = 4*all, all, 100, 100, all
		l.SameField, l.SameMutation, l.Fields, l.Spreads, l.Cost, l.Nodes, l.Errors = all, all, all, all, 1<<30, all, all
		l.VariablesValues, l.SocketOperations, l.SocketMessage, l.SocketQueue = all, all, 4*all, 16*all
		l.OperationTime = time.Minute
	})
	db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	c.db = db
	return c
}

// look reads anew whose everything is.
func (c *cast) look() {
	c.Helper()
	s, err := look(context.Background(), c.db)
	if err != nil {
		c.Fatal(err)
	}
	c.judge.mu.Lock()
	defer c.judge.mu.Unlock()
	c.judge.sight, c.judge.read = s, map[string]bool{}
}

// tick moves the clock, so that what comes now has an instant of its own.
func (c *cast) tick() {
	c.Helper()
	c.clock = c.clock.Add(61 * time.Second)
	c.Advance(c.clock.Format(time.RFC3339))
}

// do runs a mutation that must go through.
func (c *cast) do(p *world.Person, mutation string, input world.Vars, selection string) world.Answer {
	c.Helper()
	c.tick()
	return c.OK(p.Mutate(mutation, input, selection))
}

// viewer makes somebody a viewer.
func (c *cast) viewer(name string, p *world.Person) *viewer {
	v := &viewer{Person: p, name: name, roles: map[string]string{}, own: belongings{}}
	c.viewers = append(c.viewers, v)
	return v
}

// person signs somebody up whose name and address are marks.
func (c *cast) person(name string) *viewer {
	c.Helper()
	p := c.SignUp("Zz"+name+"name", "zz"+name+"mail@people.example")
	c.OK(p.Mutate("userUpdate", world.Vars{"language": "pl"}, ``))
	p.Client = p.Client.WithLanguage("en")
	return c.viewer(name, p)
}

// firm registers a company whose owner is a viewer, and whose card is marked.
func (c *cast) firm(name string) *firm {
	c.Helper()
	owner := c.person(name + "owner")
	c.tick()
	f := &firm{Company: owner.Founds("Zz" + name + "firm"), c: c, mark: name, people: map[string]*viewer{"owner": owner}, ids: map[string]string{}}
	owner.roles[f.ID], owner.own["Company"] = "owner", f.ID
	c.do(owner.Person, "companyUpdate", world.Vars{"companyId": f.ID, "contact": world.Vars{
		"email": "zz" + name + "office@firms.example", "phone": fmt.Sprintf("+4822%07d", 1_000_000+len(c.firms)),
		"website": "https://zz" + name + "web.example", "address": "zz" + name + "street",
	}}, ``)
	c.firms[name] = f
	return f
}

// dealer and reseller register a company of the kind.
func (c *cast) dealer(name string) *firm {
	c.Helper()
	f := c.firm(name)
	c.do(f.Owner, "companyDealerEnroll", world.Vars{
		"companyId": f.ID, "registrationNumber": "zz" + name + "register", "taxNumber": "zz" + name + "tax", "acceptsTerms": true,
	}, ``)
	return f
}

func (c *cast) reseller(name, currency, limit string) *firm {
	c.Helper()
	f := c.firm(name)
	c.do(c.Operator(), "companyResellerEnroll", world.Vars{"companyId": f.ID, "currency": currency, "creditLimit": limit}, ``)
	return f
}

// employs adds somebody new to the firm, who accepts.
func (f *firm) employs(name, role string) *viewer {
	f.c.Helper()
	v := f.c.person(name)
	f.c.tick()
	v.own["Employee"] = f.Employs(v.Person, role)
	v.roles[f.ID], v.own["Company"] = roleWords[role], f.ID
	f.people[roleWords[role]] = v
	return v
}

// hub adds a hub at an object of its own; both are marked.
func (f *firm) hub(name string) string {
	f.c.Helper()
	f.c.tick()
	o := f.c.do(f.Owner, "objectCreate", world.Vars{
		"companyId": f.ID, "name": "zz" + name + "site", "address": "zz" + name + "way", "reference": "zz" + name + "ref",
	}, `object { id }`).Text("object.id")
	f.ids["site "+name] = o
	return f.hubAt(o, name)
}

func (f *firm) hubAt(object, name string) string {
	f.c.Helper()
	f.c.numbers++
	n := f.c.numbers
	a := f.c.do(f.Owner, "hubAdd", world.Vars{
		"objectId": object, "serialNumber": serial(n), "name": "zz" + name + "hub", "sim": world.Vars{"iccid": iccid(n)},
		"idempotencyKey": "zz" + name + "key",
	}, `hub { id sim { id } }`)
	id := a.Text("hub.id")
	f.ids[name] = id
	return id
}

// asks sends a request, and connects has it approved too, with marks.
func (f *firm) asks(reseller *firm) string {
	f.c.Helper()
	id := f.c.do(f.Owner, "connectionRequest", world.Vars{"dealerId": f.ID, "reseller": world.Vars{"id": reseller.ID}}, `connection { id }`).Text("connection.id")
	f.ids["link "+reseller.mark] = id
	return id
}

func (f *firm) connects(reseller *firm) string {
	f.c.Helper()
	id := f.asks(reseller)
	f.c.do(reseller.Owner, "connectionApprove", world.Vars{"connectionId": id, "dealerNumber": "zz" + f.mark + "by" + reseller.mark}, ``)
	return id
}

// activates activates services on a hub through a connection.
func (f *firm) activates(hub, link, pkg string) {
	f.c.Helper()
	f.c.do(f.Owner, "serviceActivate", world.Vars{"hubId": f.ids[hub], "connectionId": link, "packageId": pkg}, ``)
}

func (f *firm) step(step, hub string) {
	f.c.Helper()
	f.c.do(f.Owner, step, world.Vars{"hubId": f.ids[hub], "reason": "zz" + hub + "reason"}, ``)
}
