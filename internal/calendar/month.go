// Package calendar knows months: when they begin in a time zone, and when a
// trial ends. All of it is arithmetic on instants and a zone that the caller
// gives; nothing here asks what time it is.
//
// The months of a zone cut time into half-open spans, [Start(m), Start(m+1)),
// without gap or overlap. A month begins at the first instant whose local month
// is the new one (A14), and a month that has begun does not end again: where
// clocks go back over the boundary, as in St John's at 00:01 on 1 November
// 2009, the hour that the clocks show twice belongs to the new month.
//
// A program that uses zones should import time/tzdata, so that its months do
// not depend on the machine it runs on.
package calendar

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"io"
	"strconv"
	"time"

	"partnerhub/internal/errs"
)

// ErrMonth refuses a text that is no month.
var ErrMonth = errs.NewForProgrammer(errs.BadUserInput, "errorInvalidMonth")

// Month is a month of the calendar, without a time zone. Its zero value is no
// month at all: NULL in a database and in GraphQL.
type Month struct {
	Year  int        // 1 to 9999
	Month time.Month // January to December
}

// ParseMonth reads the form YYYY-MM and no other: four digits of the year, 0001
// to 9999, a hyphen, two digits of the month. It fails with [ErrMonth].
func ParseMonth(s string) (Month, error) {
	if len(s) != 7 || s[4] != '-' {
		return Month{}, ErrMonth
	}
	year, month := 0, 0
	for i, c := range []byte(s) {
		switch {
		case i == 4:
		case c < '0' || c > '9':
			return Month{}, ErrMonth
		case i < 4:
			year = year*10 + int(c-'0')
		default:
			month = month*10 + int(c-'0')
		}
	}
	if year == 0 || month < 1 || month > 12 {
		return Month{}, ErrMonth
	}
	return Month{year, time.Month(month)}, nil
}

// String returns the form YYYY-MM, which sorts as months do; "" for no month.
func (m Month) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year, m.Month)
}

// IsZero reports whether m is no month.
func (m Month) IsZero() bool { return m == Month{} }

// Next returns the month after m.
func (m Month) Next() Month {
	if m.Month == time.December {
		return Month{m.Year + 1, time.January}
	}
	return Month{m.Year, m.Month + 1}
}

// Prev returns the month before m.
func (m Month) Prev() Month {
	if m.Month == time.January {
		return Month{m.Year - 1, time.December}
	}
	return Month{m.Year, m.Month - 1}
}

// Compare returns -1 when m is before n, 0 when they are the same, else +1.
func (m Month) Compare(n Month) int {
	return cmp.Or(cmp.Compare(m.Year, n.Year), cmp.Compare(m.Month, n.Month))
}

// Before reports whether m is before n.
func (m Month) Before(n Month) bool { return m.Compare(n) < 0 }

// MarshalGQL writes the scalar Month.
func (m Month) MarshalGQL(w io.Writer) {
	text := "null"
	if !m.IsZero() {
		text = strconv.Quote(m.String())
	}
	// The signature leaves no way to report an error; gqlgen writes to memory.
	_, _ = io.WriteString(w, text)
}

// UnmarshalGQL reads the scalar Month. It fails with [ErrMonth].
func (m *Month) UnmarshalGQL(v any) error {
	s, ok := v.(string)
	if !ok {
		return ErrMonth
	}
	var err error
	*m, err = ParseMonth(s)
	return err
}

// Value stores a month as text, YYYY-MM, and no month as NULL.
func (m Month) Value() (driver.Value, error) {
	if m.IsZero() {
		return nil, nil
	}
	return m.String(), nil
}

// Scan reads what [Month.Value] stored.
func (m *Month) Scan(src any) error {
	var text string
	switch src := src.(type) {
	case nil:
		*m = Month{}
		return nil
	case string:
		text = src
	case []byte:
		text = string(src)
	default:
		return fmt.Errorf("calendar: a month is stored as text, not as %T", src)
	}
	month, err := ParseMonth(text)
	if err != nil {
		return fmt.Errorf("calendar: stored month %q: %w", text, err)
	}
	*m = month
	return nil
}
