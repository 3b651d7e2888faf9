package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/ent/mail"
	"partnerhub/internal/company"
	"partnerhub/internal/connection"
	"partnerhub/internal/identity"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/money"
	"partnerhub/internal/object"
	"partnerhub/internal/offer"
	"partnerhub/internal/viewer"
)

// play brings everybody on stage, in the order of the manuals.
func (s stage) play(ctx context.Context) error {
	tokens := map[string]string{}
	for _, p := range cast(s.operator) {
		token, err := s.enter(ctx, p)
		if err != nil {
			return fmt.Errorf("%s signs up: %w", p.email, err)
		}
		tokens[p.email] = token
	}
	a := &act{stage: s, ctx: ctx, tokens: tokens}
	central, guardian := a.reseller(carol, "Central Station", "Ordynacka 9, Warszawa"), a.reseller(gert, "Guardian Monitoring", "Hafenstraße 3, Hamburg")
	watch := a.dealer(olga, "Night Watch", "Prosta 20, Warszawa")
	homes := a.dealer(sara, "Safe Homes", "Długa 4, Gdańsk")
	brothers := a.dealer(alan, "Alarm Brothers", "Piotrkowska 100, Łódź")
	a.employees(olga, watch, map[string]employee.Role{
		simon: employee.RoleSENIOR_SERVICE_MANAGER, mia: employee.RoleSERVICE_MANAGER, ivan: employee.RoleINSTALLER,
	})
	a.employees(carol, central, map[string]employee.Role{
		magda: employee.RoleSENIOR_SERVICE_MANAGER, piotr: employee.RoleSERVICE_MANAGER,
	})
	a.invite(sara, homes, mia, employee.RoleSERVICE_MANAGER)
	a.saves(0) // the first accounts pay from their first day on
	a.connects(olga, watch, central, carol, "NW-001")
	a.connects(sara, homes, central, carol, "SH-002")
	a.connects(alan, brothers, central, carol, "AB-003")
	a.asks(olga, watch, guardian)
	a.rejected(sara, homes, guardian, gert)
	a.nightWatch(watch)
	a.safeHomes(homes)
	a.alarmBrothers(brothers, carol)
	a.pays(central)
	return a.err
}

// nightWatch has a hub in every state.
func (a *act) nightWatch(id string) {
	villa := a.object(olga, id, "Villa 7", "Leśna 7, Konstancin")
	paying := a.hub(olga, villa, "Villa 7, house", true)
	expiring := a.hub(olga, villa, "Villa 7, garage", true)
	a.activates(ivan, paying)
	a.activates(ivan, expiring)
	a.saves(30) // from here on with free days
	office := a.object(olga, id, "Office Park Łódź", "Sienkiewicza 82, Łódź")
	trial, paused, stopped := a.hub(olga, office, "Office, ground floor", true), a.hub(olga, office, "Office, first floor", true), a.hub(olga, office, "Office, archive", true)
	for _, h := range []string{trial, paused, stopped} {
		a.activates(mia, h)
	}
	shop := a.object(olga, id, "Corner Shop", "Rynek 1, Kraków")
	for _, name := range []string{"Shop, front", "Shop, store room", "Shop, roof"} {
		a.hub(olga, shop, name, true) // Activation required
	}
	a.hub(olga, shop, "Shop, cellar", false) // no Ajax SIM: unavailable
	reason := "Renovation until spring"
	a.do(mia, func(ctx context.Context) error {
		_, err := lifecycle.Deactivate(ctx, a.db, lifecycle.Step{HubID: expiring})
		return err
	})
	a.do(mia, func(ctx context.Context) error {
		_, err := lifecycle.Suspend(ctx, a.db, lifecycle.Step{HubID: paused, Reason: &reason})
		return err
	})
	cancelled := "The customer cancelled"
	a.do(ivan, func(ctx context.Context) error {
		_, err := lifecycle.Stop(ctx, a.db, lifecycle.Step{HubID: stopped, Reason: &cancelled})
		return err
	})
}

func (a *act) safeHomes(id string) {
	estate := a.object(sara, id, "Garden Estate", "Ogrodowa 12, Gdańsk")
	for n := range 4 {
		h := a.hub(sara, estate, fmt.Sprintf("House %d", n+1), true)
		if n < 3 {
			a.activates(sara, h)
		}
	}
}

// alarmBrothers have live services, and a connection that was suspended since:
// they keep running (A8).
func (a *act) alarmBrothers(id, resellerOwner string) {
	mill := a.object(alan, id, "Old Mill", "Tymienieckiego 5, Łódź")
	a.activates(alan, a.hub(alan, mill, "Mill", true))
	a.hub(alan, mill, "Mill, yard", true)
	reason := "Unpaid invoices"
	a.do(resellerOwner, func(ctx context.Context) error {
		_, err := connection.Suspend(ctx, a.db, connection.Refusal{ConnectionID: a.links[alan], Reason: &reason})
		return err
	})
}

// enter signs a person up, with the code from the letter, and in.
func (s stage) enter(ctx context.Context, p part) (token string, err error) {
	ctx = viewer.With(ctx, viewer.Viewer{})
	if _, err := identity.Register(ctx, s.db, identity.SignUp{Email: p.email, Password: Password, Name: p.name}); err != nil {
		return "", err
	}
	code, err := s.code(ctx, p.email)
	if err != nil {
		return "", err
	}
	if _, err := identity.Confirm(ctx, s.db, identity.EmailVerification{Token: code}); err != nil {
		return "", err
	}
	signed, err := identity.Enter(ctx, s.db, identity.SignIn{Email: p.email, Password: Password})
	if err != nil {
		return "", err
	}
	return signed.Token, nil
}

// code is the line of a letter that is one word.
func (s stage) code(ctx context.Context, email string) (string, error) {
	letter, err := s.db.Read(ctx).Mail.Query().Where(mail.Recipient(email)).Order(ent.Desc(mail.FieldID)).First(viewer.System(ctx))
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(letter.Text) {
		if line = strings.TrimSpace(line); line != "" && !strings.ContainsAny(line, " /:") {
			return line, nil
		}
	}
	return "", fmt.Errorf("no code in the letter to %s", email)
}

// act runs the commands of the play. After the first error it does nothing
// more and keeps the error.
type act struct {
	stage
	ctx    context.Context
	tokens map[string]string
	links  map[string]string // by the dealer's owner: the connection with Central Station
	hubs   int
	err    error
}

// do has a person of the cast do something, with the rights of this moment.
func (a *act) do(email string, deed func(context.Context) error) {
	if a.err != nil {
		return
	}
	v, err := identity.Authenticate(a.ctx, a.db, a.rights, a.operator, a.tokens[email])
	if err == nil {
		err = deed(viewer.With(a.ctx, v))
	}
	if err != nil {
		a.err = fmt.Errorf("%s: %w", email, err)
	}
}

func (a *act) founds(owner, name, address string) (id string) {
	a.do(owner, func(ctx context.Context) error {
		contact := company.Contact{Email: "office@" + owner[strings.Index(owner, "@")+1:], Address: graphql.OmittableOf(&address)}
		c, err := company.Create(ctx, a.db, company.Creation{Name: name, Country: "PL", Contact: contact})
		if err == nil {
			id = c.ID
		}
		return err
	})
	return id
}

func (a *act) dealer(owner, name, address string) string {
	id := a.founds(owner, name, address)
	a.do(owner, func(ctx context.Context) error {
		_, err := company.EnrollDealer(ctx, a.db, company.DealerEnrollment{CompanyID: id, RegistrationNumber: "KRS 0000" + id[len(id)-6:], AcceptsTerms: true})
		return err
	})
	return id
}

func (a *act) reseller(owner, name, address string) string {
	id := a.founds(owner, name, address)
	a.do(a.operator, func(ctx context.Context) error {
		_, err := company.EnrollReseller(ctx, a.db, company.ResellerEnrollment{CompanyID: id, Currency: "EUR"})
		return err
	})
	return id
}

func (a *act) employees(owner, companyID string, roles map[string]employee.Role) {
	for email, role := range roles {
		id := a.invite(owner, companyID, email, role)
		a.do(email, func(ctx context.Context) error {
			_, err := company.AcceptInvitation(ctx, a.db, company.EmployeeRef{EmployeeID: id})
			return err
		})
	}
}

func (a *act) invite(owner, companyID, email string, role employee.Role) (id string) {
	a.do(owner, func(ctx context.Context) error {
		e, err := company.AddEmployee(ctx, a.db, company.EmployeeAddition{CompanyID: companyID, Email: email, Role: role})
		if err == nil {
			id = e.ID
		}
		return err
	})
	return id
}

// saves puts the package on offer with so many free days.
func (a *act) saves(trialDays int) {
	includesSIM := true
	a.do(a.operator, func(ctx context.Context) error {
		_, err := offer.Save(ctx, a.db, offer.Package{
			Code:        "AJAX_SIM",
			Names:       []*offer.Text{{Language: "en", Text: "Ajax SIM"}, {Language: "pl", Text: "Karta SIM Ajax"}},
			MonthlyFees: []*money.Input{{Amount: "2.50", Currency: "EUR"}, {Amount: "11.00", Currency: "PLN"}},
			TrialDays:   &trialDays, IncludesSim: &includesSIM,
		})
		return err
	})
}

func (a *act) asks(owner, dealer, reseller string) (id string) {
	a.do(owner, func(ctx context.Context) error {
		c, err := connection.Ask(ctx, a.db, connection.Request{DealerID: dealer, Reseller: connection.ResellerRef{ID: &reseller}})
		if err == nil {
			id = c.ID
		}
		return err
	})
	return id
}

func (a *act) connects(owner, dealer, reseller, resellerOwner, number string) {
	id := a.asks(owner, dealer, reseller)
	a.do(resellerOwner, func(ctx context.Context) error {
		_, err := connection.Approve(ctx, a.db, connection.Approval{ConnectionID: id, DealerNumber: &number})
		return err
	})
	if a.links == nil {
		a.links = map[string]string{}
	}
	a.links[owner] = id
}

func (a *act) rejected(owner, dealer, reseller, resellerOwner string) {
	id := a.asks(owner, dealer, reseller)
	reason := "We do not serve your region yet"
	a.do(resellerOwner, func(ctx context.Context) error {
		_, err := connection.Reject(ctx, a.db, connection.Refusal{ConnectionID: id, Reason: &reason})
		return err
	})
}

func (a *act) object(owner, companyID, name, address string) (id string) {
	a.do(owner, func(ctx context.Context) error {
		o, err := object.Create(ctx, a.db, object.Creation{CompanyID: companyID, Name: name, Address: &address})
		if err == nil {
			id = o.ID
		}
		return err
	})
	return id
}

func (a *act) hub(owner, objectID, name string, withSIM bool) (id string) {
	a.hubs++
	addition := object.HubAddition{ObjectID: objectID, SerialNumber: fmt.Sprintf("00DE%06X", 4711*a.hubs), Name: name}
	if withSIM {
		addition.Sim = &object.SIM{Iccid: fmt.Sprintf("894800000000%07d", a.hubs), IsAjaxSim: true}
	}
	a.do(owner, func(ctx context.Context) error {
		h, err := object.AddHub(ctx, a.db, addition)
		if err == nil {
			id = h.ID
		}
		return err
	})
	return id
}

func (a *act) activates(who, hubID string) {
	a.do(who, func(ctx context.Context) error {
		_, err := lifecycle.Activate(ctx, a.db, lifecycle.Activation{HubID: hubID})
		return err
	})
}
