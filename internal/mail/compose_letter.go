package mail

import (
	"time"

	"partnerhub/internal/i18n"
)

// EmailConfirmation brings the code that confirms an address. (A31)
func EmailConfirmation(l i18n.Language, publicURL, code string, valid time.Duration) Letter {
	return write(l, "mailConfirm", nil).
		code(publicURL, LinkVerify, code, valid, "mailConfirmButton").
		say("mailConfirmIgnore", nil).letter()
}

// AddressTaken goes to an address that somebody signs up with although it has
// an account: the sign-up itself never tells.
func AddressTaken(l i18n.Language, publicURL string) Letter {
	return write(l, "mailTaken", nil).say("mailTakenForgot", nil).
		link(home(publicURL), "mailOpenButton").
		say("mailTakenIgnore", nil).letter()
}

// PasswordReset brings the code that sets a new password.
func PasswordReset(l i18n.Language, publicURL, code string, valid time.Duration) Letter {
	return write(l, "mailReset", nil).
		code(publicURL, LinkReset, code, valid, "mailResetButton").
		say("mailResetIgnore", nil).letter()
}

// PasswordChanged tells the owner of an account that its password is another.
func PasswordChanged(l i18n.Language, publicURL string) Letter {
	return write(l, "mailChanged", nil).say("mailChangedAlarm", nil).
		link(home(publicURL), "mailOpenButton").letter()
}

// EmployeeInvitation invites a person with an account into a company. The role
// is its name in the language. (R26, R27)
func EmployeeInvitation(l i18n.Language, publicURL, company, role string) Letter {
	args := map[string]any{"company": oneLine(company), "role": role}
	return write(l, "mailEmployee", args).say("mailEmployeeHow", nil).
		link(home(publicURL), "mailOpenButton").letter()
}

// ResellerInvitation goes to an address that is no reseller's yet. (R36–R39, A23)
func ResellerInvitation(l i18n.Language, publicURL, dealer string) Letter {
	return write(l, "mailReseller", map[string]any{"dealer": oneLine(dealer)}).say("mailResellerHow", nil).
		link(home(publicURL), "mailOpenButton").
		say("mailResellerIgnore", nil).letter()
}

// ConnectionRequested tells a reseller that a dealer's request waits. (R51)
func ConnectionRequested(l i18n.Language, publicURL, dealer string) Letter {
	return write(l, "mailRequested", map[string]any{"dealer": oneLine(dealer)}).say("mailRequestedHow", nil).
		link(home(publicURL), "mailOpenButton").letter()
}

// ConnectionApproved tells a dealer that it may activate services; number is
// its dealer number, empty for none. (R42, R46)
func ConnectionApproved(l i18n.Language, publicURL, reseller, number string) Letter {
	d := write(l, "mailApproved", map[string]any{"reseller": oneLine(reseller)})
	if number = oneLine(number); number != "" {
		d.say("mailApprovedNumber", map[string]any{"number": number})
	}
	return d.link(home(publicURL), "mailOpenButton").letter()
}

// ConnectionRejected tells a dealer that its request was refused; reason is
// what the reseller wrote, empty for none. (R52)
func ConnectionRejected(l i18n.Language, publicURL, reseller, reason string) Letter {
	return write(l, "mailRejected", map[string]any{"reseller": oneLine(reseller)}).
		because(reason).link(home(publicURL), "mailOpenButton").letter()
}

// ConnectionSuspended tells a dealer that it cannot activate new services;
// reason is what the reseller wrote, empty for none. (R53, R54)
func ConnectionSuspended(l i18n.Language, publicURL, reseller, reason string) Letter {
	return write(l, "mailSuspended", map[string]any{"reseller": oneLine(reseller)}).
		because(reason).link(home(publicURL), "mailOpenButton").letter()
}

// ConnectionResumed tells a dealer that it can activate services again. (R55)
func ConnectionResumed(l i18n.Language, publicURL, reseller string) Letter {
	return write(l, "mailResumed", map[string]any{"reseller": oneLine(reseller)}).
		link(home(publicURL), "mailOpenButton").letter()
}

// because adds the reason, where one was given.
func (d *draft) because(reason string) *draft {
	if reason = oneLine(reason); reason == "" {
		return d
	}
	return d.say("mailReason", map[string]any{"reason": reason})
}
