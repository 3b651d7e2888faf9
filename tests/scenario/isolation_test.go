package scenario_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// cast is a dealer with everything that can be somebody's, and all the people
// who may try to get at it.
type cast struct {
	*world.World
	dealer, reseller, asked, foreign *world.Company // asked has the dealer's pending request

	people map[string]*world.Person // by name
	own    map[string]belongings    // of those who work for a company
	things []thing
}

// belongings are what a person may name beside the id that is somebody else's.
type belongings struct{ company, object, hub, spare string }

// thing is an id with the people, by name, who may know that it exists. To all
// others it must be as an id that does not exist (A34).
type thing struct {
	kind, name, id string
	seenBy         string
}

// The people by name, for thing.seenBy.
const (
	dealerManagers = " dealer.owner dealer.senior dealer.manager "
	dealerPeople   = dealerManagers + " dealer.installer "
	billed         = " reseller.owner reseller.manager "
	asked          = " asked.owner "
	invited        = " invited unconfirmed "
	operator       = " operator "
	selves         = " dealer.owner " // the owner of the thing alone
)

func (t thing) isSeenBy(name string) bool { return strings.Contains(t.seenBy, " "+name+" ") }

// Whatever is not one's own, or one's partner's to show, is as if it did not
// exist: for every role of every side, and for strangers. (A34)
func TestIsolation(t *testing.T) {
	c := newCast(t)
	c.finds()
	c.readsAlike()
	c.watchesAlike()
	c.changesAlike()
	c.activatesAlike()
}

func newCast(t *testing.T) *cast {
	w := world.New(t)
	c := &cast{World: w, people: map[string]*world.Person{}, own: map[string]belongings{}}
	w.Package("AJAX_SIM")
	c.dealer, c.reseller, c.asked, c.foreign = w.Dealer("Night Watch"), w.Reseller("Central Station"), w.Reseller("Far Station"), w.Dealer("Day Watch")
	for name, role := range map[string]string{"senior": world.Roles[0], "manager": world.Roles[1], "installer": world.Roles[2]} {
		c.people["dealer."+name] = c.dealer.Employee(role)
		c.people["foreign."+name] = c.foreign.Employee(role)
	}
	c.people["reseller.manager"], c.people["reseller.installer"] = c.reseller.Employee("SERVICE_MANAGER"), c.reseller.Employee("INSTALLER")
	for name, company := range map[string]*world.Company{"dealer": c.dealer, "reseller": c.reseller, "asked": c.asked, "foreign": c.foreign} {
		c.people[name+".owner"] = company.Owner
		hub := company.Hub(company.Name + " lab")
		c.own[name] = belongings{company.ID, hub.ObjectID, hub.ID, company.Hub(company.Name + " store").ID}
	}
	c.foreign.Connects(c.reseller)
	c.people["operator"], c.people["stranger"] = w.Operator(), w.Person("Stranger")
	c.people["invited"], c.people["unconfirmed"] = w.Person("Invited"), w.Unconfirmed("Unconfirmed", "unconfirmed@people.example")
	c.fill()
	return c
}

func (c *cast) add(kind, name, id, seenBy string) {
	if id == "" {
		c.Fatalf("the %s %s has no id", kind, name)
	}
	c.things = append(c.things, thing{kind, name, id, seenBy})
}

// fill makes the dealer's things.
func (c *cast) fill() {
	d, owner := c.dealer, c.dealer.Owner
	plain := c.Company("Plain")
	c.add("company", "with a partner", d.ID, dealerPeople+billed+asked+invited+operator)
	c.add("company", "of nobody's business", plain.ID, operator)

	link, pending := d.Connects(c.reseller), d.Requests(c.asked)
	letter := c.OK(owner.Mutate("connectionRequest", world.Vars{"dealerId": d.ID, "reseller": world.Vars{"email": "new@station.example"}}, `connection { id }`))
	c.add("connection", "active", link, dealerManagers+billed+operator)
	c.add("connection", "pending", pending, dealerManagers+asked+operator)
	c.add("connection", "invitation", letter.Text("connection.id"), dealerManagers+operator)

	villa, shop := d.Hub("Villa"), d.Hub("Shop")
	service := c.OK(d.Activates(villa)).Text("service.id")
	c.add("object", "with services", villa.ObjectID, dealerPeople+billed+operator)
	c.add("object", "without", shop.ObjectID, dealerPeople+operator)
	c.add("hub", "with services", villa.ID, dealerPeople+billed+operator)
	c.add("hub", "without", shop.ID, dealerPeople+operator)
	c.add("service", "running", service, dealerPeople+billed+operator)
	figures := c.OK(c.reseller.Owner.Query(`query($r: ID!, $d: ID!) { company(id: $r) { resellerOverview { id } dealerActivity(dealerId: $d) { id } } }`,
		world.Vars{"r": c.reseller.ID, "d": d.ID}))
	c.add("overview", "with the dealer in it", figures.Text("company.resellerOverview.id"), billed+operator)
	c.add("figures", "of the dealer", figures.Text("company.dealerActivity.id"), billed+operator)
	a := c.OK(owner.Query(`query($h: ID!, $s: ID!, $d: ID!) { hub(id: $h) { sim { id } }
		node(id: $s) { ... on HubService { events { nodes { id } } } }
		company(id: $d) { activities(filter: {action: ["serviceActivate"]}) { nodes { id } } }
		viewer { sessions { id } } }`, world.Vars{"h": villa.ID, "s": service, "d": d.ID}))
	c.add("sim", "in a hub with services", a.Text("hub.sim.id"), dealerPeople+operator)
	c.add("event", "activation", a.Text("node.events.nodes.0.id"), dealerPeople+billed+operator)
	c.add("activity", "activation", a.Text("company.activities.nodes.0.id"), dealerManagers+operator)
	paid := c.OK(replenishes(c.World, c.reseller, "5.00", "isolation of "+c.reseller.ID))
	c.add("transaction", "of the partner", paid.Text("transaction.id"), billed+operator)
	c.add("session", "of the owner", a.Text("viewer.sessions.0.id"), selves)
	c.add("user", "of the owner", owner.ID, dealerPeople+operator)

	for _, name := range []string{"invited", "unconfirmed"} {
		e := c.OK(owner.Mutate("employeeAdd", world.Vars{"companyId": d.ID, "email": c.people[name].Email, "role": "INSTALLER"}, `employee { id }`))
		c.add("employee", name, e.Text("employee.id"), dealerPeople+operator+name+" ")
	}
	c.fillGone()
}

// fillGone makes things that nobody sees any more, not even the operator (A45).
func (c *cast) fillGone() {
	d, owner := c.dealer, c.dealer.Owner
	closed := c.Company("Closed")
	c.OK(closed.Owner.Mutate("companyDelete", world.Vars{"companyId": closed.ID, "confirmName": "Closed"}, ``))
	c.add("company", "deleted", closed.ID, "")
	hub, cellar := d.Hub("Barn"), d.Hub("Cellar")
	c.OK(owner.Mutate("hubRemove", world.Vars{"hubId": hub.ID}, ``))
	c.add("hub", "removed", hub.ID, "")
	c.OK(owner.Mutate("objectDelete", world.Vars{"objectId": cellar.ObjectID}, ``))
	c.add("object", "deleted", cellar.ObjectID, "")
	c.add("hub", "removed with its object", cellar.ID, "")
	gone := d.Employs(c.Person("Leaver"), "INSTALLER")
	c.OK(owner.Mutate("employeeRemove", world.Vars{"employeeId": gone}, ``))
	c.add("employee", "removed", gone, "")
	withdrawn := c.foreign.Requests(c.asked)
	c.OK(c.foreign.Owner.Mutate("connectionCancel", world.Vars{"connectionId": withdrawn}, ``))
	c.add("connection", "withdrawn", withdrawn, "")
}

// belongsTo is what the person of this name has; somebody without a company
// names what does not exist.
func (c *cast) belongsTo(name string) belongings {
	company, _, _ := strings.Cut(name, ".")
	if b, ok := c.own[company]; ok {
		return b
	}
	return belongings{unknown(c.dealer.ID), unknown("obj" + c.dealer.ID[2:]), unknown("hub" + c.dealer.ID[2:]), unknown("hub" + c.dealer.ID[2:])}
}

// unknown is an id of the same kind that does not exist.
func unknown(id string) string {
	return id[:len(id)-12] + strings.Repeat("0", 12)
}

// said is all that an answer tells, but for the id that it was asked about and
// the id of the request.
func said(a world.Answer, id string) string {
	data, _ := json.Marshal(a.Data)
	text := string(data)
	if a.Errors != nil {
		for _, e := range a.Errors.List {
			text += fmt.Sprintf(" %s %v %s", e.Code(), e.Path, e.Message)
		}
	}
	return strings.ReplaceAll(text, id, "ID")
}

// alike asks about each thing of a kind, as everybody who may not know of it,
// and about an id that does not exist: the answers must be the same.
func (c *cast) alike(kind, what string, ask func(p *world.Person, own belongings, id string) string) {
	c.Helper()
	for _, th := range c.things {
		if th.kind != kind && kind != "" {
			continue
		}
		for name, p := range c.people {
			if th.isSeenBy(name) {
				continue
			}
			own, no := c.belongsTo(name), unknown(th.id)
			got := strings.ReplaceAll(ask(p, own, th.id), th.id, "ID")
			want := strings.ReplaceAll(ask(p, own, no), no, "ID")
			if got != want {
				c.Errorf("%s with the %s %s, as %s:\n%s\nwith an unknown id:\n%s", what, th.kind, th.name, name, got, want)
			}
		}
	}
}
