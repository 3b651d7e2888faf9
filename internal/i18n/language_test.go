package i18n_test

import (
	"context"
	"strings"
	"testing"

	"partnerhub/internal/i18n"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		wishes []string
		want   i18n.Language
		served bool
	}{
		{[]string{"pl"}, i18n.Polish, true},
		{[]string{"pl-PL"}, i18n.Polish, true},
		{[]string{"PL_pl"}, i18n.Polish, true},
		{[]string{"en"}, i18n.English, true},
		{[]string{"en-GB;q=0.8"}, i18n.English, true},
		{[]string{"en-GB;q=0.8, pl;q=0.9"}, i18n.Polish, true},
		{[]string{"pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7"}, i18n.Polish, true},
		{[]string{"de-DE, de;q=0.9, pl;q=0.1"}, i18n.Polish, true},
		{[]string{"cy, pl;q=0.5"}, i18n.Polish, true},
		{[]string{"pl;q=0, en;q=0.1"}, i18n.English, true},
		{[]string{"", "pl"}, i18n.Polish, true},
		{[]string{"de", "pl"}, i18n.Polish, true},
		{[]string{"???", "en"}, i18n.English, true},
		{[]string{"en", "pl"}, i18n.English, true},
		{nil, i18n.English, false},
		{[]string{""}, i18n.English, false},
		{[]string{"*"}, i18n.English, false},
		{[]string{"und"}, i18n.English, false},
		{[]string{"de"}, i18n.English, false},
		{[]string{"de-DE, fr;q=0.5"}, i18n.English, false},
		{[]string{"pl;q=0"}, i18n.English, false},
		{[]string{"garbage here"}, i18n.English, false},
		{[]string{"pl;q=high"}, i18n.English, false},
		{[]string{"\x00\xff"}, i18n.English, false},
		{[]string{strings.Repeat("de,", 5000) + "pl"}, i18n.English, false},
	} {
		got, served := i18n.Match(c.wishes...)
		if got != c.want || served != c.served {
			t.Errorf("Match(%.60q) = %q, %v; want %q, %v", c.wishes, got, served, c.want, c.served)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"pl", "en-GB;q=0.8", "*", "x-;;q=,", "pl-u-ca-buddhist"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, wish string) {
		if l, served := i18n.Match(wish); !served && l != i18n.English {
			t.Errorf("Match(%q) = %q, not served", wish, l)
		}
	})
}

func TestFrom(t *testing.T) {
	ctx := context.Background()
	if l := i18n.From(ctx); l != i18n.English {
		t.Errorf("of a bare context: %q", l)
	}
	if l := i18n.From(i18n.With(ctx, i18n.Polish)); l != i18n.Polish {
		t.Errorf("of a context in Polish: %q", l)
	}
}

func BenchmarkMatch(b *testing.B) {
	for name, wish := range map[string]string{
		"usual":   "pl-PL,pl;q=0.9,en-US;q=0.8,en;q=0.7",
		"longest": strings.Repeat("de,", 16<<10/3),
		"garbage": strings.Repeat("a-", 8<<10),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				i18n.Match(wish)
			}
		})
	}
}
