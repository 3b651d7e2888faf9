package model

import (
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/internal/errs"
)

// Refusals of values that are no such scalar. What people type into the scalars
// that are text is refused by the commands instead, with its field (A54).
var (
	// ErrDateTime answers what is no instant of RFC 3339 with an offset.
	ErrDateTime = errs.NewForProgrammer(errs.BadUserInput, "errorInvalidDateTime")
	// ErrLong answers what is no integer of at most 53 bits.
	ErrLong = errs.NewForProgrammer(errs.BadUserInput, "errorInvalidLong")
	// ErrText answers a number, a list or an object where a text is needed.
	ErrText = errs.NewForProgrammer(errs.BadUserInput, "errorInvalidText")
)

// MarshalText writes a scalar that is text.
func MarshalText(s string) graphql.Marshaler { return graphql.MarshalString(s) }

// UnmarshalText reads a text and nothing else: a number would not be kept as it
// was written. It fails with [ErrText].
func UnmarshalText(v any) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", ErrText
	}
	return s, nil
}

// MarshalDateTime writes an instant in UTC, whole microseconds at most.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) {
		_, _ = io.WriteString(w, strconv.Quote(t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano)))
	})
}

// dateTime is the form of RFC 3339. Package time takes hours of one digit,
// commas and offsets of more than a day as well.
var dateTime = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// UnmarshalDateTime reads RFC 3339 with an offset, of an instant that can be
// written so in UTC: in the years 0 to 9999. It fails with [ErrDateTime].
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok || !dateTime.MatchString(s) {
		return time.Time{}, ErrDateTime
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC().Truncate(time.Microsecond)
	if err != nil || t.Year() < 0 || t.Year() > 9999 {
		return time.Time{}, ErrDateTime
	}
	return t, nil
}

// maxLong is the largest integer that every JSON reader keeps exactly.
const maxLong = 1<<53 - 1

// MarshalLong writes an integer of up to 53 bits.
func MarshalLong(n int64) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatInt(n, 10)) })
}

// UnmarshalLong reads an integer of up to 53 bits. It fails with [ErrLong].
func UnmarshalLong(v any) (int64, error) {
	var n int64
	var err error
	switch v := v.(type) {
	case json.Number:
		n, err = strconv.ParseInt(v.String(), 10, 64)
	case int64:
		n = v
	case int:
		n = int64(v)
	default:
		err = strconv.ErrSyntax
	}
	if err != nil || n > maxLong || n < -maxLong {
		return 0, ErrLong
	}
	return n, nil
}
