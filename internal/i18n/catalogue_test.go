package i18n

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
)

// Both catalogues are whole: the same ids, the same variables, every plural
// form that the language has, and no empty text.
func TestCatalogues(t *testing.T) {
	for _, l := range Languages {
		if catalogues[l] == nil {
			t.Fatalf("no catalogue for %q", l)
		}
		for _, other := range Languages {
			for _, id := range Keys(l) {
				if catalogues[other].messages[id] == nil {
					t.Errorf("%q is in the catalogue %q but not in %q", id, l, other)
				}
			}
		}
	}
	for _, id := range Keys(English) {
		en, pl := catalogues[English].messages[id], catalogues[Polish].messages[id]
		if pl == nil {
			continue
		}
		complete(t, id, English, en, map[string]string{"one": en.One, "other": en.Other})
		complete(t, id, Polish, pl, map[string]string{"one": pl.One, "few": pl.Few, "many": pl.Many, "other": pl.Other})
		if counts(en) != counts(pl) {
			t.Errorf("%q has plural forms in one language only", id)
		}
		if e, p := variables(t, en), variables(t, pl); !slices.Equal(e, p) {
			t.Errorf("%q has the variables %q in English and %q in Polish", id, e, p)
		}
	}
}

// complete checks the forms of one text against those its language has.
func complete(t *testing.T, id string, l Language, m *goi18n.Message, wanted map[string]string) {
	t.Helper()
	if !counts(m) {
		wanted = map[string]string{"other": m.Other}
	}
	for form, text := range wanted {
		if strings.TrimSpace(text) == "" {
			t.Errorf("%q has no text for %q in %q", id, form, l)
		}
	}
	have := slices.DeleteFunc(forms(m), func(s string) bool { return s == "" })
	if len(have) > len(wanted) {
		t.Errorf("%q has plural forms that the language %q does not know", id, l)
	}
	for _, text := range have {
		if text != strings.TrimSpace(text) {
			t.Errorf("%q begins or ends with blanks in %q", id, l)
		}
	}
}

func forms(m *goi18n.Message) []string {
	return []string{m.Zero, m.One, m.Two, m.Few, m.Many, m.Other}
}

var variable = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// variables returns the names that stand in any form of the text, sorted. A
// text may hold variables only: conditions and functions belong into Go.
func variables(t *testing.T, m *goi18n.Message) []string {
	t.Helper()
	names := map[string]bool{}
	for _, text := range forms(m) {
		for _, found := range variable.FindAllStringSubmatch(text, -1) {
			names[found[1]] = true
		}
		if rest := variable.ReplaceAllString(text, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			t.Errorf("%q holds more than variables: %q", m.ID, text)
		}
	}
	if counts(m) && !names["count"] {
		t.Errorf("%q counts, but does not name {{.count}}", m.ID)
	}
	return slices.Sorted(maps.Keys(names))
}

// Every text can be said, with all its variables filled, without a fault.
func TestText_All(t *testing.T) {
	for _, l := range Languages {
		for _, id := range Keys(l) {
			args := map[string]any{}
			for _, name := range variables(t, catalogues[l].messages[id]) {
				args[name] = "X"
			}
			if counts(catalogues[l].messages[id]) {
				args["count"] = 5
			}
			if text := Text(l, id, args); text == "<"+id+">" || strings.Contains(text, "{{") {
				t.Errorf("%q in %q: %q", id, l, text)
			}
		}
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		language Language
		id       string
		args     map[string]any
		want     string
	}{
		{English, "actionStop", nil, "Stop now"},
		{Polish, "actionStop", nil, "Zatrzymaj teraz"},
		{Polish, "actionStop", map[string]any{"count": 3}, "Zatrzymaj teraz"},
		{English, "errorTooLong", map[string]any{"max": 200}, "Enter no more than 200 characters."},
		{Polish, "errorTooLong", map[string]any{"max": 200}, "Maksymalna dozwolona liczba znaków: 200."},
		{"de", "actionStop", nil, "Stop now"},
		{English, "noSuchText", nil, "<noSuchText>"},
		{Polish, "noSuchText", map[string]any{"count": 1}, "<noSuchText>"},
		{English, "errorTooLong", nil, "<errorTooLong>"},
	} {
		if got := Text(c.language, c.id, c.args); got != c.want {
			t.Errorf("Text(%q, %q, %v) = %q, want %q", c.language, c.id, c.args, got, c.want)
		}
	}
}

func TestText_Plurals(t *testing.T) {
	loaded := mustLoad(fstest.MapFS{
		"catalogue/en/a.toml": {Data: []byte("hubs.one = \"{{.count}} hub of {{.name}}\"\nhubs.other = \"{{.count}} hubs of {{.name}}\"")},
		"catalogue/pl/a.toml": {Data: []byte("hubs.one = \"{{.count}} hub {{.name}}\"\nhubs.few = \"{{.count}} huby {{.name}}\"\nhubs.many = \"{{.count}} hubów {{.name}}\"\nhubs.other = \"{{.count}} huba {{.name}}\"")},
	})
	for _, c := range []struct {
		language Language
		count    any
		want     string
	}{
		{English, 0, "0 hubs of A"}, {English, 1, "1 hub of A"}, {English, 2, "2 hubs of A"},
		{Polish, 1, "1 hub A"}, {Polish, 2, "2 huby A"}, {Polish, 5, "5 hubów A"},
		{Polish, 12, "12 hubów A"}, {Polish, 22, "22 huby A"}, {Polish, int64(0), "0 hubów A"},
		{Polish, "1.5", "1.5 huba A"},
	} {
		args := map[string]any{"name": "A", "count": c.count}
		if got := loaded[c.language].text("hubs", args); got != c.want {
			t.Errorf("%v in %q: %q, want %q", c.count, c.language, got, c.want)
		}
	}
}

func TestLoad_Unsound(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"twice in two files": {fstest.MapFS{
			"catalogue/en/a.toml": {Data: []byte(`hub = "Hub"`)},
			"catalogue/en/b.toml": {Data: []byte(`hub = "Hub again"`)},
		}, `catalogue/en/b.toml: the id "hub" is in catalogue/en/a.toml already`},
		"twice in one file": {fstest.MapFS{
			"catalogue/en/a.toml": {Data: []byte("hub = \"Hub\"\nhub = \"Hub again\"")},
		}, "catalogue/en/a.toml"},
		"a text below a table": {fstest.MapFS{
			"catalogue/en/a.toml": {Data: []byte("[hubs]\none = \"a\"\nother = \"b\"\nhub = \"Hub\"")},
		}, "catalogue/en/a.toml"},
		"not TOML": {fstest.MapFS{
			"catalogue/en/a.toml": {Data: []byte("hub: Hub")},
		}, "catalogue/en/a.toml"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load(c.files, English); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
			defer func() {
				if said, ok := recover().(string); !ok || !strings.HasPrefix(said, "i18n: ") {
					t.Errorf("mustLoad panics with %q", said)
				}
			}()
			mustLoad(c.files)
		})
	}
}

func TestKeysAndHas(t *testing.T) {
	if !Has("errorNotFound") || Has("noSuchText") {
		t.Error("Has does not tell what there is")
	}
	if keys := Keys(Polish); !slices.IsSorted(keys) || !slices.Contains(keys, "errorNotFound") {
		t.Errorf("Keys(Polish) = %q", keys)
	}
	if keys := Keys("de"); keys != nil {
		t.Errorf("Keys of a language without a catalogue: %q", keys)
	}
}

// Many requests speak at once.
func TestText_Concurrent(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				for _, l := range Languages {
					if text := Text(l, "errorTooLong", map[string]any{"max": 7}); !strings.Contains(text, "7") {
						t.Errorf("%q in %q", text, l)
					}
				}
			}
		})
	}
	all.Wait()
}

func BenchmarkText(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			Text(Polish, "actionStop", nil)
		}
	})
	args := map[string]any{"max": 200}
	b.Run("variable", func(b *testing.B) {
		for b.Loop() {
			Text(Polish, "errorTooLong", args)
		}
	})
}
