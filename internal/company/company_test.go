package company_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/internal/authz"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// house is a database with people who ask.
type house struct {
	testing.TB
	db       *store.DB
	operator *ent.User // who runs the platform
}

func newHouse(t testing.TB) house {
	t.Helper()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{
		URL: database.URL(t), TestClock: &now, Countries: []string{"PL"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := house{TB: t, db: db}
	h.operator = h.person("operator@platform.example")
	return h
}

// person signs somebody up.
func (h house) person(email string) *ent.User {
	h.Helper()
	u, err := store.Do(viewer.System(h.Context()), h.db, func(tx *store.Tx) (*ent.User, error) {
		return tx.User.Create().SetEmail(email).SetName(email).SetNameKey(email).SetPasswordHash("x").
			SetEmailVerifiedAt(tx.Now).SetCreatedAt(tx.Now).Save(h.Context())
	})
	if err != nil {
		h.Fatal(err)
	}
	return u
}

// as returns a context in which the person asks, with the rights of now.
func (h house) as(u *ent.User) context.Context {
	h.Helper()
	found, err := h.db.Read(h.Context()).Employee.Query().Where(employee.UserID(u.ID)).All(viewer.System(h.Context()))
	if err != nil {
		h.Fatal(err)
	}
	v := viewer.Viewer{UserID: u.ID, Verified: true, Operator: u == h.operator}
	for _, e := range found {
		role := viewer.Role(e.Role)
		v.Memberships = append(v.Memberships, viewer.Membership{
			EmployeeID: e.ID, CompanyID: e.CompanyID, Role: role,
			Invited: e.Status == employee.StatusINVITED, Rights: authz.Rights(false).Of(role),
		})
	}
	return viewer.With(h.Context(), v)
}

// founds registers a company with a contact address.
func (h house) founds(u *ent.User, name, address string) *ent.Company {
	h.Helper()
	c, err := company.Create(h.as(u), h.db, company.Creation{
		Name: name, Country: "PL", Contact: company.Contact{Email: address},
	})
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// dealer registers a dealer.
func (h house) dealer(name string) *ent.Company {
	h.Helper()
	u := h.person(name + "@people.example")
	c := h.founds(u, name, name+"@dealers.example")
	c, err := company.EnrollDealer(h.as(u), h.db, company.DealerEnrollment{CompanyID: c.ID, RegistrationNumber: "1", AcceptsTerms: true})
	if err != nil {
		h.Fatal(err)
	}
	return c
}

// invites has a dealer invite an address.
func (h house) invites(dealer *ent.Company, address string) *ent.Connection {
	h.Helper()
	return h.connects(dealer, func(c *ent.ConnectionCreate) { c.SetInvitedEmail(address) })
}

func (h house) connects(dealer *ent.Company, to func(*ent.ConnectionCreate)) *ent.Connection {
	h.Helper()
	c, err := store.Do(viewer.System(h.Context()), h.db, func(tx *store.Tx) (*ent.Connection, error) {
		create := tx.Connection.Create().SetDealerID(dealer.ID).SetStatus(connection.StatusPENDING).
			SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now)
		to(create)
		return create.Save(h.Context())
	})
	if err != nil {
		h.Fatal(err)
	}
	return c
}

func (h house) enrollReseller(c *ent.Company) (*ent.Company, error) {
	return company.EnrollReseller(h.as(h.operator), h.db, company.ResellerEnrollment{CompanyID: c.ID, Currency: "EUR"})
}

// requests are the dealers that ask a reseller, in order.
func (h house) requests(reseller *ent.Company) []string {
	h.Helper()
	found, err := h.db.Read(h.Context()).Connection.Query().Where(connection.ResellerID(reseller.ID)).
		Order(ent.Asc(connection.FieldID)).WithDealer().All(viewer.System(h.Context()))
	if err != nil {
		h.Fatal(err)
	}
	names := []string{}
	for _, c := range found {
		names = append(names, c.Edges.Dealer.Name)
	}
	return names
}

// log is the actions about a subject in a company's log, oldest first.
func (h house) log(c *ent.Company, subjectID string) []string {
	h.Helper()
	found, err := h.db.Read(h.Context()).Activity.Query().Order(ent.Asc("position")).All(viewer.System(h.Context()))
	if err != nil {
		h.Fatal(err)
	}
	actions := []string{}
	for _, a := range found {
		if a.SubjectID == subjectID && a.CompanyID != nil && *a.CompanyID == c.ID {
			actions = append(actions, a.Action)
		}
	}
	return actions
}

// letters counts the mails to an address.
func (h house) letters(to string) (n int) {
	h.Helper()
	found, err := h.db.Read(h.Context()).Mail.Query().All(viewer.System(h.Context()))
	if err != nil {
		h.Fatal(err)
	}
	for _, m := range found {
		if m.Recipient == to {
			n++
		}
	}
	return n
}

// Invitations that wait on an address become requests of the reseller that
// appears with it; those on other addresses go on waiting. (A23)
func TestEnrollReseller_claimsInvitations(t *testing.T) {
	h := newHouse(t)
	a, b := h.dealer("a"), h.dealer("b")
	first, second := h.invites(a, "office@hub.example"), h.invites(b, "office@hub.example")
	h.invites(a, "else@hub.example")
	c := h.founds(h.person("owner@hub.example"), "Hub", "office@hub.example")
	if got := h.requests(c); len(got) != 0 {
		t.Fatalf("a company that is no reseller is asked by %v", got)
	}
	if _, err := h.enrollReseller(c); err != nil {
		t.Fatal(err)
	}
	if got := h.requests(c); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("asked by %v", got)
	}
	for dealer, invitation := range map[*ent.Company]*ent.Connection{a: first, b: second} {
		now := h.db.Read(t.Context()).Connection.GetX(viewer.System(t.Context()), invitation.ID)
		if now.Version != 2 || now.Status != connection.StatusPENDING || *now.InvitedEmail != "office@hub.example" {
			t.Errorf("the request is %v", now)
		}
		for _, side := range []*ent.Company{dealer, c} {
			if got := h.log(side, invitation.ID); !slices.Equal(got, []string{"connectionRequest"}) {
				t.Errorf("the log of %s tells %v", side.Name, got)
			}
		}
	}
	if n := h.letters("office@hub.example"); n != 2 {
		t.Errorf("%d letters", n)
	}
	if _, err := h.enrollReseller(c); err != nil || h.letters("office@hub.example") != 2 {
		t.Errorf("again: %v", err)
	}
}

// Where a dealer has invited the address that a reseller moves to, and has
// asked that reseller besides, the request stays and the invitation goes. (A55)
func TestEdit_invitationMeetsRequest(t *testing.T) {
	h := newHouse(t)
	owner := h.person("owner@hub.example")
	c := h.founds(owner, "Hub", "old@hub.example")
	if _, err := h.enrollReseller(c); err != nil {
		t.Fatal(err)
	}
	a, b := h.dealer("a"), h.dealer("b")
	request := h.connects(a, func(r *ent.ConnectionCreate) { r.SetResellerID(c.ID) })
	invitation := h.invites(a, "new@hub.example")
	turned := h.invites(b, "new@hub.example")
	_, err := company.Edit(h.as(owner), h.db, company.Update{
		CompanyID: c.ID, Contact: graphql.OmittableOf(&company.Contact{Email: "New@hub.example"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.requests(c); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("asked by %v", got)
	}
	kept := h.db.Read(t.Context()).Connection.GetX(viewer.System(t.Context()), request.ID)
	if kept.Version != 1 {
		t.Errorf("the request changed: %v", kept)
	}
	if got := h.log(a, invitation.ID); !slices.Equal(got, []string{"connectionCancel"}) {
		t.Errorf("the log of the dealer tells %v of the invitation", got)
	}
	if got := h.log(c, invitation.ID); len(got) != 0 {
		t.Errorf("the log of the reseller tells %v of the invitation", got)
	}
	if got := h.log(c, turned.ID); !slices.Equal(got, []string{"connectionRequest"}) {
		t.Errorf("the log of the reseller tells %v of the other", got)
	}
	if n := h.letters("new@hub.example"); n != 1 {
		t.Errorf("%d letters", n)
	}
}

// Two companies with one contact address are enrolled at the same moment: one
// becomes the reseller of the address. (A55)
func TestEnrollReseller_sameAddressAtOnce(t *testing.T) {
	h := newHouse(t)
	companies := []*ent.Company{
		h.founds(h.person("1@people.example"), "One", "office@hub.example"),
		h.founds(h.person("2@people.example"), "Two", "office@hub.example"),
	}
	refusals := make([]error, len(companies))
	var all sync.WaitGroup
	for i, c := range companies {
		all.Go(func() { _, refusals[i] = h.enrollReseller(c) })
	}
	all.Wait()
	if (refusals[0] == nil) == (refusals[1] == nil) {
		t.Fatalf("enrolled: %v", refusals)
	}
	for i, err := range refusals {
		if err == nil {
			continue
		}
		refused, _ := errors.AsType[*errs.Error](err)
		if !errors.Is(err, company.ErrAddressTaken) || !slices.Equal(refused.Path, []string{"input", "companyId"}) ||
			refused.Detail != (errs.Existing{ID: companies[1-i].ID}) {
			t.Errorf("refused: %v, %v", err, refused.Detail)
		}
	}
}

// A person is added by two people at once: one employee, one letter. (R24 R26)
func TestAddEmployee_atOnce(t *testing.T) {
	h := newHouse(t)
	owner := h.person("owner@hub.example")
	c := h.founds(owner, "Hub", "office@hub.example")
	h.person("jan@people.example")
	const tries = 8
	failures := make([]error, tries)
	var all sync.WaitGroup
	for i := range tries {
		ctx := h.as(owner)
		all.Go(func() {
			_, failures[i] = company.AddEmployee(ctx, h.db, company.EmployeeAddition{
				CompanyID: c.ID, Email: "Jan@people.example", Role: employee.RoleINSTALLER,
			})
		})
	}
	all.Wait()
	added := 0
	for _, err := range failures {
		if err == nil {
			added++
		} else if !errors.Is(err, company.ErrEmployed) {
			t.Errorf("refused: %v", err)
		}
	}
	if added != 1 || h.letters("jan@people.example") != 1 {
		t.Errorf("%d added, %d letters", added, h.letters("jan@people.example"))
	}
}
