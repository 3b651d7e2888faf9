package property_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/connection"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/verify"
	"partnerhub/tests/property/model"
)

// facts are lines that say how things are; two worlds are the same where their
// lines are.
type facts []string

func (f *facts) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// differ names the first line that differs.
func differ(got, want facts) string {
	for i := range max(len(got), len(want)) {
		g, w := "nothing", "nothing"
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if g != w {
			return fmt.Sprintf("\nthe product says %s\nthe model says   %s", g, w)
		}
	}
	return ""
}

// compare fails where the product is not as its model.
func (p *play) compare() {
	ctx, end := p.db.Reading(system())
	defer end()
	for _, d := range []string{
		differ(p.productHubs(ctx), p.modelHubs()),
		differ(p.productConnections(ctx), p.modelConnections()),
		differ(p.productMoney(ctx), p.modelMoney()),
		differ(p.productFigures(ctx), p.modelFigures()),
	} {
		if d != "" {
			p.fatal("at %s: %s", p.w.Now.Format(time.RFC3339Nano), d)
		}
	}
}

// verify fails where an invariant is broken.
func (p *play) verify() {
	report, err := verify.Run(system(), p.db, verify.Options{})
	if err != nil {
		p.fatal("verify: %v", err)
	}
	for _, check := range report.Results {
		if check.Broken > 0 {
			p.fatal("%s: %d broken: %+v", check.Says, check.Broken, check.Findings)
		}
	}
}

func instant(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000000")
}

// eyes are who the allowed steps are read as.
func (p *play) eyes(h *model.Hub) []*model.Person {
	return []*model.Person{p.boss(h.Company()), p.cast.operator}
}

func (p *play) productHubs(ctx context.Context) (f facts) {
	c := p.db.Read(ctx)
	hubs, err := c.Hub.Query().Where(hub.RemovedAtIsNil()).Order(ent.Asc(hub.FieldID)).All(ctx)
	if err != nil {
		p.fatal("%v", err)
	}
	now := p.db.Clock.Now()
	standings, err := lifecycle.Stand(ctx, c, now, hubs)
	if err != nil {
		p.fatal("%v", err)
	}
	var companies []string
	for _, o := range p.w.Objects {
		companies = append(companies, o.Company.ID)
	}
	markets, err := lifecycle.Markets(ctx, c, now, companies)
	if err != nil {
		p.fatal("%v", err)
	}
	byID := map[string]*model.Hub{}
	for _, h := range p.w.Hubs {
		byID[h.ID] = h
	}
	for _, h := range hubs {
		s := standings[h]
		card, life := "no card", "-"
		if s.SIM != nil {
			card = fmt.Sprint(s.SIM.Iccid, " ", s.SIM.IsAjax, " ", s.SIM.IsActive)
		}
		if s.Service != nil {
			life = fmt.Sprint(s.Service.ID, " ", s.Service.Status, " ", instant(&s.Service.ActivatedAt), " ",
				instant(s.Service.TrialEndsAt), " ", instant(s.Service.EndsAt))
		}
		f.add("hub %s of %s: %s, card %s, service %s", h.SerialNumber, h.CompanyID, s.Tile(), card, life)
		for _, who := range p.eyes(byID[h.ID]) {
			for _, step := range lifecycle.Steps {
				if step == serviceevent.ActionEXPIRE {
					continue
				}
				code := ""
				if list := s.Refusals(as(who), step, markets[h.CompanyID], lifecycle.Choice{}); len(list) > 0 {
					code = string(list[0].Code)
				}
				f.add("hub %s, %s for %s: %q", h.SerialNumber, step, who.ID, code)
			}
		}
	}
	return f
}

func (p *play) modelHubs() (f facts) {
	for _, h := range p.w.Hubs {
		if h.Removed {
			continue
		}
		card, life := "no card", "-"
		if h.Card != nil {
			card = fmt.Sprint(h.Card.ICCID, " ", h.Card.Ajax, " ", h.Card.On)
		}
		if s := p.w.Live(h); s != nil {
			life = fmt.Sprint(s.ID, " ", s.State(), " ", instant(&s.Start), " ", instant(s.TrialEnd), " ", instant(s.End))
		}
		f.add("hub %s of %s: %s, card %s, service %s", h.Serial, h.Company().ID, p.w.Tile(h), card, life)
		for _, who := range p.eyes(h) {
			for _, step := range lifecycle.Steps {
				f.add("hub %s, %s for %s: %q", h.Serial, step, who.ID, p.w.Refusal(who, h, string(step)))
			}
		}
	}
	return f
}

func (p *play) productConnections(ctx context.Context) (f facts) {
	byID := map[string]*ent.Connection{}
	all, err := p.db.Read(ctx).Connection.Query().All(ctx)
	if err != nil {
		p.fatal("%v", err)
	}
	for _, l := range all {
		if l.DeletedAt == nil {
			byID[l.ID] = l
		}
	}
	for _, m := range p.w.Connections {
		l, ok := byID[m.ID]
		if !ok {
			f.add("connection %s-%s: gone", m.Dealer.ID, m.Reseller.ID)
			continue
		}
		delete(byID, m.ID)
		number := ""
		if l.DealerNumber != nil {
			number = *l.DealerNumber
		}
		open := []string{}
		for _, a := range connection.Allowed(l.Status) {
			open = append(open, string(a))
		}
		f.add("connection %s-%s: %s %q %s", l.DealerID, *l.ResellerID, l.Status, number, strings.Join(open, " "))
	}
	for id := range byID {
		f.add("connection %s: unknown to the model", id)
	}
	return f
}

func (p *play) modelConnections() (f facts) {
	for _, m := range p.w.Connections {
		if m.State == "" {
			f.add("connection %s-%s: gone", m.Dealer.ID, m.Reseller.ID)
			continue
		}
		f.add("connection %s-%s: %s %q %s", m.Dealer.ID, m.Reseller.ID, m.State, m.Number, strings.Join(model.OpenConnectionSteps(m.State), " "))
	}
	return f
}
