package company

import (
	"partnerhub/ent"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
)

// change is a checked field of an input that may be left out.
type change struct {
	to    *string // nil clears
	isSet bool    // false keeps what is there
}

// details are a checked contact.
type details struct {
	email                   string
	phone, website, address change
}

// checkContact checks the contact below input.contact.
func checkContact(wrong *errs.List, in Contact) (d details) {
	d.email = form.Email(wrong, in.Email, "contact", "email")
	d.phone.to, d.phone.isSet = form.Change(wrong, in.Phone, form.Phone, "contact", "phone")
	d.website.to, d.website.isSet = form.Change(wrong, in.Website, form.Website, "contact", "website")
	d.address.to, d.address.isSet = form.Change(wrong, in.Address, form.LinesUpTo(form.MaxAddress), "contact", "address")
	return d
}

// put sets what differs from the company as it is.
func (d details) put(m *ent.CompanyMutation, c *ent.Company) {
	if d.email != c.ContactEmail {
		m.SetContactEmail(d.email)
	}
	d.phone.put(c.ContactPhone, m.SetContactPhone, m.ClearContactPhone)
	d.website.put(c.ContactWebsite, m.SetContactWebsite, m.ClearContactWebsite)
	d.address.put(c.ContactAddress, m.SetContactAddress, m.ClearContactAddress)
}

func (c change) put(present *string, set func(string), clear func()) {
	switch {
	case !c.isSet, c.to == nil && present == nil, c.to != nil && present != nil && *c.to == *present:
	case c.to == nil:
		clear()
	default:
		set(*c.to)
	}
}
