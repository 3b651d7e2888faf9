package form

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"partnerhub/internal/errs"
)

// Refusals of values of one kind.
var (
	ErrEmail    = errs.New(errs.Invalid, "errorInvalidEmail")
	ErrCountry  = errs.New(errs.Invalid, "errorInvalidCountry")
	ErrLanguage = errs.New(errs.Invalid, "errorInvalidLanguage")
	ErrPhone    = errs.New(errs.Invalid, "errorInvalidPhone")
	ErrWebsite  = errs.New(errs.Invalid, "errorInvalidWebsite")
)

// Both halves of an e-mail address. The form is that of HTML, less what mail
// servers do not take: dots at the edge of the name and two in a row.
var (
	mailbox = regexp.MustCompile(`^[a-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+(\.[a-z0-9!#$%&'*+/=?^_{|}~` + "`" + `-]+)*$`)
	domain  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$`)
)

// maxMailbox is the longest part before the @, in bytes (RFC 5321).
const maxMailbox = 64

// Email checks an e-mail address without a name beside it. It is folded to
// lower case, since addresses are told apart without case (R24); a domain in
// other letters than ASCII is kept as people write it.
func Email(list *errs.List, value string, path ...string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		list.Add(ErrRequired.On(path...))
		return ""
	}
	folded, ok := FoldEmail(value)
	if !ok {
		list.Add(ErrEmail.On(path...))
		return ""
	}
	return folded
}

// FoldEmail returns the one form of an address by which it is told apart from
// others. It reports false for what is no address.
func FoldEmail(address string) (folded string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > maxMailbox || len(address) > 4*MaxEmail {
		return "", false
	}
	name := strings.ToLower(address[:at])
	ascii, err := idna.Lookup.ToASCII(address[at+1:])
	if err != nil || !mailbox.MatchString(name) || !domain.MatchString(ascii) || len(name)+1+len(ascii) > MaxEmail {
		return "", false
	}
	spoken, err := idna.Lookup.ToUnicode(ascii)
	if err != nil {
		return "", false
	}
	return name + "@" + spoken, true
}

// notAssigned are the codes that x/text takes for countries, but ISO 3166-1
// has withdrawn, reserved, or left to users.
var notAssigned = strings.Fields("AC AN CP CQ CS DG EA EZ FQ IC NT PC SU TA UN XK YU")

// IsCountry reports whether the code is assigned by ISO 3166-1, upper case.
func IsCountry(code string) bool {
	region, err := language.ParseRegion(code)
	return err == nil && len(code) == 2 && region.IsCountry() &&
		region.Canonicalize().String() == code && !slices.Contains(notAssigned, code)
}

// Country checks a code of ISO 3166-1 alpha-2. It is folded to upper case.
func Country(list *errs.List, value string, path ...string) string {
	value = strings.TrimSpace(value)
	code := strings.ToUpper(value)
	switch {
	case value == "":
		list.Add(ErrRequired.On(path...))
	case !IsCountry(code):
		list.Add(ErrCountry.On(path...))
	default:
		return code
	}
	return ""
}

// maxTag is the longest language tag that is looked at, in bytes.
const maxTag = 35

// Language checks a tag of BCP 47 and returns its canonical form: "pl-PL" for
// "PL_pl". Any language is fine, also one that no catalogue has.
func Language(list *errs.List, value string, path ...string) string {
	value = strings.TrimSpace(value)
	if value == "" {
		list.Add(ErrRequired.On(path...))
		return ""
	}
	tag, err := language.Parse(value[:min(len(value), maxTag+1)])
	if err != nil || len(value) > maxTag || tag == language.Und {
		list.Add(ErrLanguage.On(path...))
		return ""
	}
	return tag.String()
}

// phone is a number as people write it, with its extension.
var (
	phone = regexp.MustCompile(`(?i)^\+?[0-9 ()./-]+( ?(x|ext\.?|wew\.?) ?[0-9]+)?$`)
	digit = regexp.MustCompile(`[0-9]`)
)

// minDigits is the shortest number that can be called.
const minDigits = 3

// Phone checks a phone number. It is kept as it was written.
func Phone(list *errs.List, value string, path ...string) string {
	before := len(*list)
	value = Text(list, value, MaxPhone, true, path...)
	if len(*list) > before {
		return ""
	}
	if !phone.MatchString(value) || len(digit.FindAllString(value, minDigits)) < minDigits {
		list.Add(ErrPhone.On(path...))
		return ""
	}
	return value
}

// Website checks an address that begins with http:// or https://. It is kept
// as it was written.
func Website(list *errs.List, value string, path ...string) string {
	before := len(*list)
	value = Text(list, value, MaxWebsite, true, path...)
	if len(*list) > before {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil || !isHost(u.Hostname()) || strings.ContainsAny(value, " \"<>\\^`{|}") {
		list.Add(ErrWebsite.On(path...))
		return ""
	}
	return value
}

func isHost(name string) bool {
	ascii, err := idna.Lookup.ToASCII(name)
	return err == nil && domain.MatchString(ascii)
}
