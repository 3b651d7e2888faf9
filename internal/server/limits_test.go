package server

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every field of Limits is in the table, once, and has a default.
func TestLimits_Table(t *testing.T) {
	values := DefaultLimits()
	seen, names := map[any]bool{}, map[string]bool{}
	for _, l := range limits {
		field := l.field(&values)
		if seen[field] || names[l.name] {
			t.Errorf("%s is in the table twice", l.name)
		}
		seen[field], names[l.name] = true, true
		before := l.show(&values)
		if err := values.set(l.name + "=" + before); err != nil || values != DefaultLimits() {
			t.Errorf("%s=%s, its own default: %v", l.name, before, err)
		}
	}
	settable(t, "", reflect.ValueOf(&values).Elem(), seen)
}

// settable fails the test for each number in a struct that is not in the table,
// or has no default. Of the rules only one slows.
func settable(t *testing.T, within string, v reflect.Value, seen map[any]bool) {
	t.Helper()
	for i := range v.NumField() {
		field, name := v.Field(i), within+v.Type().Field(i).Name
		switch {
		case field.Kind() == reflect.Struct:
			settable(t, name+".", field, seen)
		case field.Kind() == reflect.String, strings.Contains(name, ".Slow") && within != "Tries.Account.":
		case !seen[field.Addr().Interface()]:
			t.Errorf("%s cannot be set", name)
		case field.IsZero():
			t.Errorf("%s has no default", name)
		}
	}
}

func TestByteSize(t *testing.T) {
	for text, want := range map[string]ByteSize{
		"1": 1, "1B": 1, "1000": 1000, "256KiB": 256 << 10, "256 KiB": 256 << 10, "8MiB": 8 << 20, "1GiB": 1 << 30, "1536KiB": 1536 << 10,
		"2147483647": 1<<31 - 1,
	} {
		if got, err := ParseByteSize(text); err != nil || got != want {
			t.Errorf("%s is %d, %v; want %d", text, got, err, want)
		}
	}
	for size, want := range map[ByteSize]string{1: "1B", 500: "500B", 1024: "1KiB", 1025: "1025B", 8 << 20: "8MiB", 1536 << 10: "1536KiB", 1 << 30: "1GiB", 0: "0B"} {
		if got := size.String(); got != want {
			t.Errorf("%d is shown as %s, want %s", int64(size), got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		size := ByteSize(rapid.Int64Range(1, maxCount).Draw(t, "size"))
		if got, err := ParseByteSize(size.String()); err != nil || got != size {
			t.Fatalf("%d is shown as %s, which is %d, %v", int64(size), size, got, err)
		}
	})
}

func TestShowDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		10 * time.Second: "10s", 2 * time.Minute: "2m", 90 * time.Second: "1m30s", time.Hour: "1h", 90 * time.Minute: "1h30m",
		time.Hour + time.Second: "1h0m1s", 500 * time.Millisecond: "500ms", 10 * time.Minute: "10m", 20 * time.Hour: "20h",
	} {
		if got := showDuration(d); got != want {
			t.Errorf("%v is shown as %s, want %s", int64(d), got, want)
		}
		if back, err := parseDuration(showDuration(d)); err != nil || back != d {
			t.Errorf("%s is read as %v, %v", showDuration(d), back, err)
		}
	}
}
