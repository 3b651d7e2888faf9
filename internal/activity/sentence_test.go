package activity

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"partnerhub/internal/i18n"
)

// Every action has its sentence in every language, made of the words that the
// table asks for and of no others.
func TestSummary_All(t *testing.T) {
	for _, action := range Actions() {
		words := map[string]string{}
		for _, name := range sentences[action] {
			words[name] = "<" + name + ">"
		}
		for _, l := range i18n.Languages {
			said := Summary(l, action, words)
			if said == "<"+sentenceID(action)+">" {
				t.Errorf("%s has no sentence in %q that its words %q fill", action, l, sentences[action])
				continue
			}
			for name, word := range words {
				if !strings.Contains(said, word) {
					t.Errorf("%s in %q does not say the word %q: %s", action, l, name, said)
				}
			}
			if !strings.HasSuffix(said, ".") {
				t.Errorf("%s in %q is no sentence: %s", action, l, said)
			}
		}
	}
}

// A sentence that no action has would never be read.
func TestSummary_NoOthers(t *testing.T) {
	for _, id := range i18n.Keys(i18n.English) {
		if regexp.MustCompile(`^activity[A-Z]`).MatchString(id) &&
			!slices.ContainsFunc(Actions(), func(a string) bool { return sentenceID(a) == id }) {
			t.Errorf("%s is the sentence of no action", id)
		}
	}
}

func TestSummary_Role(t *testing.T) {
	words := map[string]string{"person": "Ewa Nowak", "role": "SERVICE_MANAGER"}
	for l, want := range map[i18n.Language]string{
		i18n.English: "The role of Ewa Nowak was changed. New role: Service Manager.",
		i18n.Polish:  "Zmieniono rolę: Ewa Nowak. Nowa rola: Menadżer usług.",
	} {
		if got := Summary(l, "employeeRoleUpdate", words); got != want {
			t.Errorf("in %q: %q, want %q", l, got, want)
		}
	}
}

func TestEntry_Check(t *testing.T) {
	for name, c := range map[string]struct {
		entry Entry
		want  string
	}{
		"whole":          {Entry{Action: "objectCreate", Words: map[string]string{"object": "Villa 7"}}, ""},
		"one word more":  {Entry{Action: "objectCreate", Words: map[string]string{"object": "Villa 7", "hub": "A"}}, ""},
		"a word missing": {Entry{Action: "hubAdd", Words: map[string]string{"hub": "A"}}, `the sentence of hubAdd lacks the word "object"`},
		"unknown action": {Entry{Action: "hubPaint"}, `the log has no sentence for "hubPaint"`},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := c.entry.check(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("error %q, want %q", got, c.want)
			}
		})
	}
}
