package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/internal/activity"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// ErrAddressTaken answers a contact address that another reseller has: it is
// unique among resellers, so that dealers can name one by it (A55).
var ErrAddressTaken = errs.New(errs.Taken, "errorResellerAddressTaken")

// Edit changes a company, by its owner. What is left out is kept, also inside
// the contact. Where a reseller takes another contact address, the invitations
// that wait on it become requests (A23).
//
// It fails with the refusals of package form, [authz.ErrNotFound],
// [authz.ErrForbidden] and [ErrAddressTaken] on the address.
func Edit(ctx context.Context, db *store.DB, in Update) (*ent.Company, error) {
	var wrong errs.List
	name := form.Replace(&wrong, in.Name, form.UpTo(form.MaxName), "name")
	var contact *details
	if given, isSet := in.Contact.ValueOK(); isSet && given == nil {
		wrong.Add(form.ErrRequired.On("contact"))
	} else if isSet {
		checked := checkContact(&wrong, *given)
		contact = &checked
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) {
		c, err := owned(ctx, tx, in.CompanyID)
		if err != nil {
			return nil, err
		}
		update := c.Update()
		m := update.Mutation()
		if name != nil && *name != c.Name {
			m.SetName(*name)
			m.SetNameKey(store.Fold(*name))
		}
		if contact != nil {
			contact.put(m, c)
		}
		if len(m.Fields())+len(m.ClearedFields()) == 0 {
			return c, nil // nothing changes, so there is nothing to tell
		}
		_, moves := m.ContactEmail()
		return edit(ctx, tx, c, update, moves && c.ResellerSince != nil)
	})
}

// edit saves the change. moves tells that a reseller takes another address.
func edit(ctx context.Context, tx *store.Tx, c *ent.Company, update *ent.CompanyUpdateOne, moves bool) (*ent.Company, error) {
	if moves {
		address, _ := update.Mutation().ContactEmail()
		if err := free(ctx, tx, c, address, "contact", "email"); err != nil {
			return nil, err
		}
		update.SetResellerEmail(address)
	}
	c, err := save(ctx, update)
	if err != nil {
		return nil, err
	}
	if moves {
		if err := claimInvitations(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	return c, activity.Record(ctx, tx, activity.Entry{
		Action: "companyUpdate", SubjectID: c.ID, Words: map[string]string{"company": c.Name}, Companies: []string{c.ID},
	})
}

// free fails with [ErrAddressTaken], on the field, where another reseller has
// the address.
func free(ctx context.Context, tx *store.Tx, c *ent.Company, address string, field ...string) error {
	other, err := tx.Company.Query().
		Where(company.ResellerEmail(address), company.DeletedAtIsNil(), company.IDNEQ(c.ID)).
		FirstID(viewer.System(ctx))
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the reseller of an address: %w", err)
	}
	return ErrAddressTaken.On(field...).About(errs.Existing{ID: other})
}

// save saves a change of a company. An address that was taken since [free]
// looked makes the command run again, to find that.
func save(ctx context.Context, update *ent.CompanyUpdateOne) (*ent.Company, error) {
	c, err := update.Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err)
	}
	if err != nil {
		return nil, fmt.Errorf("change a company: %w", err)
	}
	return c, nil
}
