package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"partnerhub/graph/model"
	"partnerhub/internal/errs"
)

// A value that is no such scalar is the programmer's, never a fault of the
// server.
func TestMalformedScalarsAreBadUserInput(t *testing.T) {
	instant := func(v any) error { _, err := model.UnmarshalDateTime(v); return err }
	long := func(v any) error { _, err := model.UnmarshalLong(v); return err }
	text := func(v any) error { _, err := model.UnmarshalText(v); return err }
	for _, c := range []struct {
		read  func(any) error
		value any
		ok    bool
	}{
		{instant, "2026-11-22T01:14:29Z", true},
		{instant, "2026-11-22T01:14:29.5+01:00", true},
		{instant, "2026-11-22", false},
		{instant, "2026-11-22T01:14:29", false},
		{instant, "", false},
		// What package time takes beyond RFC 3339.
		{instant, "2026-11-22T1:14:29Z", false},
		{instant, "2026-11-22T01:14:29,5Z", false},
		{instant, "2026-11-22T01:14:29+24:00", false},
		{instant, "2026-11-22T01:14:29+23:60", false},
		{instant, "2026-11-22T01:14:29+23:59", true},
		// In UTC these are in years that are not written with four digits.
		{instant, "9999-12-31T23:59:59-00:01", false},
		{instant, "0000-01-01T00:00:00+00:01", false},
		{instant, "9999-12-31T23:59:59.999999Z", true},
		{instant, "0000-01-01T00:00:00Z", true},
		{instant, json.Number("5"), false},
		{instant, nil, false},
		{long, json.Number("9007199254740991"), true},
		{long, json.Number("9007199254740992"), false},
		{long, json.Number("1.5"), false},
		{long, "7", false},
		{text, "jan@example.com", true},
		{text, "", true},
		{text, json.Number("5"), false},
		{text, true, false},
		{text, map[string]any{}, false},
	} {
		err := c.read(c.value)
		refused, isOurs := errors.AsType[*errs.Error](err)
		switch {
		case c.ok && err != nil:
			t.Errorf("%#v is refused: %v", c.value, err)
		case !c.ok && (!isOurs || refused.Kind != errs.ForProgrammer || refused.Code != errs.BadUserInput):
			t.Errorf("%#v is answered with %v", c.value, err)
		}
	}
}

// Instants are served in UTC, in whole microseconds.
func TestDateTimeIsServedInUTC(t *testing.T) {
	at := time.Date(2026, time.November, 22, 1, 14, 29, 123456789, time.FixedZone("", 3600))
	var b bytes.Buffer
	model.MarshalDateTime(at).MarshalGQL(&b)
	if got, want := b.String(), `"2026-11-22T00:14:29.123456Z"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// isRFC3339 reports whether a text has the form of an instant, whose date and
// time of day may be none.
func isRFC3339(text string) bool {
	form := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0'
		}
		return r
	}, text)
	rest, ok := strings.CutPrefix(form, "0000-00-00T00:00:00")
	if fraction, found := strings.CutPrefix(rest, ".0"); found {
		rest = strings.TrimLeft(fraction, "0")
	}
	if rest == "+00:00" || rest == "-00:00" {
		hours, minutes := text[len(text)-5:len(text)-3], text[len(text)-2:]
		return ok && hours < "24" && minutes < "60"
	}
	return ok && rest == "Z"
}

// What is taken for an instant is one to RFC 3339, is the instant that package
// time reads, and comes back as it was served.
func FuzzDateTime(f *testing.F) {
	for _, s := range []string{
		"2026-11-22T01:14:29Z", "2026-11-22T01:14:29.123456789+01:00", "2024-02-29T23:59:59.9999999-12:00", "2023-02-29T00:00:00Z",
		"2016-12-31T23:59:60Z", "2026-11-22T24:00:00Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "10000-01-01T00:00:00Z",
		"2026-11-22t01:14:29z", "2026-11-22 01:14:29Z", "2026-11-22T01:14:29+0100", "2026-11-22T01:14:29-00:00", "2026-11-22T01:14Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		at, err := model.UnmarshalDateTime(text)
		std, stdErr := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			if !errors.Is(err, model.ErrDateTime) || !at.IsZero() {
				t.Fatalf("%q is refused with %v, and is %v", text, err, at)
			}
			if year := std.UTC().Year(); stdErr == nil && isRFC3339(text) && year >= 0 && year <= 9999 {
				t.Fatalf("%q is refused", text)
			}
			return
		}
		if !isRFC3339(text) || stdErr != nil || at != std.UTC().Truncate(time.Microsecond) {
			t.Fatalf("%q is taken for %v; package time: %v, %v", text, at, std, stdErr)
		}
		var b bytes.Buffer
		model.MarshalDateTime(at).MarshalGQL(&b)
		served := strings.Trim(b.String(), `"`)
		if again, err := model.UnmarshalDateTime(served); err != nil || again != at || !strings.HasSuffix(served, "Z") {
			t.Fatalf("%q is served as %s, which is %v, %v", text, b.String(), again, err)
		}
	})
}

// An integer is taken exactly or refused, and comes back as it was served.
func FuzzLong(f *testing.F) {
	for _, s := range []string{"0", "-0", "9007199254740991", "-9007199254740992", "9223372036854775808", "1e3", "1.0", "007", "+1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := model.UnmarshalLong(json.Number(text))
		exact, ok := new(big.Int).SetString(text, 10)
		if err != nil {
			if !errors.Is(err, model.ErrLong) || n != 0 {
				t.Fatalf("%q is refused with %v, and is %d", text, err, n)
			}
			return
		}
		var b bytes.Buffer
		model.MarshalLong(n).MarshalGQL(&b)
		if !ok || !exact.IsInt64() || exact.Int64() != n || b.String() != exact.String() || exact.BitLen() > 53 {
			t.Fatalf("%q is taken for %d, and served as %s", text, n, b.String())
		}
	})
}
