package company

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/money"
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
	// ErrCreditLimit answers a credit limit below zero (A20).
	ErrCreditLimit = errs.New(errs.Invalid, "errorCreditLimitNegative")
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

// EnrollReseller makes a company a reseller, by the platform operator (A22),
// or changes the currency and the credit limit of one (A44). With the first
// enrolment it gets a ledger, and the invitations that wait on its contact
// address become requests (A23).
//
// It fails with [money.ErrInvalidCurrency], the refusals of [money.Parse],
// [ErrCreditLimit], [authz.ErrNotFound], [authz.ErrForbidden], [ErrIsDealer],
// or with [ErrAddressTaken] on companyId where another reseller has the
// company's contact address: its owner has to choose another one first.
func EnrollReseller(ctx context.Context, db *store.DB, in ResellerEnrollment) (*ent.Company, error) {
	var wrong errs.List
	if !money.ValidCurrency(in.Currency) {
		wrong.Add(money.ErrInvalidCurrency.On("currency"))
	}
	limit := checkCreditLimit(&wrong, in)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) {
		c, err := ForUpdate(ctx, tx, in.CompanyID)
		switch {
		case err != nil:
			return nil, err
		case authz.RequireOperator(ctx) != nil:
			return nil, authz.ErrForbidden.On("companyId")
		case c.DealerSince != nil:
			return nil, ErrIsDealer.On("companyId").About(stateOf(c))
		}
		return enrollReseller(ctx, tx, c, in.Currency, limit)
	})
}

func enrollReseller(ctx context.Context, tx *store.Tx, c *ent.Company, currency string, limit *int64) (*ent.Company, error) {
	isFirst := c.ResellerSince == nil
	if !isFirst && *c.Currency == currency && equal(c.CreditLimit, limit) {
		return c, nil // nothing changes, so there is nothing to tell
	}
	update := c.Update().SetCurrency(currency)
	if limit != nil { // PostgreSQL takes no column both set and cleared
		update.SetCreditLimit(*limit)
	} else {
		update.ClearCreditLimit()
	}
	if isFirst {
		if err := free(ctx, tx, c, c.ContactEmail, "companyId"); err != nil {
			return nil, err
		}
		update.SetResellerSince(tx.Now).SetResellerEmail(c.ContactEmail)
	}
	c, err := save(ctx, update)
	if err != nil {
		return nil, err
	}
	if isFirst {
		if err := openLedger(ctx, tx, c); err != nil {
			return nil, err
		}
		if err := claimInvitations(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	return c, activity.Record(ctx, tx, activity.Entry{
		Action: "companyResellerEnroll", SubjectID: c.ID, Words: map[string]string{"company": c.Name}, Companies: []string{c.ID},
	})
}

// openLedger gives a new reseller its account with the platform. The month of
// the enrolment is the first that is charged.
func openLedger(ctx context.Context, tx *store.Tx, c *ent.Company) error {
	before := calendar.MonthOf(tx.Now, tx.Zone).Prev()
	if err := tx.Ledger.Create().SetResellerID(c.ID).SetChargedThrough(before.String()).Exec(ctx); err != nil {
		return fmt.Errorf("open a ledger: %w", err)
	}
	return nil
}

func equal(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// checkCreditLimit returns the limit in minor units, nil for no limit. In a
// currency that is none only the form of the amount can be checked.
func checkCreditLimit(wrong *errs.List, in ResellerEnrollment) *int64 {
	if in.CreditLimit == nil {
		return nil
	}
	minor, err := money.Parse(*in.CreditLimit, in.Currency)
	if errors.Is(err, money.ErrInvalidCurrency) {
		if minor, err = money.Parse(*in.CreditLimit, "EUR"); errors.Is(err, money.ErrTooFine) {
			return nil
		}
	}
	var refused *errs.Error
	switch {
	case errors.As(err, &refused):
		wrong.Add(refused.On("creditLimit"))
		return nil
	case minor < 0:
		wrong.Add(ErrCreditLimit.On("creditLimit"))
		return nil
	}
	return &minor
}
