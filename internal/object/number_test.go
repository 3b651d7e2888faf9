package object_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/object"
)

func TestCheckSerialNumber(t *testing.T) {
	for _, c := range []struct {
		value, want string
		refusal     *errs.Error
	}{
		{"00A1B2C3", "00A1B2C3", nil},
		{" 00 a1-b2–c3\t", "00A1B2C3", nil},
		{"abcd", "ABCD", nil},
		{strings.Repeat("9", 32), strings.Repeat("9", 32), nil},
		{"", "", form.ErrRequired},
		{" - ", "", form.ErrRequired},
		{"ABC", "", object.ErrSerialNumber},
		{strings.Repeat("9", 33), "", object.ErrSerialNumber},
		{"ABC_D", "", object.ErrSerialNumber},
		{"ŻABA", "", object.ErrSerialNumber},
		{"ıııı", "", object.ErrSerialNumber}, // its upper case would be IIII
		{"٠١٢٣", "", object.ErrSerialNumber}, // digits, but not ours
		{"ABCD\x00", "", object.ErrSerialNumber},
	} {
		var wrong errs.List
		got := object.CheckSerialNumber(&wrong, c.value, "serialNumber")
		if c.refusal == nil && wrong.Err() != nil || c.refusal != nil && !errors.Is(wrong, c.refusal) || got != c.want {
			t.Errorf("%q: got %q, %v; want %q, %v", c.value, got, wrong, c.want, c.refusal)
		}
	}
}

// What is kept can be typed again, in any case and grouping, and is the same.
func TestCheckSerialNumber_isStable(t *testing.T) {
	kept := regexp.MustCompile(`^[0-9A-Z]{4,32}$`)
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringMatching(`[0-9a-zA-Z -]{0,40}`).Draw(t, "typed")
		var wrong errs.List
		got := object.CheckSerialNumber(&wrong, typed, "serialNumber")
		if wrong.Err() != nil {
			if got != "" {
				t.Fatalf("a refused number is kept as %q", got)
			}
			return
		}
		if !kept.MatchString(got) {
			t.Fatalf("%q is kept as %q", typed, got)
		}
		if again := object.CheckSerialNumber(&wrong, strings.ToLower(got[:2])+" - "+got[2:], "serialNumber"); again != got {
			t.Fatalf("%q typed again is %q", got, again)
		}
	})
}
