package live

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Cursor is a place in the activity log, and so in every stream of the
// installation. Clients get it as an opaque text.
type Cursor struct {
	// Position of the last entry that is behind the reader; 0 is before the
	// first one.
	Position int64

	// Unfinished is the id of the thing last told of in a snapshot that more
	// follows of; "" is no such place. Whoever comes back to a stream with it
	// has not seen all there is, and starts anew (A49).
	Unfinished string
}

// Forms of cursors: the first byte. Others may come to be.
const (
	formPlace      = 1 // a position
	formUnfinished = 2 // a position and an id
)

// maxID is how long an id in a cursor may be, in bytes. Those of this server
// are shorter.
const maxID = 64

// ErrCursor tells that a text is no cursor of this server.
var ErrCursor = errors.New("live: this is no cursor")

// String returns the cursor as clients get it.
func (c Cursor) String() string {
	b := []byte{formPlace}
	if c.Unfinished != "" {
		b[0] = formUnfinished
	}
	b = binary.AppendUvarint(b, uint64(c.Position))
	return base64.RawURLEncoding.EncodeToString(append(b, c.Unfinished...))
}

// ParseCursor reads what [Cursor.String] wrote, and nothing else: it fails
// with [ErrCursor].
func ParseCursor(s string) (Cursor, error) {
	// More than the longest one is not looked at.
	if len(s) > base64.RawURLEncoding.EncodedLen(1+binary.MaxVarintLen64+maxID) {
		return Cursor{}, ErrCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) < 2 {
		return Cursor{}, ErrCursor
	}
	position, n := binary.Uvarint(b[1:])
	if n <= 0 {
		return Cursor{}, ErrCursor
	}
	c := Cursor{Position: int64(position), Unfinished: string(b[1+n:])}
	// One place has one text, which also refuses unknown forms, padded numbers
	// and left over bits.
	if c.Position < 0 || len(c.Unfinished) > maxID || !printable(c.Unfinished) || c.String() != s {
		return Cursor{}, ErrCursor
	}
	return c, nil
}

// printable reports whether a text has but the characters that ids have.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
