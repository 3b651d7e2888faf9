package connection

import (
	"errors"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func text(s string) *string { return &s }

// The whole life: each step is in both logs, the dealer has a letter about it
// in its language, and the reason goes with the step it was given for.
// (R45 R46 R52 R53 R55 R56, A4)
func TestDecide_Life(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "pl"), c.company("Central Station", "reseller", "en")
	id := c.link(dealer, reseller, connection.StatusPENDING).ID
	manager := c.as(member(reseller, viewer.ServiceManager))

	got, err := Reject(manager, c.db, Refusal{ConnectionID: id, Reason: text(" We do not know you. ")})
	c.ok(err)
	c.equal(got.Status, connection.StatusREJECTED)
	c.equal(*got.StatusReason, "We do not know you.")

	got, err = Approve(manager, c.db, Approval{ConnectionID: id, DealerNumber: text(" D-17 ")})
	c.ok(err)
	c.equal(got.Status, connection.StatusACTIVE)
	c.equal(got.StatusReason == nil && *got.DealerNumber == "D-17", true)

	got, err = Suspend(manager, c.db, Refusal{ConnectionID: id, Reason: text("Unpaid\r\nbills")})
	c.ok(err)
	c.equal(got.Status, connection.StatusSUSPENDED)
	got, err = Resume(manager, c.db, Ref{ConnectionID: id})
	c.ok(err)
	c.equal(got.Status, connection.StatusACTIVE)
	c.equal(got.StatusReason == nil && *got.DealerNumber == "D-17", true)
	c.equal(got.Version, 5)

	c.equal(strings.Join(c.letters(dealer.ContactEmail), "\n"), strings.Join([]string{
		"Reseller Central Station odrzucił żądanie połączenia",
		"Reseller Central Station zatwierdził żądanie połączenia",
		"Reseller Central Station zawiesił połączenie",
		"Reseller Central Station wznowił połączenie",
	}, "\n"))
	var logged []string
	for _, action := range []string{"connectionReject", "connectionApprove", "connectionSuspend", "connectionResume"} {
		logged = append(logged, action+" "+dealer.ID, action+" "+reseller.ID)
	}
	c.equal(c.logs(id), logged)
}

// Wrong words are refused before anything is looked at. (A35, A54)
func TestDecide_Form(t *testing.T) {
	c := newCast(t)
	nobody := c.as()
	_, err := Approve(nobody, c.db, Approval{ConnectionID: "con_none", DealerNumber: text(strings.Repeat("ł", 33))})
	c.refused(err, form.ErrTooLong, "input", "dealerNumber")
	_, err = Approve(nobody, c.db, Approval{ConnectionID: "con_none", DealerNumber: text("a\nb")})
	c.refused(err, form.ErrUnprintable, "input", "dealerNumber")
	_, err = ChangeNumber(nobody, c.db, NumberUpdate{ConnectionID: "con_none", DealerNumber: graphql.OmittableOf(text(strings.Repeat("x", 33)))})
	c.refused(err, form.ErrTooLong, "input", "dealerNumber")
	_, err = Reject(nobody, c.db, Refusal{ConnectionID: "con_none", Reason: text(strings.Repeat("x", 1001))})
	c.refused(err, form.ErrTooLong, "input", "reason")
	_, err = Suspend(nobody, c.db, Refusal{ConnectionID: "con_none", Reason: text("\x00")})
	c.refused(err, form.ErrUnprintable, "input", "reason")
}

// A number is a dealer's alone within a reseller; that of a connection that is
// deleted is free. (R46, A24)
func TestNumber_Taken(t *testing.T) {
	c := newCast(t)
	reseller, other := c.company("Central Station", "reseller", "en"), c.company("Other", "reseller", "en")
	first, second := c.company("First", "dealer", "en"), c.company("Second", "dealer", "en")
	has := c.link(first, reseller, connection.StatusPENDING)
	wants := c.link(second, reseller, connection.StatusPENDING)
	elsewhere := c.link(second, other, connection.StatusPENDING)
	owner := c.as(member(reseller, viewer.Owner), member(other, viewer.Owner))
	number := strings.Repeat("ł", 32)
	_, err := Approve(owner, c.db, Approval{ConnectionID: has.ID, DealerNumber: &number})
	c.ok(err)
	_, err = Approve(owner, c.db, Approval{ConnectionID: elsewhere.ID, DealerNumber: &number})
	c.ok(err)
	before := c.effects()
	_, err = Approve(owner, c.db, Approval{ConnectionID: wants.ID, DealerNumber: &number})
	c.equal(c.refused(err, ErrNumberTaken, "input", "dealerNumber").Detail, errs.Existing{ID: has.ID})
	c.equal(c.now(wants.ID).Status, connection.StatusPENDING)
	_, err = ChangeNumber(owner, c.db, NumberUpdate{ConnectionID: wants.ID, DealerNumber: graphql.OmittableOf(&number)})
	c.equal(c.refused(err, ErrNumberTaken, "input", "dealerNumber").Detail, errs.Existing{ID: has.ID})
	c.equal(c.effects(), before)
	_, err = store.Do(system, c.db, func(tx *store.Tx) (int, error) {
		return tx.Connection.Update().Where(connection.ID(has.ID)).SetDeletedAt(tx.Now).Save(system)
	})
	c.ok(err)
	_, err = Approve(owner, c.db, Approval{ConnectionID: wants.ID, DealerNumber: &number})
	c.ok(err)
}

// The number changes in any state; left out or the same it is no change, null
// and blank take it away. (A24)
func TestChangeNumber(t *testing.T) {
	c := newCast(t)
	reseller := c.company("Central Station", "reseller", "en")
	owner := c.as(member(reseller, viewer.Owner))
	for _, state := range states[:4] {
		dealer := c.company("Dealer "+string(state), "dealer", "en")
		id := c.link(dealer, reseller, state).ID
		version := int64(1)
		change := func(to graphql.Omittable[*string], want string, changes bool) {
			t.Helper()
			got, err := ChangeNumber(owner, c.db, NumberUpdate{ConnectionID: id, DealerNumber: to})
			c.ok(err)
			if changes {
				version++
			}
			c.equal(orNone(got.DealerNumber), want)
			c.equal(got.Version, version)
			c.equal(len(c.logs(id)), 2*(version-1))
			c.equal(got.Status == state && got.StatusChangedAt.Before(noon), true)
			c.equal(orNone(got.NumberKey), store.Fold(want))
		}
		number := "Ł-" + string(state)
		change(graphql.Omittable[*string]{}, "", false)
		change(graphql.OmittableOf(text(" "+number)), number, true)
		change(graphql.Omittable[*string]{}, number, false)
		change(graphql.OmittableOf(text(number)), number, false)
		change(graphql.OmittableOf[*string](nil), "", true)
		change(graphql.OmittableOf(text("7")), "7", true)
		change(graphql.OmittableOf(text(" ")), "", true)
		_, err := ChangeNumber(c.as(member(dealer, viewer.Owner)), c.db, NumberUpdate{ConnectionID: id})
		c.refused(err, authz.ErrForbidden, "input", "connectionId")
		_, err = ChangeNumber(c.as(member(reseller, viewer.Installer)), c.db, NumberUpdate{ConnectionID: id})
		c.refused(err, authz.ErrNotFound, "input", "connectionId")
		c.equal(len(c.letters(dealer.ContactEmail)), 0)
	}
}

// Steps at the same moment: each goes through or is refused by the state that
// another one made, and the log holds exactly those that went through.
func TestDecide_AtOnce(t *testing.T) {
	c := newCast(t)
	dealer, reseller := c.company("Night Watch", "dealer", "en"), c.company("Central Station", "reseller", "en")
	owner := c.as(member(dealer, viewer.Owner), member(reseller, viewer.Owner))
	for range 5 {
		id := c.link(dealer, reseller, connection.StatusPENDING).ID
		steps := []Action{ActionApprove, ActionReject, ActionCancel, ActionApprove, ActionReject, ActionCancel}
		won := 0
		for i, err := range atOnce(len(steps), func(i int) error { return take(owner, c, steps[i], id) }) {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, ErrState) && !errors.Is(err, authz.ErrNotFound):
				t.Errorf("%s: %v", steps[i], err)
			}
		}
		now := c.now(id)
		if now != nil {
			c.equal(now.Version, 1+won)
			c.equal(now.Status == connection.StatusACTIVE || now.Status == connection.StatusREJECTED, true)
		}
		c.equal(len(c.logs(id)), 2*won)
		c.remove(id)
	}
}

// One number for two dealers at the same moment. (R46)
func TestNumber_AtOnce(t *testing.T) {
	c := newCast(t)
	reseller := c.company("Central Station", "reseller", "en")
	owner := c.as(member(reseller, viewer.Owner))
	var ids []string
	for range 10 {
		ids = append(ids, c.link(c.company("Dealer", "dealer", "en"), reseller, connection.StatusPENDING).ID)
	}
	won := 0
	for _, err := range atOnce(len(ids), func(i int) error {
		_, err := Approve(owner, c.db, Approval{ConnectionID: ids[i], DealerNumber: text("7")})
		return err
	}) {
		if err == nil {
			won++
		} else if !errors.Is(err, ErrNumberTaken) {
			t.Error(err)
		}
	}
	c.equal(won, 1)
}
