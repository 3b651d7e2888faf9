package lifecycle

import (
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
)

// Refusals of the steps, in the order in which they are looked at (A35).
var (
	// ErrNotADealer answers for a hub of a company that is not enrolled.
	ErrNotADealer = errs.New(errs.NotADealer, "errorServiceNotADealer")

	// The state does not allow the step.
	ErrAlreadyActive   = errs.New(errs.InvalidState, "errorServiceAlreadyActive")   // ACTIVATE a second time
	ErrAlreadyExpiring = errs.New(errs.InvalidState, "errorServiceAlreadyExpiring") // DEACTIVATE a second time
	ErrAlreadyPaused   = errs.New(errs.InvalidState, "errorServiceAlreadyPaused")   // SUSPEND a second time
	ErrPaused          = errs.New(errs.InvalidState, "errorServicePaused")          // DEACTIVATE during a pause
	ErrNotResumable    = errs.New(errs.InvalidState, "errorServiceNotResumable")    // RESUME what runs
	ErrOver            = errs.New(errs.InvalidState, "errorServiceOver")            // RESUME after the end (A15)
	ErrOff             = errs.New(errs.InvalidState, "errorServiceOff")             // any other step without a service

	// ErrSuspendedByOther answers who did not set the pause (A7).
	ErrSuspendedByOther = errs.New(errs.SuspendedByOther, "errorServiceSuspendedByOther")

	// ErrNoSIM answers for a hub without an Ajax SIM (R74).
	ErrNoSIM = errs.New(errs.SIMRequired, "errorServiceNoSim")
	// ErrChoosePackage answers where several packages are on offer (R79).
	ErrChoosePackage = errs.New(errs.PackageRequired, "errorServiceChoosePackage")
	// ErrNoPackage answers where none is.
	ErrNoPackage = errs.New(errs.PackageRequired, "errorServiceNoPackage")
	// ErrUnknownPackage answers for a package that is not on offer (A43).
	ErrUnknownPackage = errs.New(errs.Invalid, "errorServiceUnknownPackage")
	// ErrChooseReseller answers where several connections are active (R81).
	ErrChooseReseller = errs.New(errs.ResellerRequired, "errorServiceChooseReseller")
	// ErrNotConnected answers without an active connection (R33).
	ErrNotConnected = errs.New(errs.ConnectionNotActive, "errorServiceNotConnected")
	// ErrConnectionSuspended answers where the reseller has suspended it (R54).
	ErrConnectionSuspended = errs.New(errs.ConnectionSuspended, "errorServiceConnectionSuspended")
	// ErrNoPrice answers for a package that the reseller's currency cannot buy
	// (A25). The sentence names no currency: a dealer sees no money (A9).
	ErrNoPrice = errs.New(errs.NoPriceInCurrency, "errorServiceNoPrice")
	// ErrCreditLimit answers where the reseller owes more than its credit limit
	// (A20, A58). The sentence names no amount: a dealer sees no money (A9).
	ErrCreditLimit = errs.New(errs.CreditLimit, "errorServiceCreditLimit")
)

// invalidState says why the state does not allow the step.
func invalidState(s state, step serviceevent.Action) *errs.Error {
	switch {
	case step == serviceevent.ActionACTIVATE:
		return ErrAlreadyActive
	case s == off && step == serviceevent.ActionRESUME:
		return ErrOver
	case s == off:
		return ErrOff
	case step == serviceevent.ActionRESUME:
		return ErrNotResumable
	case step == serviceevent.ActionSUSPEND:
		return ErrAlreadyPaused
	case s.ending:
		return ErrAlreadyExpiring
	default:
		return ErrPaused
	}
}
