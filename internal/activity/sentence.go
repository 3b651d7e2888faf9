package activity

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"partnerhub/internal/i18n"
)

// sentences says which words the summary of each action needs: the keys of
// [Entry.Words]. The sentence itself is the text `activity` + the action, with
// its first letter in upper case, in both catalogues. [Record] refuses an
// action that is not here, and an entry that lacks a word; more are allowed.
//
// A sentence may stand in the logs of several companies. So it names only what
// each of them may know: no reasons, no addresses, no money (A9, A34, A50).
//
//	company   name of the company
//	person    full name of the employee
//	role      one of the schema's enum EmployeeRole; told in the reader's language
//	dealer    name of the dealer
//	reseller  name of the reseller; the e-mail address of an invitation
//	object    name of the object
//	hub       name of the hub; after a change, the new one
//	source    name of the hub a configuration was taken from
//	target    name of the hub a configuration was given to
//	package   code of the package
//	month     YYYY-MM
var sentences = map[string][]string{
	"companyCreate":         {"company"},
	"companyUpdate":         {"company"},
	"companyDealerEnroll":   {"company"},
	"companyResellerEnroll": {"company"},
	"companyDelete":         {"company"},

	"employeeAdd":               {"person", "role"},
	"employeeInvitationAccept":  {"person"},
	"employeeInvitationDecline": {"person"},
	"employeeInvitationResend":  {"person"},
	"employeeRoleUpdate":        {"person", "role"},
	"employeeRemove":            {"person"},

	"connectionRequest":            {"dealer", "reseller"},
	"connectionCancel":             {"dealer", "reseller"},
	"connectionApprove":            {"dealer", "reseller"},
	"connectionReject":             {"dealer", "reseller"},
	"connectionSuspend":            {"dealer", "reseller"},
	"connectionResume":             {"dealer", "reseller"},
	"connectionDealerNumberUpdate": {"dealer", "reseller"},

	"objectCreate": {"object"},
	"objectUpdate": {"object"},
	"objectDelete": {"object"},

	"hubAdd":                   {"hub", "object"},
	"hubUpdate":                {"hub"},
	"hubRemove":                {"hub", "object"},
	"hubSimInstall":            {"hub", "object"},
	"hubConfigurationTransfer": {"source", "target"},

	"serviceActivate":   {"hub", "object", "reseller"},
	"serviceDeactivate": {"hub", "object"},
	"serviceSuspend":    {"hub", "object"},
	"serviceResume":     {"hub", "object"},
	"serviceStop":       {"hub", "object"},
	"serviceExpire":     {"hub", "object"}, // the calendar's step (A63)

	"servicePackageSave": {"package"}, // concerns the platform alone

	"balanceReplenish": {"company"},
	"balanceAdjust":    {"company"},
	"monthlyFee":       {"company", "month"}, // the monthly run's
	"monthClosed":      {"month"},            // the monthly run's, where no fee was due
}

// roles are the texts of the word "role".
var roles = map[string]string{
	"OWNER":                  "roleOwner",
	"SENIOR_SERVICE_MANAGER": "roleSeniorServiceManager",
	"SERVICE_MANAGER":        "roleServiceManager",
	"INSTALLER":              "roleInstaller",
}

// Actions returns the names of all actions that a log may hold, sorted.
func Actions() []string { return slices.Sorted(maps.Keys(sentences)) }

// Summary returns the sentence of an entry for people, in the language.
func Summary(l i18n.Language, action string, words map[string]string) string {
	args := make(map[string]any, len(words))
	for name, word := range words {
		if id, ok := roles[word]; ok && name == "role" {
			word = i18n.Text(l, id, nil)
		}
		args[name] = word
	}
	return i18n.Text(l, sentenceID(action), args)
}

func sentenceID(action string) string {
	return "activity" + strings.ToUpper(action[:1]) + action[1:]
}

// check fails for an entry whose sentence could not be said.
func (e Entry) check() error {
	needed, ok := sentences[e.Action]
	if !ok {
		return fmt.Errorf("the log has no sentence for %q", e.Action)
	}
	for _, name := range needed {
		if e.Words[name] == "" {
			return fmt.Errorf("the sentence of %s lacks the word %q", e.Action, name)
		}
	}
	return nil
}
