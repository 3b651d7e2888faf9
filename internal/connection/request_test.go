package connection

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/viewer"
)

func byID(dealer, reseller *ent.Company) Request {
	return Request{DealerID: dealer.ID, Reseller: ResellerRef{ID: &reseller.ID}}
}

func byEmail(dealer *ent.Company, email string) Request {
	return Request{DealerID: dealer.ID, Reseller: ResellerRef{Email: &email}}
}

// A request waits for the reseller, is in both logs, and the reseller has a
// letter in its language. (R30 R39 R41 R51)
func TestAsk(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "pl")
	got, err := Ask(c.as(member(dealer, viewer.ServiceManager)), c.db, byID(dealer, reseller))
	c.ok(err)
	c.equal(got.Status, connection.StatusPENDING)
	c.equal(got.Version, 1)
	c.equal(got.RequestedAt.Equal(noon) && got.StatusChangedAt.Equal(noon), true)
	c.equal(c.logs(got.ID), []string{"connectionRequest " + dealer.ID, "connectionRequest " + reseller.ID})
	c.equal(c.letters(reseller.ContactEmail), "[Żądanie połączenia od Sprzedawcy Night Watch]")
}

// By its address or by its id, a reseller is asked once. (R31 R32 R37, A4)
func TestAsk_Once(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	owner := c.as(member(dealer, viewer.Owner))
	first, err := Ask(owner, c.db, byEmail(dealer, " "+strings.ToUpper(reseller.ContactEmail)))
	c.ok(err)
	c.equal(*first.ResellerID, reseller.ID)
	c.equal(first.InvitedEmail == nil, true)
	before := c.effects()
	for _, in := range []Request{byID(dealer, reseller), byEmail(dealer, reseller.ContactEmail)} {
		_, err := Ask(owner, c.db, in)
		path := []string{"input", "reseller", "id"}
		if in.Reseller.Email != nil {
			path[2] = "email"
		}
		c.equal(c.refused(err, ErrRequestExists, path...).Detail, errs.Existing{ID: first.ID})
	}
	c.equal(c.effects(), before)
	_, err = Ask(owner, c.db, byID(dealer, c.company("Other", "reseller", "en")))
	c.ok(err)
}

// An address that is no reseller's is invited once, in the inviter's language,
// whether somebody has an account with it or not. (R36 R38 R39, A23)
func TestAsk_Invitation(t *testing.T) {
	c := newCast(t)
	dealer, plain := c.company("Night Watch", "dealer", "en"), c.company("Plain", "", "en")
	owner := i18n.With(c.as(member(dealer, viewer.Owner)), i18n.Polish)
	for _, address := range []string{"nobody@example.pl", plain.ContactEmail, "owner-" + plain.ContactEmail} {
		got, err := Ask(owner, c.db, byEmail(dealer, address))
		c.ok(err)
		c.equal(got.ResellerID == nil && *got.InvitedEmail == address && got.Status == connection.StatusPENDING, true)
		c.equal(c.letters(address), "[Sprzedawca Night Watch chce się z Tobą połączyć]")
		c.equal(c.logs(got.ID), []string{"connectionRequest " + dealer.ID})
		_, err = Ask(owner, c.db, byEmail(dealer, strings.ToUpper(address)))
		c.equal(c.refused(err, ErrRequestExists, "input", "reseller", "email").Detail, errs.Existing{ID: got.ID})
		_, err = Approve(owner, c.db, Approval{ConnectionID: got.ID})
		c.refused(err, authz.ErrForbidden, "input", "connectionId")
		id, err := Cancel(owner, c.db, Ref{ConnectionID: got.ID})
		c.ok(err)
		c.equal(id, got.ID)
		again, err := Ask(owner, c.db, byEmail(dealer, address))
		c.ok(err)
		c.equal(again.ID != got.ID, true)
	}
}

// Who may not ask, and who cannot be asked. (R8 R29, A34, A35, A55)
func TestAsk_Refused(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	plain, stranger := c.company("Plain", "", "en"), c.company("Stranger", "dealer", "en")
	owner := c.who(member(dealer, viewer.Owner))
	both := c.who(member(dealer, viewer.Owner), member(plain, viewer.Owner), member(reseller, viewer.Owner))
	dealerID, resellerID := []string{"input", "dealerId"}, []string{"input", "reseller", "id"}
	none := &ent.Company{ID: "co_none"}
	for name, try := range map[string]struct {
		who  viewer.Viewer
		in   Request
		want *errs.Error
		path []string
	}{
		"an installer":                    {c.who(member(dealer, viewer.Installer)), byID(dealer, reseller), authz.ErrForbidden, dealerID},
		"somebody of another company":     {c.who(member(stranger, viewer.Owner)), byID(dealer, reseller), authz.ErrNotFound, dealerID},
		"the reseller itself":             {c.who(member(reseller, viewer.Owner)), byID(dealer, reseller), authz.ErrNotFound, dealerID},
		"nobody":                          {viewer.Viewer{}, byID(dealer, reseller), authz.ErrNotFound, dealerID},
		"for a company that is not":       {owner, byID(none, reseller), authz.ErrNotFound, dealerID},
		"for a reseller seen in the list": {owner, byID(reseller, reseller), authz.ErrForbidden, dealerID},
		"a company that is no dealer":     {both, byID(plain, reseller), ErrNotADealer, dealerID},
		"a reseller asks":                 {both, byID(reseller, reseller), ErrNotADealer, dealerID},
		"oneself":                         {owner, byID(dealer, dealer), ErrNotAReseller, resellerID},
		"one's own address":               {owner, byEmail(dealer, dealer.ContactEmail), ErrNotAReseller, []string{"input", "reseller", "email"}},
		"one's other company":             {both, byID(dealer, plain), ErrNotAReseller, resellerID},
		"a company unseen":                {owner, byID(dealer, stranger), authz.ErrNotFound, resellerID},
		"no company":                      {owner, byID(dealer, none), authz.ErrNotFound, resellerID},
		"both unseen, by an installer":    {c.who(member(dealer, viewer.Installer)), byID(dealer, stranger), authz.ErrNotFound, resellerID},
		"no address":                      {owner, byEmail(dealer, "watch"), form.ErrEmail, []string{"input", "reseller", "email"}},
		"a blank address":                 {owner, byEmail(dealer, " "), form.ErrRequired, []string{"input", "reseller", "email"}},
		"neither id nor address":          {owner, Request{DealerID: dealer.ID}, form.ErrOneOf, []string{"input", "reseller"}},
		"both id and address": {owner, Request{DealerID: dealer.ID, Reseller: ResellerRef{ID: &reseller.ID, Email: &reseller.ContactEmail}},
			form.ErrOneOf, []string{"input", "reseller"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := *c
			c.T = t
			before := c.effects()
			_, err := Ask(asks(try.who), c.db, try.in)
			c.refused(err, try.want, try.path...)
			c.equal(c.effects(), before)
		})
	}
}

// A retry with its key has the first answer, and makes nothing more. (A33, A48)
func TestAsk_Key(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	owner := c.as(member(dealer, viewer.Owner))
	key := "a key"
	in := byID(dealer, reseller)
	in.IdempotencyKey = &key
	first, err := Ask(owner, c.db, in)
	c.ok(err)
	_, err = Approve(c.as(member(reseller, viewer.Owner)), c.db, Approval{ConnectionID: first.ID})
	c.ok(err)
	before := c.effects()
	again, err := Ask(owner, c.db, in)
	c.ok(err)
	c.equal(again.ID, first.ID)
	c.equal(again.Status, connection.StatusACTIVE) // the same thing in its present state
	other := byEmail(dealer, "other@example.pl")
	other.IdempotencyKey = &key
	_, err = Ask(owner, c.db, other)
	c.refused(err, idempotency.ErrMismatch, "input", "idempotencyKey")
	_, err = Ask(c.as(member(dealer, viewer.Owner)), c.db, in) // the key of somebody else
	c.refused(err, ErrRequestExists, "input", "reseller", "id")
	_, err = Ask(owner, c.db, Request{DealerID: in.DealerID, Reseller: in.Reseller, IdempotencyKey: text(strings.Repeat("k", 129))})
	c.refused(err, idempotency.ErrKey, "input", "idempotencyKey")
	empty := ""
	in.IdempotencyKey = &empty
	_, err = Ask(owner, c.db, in)
	c.refused(err, idempotency.ErrKey, "input", "idempotencyKey")
	c.equal(c.effects(), before)
}

// A retry for a request that was withdrawn since finds nothing, and makes
// nothing: whoever wants to ask again does so with another key. (A4, A48)
func TestAsk_KeyOfWithdrawn(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	owner := c.as(member(dealer, viewer.Owner))
	in := byID(dealer, reseller)
	in.IdempotencyKey = text("first")
	first, err := Ask(owner, c.db, in)
	c.ok(err)
	_, err = Cancel(owner, c.db, Ref{ConnectionID: first.ID})
	c.ok(err)
	before := c.effects()
	_, err = Ask(owner, c.db, in)
	c.refused(err, authz.ErrNotFound)
	c.equal(c.effects(), before)
	in.IdempotencyKey = text("second")
	_, err = Ask(owner, c.db, in)
	c.ok(err)
}

// Two requests for one pair at the same moment make one row, by id and by
// address, known or not. (R31)
func TestAsk_AtOnce(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	for name, in := range map[string][2]Request{
		"to a reseller": {byID(dealer, reseller), byEmail(dealer, reseller.ContactEmail)},
		"to an address": {byEmail(dealer, "new@example.pl"), byEmail(dealer, "NEW@example.pl")},
	} {
		t.Run(name, func(t *testing.T) {
			owner, manager := c.as(member(dealer, viewer.Owner)), c.as(member(dealer, viewer.ServiceManager))
			outcomes := atOnce(20, func(i int) error {
				_, err := Ask([]context.Context{owner, manager}[i/10], c.db, in[i%2])
				return err
			})
			won := 0
			for _, err := range outcomes {
				if err == nil {
					won++
				} else if !errors.Is(err, ErrRequestExists) {
					t.Error(err)
				}
			}
			if won != 1 {
				t.Errorf("%d requests went through", won)
			}
		})
	}
	c.equal(c.db.Read(system).Connection.Query().CountX(system), 2)
	c.equal(len(c.letters(reseller.ContactEmail)), 1)
	c.equal(len(c.letters("new@example.pl")), 1)
}

// A company that becomes a reseller at the moment in which its address is asked
// has the request, whichever was first: no invitation is left waiting. (A23)
func TestAsk_WhileEnrolling(t *testing.T) {
	c := newCast(t)
	operator := asks(viewer.Viewer{UserID: c.person(), Operator: true})
	var dealers []*ent.Company
	var owners []context.Context
	for range 3 {
		dealers = append(dealers, c.company("Dealer", "dealer", "en"))
		owners = append(owners, c.as(member(dealers[len(dealers)-1], viewer.Owner)))
	}
	for range 10 {
		late := c.company("Late", "", "en")
		for _, err := range atOnce(len(dealers)+1, func(i int) error {
			if i == len(dealers) {
				_, err := company.EnrollReseller(operator, c.db, company.ResellerEnrollment{CompanyID: late.ID, Currency: "EUR"})
				return err
			}
			_, err := Ask(owners[i], c.db, byEmail(dealers[i], late.ContactEmail))
			return err
		}) {
			c.ok(err)
		}
		read := c.db.Read(system).Connection.Query()
		c.equal(read.Clone().Where(connection.ResellerIDIsNil()).CountX(system), 0)
		c.equal(read.Where(connection.ResellerID(late.ID)).CountX(system), len(dealers))
	}
}

// atOnce does something n times at the same moment and returns the outcomes.
func atOnce(n int, do func(i int) error) []error {
	outcomes := make([]error, n)
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			outcomes[i] = do(i)
		})
	}
	close(start)
	all.Wait()
	return outcomes
}
