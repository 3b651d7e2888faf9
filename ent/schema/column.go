// Package schema holds the graph: what is stored, what is unique, and who may
// see it. The verbs that change it are in the areas under internal.
package schema

import (
	"encoding/base32"
	"strings"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"github.com/google/uuid"
)

// idText writes the 16 bytes of an id so that text sorts as the bytes do.
var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// newID makes ids such as hub_0pj6f4c1…: a prefix for people and a UUIDv7 of
// the real clock. They grow within a process even where a test clock stands,
// so that sorting by id is sorting by insertion.
func newID(prefix string) func() string {
	return func() string {
		u := uuid.Must(uuid.NewV7())
		return prefix + "_" + strings.ToLower(idText.EncodeToString(u[:]))
	}
}

func id(prefix string) ent.Field {
	return field.String("id").DefaultFunc(newID(prefix)).Immutable().NotEmpty()
}

// ref is the column of an edge to something with a text id.
func ref(name string) ent.Field { return field.String(name).NotEmpty().Immutable() }

// text is a column of words that may be missing.
func text(name string) ent.Field { return field.String(name).Optional().Nillable() }

// instant is a column with a UTC instant in whole microseconds; the store's
// driver binds it so.
func instant(name string) ent.Field { return field.Time(name) }

// maybeInstant is an instant that may not have come yet.
func maybeInstant(name string) ent.Field { return field.Time(name).Optional().Nillable() }
