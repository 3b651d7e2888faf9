package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/nicksnyder/go-i18n/v2/i18n/template"
	"golang.org/x/text/language"
)

//go:embed catalogue/*/*.toml
var files embed.FS

// catalogue is the texts of one language. It is filled before main starts and
// only read afterwards.
type catalogue struct {
	messages  map[string]*goi18n.Message
	plain     map[string]string // texts without variables and plural forms: no template to run
	localizer *goi18n.Localizer
}

var catalogues = mustLoad(files)

// strict makes a sentence whose variable is missing an error, not "<no value>".
var strict = &template.TextParser{Option: "missingkey=error"}

// Text returns the text of the id in the language. args are the values of its
// variables by name; the one called "count", an integer, chooses the plural
// form too.
//
// An id that no catalogue has, or a missing value, is a programmer's mistake
// that the tests catch: it yields the id in angle brackets.
func Text(l Language, id string, args map[string]any) string {
	c := catalogues[l]
	if c == nil {
		c = catalogues[English]
	}
	return c.text(id, args)
}

func (c *catalogue) text(id string, args map[string]any) string {
	if text, ok := c.plain[id]; ok {
		return text
	}
	config := &goi18n.LocalizeConfig{MessageID: id, TemplateData: args, TemplateParser: strict}
	if m := c.messages[id]; m != nil && counts(m) {
		config.PluralCount = args["count"]
	}
	text, err := c.localizer.Localize(config)
	if err != nil {
		return "<" + id + ">"
	}
	return text
}

// Has reports whether there is a text with the id.
func Has(id string) bool {
	_, ok := catalogues[English].messages[id]
	return ok
}

// Keys returns the ids of all texts in the language, sorted; nil for a
// language without a catalogue.
func Keys(l Language) []string {
	c := catalogues[l]
	if c == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(c.messages))
}

// counts reports whether the text has plural forms besides the general one.
func counts(m *goi18n.Message) bool {
	return m.Zero+m.One+m.Two+m.Few+m.Many != ""
}

// mustLoad panics when a catalogue is not sound: the program could not speak.
func mustLoad(files fs.FS) map[Language]*catalogue {
	all := map[Language]*catalogue{}
	for _, l := range Languages {
		c, err := load(files, l)
		if err != nil {
			panic("i18n: " + err.Error())
		}
		all[l] = c
	}
	return all
}

// load reads all files of one language. An id that two of them have is an
// error: one text would silently hide the other.
func load(files fs.FS, l Language) (*catalogue, error) {
	tag := language.Make(string(l))
	bundle := goi18n.NewBundle(tag)
	c := &catalogue{messages: map[string]*goi18n.Message{}, plain: map[string]string{}}
	names, err := fs.Glob(files, path.Join("catalogue", string(l), "*.toml"))
	if err != nil {
		return nil, err
	}
	from := map[string]string{}
	for _, name := range names {
		messages, err := read(files, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range messages {
			if first, ok := from[m.ID]; ok {
				return nil, fmt.Errorf("%s: the id %q is in %s already", name, m.ID, first)
			}
			from[m.ID] = name
			c.messages[m.ID] = m
			if !counts(m) && !strings.Contains(m.Other, "{{") {
				c.plain[m.ID] = m.Other
			}
		}
		if err := bundle.AddMessages(tag, messages...); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	c.localizer = goi18n.NewLocalizer(bundle, string(l))
	return c, nil
}

func read(files fs.FS, name string) ([]*goi18n.Message, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	return goi18n.ParseMessageBytes(text, toml.Unmarshal)
}
