// Package form checks what people type into fields, before anything else is
// looked at (A35, A54). Each check notes on the list what is wrong, with the
// path of the field below `input`, and returns the value in the form in which
// it is kept; a value that was refused counts for nothing:
//
//	var wrong errs.List
//	name := form.Text(&wrong, in.Name, 200, true, "name")
//	email := form.Email(&wrong, in.Contact.Email, "contact", "email")
//	phone := form.Optional(&wrong, in.Phone, form.Phone, "phone")
//	if err := wrong.Err(); err != nil {
//		return nil, err
//	}
package form

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/internal/errs"
)

// Refusals of a field. Those of one kind of value are beside its check.
var (
	// ErrRequired answers a blank value where one is needed.
	ErrRequired = errs.New(errs.Required, "errorRequired")
	// ErrInvalid answers a value that no better sentence describes.
	ErrInvalid = errs.New(errs.Invalid, "errorInvalid")
	// ErrTooLong answers a value of more characters than "max" says.
	ErrTooLong = errs.New(errs.Invalid, "errorTooLong")
	// ErrUnprintable answers a value with control characters.
	ErrUnprintable = errs.New(errs.Invalid, "errorUnprintable")
)

// Longest values, in characters.
const (
	MaxName    = 200
	MaxAddress = 500
	MaxReason  = 1000
	MaxPhone   = 50
	MaxWebsite = 200
	MaxEmail   = 254 // the longest that mail servers take (RFC 5321), in ASCII
)

// Check is a check of a value that must not be blank.
type Check func(list *errs.List, value string, path ...string) string

// Text checks a line of text of at most max characters: a name, a number. It
// is trimmed. Control characters and those that turn the direction of writing
// are refused, since they make one text look like another.
func Text(list *errs.List, value string, max int, required bool, path ...string) string {
	return printable(list, value, max, required, nil, path)
}

// Lines checks a text that may have several lines, such as a postal address or
// a reason. They end with "\n".
func Lines(list *errs.List, value string, max int, required bool, path ...string) string {
	value = strings.ReplaceAll(value, "\r\n", "\n")
	return printable(list, value, max, required, func(r rune) bool { return r == '\n' }, path)
}

// UpTo is [Text] of at most max characters as a [Check].
func UpTo(max int) Check {
	return func(list *errs.List, value string, path ...string) string {
		return Text(list, value, max, true, path...)
	}
}

// LinesUpTo is [Lines] of at most max characters as a [Check].
func LinesUpTo(max int) Check {
	return func(list *errs.List, value string, path ...string) string {
		return Lines(list, value, max, true, path...)
	}
}

func printable(list *errs.List, value string, max int, required bool, also func(rune) bool, path []string) string {
	value = strings.TrimSpace(value)
	switch {
	case value == "":
		if required {
			list.Add(ErrRequired.On(path...))
		}
		return ""
	case !utf8.ValidString(value), strings.ContainsFunc(value, func(r rune) bool {
		return unprintable(r) && (also == nil || !also(r))
	}):
		list.Add(ErrUnprintable.On(path...))
		return ""
	case utf8.RuneCountInString(value) > max:
		list.Add(ErrTooLong.With("max", max).On(path...))
		return ""
	}
	return value
}

// unprintable reports control characters, the separators of lines and
// paragraphs, and the overrides of the writing direction. Marks that single
// letters of some languages and emoji need are fine.
func unprintable(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff',
		'\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
		return true
	}
	return false
}

// Optional checks a value that may be missing: nil and blank are nil.
func Optional(list *errs.List, value *string, check Check, path ...string) *string {
	if value == nil || strings.TrimSpace(*value) == "" {
		return nil
	}
	checked := check(list, *value, path...)
	return &checked
}

// Change checks a field of an update that may be cleared. Where it was left
// out, isSet is false and the present value is kept; null and blank clear it,
// with nil.
func Change(list *errs.List, field graphql.Omittable[*string], check Check, path ...string) (to *string, isSet bool) {
	value, isSet := field.ValueOK()
	if !isSet {
		return nil, false
	}
	return Optional(list, value, check, path...), true
}

// Replace checks a field of an update that cannot be cleared: nil where it was
// left out. Null and blank are refused with [ErrRequired].
func Replace(list *errs.List, field graphql.Omittable[*string], check Check, path ...string) *string {
	value, isSet := field.ValueOK()
	if !isSet {
		return nil
	}
	if value == nil {
		value = new(string)
	}
	checked := check(list, *value, path...)
	return &checked
}
