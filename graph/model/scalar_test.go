package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
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
