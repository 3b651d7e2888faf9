package property_test

import (
	"fmt"
	"slices"
	"time"

	"partnerhub/ent"
	"partnerhub/internal/billing"
	"partnerhub/internal/company"
	"partnerhub/internal/connection"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/money"
	"partnerhub/internal/object"
	"partnerhub/internal/offer"
	"partnerhub/tests/property/model"
)

// serials and iccids are few, so that hubs and cards meet again.
var (
	serials = []string{"00A10001", "00A10002", "00A10003"}
	iccids  = []string{"8948010000000000001", "8948010000000000002", "8948010000000000003"}
)

func mustLoad(zone string) *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return l
}

func key(c model.Call) *string {
	if c.Key == "" {
		return nil
	}
	return &c.Key
}

// decimal writes minor units of a currency with two digits.
func decimal(minor int64) string {
	if minor < 0 {
		return "-" + decimal(-minor)
	}
	return fmt.Sprintf("%d.%02d", minor/100, minor%100)
}

func (p *play) enroll(by *model.Person, c *model.Company, currency string, limit *int64) {
	p.log("%s ENROLL %s %s limit %s", by.ID, c.ID, currency, or(limit))
	in := company.ResellerEnrollment{CompanyID: c.ID, Currency: currency}
	if limit != nil {
		in.CreditLimit = ptr(decimal(*limit))
	}
	p.do(p.w.Enroll(by, c, currency, limit), func() (string, error) { return "", fail(company.EnrollReseller(as(by), p.db, in)) })
}

func (p *play) save(by *model.Person, code string, fees map[string]int64, trialDays *int, archived *bool) {
	p.log("%s SAVE %s %v trial %s archived %s", by.ID, code, fees, or(trialDays), or(archived))
	in := offer.Package{Code: code, TrialDays: trialDays, IsArchived: archived, Names: []*offer.Text{{Language: "en", Text: code}}}
	in.IncludesSim = ptr(code == "AJAX_SIM")
	for _, currency := range []string{"EUR", "PLN"} {
		if amount, ok := fees[currency]; ok {
			in.MonthlyFees = append(in.MonthlyFees, &money.Input{Amount: decimal(amount), Currency: currency})
		}
	}
	p.do(p.w.Save(by, code, fees, trialDays, archived), func() (string, error) {
		made, err := offer.Save(as(by), p.db, in)
		return idOf(made, err, func(s *ent.ServicePackage) string { return s.ID })
	})
	for _, pkg := range p.w.Packages {
		pkg.SIM = pkg.Code == "AJAX_SIM"
	}
}

func (p *play) request(c model.Call, dealer, reseller *model.Company) {
	c.Input = fmt.Sprint(dealer.ID, reseller.ID)
	p.log("%s REQUEST %s %s key %q", c.By.ID, dealer.ID, reseller.ID, c.Key)
	p.do(p.w.Request(c, dealer, reseller), func() (string, error) {
		made, err := connection.Ask(as(c.By), p.db, connection.Request{
			DealerID: dealer.ID, Reseller: connection.ResellerRef{ID: &reseller.ID}, IdempotencyKey: key(c),
		})
		return idOf(made, err, func(l *ent.Connection) string { return l.ID })
	})
}

func (p *play) decide(by *model.Person, l *model.Connection, step, number string) {
	p.log("%s %s %s-%s (%s) number %q", by.ID, step, l.Dealer.ID, l.Reseller.ID, l.State, number)
	ctx, ref := as(by), connection.Ref{ConnectionID: l.ID}
	p.do(p.w.Decide(by, l, step, number), func() (string, error) {
		switch step {
		case "APPROVE":
			in := connection.Approval{ConnectionID: l.ID}
			if number != "" {
				in.DealerNumber = &number
			}
			return l.ID, fail(connection.Approve(ctx, p.db, in))
		case "REJECT":
			return l.ID, fail(connection.Reject(ctx, p.db, connection.Refusal{ConnectionID: l.ID}))
		case "SUSPEND":
			return l.ID, fail(connection.Suspend(ctx, p.db, connection.Refusal{ConnectionID: l.ID}))
		case "RESUME":
			return l.ID, fail(connection.Resume(ctx, p.db, ref))
		}
		return connection.Cancel(ctx, p.db, ref)
	})
}

func sim(c *model.Card) *object.SIM {
	if c == nil {
		return nil
	}
	return &object.SIM{Iccid: c.ICCID, IsAjaxSim: c.Ajax}
}

func hubID(h *ent.Hub) string { return h.ID }

func (p *play) hubAdd(c model.Call, o *model.Object, serial string, card *model.Card) {
	c.Input = fmt.Sprint(o.ID, serial, or(card))
	p.log("%s HUBADD %s %s card %s key %q", c.By.ID, o.Company.ID, serial, or(card), c.Key)
	p.do(p.w.HubAdd(c, o, serial, card), func() (string, error) {
		made, err := object.AddHub(as(c.By), p.db, object.HubAddition{
			ObjectID: o.ID, SerialNumber: serial, Name: "Hub", Sim: sim(card), IdempotencyKey: key(c),
		})
		return idOf(made, err, hubID)
	})
}

func (p *play) hubRemove(by *model.Person, h *model.Hub) {
	p.log("%s HUBREMOVE %s", by.ID, p.hubName(h))
	p.do(p.w.HubRemove(by, h), func() (string, error) {
		return "", fail(object.RemoveHub(as(by), p.db, object.HubRef{HubID: h.ID}))
	})
}

func (p *play) simInstall(by *model.Person, h *model.Hub, card *model.Card) {
	p.log("%s SIMINSTALL %s %v", by.ID, p.hubName(h), *card)
	p.do(p.w.SIMInstall(by, h, card), func() (string, error) {
		return "", fail(object.InstallSIM(as(by), p.db, object.SIMInstallation{HubID: h.ID, Sim: *sim(card)}))
	})
}

// choose is a choice as the commands take it.
func choose(c model.Choice) (pkg, link *string) {
	if c.Package != nil {
		pkg = &c.Package.ID
	}
	if c.Link != nil {
		link = &c.Link.ID
	}
	return pkg, link
}

func (p *play) activate(c model.Call, h *model.Hub, choice model.Choice) {
	pkg, link := choose(choice)
	c.Input = fmt.Sprint(h.ID, or(pkg), or(link))
	p.log("%s ACTIVATE %s %s key %q", c.By.ID, p.hubName(h), p.choiceName(choice), c.Key)
	p.do(p.w.Activate(c, h, choice), func() (string, error) {
		made, err := lifecycle.Activate(as(c.By), p.db, lifecycle.Activation{
			HubID: h.ID, PackageID: pkg, ConnectionID: link, IdempotencyKey: key(c),
		})
		return idOf(made, err, func(s *ent.Service) string { return s.ID })
	})
}

func (p *play) change(c model.Call, h *model.Hub, step string) {
	c.Input = h.ID
	p.log("%s %s %s (%s) key %q", c.By.ID, step, p.hubName(h), p.w.Live(h).State(), c.Key)
	ctx, in := as(c.By), lifecycle.Step{HubID: h.ID, IdempotencyKey: key(c)}
	p.do(p.w.Change(c, h, step), func() (string, error) {
		var s *ent.Service
		var err error
		switch step {
		case "DEACTIVATE":
			s, err = lifecycle.Deactivate(ctx, p.db, in)
		case "SUSPEND":
			s, err = lifecycle.Suspend(ctx, p.db, in)
		case "RESUME":
			s, err = lifecycle.Resume(ctx, p.db, lifecycle.Resumption{HubID: h.ID, IdempotencyKey: key(c)})
		case "STOP":
			s, err = lifecycle.Stop(ctx, p.db, in)
		}
		return idOf(s, err, func(s *ent.Service) string { return s.ID })
	})
}

func (p *play) provision(by *model.Person, c *model.Company, o *model.Object, serial string, card *model.Card, choice *model.Choice) {
	p.log("%s PROVISION %s in %s %s card %s choice %v", by.ID, c.ID, o.Company.ID, serial, or(card), choice != nil)
	item := &lifecycle.ProvisionItem{Object: object.Ref{ID: &o.ID}, SerialNumber: serial, Name: "Hub", Sim: sim(card)}
	chosen := model.Choice{}
	if choice != nil {
		chosen, item.Activation = *choice, &lifecycle.Choice{}
		item.Activation.PackageID, item.Activation.ConnectionID = choose(chosen)
	}
	want := p.w.Provision(by, c, o, serial, card, choice != nil, chosen)
	results, err := lifecycle.ProvisionHubs(as(by), p.db, lifecycle.Provision{CompanyID: c.ID, Items: []*lifecycle.ProvisionItem{item}}, 1)
	if err == nil {
		err = results[0].Refusals.Err()
	}
	if got := p.code(err); got != want.Code {
		p.fatal("answered %q (%v), the model says %q", got, err, want.Code)
	}
	if want.Code != "" {
		return
	}
	if results[0].IsExisting != want.Existing {
		p.fatal("the hub existed: %v, the model says %v", results[0].IsExisting, want.Existing)
	}
	service := ""
	if results[0].Service != nil {
		service = results[0].Service.ID
	}
	want.Do(results[0].Hub.ID, service)
}

func (p *play) advance(by *model.Person, to time.Time) {
	p.log("%s ADVANCE to %s", by.ID, to)
	want := p.w.Advance(by, to)
	err := billing.AdvanceClock(as(by), p.db, billing.ClockAdvance{To: to})
	if got := p.code(err); got != want {
		p.fatal("answered %q (%v), the model says %q", got, err, want)
	}
}

// drift is time that passes by itself, the calendar being late.
func (p *play) drift(to time.Time) {
	p.log("TIME passes to %s", to)
	p.db.Clock.Set(to)
	p.w.Now = to
}

// hubName names a hub for the log.
func (p *play) hubName(h *model.Hub) string {
	return fmt.Sprintf("hub%d(%s of %s, removed %v)", slices.Index(p.w.Hubs, h), h.Serial[4:], h.Company().ID, h.Removed)
}

func (p *play) choiceName(c model.Choice) string {
	s := "package - "
	if c.Package != nil {
		s = "package " + c.Package.Code + " "
	}
	if c.Link != nil {
		s += "link " + c.Link.Dealer.ID + "-" + c.Link.Reseller.ID + " " + c.Link.State
	}
	return s
}
