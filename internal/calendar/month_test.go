package calendar

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/internal/errs"
)

var (
	_ graphql.Marshaler   = Month{}
	_ graphql.Unmarshaler = (*Month)(nil)
	_ driver.Valuer       = Month{}
	_ sql.Scanner         = (*Month)(nil)
)

func TestParseMonth(t *testing.T) {
	good := map[string]Month{
		"2026-11": {2026, time.November},
		"2026-01": {2026, time.January},
		"2026-12": {2026, time.December},
		"0001-01": {1, time.January},
		"9999-12": {9999, time.December},
	}
	for text, want := range good {
		got, err := ParseMonth(text)
		if err != nil || got != want {
			t.Errorf("ParseMonth(%q) = %v, %v; want %v", text, got, err, want)
		}
		if got.String() != text {
			t.Errorf("ParseMonth(%q).String() = %q", text, got)
		}
	}
	for _, text := range []string{
		"", "2026", "2026-", "2026-0", "2026-00", "2026-13", "2026-1", "26-11", "2026/11", "202611",
		"2026-11-01", " 2026-11", "2026-11 ", "2026-11\n", "+026-11", "-026-11", "2026-+1", "0000-01",
		"2026-1a", "２０２６-11", "2026–1", "12026-1", "null",
	} {
		if got, err := ParseMonth(text); !errors.Is(err, ErrMonth) || !got.IsZero() {
			t.Errorf("ParseMonth(%q) = %v, %v; want ErrMonth", text, got, err)
		}
	}
	if ErrMonth.Code != errs.BadUserInput || ErrMonth.Kind != errs.ForProgrammer {
		t.Errorf("ErrMonth is %v; a malformed scalar is the programmer's BAD_USER_INPUT", ErrMonth)
	}
}

func FuzzParseMonth(f *testing.F) {
	for _, seed := range []string{"2026-11", "0000-00", "9999-12", "2026-1", "²026-01", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMonth(text)
		if err != nil {
			if !m.IsZero() || !errors.Is(err, ErrMonth) {
				t.Fatalf("ParseMonth(%q) = %v, %v", text, m, err)
			}
			return
		}
		if m.String() != text {
			t.Fatalf("ParseMonth(%q).String() = %q", text, m)
		}
		if std, err := time.Parse("2006-01", text); err != nil || std.Year() != m.Year || std.Month() != m.Month {
			t.Fatalf("package time reads %q as %v, %v", text, std, err)
		}
	})
}

func TestMonth_Order(t *testing.T) {
	months := []Month{
		{}, {2025, time.November}, {2025, time.December}, {2026, time.January}, {2026, time.February}, {2027, time.January},
	}
	for i, m := range months {
		for j, n := range months {
			if want := min(1, max(-1, i-j)); m.Compare(n) != want {
				t.Errorf("%q.Compare(%q) = %d, want %d", m, n, m.Compare(n), want)
			}
			if m.Before(n) != (i < j) {
				t.Errorf("%q.Before(%q) = %t", m, n, m.Before(n))
			}
			if m.IsZero() == n.IsZero() && (m.String() < n.String()) != (i < j) {
				t.Errorf("%q and %q sort otherwise as text", m, n)
			}
		}
		if m.IsZero() {
			continue
		}
		if m.Next().Prev() != m || m.Prev().Next() != m {
			t.Errorf("%v: Next and Prev do not undo each other", m)
		}
		if !m.Before(m.Next()) || !m.Prev().Before(m) {
			t.Errorf("%v is not between its neighbours", m)
		}
	}
	if got := (Month{2026, time.December}).Next(); got != (Month{2027, time.January}) {
		t.Errorf("after December 2026 comes %v", got)
	}
	if got := (Month{2026, time.January}).Prev(); got != (Month{2025, time.December}) {
		t.Errorf("before January 2026 was %v", got)
	}
}

func TestMonth_GraphQL(t *testing.T) {
	for want, m := range map[string]Month{`"2026-02"`: {2026, time.February}, "null": {}} {
		var b bytes.Buffer
		m.MarshalGQL(&b)
		if b.String() != want {
			t.Errorf("MarshalGQL of %#v wrote %s, want %s", m, b.String(), want)
		}
	}
	var m Month
	if err := m.UnmarshalGQL("2026-02"); err != nil || m != (Month{2026, time.February}) {
		t.Errorf("UnmarshalGQL = %v, %v", m, err)
	}
	for _, v := range []any{"2026-2", 202602, json.Number("202602"), 2026.02, true, nil, []any{"2026-02"}, map[string]any{}} {
		if err := m.UnmarshalGQL(v); !errors.Is(err, ErrMonth) {
			t.Errorf("UnmarshalGQL(%#v) = %v, want ErrMonth", v, err)
		}
	}
}

func TestMonth_Database(t *testing.T) {
	for _, m := range []Month{{}, {2026, time.February}, {2026, time.December}} {
		v, err := m.Value()
		if err != nil || m.IsZero() != (v == nil) {
			t.Fatalf("Value of %q = %v, %v", m, v, err)
		}
		back := Month{1, 1}
		if err := back.Scan(v); err != nil || back != m {
			t.Errorf("Scan(%v) = %q, %v; want %q", v, back, err, m)
		}
	}
	var m Month
	if err := m.Scan([]byte("2026-02")); err != nil || m != (Month{2026, time.February}) {
		t.Errorf("Scan of bytes = %v, %v", m, err)
	}
	for _, src := range []any{"", "2026-2", int64(202602), time.Now(), []byte("nonsense")} {
		if err := m.Scan(src); err == nil {
			t.Errorf("Scan(%#v) was taken for %v", src, m)
		}
	}
	if m != (Month{2026, time.February}) {
		t.Errorf("a failed Scan changed the month to %v", m)
	}
}
