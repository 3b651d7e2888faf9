package live_test

import (
	"encoding/base64"
	"errors"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"partnerhub/internal/live"
)

func TestCursor_comesBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := live.Cursor{
			Position:   rapid.Int64Range(0, math.MaxInt64).Draw(t, "position"),
			Unfinished: rapid.StringMatching(`|[a-z]{2,4}_[0-9a-v]{26}`).Draw(t, "unfinished"),
		}
		back, err := live.ParseCursor(c.String())
		if err != nil || back != c {
			t.Fatalf("%+v came back as %+v, %v", c, back, err)
		}
		if strings.ContainsAny(c.String(), "+/= \"") {
			t.Fatalf("%q does not stand in a URL as it is", c)
		}
	})
}

// Garbage is refused (A49).
func TestParseCursor_refuses(t *testing.T) {
	bytes := base64.RawURLEncoding.EncodeToString
	for name, text := range map[string]string{
		"nothing":              "",
		"words":                "not a cursor",
		"no base64":            "AQ==",
		"a form alone":         bytes([]byte{1}),
		"an unknown form":      bytes([]byte{9, 5}),
		"no form":              bytes([]byte{0, 5}),
		"half a number":        bytes([]byte{1, 0x80}),
		"a padded number":      bytes([]byte{1, 0x85, 0x00}),
		"a number too large":   bytes([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),
		"more than 64 bits":    bytes([]byte{1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}),
		"an id too many":       bytes([]byte{1, 5, 'h'}),
		"an id too few":        bytes([]byte{2, 5}),
		"a long id":            bytes(append([]byte{2, 5}, strings.Repeat("h", 65)...)),
		"an id with a blank":   bytes([]byte{2, 5, 'h', ' '}),
		"bytes that are no id": bytes([]byte{2, 5, 0xff}),
		"bits left over":       "AQX",
		"a newline":            "AQ\nU",
		"very much":            strings.Repeat("A", 100_000),
	} {
		if c, err := live.ParseCursor(text); !errors.Is(err, live.ErrCursor) {
			t.Errorf("%s: taken as %+v, %v", name, c, err)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, c := range []live.Cursor{{}, {Position: 1}, {Position: 300, Unfinished: "hub_0"}, {Position: math.MaxInt64}} {
		f.Add(c.String())
	}
	f.Add("")
	f.Add("not a cursor")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := live.ParseCursor(text)
		if err != nil {
			if c != (live.Cursor{}) {
				t.Errorf("%q is refused, and taken as %+v", text, c)
			}
			return
		}
		if c.Position < 0 || c.String() != text {
			t.Errorf("%q is taken as %+v, whose text is %q", text, c, c)
		}
	})
}
