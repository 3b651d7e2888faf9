// Package billing does what falls due when a month is over: it books the fees
// of the month, ends the services that were to run until its end, and runs the
// calendar that has it done.
package billing

import "partnerhub/internal/errs"

// Refusals.
var (
	// ErrMonthNotOver answers a run of a month that is not over (A47).
	ErrMonthNotOver = errs.New(errs.Invalid, "errorMonthNotOver")
	// ErrNoTestClock answers on a server that goes by the real time.
	ErrNoTestClock = errs.New(errs.Invalid, "errorClockIsReal")
	// ErrClockBackwards answers an instant that is not after the present one.
	ErrClockBackwards = errs.New(errs.Invalid, "errorClockBackwards")
)
