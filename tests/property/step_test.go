package property_test

import (
	"pgregory.net/rapid"

	"partnerhub/tests/property/model"
)

// from draws one of a list. The label must not depend on what is drawn.
func from[T any](r *rapid.T, label string, list []T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(r, label)]
}

// chance is true in n of 16 cases.
func chance(r *rapid.T, label string, n int) bool {
	return rapid.IntRange(0, 15).Draw(r, label) >= 16-n
}

// somebody draws who asks: mostly one who has the right, sometimes anybody.
func (p *play) somebody(r *rapid.T, able func(*model.Person) bool) *model.Person {
	if chance(r, "anybody", 3) {
		return from(r, "who", p.w.People)
	}
	var list []*model.Person
	for _, who := range p.w.People {
		if able(who) {
			list = append(list, who)
		}
	}
	return from(r, "who", list)
}

// call draws who asks, and whether with a key that may have been used before.
func (p *play) call(r *rapid.T, able func(*model.Person) bool) model.Call {
	c := model.Call{By: p.somebody(r, able)}
	if chance(r, "has key", 3) {
		c.Key = from(r, "key", []string{"one", "two"})
	}
	return c
}

func (p *play) anOperator(who *model.Person) bool { return who.Operator }

func manages(c *model.Company) func(*model.Person) bool {
	return func(who *model.Person) bool { return who.Company == c && who.Role >= model.Manager }
}

func works(c *model.Company) func(*model.Person) bool {
	return func(who *model.Person) bool { return who.Company == c && who.Role >= model.Installer }
}

// action is a kind of step, and how often it is drawn.
type action struct {
	weight int
	draw   func(*play, *rapid.T)
}

// actions are all steps.
var actions = []action{
	{3, (*play).drawRequest},
	{6, (*play).drawDecide},
	{6, (*play).drawHubAdd},
	{4, (*play).drawHubRemove},
	{4, (*play).drawSIM},
	{20, (*play).drawActivate},
	{34, (*play).drawChange},
	{5, (*play).drawProvision},
	{5, (*play).drawSave},
	{6, (*play).drawEnroll},
	{4, (*play).drawReplenish},
	{3, (*play).drawAdjust},
	{4, (*play).drawRun},
	{5, (*play).drawAdvance},
	{5, (*play).drawDrift},
	{1, func(p *play, _ *rapid.T) { p.log("RESTART"); p.restart() }},
}

// step draws one step and compares the worlds after it.
func (p *play) step(r *rapid.T) {
	total := 0
	for _, a := range actions {
		total += a.weight
	}
	n := rapid.IntRange(0, total-1).Draw(r, "step")
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			a.draw(p, r)
			break
		}
	}
	p.compare()
}

func (p *play) drawRequest(r *rapid.T) {
	dealer := from(r, "dealer", p.cast.dealers)
	reseller := from(r, "reseller", p.cast.resellers)
	if chance(r, "odd", 2) {
		dealer, reseller = from(r, "dealer", p.w.Companies), from(r, "reseller", p.w.Companies)
	}
	if p.boss(dealer) == nil {
		return
	}
	p.request(p.call(r, manages(dealer)), dealer, reseller)
}

func (p *play) drawDecide(r *rapid.T) {
	l := from(r, "connection", p.w.Connections)
	step := from(r, "decision", []string{"APPROVE", "APPROVE", "RESUME", "SUSPEND", "REJECT", "CANCEL"})
	number := ""
	if step == "APPROVE" {
		number = from(r, "number", []string{"", "", "7", "8"})
	}
	side := l.Reseller
	if step == "CANCEL" {
		side = l.Dealer
	}
	p.decide(p.somebody(r, manages(side)), l, step, number)
}

func (p *play) drawCard(r *rapid.T) *model.Card {
	return &model.Card{ICCID: from(r, "iccid", iccids), Ajax: !chance(r, "foreign", 2)}
}

func (p *play) drawHubAdd(r *rapid.T) {
	o := from(r, "object", p.w.Objects)
	var card *model.Card
	if !chance(r, "no card", 3) {
		card = p.drawCard(r)
	}
	p.hubAdd(p.call(r, works(o.Company)), o, from(r, "serial", serials), card)
}

// aHub draws a hub, mostly a present one.
func (p *play) aHub(r *rapid.T) *model.Hub {
	var present []*model.Hub
	for _, h := range p.w.Hubs {
		if !h.Removed {
			present = append(present, h)
		}
	}
	if len(present) == 0 || chance(r, "any hub", 1) {
		present = p.w.Hubs
	}
	return from(r, "hub", present)
}

func (p *play) drawHubRemove(r *rapid.T) {
	h := p.aHub(r)
	p.hubRemove(p.somebody(r, works(h.Company())), h)
}

func (p *play) drawSIM(r *rapid.T) {
	h := p.aHub(r)
	p.simInstall(p.somebody(r, works(h.Company())), h, p.drawCard(r))
}

// drawChoice draws what to activate with: often what the hub had before, so
// that the lives of an account meet in one month.
func (p *play) drawChoice(r *rapid.T, h *model.Company, before *model.Service) (c model.Choice) {
	if before != nil && chance(r, "as before", 9) {
		return model.Choice{Package: before.Package, Link: p.link(h, before.Reseller)}
	}
	switch rapid.IntRange(0, 7).Draw(r, "package chosen") {
	case 0: // left out
	case 1, 2, 3:
		c.Package = p.w.Packages[0]
	default:
		c.Package = from(r, "package", p.w.Packages)
	}
	switch rapid.IntRange(0, 7).Draw(r, "link chosen") {
	case 0, 1: // left out
	case 2:
		c.Link = from(r, "link", p.w.Connections)
	default:
		var own []*model.Connection
		for _, l := range p.w.Connections {
			if l.Dealer == h && l.State == "ACTIVE" {
				own = append(own, l)
			}
		}
		if len(own) > 0 {
			c.Link = from(r, "link", own)
		}
	}
	return c
}

func (p *play) drawActivate(r *rapid.T) {
	h := p.aHub(r)
	p.activate(p.call(r, works(h.Company())), h, p.drawChoice(r, h.Company(), p.before(h)))
}

// before is the last service that a hub had, nil for none.
func (p *play) before(h *model.Hub) (last *model.Service) {
	for _, s := range p.w.Services {
		if s.Hub.Serial == h.Serial {
			last = s
		}
	}
	return last
}

func (p *play) link(dealer, reseller *model.Company) *model.Connection {
	for _, l := range p.w.Connections {
		if l.Dealer == dealer && l.Reseller == reseller && l.State != "" {
			return l
		}
	}
	return nil
}

func (p *play) drawChange(r *rapid.T) {
	h := p.aHub(r)
	var live []*model.Hub
	for _, h := range p.w.Hubs {
		if p.w.Live(h) != nil {
			live = append(live, h)
		}
	}
	if len(live) > 0 && !chance(r, "on any", 3) {
		h = from(r, "live hub", live)
	}
	step := from(r, "change", []string{"SUSPEND", "RESUME", "RESUME", "DEACTIVATE", "STOP"})
	able := works(h.Company())
	if s := p.w.Live(h); (step == "SUSPEND" || step == "RESUME" && s != nil && s.ByOperator) && chance(r, "by operator", 5) {
		able = p.anOperator
	}
	p.change(p.call(r, able), h, step)
}

func (p *play) drawProvision(r *rapid.T) {
	o := from(r, "object", p.w.Objects)
	c := o.Company
	if chance(r, "odd", 1) {
		c = from(r, "company", p.w.Companies[:2])
	}
	var choice *model.Choice
	if chance(r, "activates", 8) {
		choice = ptr(p.drawChoice(r, c, nil))
	}
	p.provision(p.somebody(r, works(c)), c, o, from(r, "serial", serials), p.drawCard(r), choice)
}

func (p *play) drawSave(r *rapid.T) {
	fees := map[string]int64{}
	for _, currency := range []string{"EUR", "PLN"} {
		if chance(r, "sets "+currency, 9) {
			fees[currency] = from(r, "fee", []int64{0, 75, 130, 500, 501, 2100})
		}
	}
	var days *int
	if chance(r, "sets trial", 6) {
		days = ptr(from(r, "days", []int{0, 0, 1, 2, 20, 31}))
	}
	var archived *bool
	if chance(r, "archives", 4) {
		archived = ptr(chance(r, "archived", 5))
	}
	p.save(p.somebody(r, p.anOperator), from(r, "package", p.w.Packages).Code, fees, days, archived)
}
