package graph

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// keyKind is what the values are that a list is sorted by.
type keyKind int

const (
	byText   keyKind = iota // string
	byNumber                // int64
	byTime                  // time.Time
)

// place is the content of a cursor.
type place struct {
	Order  string     `json:"o"`
	Text   string     `json:"s,omitempty"`
	Number *int64     `json:"n,omitempty"`
	Time   *time.Time `json:"t,omitempty"`
	ID     string     `json:"i"` // or what else the tie is
}

func (p place) value() any {
	switch {
	case p.Time != nil:
		return *p.Time
	case p.Number != nil:
		return *p.Number
	}
	return p.Text
}

// encode returns the cursor as clients get it.
func (p place) encode() string {
	text, _ := json.Marshal(p) // a struct of texts and an instant always can be
	return base64.RawURLEncoding.EncodeToString(text)
}

// place reads what [list.cursor] wrote for the order of this list, and nothing
// else: it fails with errBadCursor. A place of another form would be compared
// with the wrong type, which PostgreSQL refuses and SQLite does not notice.
func (l list[T]) place(cursor *string) (*place, error) {
	if cursor == nil {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return nil, errBadCursor
	}
	var p place
	if json.Unmarshal(text, &p) != nil || !l.order.has(p) {
		return nil, errBadCursor
	}
	if p.Time != nil {
		*p.Time = p.Time.UTC().Truncate(time.Microsecond) // as rows have it
	}
	if p.encode() != *cursor { // one place has one text
		return nil, errBadCursor
	}
	return &p, nil
}

// has reports whether a row of the list could be at the place.
func (o order[T]) has(p place) bool {
	if p.Order != o.name || p.ID == "" || strings.ContainsRune(p.ID+p.Text, 0) { // no database keeps a null in a text
		return false
	}
	keyed := o.column != ""
	return (p.Text == "" || keyed && o.kind == byText) &&
		(p.Number != nil) == (keyed && o.kind == byNumber) &&
		(p.Time != nil) == (keyed && o.kind == byTime)
}

func (l list[T]) cursor(t *T) string { return l.placeOf(t).encode() }

// placeOf is the place of a row in the list.
func (l list[T]) placeOf(t *T) place {
	p := place{Order: l.order.name}
	if l.order.tieOf != nil {
		p.ID = l.order.tieOf(t)
	} else {
		p.ID = l.idOf(t)
	}
	if l.order.column != "" {
		switch v := l.order.value(t).(type) {
		case time.Time:
			v = v.UTC()
			p.Time = &v
		case int64:
			p.Number = &v
		case string:
			p.Text = v
		}
	}
	return p
}
