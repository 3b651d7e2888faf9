// Package i18n holds every sentence, label and mail text of the server, in
// English and in Polish.
//
// The texts live in the folder catalogue, one TOML file per language and area,
// and are embedded. A text is found by an id that is the same in all languages:
//
//	i18n.Text(i18n.From(ctx), "errorTooLong", map[string]any{"max": 200})
//
// A text that counts has one line for each plural form, and names the number:
//
//	hubsFound.one = "{{.count}} hub"
//	hubsFound.other = "{{.count}} hubs"
//
// Both catalogues have the same ids, the same variables and, for a text that
// counts, all the plural forms of their language; the tests hold them to that.
package i18n

import (
	"context"
	"strings"

	"golang.org/x/text/language"
)

// Language is one of [Languages], as a BCP 47 tag.
type Language string

// The languages that people can be answered in.
const (
	English Language = "en"
	Polish  Language = "pl"
)

// Languages are all languages with a catalogue, the default one first.
var Languages = []Language{English, Polish}

// maxAsked is how many of the languages named by one header are looked at, so
// that a hostile header costs no more than a long one.
const maxAsked = 20

var matcher = language.NewMatcher([]language.Tag{language.English, language.Polish})

// Match returns the language that serves the first of the wishes that any
// language serves. A wish is a tag, such as that of a person's account, or a
// whole Accept-Language header with its weights. It reports false when none is
// served: no wishes, only other languages, or garbage.
func Match(wishes ...string) (Language, bool) {
	for _, wish := range wishes {
		if named := strings.SplitN(wish, ",", maxAsked+1); len(named) > maxAsked {
			wish = strings.Join(named[:maxAsked], ",")
		}
		tags, _, err := language.ParseAcceptLanguage(wish)
		if err != nil || len(tags) == 0 {
			continue
		}
		_, i, confidence := matcher.Match(tags...)
		if confidence >= language.High {
			return Languages[i], true
		}
	}
	return English, false
}

type contextKey struct{}

// With returns a context whose answers are in the language.
func With(ctx context.Context, l Language) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From returns the language of the context: English unless [With] set one.
func From(ctx context.Context) Language {
	if l, ok := ctx.Value(contextKey{}).(Language); ok {
		return l
	}
	return English
}
