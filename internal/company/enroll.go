package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/activity"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals of an enrolment.
var (
	// ErrTerms answers a dealer that does not accept the terms.
	ErrTerms = errs.New(errs.Invalid, "errorTermsNotAccepted")
	// ErrCountry answers a company in a country without Ajax Services (R9).
	ErrCountry = errs.New(errs.CountryNotSupported, "errorCountryNotSupported")
	// ErrIsDealer answers a company that is a dealer, and stays one (A44).
	ErrIsDealer = errs.New(errs.InvalidState, "errorCompanyIsDealer")
	// ErrIsReseller answers a company that is a reseller, and stays one (A44).
	ErrIsReseller = errs.New(errs.InvalidState, "errorCompanyIsReseller")
)

// maxNumber is the longest number that an authority gives, in characters.
const maxNumber = 50

// EnrollDealer makes a company a dealer, by its owner (R6, R8, R10): it may
// ask resellers for connections, and hubs with an Ajax SIM can be activated.
//
// It fails with the refusals of package form, [ErrTerms], [authz.ErrNotFound],
// [authz.ErrForbidden], [ErrIsDealer], [ErrIsReseller] or [ErrCountry], and
// changes nothing when it fails (R11).
func EnrollDealer(ctx context.Context, db *store.DB, in DealerEnrollment) (*ent.Company, error) {
	var wrong errs.List
	registration := form.Text(&wrong, in.RegistrationNumber, maxNumber, true, "registrationNumber")
	tax := form.Optional(&wrong, in.TaxNumber, form.UpTo(maxNumber), "taxNumber")
	if !in.AcceptsTerms {
		wrong.Add(ErrTerms.On("acceptsTerms"))
	}
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) {
		c, err := owned(ctx, tx, in.CompanyID)
		switch {
		case err != nil:
			return nil, err
		case c.DealerSince != nil:
			return nil, ErrIsDealer.On("companyId").About(stateOf(c))
		case c.ResellerSince != nil:
			return nil, ErrIsReseller.On("companyId").About(stateOf(c))
		case !isOffered(db, c.Country):
			return nil, ErrCountry.On("companyId")
		}
		c, err = save(ctx, c.Update().SetDealerSince(tx.Now).SetRegistrationNumber(registration).SetNillableTaxNumber(tax))
		if err != nil {
			return nil, err
		}
		return c, tellEnrolled(ctx, tx, c)
	})
}

// tellEnrolled logs that a company is a dealer now, and with it the tiles of
// its hubs: those with an Ajax SIM can be activated from this moment on.
func tellEnrolled(ctx context.Context, tx *store.Tx, c *ent.Company) error {
	entry := activity.Entry{
		Action: "companyDealerEnroll", SubjectID: c.ID, Words: map[string]string{"company": c.Name}, Companies: []string{c.ID},
	}
	if err := activity.Record(ctx, tx, entry); err != nil {
		return err
	}
	hubs, err := store.Lock(tx, tx.Hub.Query().
		Where(hub.CompanyID(c.ID), hub.RemovedAtIsNil(), hub.HasSimWith(simcard.IsAjax(true))).
		Order(ent.Asc(hub.FieldID))).All(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("read the hubs of a company: %w", err)
	}
	for _, h := range hubs {
		if err := h.Update().AddVersion(1).Exec(ctx); err != nil {
			return fmt.Errorf("change a hub: %w", err)
		}
		entry.HubID, entry.ObjectID, entry.PreviousTile = h.ID, h.ObjectID, serviceevent.TileUNAVAILABLE
		if err := activity.Record(ctx, tx, entry); err != nil {
			return err
		}
	}
	return nil
}
