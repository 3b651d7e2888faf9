package server

import (
	"slices"
	"strconv"
	"time"

	"partnerhub/internal/identity"
	"partnerhub/internal/throttle"
)

// tryLimits are the limits of what may be tried how often: two of each rule,
// and the delays of the one that slows.
var tryLimits = []struct {
	name    string
	meaning string
	rule    func(r *identity.Rules) *throttle.Rule
}{
	{"sign-in-pair", "wrong passwords for an account from a network", func(r *identity.Rules) *throttle.Rule { return &r.Pair }},
	{"sign-in-account", "wrong passwords for an account, before tries are slowed", func(r *identity.Rules) *throttle.Rule { return &r.Account }},
	{"sign-in-network", "wrong passwords from a network", func(r *identity.Rules) *throttle.Rule { return &r.Network }},
	{"password-change", "wrong present passwords in a session", func(r *identity.Rules) *throttle.Rule { return &r.Session }},
	{"codes", "wrong codes from a network", func(r *identity.Rules) *throttle.Rule { return &r.Code }},
	{"mails-to", "mails that may be asked for to an address, sign-up included", func(r *identity.Rules) *throttle.Rule { return &r.MailTo }},
	{"mails-from", "mails that may be asked for from a network", func(r *identity.Rules) *throttle.Rule { return &r.MailFrom }},
	{"invitations-to", "invitations to an address", func(r *identity.Rules) *throttle.Rule { return &r.InvitationTo }},
	{"invitations-by", "invitations by a person", func(r *identity.Rules) *throttle.Rule { return &r.InvitationBy }},
	{"look-ups", "addresses without an account that a person may try to employ", func(r *identity.Rules) *throttle.Rule { return &r.LookUp }},
}

// withTries adds the rows of what may be tried to the table.
func withTries(table []limit) []limit {
	table = slices.Clip(table)
	for _, t := range tryLimits {
		table = append(table,
			limit{t.name, t.meaning, func(l *Limits) any { return &t.rule(&l.Tries).Tries }},
			limit{t.name + "-every", "time until one more may be tried", func(l *Limits) any { return &t.rule(&l.Tries).Every }})
	}
	return append(table,
		limit{"sign-in-account-slow", "delay of a try beyond sign-in-account, doubled with each", func(l *Limits) any { return &l.Tries.Account.Slow }},
		limit{"sign-in-account-slow-most", "longest of these delays", func(l *Limits) any { return &l.Tries.Account.SlowMost }})
}

// mostSpan is the longest time for which tries may count, and leastEvery the
// shortest until one more: counts are kept in microseconds.
const (
	mostSpan   = 365 * 24 * time.Hour
	leastEvery = time.Millisecond
)

// checkTries looks at whether a rule can be kept: its counts have to run out,
// and who is slowed is not to be timed out.
func (l Limits) checkTries() error {
	for _, t := range tryLimits {
		rule := t.rule(&l.Tries)
		if rule.Every < leastEvery || rule.Every > mostSpan {
			return &ConfigError{"-limit " + t.name + "-every", "must be from " + showDuration(leastEvery) + " to " + showDuration(mostSpan)}
		}
		if most := int(mostSpan / rule.Every); rule.Tries > most {
			return &ConfigError{"-limit " + t.name, "must be at most " + strconv.Itoa(most) + ", which with " + t.name + "-every takes a year to be forgotten"}
		}
	}
	if slow := l.Tries.Account; slow.Slow > slow.SlowMost {
		return &ConfigError{"-limit sign-in-account-slow", "must not be more than sign-in-account-slow-most, which is " + showDuration(slow.SlowMost)}
	}
	if l.Tries.Account.SlowMost >= l.OperationTime {
		return &ConfigError{"-limit sign-in-account-slow-most", "must be less than operation-time, which is " + showDuration(l.OperationTime)}
	}
	return nil
}
