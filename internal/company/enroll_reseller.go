package company

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/chargeline"
	"partnerhub/ent/ledger"
	"partnerhub/ent/packageprice"
	"partnerhub/ent/service"
	"partnerhub/ent/servicepackage"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/money"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// Refusals of what is said of a reseller's money.
var (
	// ErrCreditLimit answers a credit limit below zero (A20).
	ErrCreditLimit = errs.New(errs.Invalid, "errorCreditLimitNegative")
	// ErrCurrencyFixed answers a change of the currency once there is a
	// transaction (A25, A44).
	ErrCurrencyFixed = errs.New(errs.InvalidState, "errorCurrencyFixed")
	// ErrNoPrice answers a currency in which a package has no price that the
	// reseller has to pay for.
	ErrNoPrice = errs.New(errs.NoPriceInCurrency, "errorCurrencyWithoutPrice")
)

// EnrollReseller makes a company a reseller, by the platform operator (A22),
// or changes the currency and the credit limit of one (A44). With the first
// enrolment it gets a ledger, and the invitations that wait on its contact
// address become requests (A23).
//
// It fails with [money.ErrInvalidCurrency], the refusals of [money.Parse],
// [ErrCreditLimit], [authz.ErrNotFound], [authz.ErrForbidden], [ErrIsDealer],
// [ErrCurrencyFixed], [ErrNoPrice], or with [ErrAddressTaken] on companyId
// where another reseller has the company's contact address: its owner has to
// choose another one first.
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
	isOther := !isFirst && *c.Currency != currency
	if !isFirst {
		if *c.Currency == currency && equal(c.CreditLimit, limit) {
			return c, nil // nothing changes, so there is nothing to tell
		}
		if err := changeLedger(ctx, tx, c, currency); err != nil {
			return nil, err
		}
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
	if isOther {
		if err := tally.Recount(ctx, tx, c.ID); err != nil { // its fees are others now
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

// changeLedger notes on a reseller's ledger that its currency or its credit
// limit changes, unless the currency may not.
func changeLedger(ctx context.Context, tx *store.Tx, c *ent.Company, currency string) error {
	led, err := store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerID(c.ID))).Only(viewer.System(ctx))
	if err != nil {
		return fmt.Errorf("lock a ledger: %w", err)
	}
	if *c.Currency != currency {
		// Lines become a transaction that is already under way.
		lines, err := tx.ChargeLine.Query().Where(chargeline.ResellerID(c.ID)).Exist(viewer.System(ctx))
		if err != nil {
			return fmt.Errorf("look for charge lines: %w", err)
		}
		if led.LastNumber > 0 || lines {
			return ErrCurrencyFixed.On("currency").About(stateOf(c))
		}
		if err := priced(viewer.System(ctx), tx, led, currency); err != nil {
			return err
		}
	}
	if err := led.Update().AddVersion(1).Exec(ctx); err != nil {
		return fmt.Errorf("change a ledger: %w", err)
	}
	return nil
}

// priced fails with [ErrNoPrice] unless all that the reseller has to pay for,
// now or for a month that is not charged yet, has a price in the currency.
func priced(ctx context.Context, tx *store.Tx, led *ent.Ledger, currency string) error {
	charged, err := calendar.ParseMonth(led.ChargedThrough)
	if err != nil {
		return fmt.Errorf("read a ledger: %w", err)
	}
	open := calendar.Start(charged.Next(), tx.Zone)
	used, err := tx.Service.Query().Where(
		service.ResellerID(led.ResellerID),
		service.Or(service.StatusNEQ(service.StatusENDED), service.EndsAtGT(open), service.ActivatedAtGTE(open)),
	).Unique(true).Select(service.FieldPackageID).Strings(ctx)
	if err != nil {
		return fmt.Errorf("look for the packages of a reseller: %w", err)
	}
	p, err := tx.ServicePackage.Query().Where(
		servicepackage.IDIn(used...),
		servicepackage.Not(servicepackage.HasPricesWith(packageprice.Currency(currency))),
	).Order(servicepackage.ByID()).First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for packages without a price: %w", err)
	}
	return ErrNoPrice.With("package", p.Code).On("currency")
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
