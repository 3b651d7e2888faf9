// Package errs is the one error type with which this server says no.
//
// A refusal has a code for machines, the id of a sentence for people (package
// i18n holds it in every language) and the path of the input field at fault.
// Areas declare their refusals as package variables and return copies of them:
//
//	return nil, ErrNoSIM.On("hubId")
//
// Anything that is not an [*Error] or a [List] is a fault of the server: it is
// logged, and the client learns no more than a request id.
package errs

import (
	"errors"
	"maps"
	"slices"
	"strings"
)

// Code is a stable word to branch on: a UserErrorCode of the schema, or the
// `extensions.code` of a top-level error.
type Code string

// Codes of user errors, as in the schema's enum UserErrorCode.
const (
	Required                Code = "REQUIRED"
	Invalid                 Code = "INVALID"
	Taken                   Code = "TAKEN"
	NotFound                Code = "NOT_FOUND"
	Forbidden               Code = "FORBIDDEN"
	InvalidState            Code = "INVALID_STATE"
	ServicesActive          Code = "SERVICES_ACTIVE"
	SIMRequired             Code = "SIM_REQUIRED"
	NotADealer              Code = "NOT_A_DEALER"
	ConnectionNotActive     Code = "CONNECTION_NOT_ACTIVE"
	ConnectionSuspended     Code = "CONNECTION_SUSPENDED"
	NotAReseller            Code = "NOT_A_RESELLER"
	ResellerRequired        Code = "RESELLER_REQUIRED"
	PackageRequired         Code = "PACKAGE_REQUIRED"
	NoPriceInCurrency       Code = "NO_PRICE_IN_CURRENCY"
	CreditLimit             Code = "CREDIT_LIMIT"
	RequestExists           Code = "REQUEST_EXISTS"
	SuspendedByOther        Code = "SUSPENDED_BY_OTHER"
	PersonalContextRequired Code = "PERSONAL_CONTEXT_REQUIRED"
	EmailNotVerified        Code = "EMAIL_NOT_VERIFIED"
	CountryNotSupported     Code = "COUNTRY_NOT_SUPPORTED"
	BadCredentials          Code = "BAD_CREDENTIALS"
	TokenExpired            Code = "TOKEN_EXPIRED"
	AccountRequired         Code = "ACCOUNT_REQUIRED"
	OwnerFixed              Code = "OWNER_FIXED"
	IdempotencyMismatch     Code = "IDEMPOTENCY_MISMATCH"
	Other                   Code = "OTHER"
	TooManyAttempts         Code = "TOO_MANY_ATTEMPTS"
)

// Codes of top-level errors, which only a programmer can put right.
const (
	BadUserInput    Code = "BAD_USER_INPUT"
	Unauthenticated Code = "UNAUTHENTICATED"
	RateLimited     Code = "RATE_LIMITED"
	ComplexityLimit Code = "COMPLEXITY_LIMIT_EXCEEDED"
	Timeout         Code = "TIMEOUT"
	Internal        Code = "INTERNAL_SERVER_ERROR"
)

// Kind tells who can put the cause of an error right.
type Kind int

const (
	// ForPerson errors become `userErrors` of a mutation's payload. It is the
	// zero value, since most refusals are of this kind.
	ForPerson Kind = iota
	// ForProgrammer errors become top-level errors with `extensions.code`.
	ForProgrammer
)

// Error is one refusal. It is a value to be copied by its methods, never to be
// changed: most errors are package variables.
type Error struct {
	Kind    Kind
	Code    Code
	Message string         // id of the sentence in the catalogues of package i18n
	Args    map[string]any // values that stand in the sentence; "count" chooses its plural
	Path    []string       // input field at fault, ["input", "email"]; nil for the whole request
	Detail  any            // nil, or one of Existing, State, Services and Retry
}

// Existing is the Detail of an error about a value that something else has
// already: it becomes `InputError.existing` where the viewer may see the thing.
type Existing struct{ ID string }

// State is the Detail of an error about the state of something: it becomes a
// `StateError`. Actions are what the state allows, as in the schema's enums
// ServiceAction and ConnectionAction.
type State struct {
	SubjectID         string
	Actions           []string
	ConnectionActions []string
}

// Services is the Detail of an error about live services that stand in the
// way: it becomes a `ServicesActiveError`.
type Services struct {
	Count  int      // all of them
	HubIDs []string // the hubs they run on, at most 20
}

// Retry is the Detail of an error that passes by itself: of a top-level error
// it becomes `extensions.retryAfter`.
type Retry struct{ Seconds int }

// New returns a refusal for persons.
func New(code Code, message string) *Error { return &Error{Code: code, Message: message} }

// NewForProgrammer returns a refusal that becomes a top-level error.
func NewForProgrammer(code Code, message string) *Error {
	return &Error{Kind: ForProgrammer, Code: code, Message: message}
}

// Error is for logs; people read the sentence of the catalogue.
func (e *Error) Error() string {
	s := string(e.Code) + " (" + e.Message + ")"
	if len(e.Path) > 0 {
		s += " at " + strings.Join(e.Path, ".")
	}
	return s
}

// Is reports whether target is the same refusal, wherever it was met.
func (e *Error) Is(target error) bool {
	t, ok := errors.AsType[*Error](target)
	return ok && t.Code == e.Code && t.Message == e.Message
}

// On returns the error with its path: the names of the fields below `input`.
func (e *Error) On(field ...string) *Error {
	c := *e
	c.Path = append([]string{"input"}, field...)
	return &c
}

// Below returns the error with its path put under the field it was met in:
// what was wrong at input.name is then wrong at input.items.3.name.
func (e *Error) Below(field ...string) *Error {
	c := *e
	rest := e.Path
	if len(rest) > 0 && rest[0] == "input" {
		rest = rest[1:]
	}
	c.Path = slices.Concat([]string{"input"}, field, rest)
	return &c
}

// With returns the error with a value for its sentence.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = maps.Clone(e.Args)
	if c.Args == nil {
		c.Args = map[string]any{}
	}
	c.Args[name] = value
	return &c
}

// About returns the error with what its typed form tells besides.
func (e *Error) About(detail any) *Error {
	c := *e
	c.Detail = detail
	return &c
}

// List is several refusals at once: all the wrong fields of one input.
type List []*Error

// Error is for logs.
func (l List) Error() string {
	s := make([]string, len(l))
	for i, e := range l {
		s[i] = e.Error()
	}
	return strings.Join(s, "; ")
}

// Is reports whether one of the list is target.
func (l List) Is(target error) bool {
	return slices.ContainsFunc(l, func(e *Error) bool { return e.Is(target) })
}

// Add puts a refusal on the list, unless it is nil.
func (l *List) Add(e *Error) {
	if e != nil {
		*l = append(*l, e)
	}
}

// Below returns the list with each path put under the field, as [Error.Below]
// does.
func (l List) Below(field ...string) List {
	below := make(List, len(l))
	for i, e := range l {
		below[i] = e.Below(field...)
	}
	return below
}

// Err returns the list as an error, nil when nothing is on it.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Refusals returns what err refuses, or nil when it is a fault of the server.
func Refusals(err error) List {
	if l, ok := errors.AsType[List](err); ok {
		return l
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return List{e}
	}
	return nil
}
