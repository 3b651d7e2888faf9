package form_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"pgregory.net/rapid"

	"partnerhub/internal/errs"
	"partnerhub/internal/form"
)

// refused checks that value is refused with want, or kept as kept where want
// is nil.
func refused(t *testing.T, check form.Check, value, kept string, want *errs.Error) {
	t.Helper()
	var list errs.List
	got := check(&list, value, "contact", "field")
	if want == nil {
		if err := list.Err(); err != nil || got != kept {
			t.Errorf("%q: kept as %q, %v; want %q", value, got, err, kept)
		}
		return
	}
	if len(list) != 1 || !errors.Is(list, want) || !slices.Equal(list[0].Path, []string{"input", "contact", "field"}) {
		t.Errorf("%q: %v; want %v", value, list, want)
	}
	if got != "" {
		t.Errorf("%q was refused and still returned as %q", value, got)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{"Night Watch", "Night Watch", nil},
		{"  Żółta Łódź \t", "Żółta Łódź", nil},
		{"", "", form.ErrRequired},
		{" \n\t\u00a0", "", form.ErrRequired},
		{"łłłłłłłłłłłł", "łłłłłłłłłłłł", nil}, // 12 characters, 24 bytes
		{"łłłłłłłłłłłłł", "", form.ErrTooLong},
		{"a\nb", "", form.ErrUnprintable},
		{"a\x00b", "", form.ErrUnprintable},
		{"a\x7fb", "", form.ErrUnprintable},
		{"a\u0085b", "", form.ErrUnprintable},
		{"a\u2028b", "", form.ErrUnprintable},
		{"abc\u202efdp", "", form.ErrUnprintable},
		{"a\xffb", "", form.ErrUnprintable},
		{"👩\u200d🔧", "👩\u200d🔧", nil},
	} {
		refused(t, form.UpTo(12), c.value, c.kept, c.want)
	}
	var list errs.List
	if form.Text(&list, " ", 12, false, "x") != "" || list.Err() != nil {
		t.Errorf("blank where it may be: %v", list)
	}
	form.Text(&list, strings.Repeat("x", 13), 12, false, "x")
	if len(list) != 1 || list[0].Args["max"] != 12 {
		t.Errorf("too long: %v", list)
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{"ul. Prosta 1\r\n00-001 Warszawa\n", "ul. Prosta 1\n00-001 Warszawa", nil},
		{"a\rb", "", form.ErrUnprintable},
		{"a\x1bb", "", form.ErrUnprintable},
		{"\n", "", form.ErrRequired},
	} {
		refused(t, form.LinesUpTo(100), c.value, c.kept, c.want)
	}
}

func TestEmail(t *testing.T) {
	long := strings.Repeat("a", 63)
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{"jan@example.pl", "jan@example.pl", nil},
		{"  Jan.Kowalski+Hub@Example.PL ", "jan.kowalski+hub@example.pl", nil},
		{"o'brien_1-x@a-b.example", "o'brien_1-x@a-b.example", nil},
		{"root@localhost", "root@localhost", nil},
		{"jan@ŻÓŁW.pl", "jan@żółw.pl", nil},
		{"jan@xn--w-uga1v8h.pl", "jan@żółw.pl", nil},
		{long + "@" + long + ".example", long + "@" + long + ".example", nil},
		{"", "", form.ErrRequired},
		{"  ", "", form.ErrRequired},
		{"jan", "", form.ErrEmail},
		{"@example.pl", "", form.ErrEmail},
		{"jan@", "", form.ErrEmail},
		{"jan@example.pl.", "", form.ErrEmail},
		{"jan@.pl", "", form.ErrEmail},
		{"jan@-a.pl", "", form.ErrEmail},
		{"jan@a..pl", "", form.ErrEmail},
		{"jan@[127.0.0.1]", "", form.ErrEmail},
		{"jan@a_b.pl", "", form.ErrEmail},
		{"a@b@c.pl", "", form.ErrEmail},
		{".jan@example.pl", "", form.ErrEmail},
		{"jan.@example.pl", "", form.ErrEmail},
		{"jan..k@example.pl", "", form.ErrEmail},
		{`"jan k"@example.pl`, "", form.ErrEmail},
		{"Jan <jan@example.pl>", "", form.ErrEmail},
		{"jan@example.pl, eve@example.pl", "", form.ErrEmail},
		{"jan@example.pl\r\nBcc: eve@example.pl", "", form.ErrEmail},
		{"jan@exa mple.pl", "", form.ErrEmail},
		{"żółw@example.pl", "", form.ErrEmail},
		{strings.Repeat("a", 65) + "@example.pl", "", form.ErrEmail},
		{"a@" + strings.Repeat(long+".", 4) + "pl", "", form.ErrEmail},
		{"a@" + strings.Repeat("ż", 4000), "", form.ErrEmail},
	} {
		refused(t, form.Email, c.value, c.kept, c.want)
	}
}

// An address has one form, whatever was typed.
func TestEmail_Once(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.OneOf(
			rapid.StringMatching(`[A-Za-z0-9.+-]{1,10}@[A-Za-z0-9ąłżÓ.-]{1,20}`),
			rapid.String(),
		).Draw(t, "typed")
		folded, ok := form.FoldEmail(typed)
		if !ok {
			return
		}
		if again, ok := form.FoldEmail(folded); !ok || again != folded {
			t.Fatalf("%q became %q, and that %q, %v", typed, folded, again, ok)
		}
		if other, ok := form.FoldEmail(strings.ToUpper(folded)); !ok || other != folded {
			t.Fatalf("upper case of %q became %q, %v", folded, other, ok)
		}
	})
}

func TestCountry(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{"PL", "PL", nil}, {" pl ", "PL", nil}, {"GB", "GB", nil}, {"AX", "AX", nil},
		{"", "", form.ErrRequired},
		{"POL", "", form.ErrCountry}, {"616", "", form.ErrCountry}, {"XX", "", form.ErrCountry},
		{"EU", "", form.ErrCountry}, {"UK", "", form.ErrCountry}, {"XK", "", form.ErrCountry},
		{"SU", "", form.ErrCountry}, {"Poland", "", form.ErrCountry}, {"P", "", form.ErrCountry},
		{"ß", "", form.ErrCountry}, {"pł", "", form.ErrCountry},
	} {
		refused(t, form.Country, c.value, c.kept, c.want)
	}
	assigned := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if form.IsCountry(string([]rune{a, b})) {
				assigned++
			}
		}
	}
	if assigned != 249 { // what ISO 3166-1 has
		t.Errorf("%d countries", assigned)
	}
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{"pl", "pl", nil}, {" PL ", "pl", nil}, {"EN-gb", "en-GB", nil}, {"pl_PL", "pl-PL", nil},
		{"de", "de", nil}, {"zh-hant-TW", "zh-Hant-TW", nil},
		{"", "", form.ErrRequired},
		{"polski", "", form.ErrLanguage}, {"p", "", form.ErrLanguage}, {"und", "", form.ErrLanguage},
		{"en,pl", "", form.ErrLanguage}, {"xx", "", form.ErrLanguage}, {"en\n", "en", nil},
		{"en-x-" + strings.Repeat("aaaaaaaa-", 100) + "a", "", form.ErrLanguage},
	} {
		refused(t, form.Language, c.value, c.kept, c.want)
	}
}

func TestPhone(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{" +48 22 123 45 67 ", "+48 22 123 45 67", nil}, {"(022) 123-45-67 wew. 12", "(022) 123-45-67 wew. 12", nil},
		{"1-800-555.0199 x7", "1-800-555.0199 x7", nil}, {"112", "112", nil},
		{"", "", form.ErrRequired},
		{"12", "", form.ErrPhone}, {"---", "", form.ErrPhone}, {"call me", "", form.ErrPhone},
		{"+48+22 123", "", form.ErrPhone}, {"123\n456", "", form.ErrUnprintable},
		{strings.Repeat("1", 51), "", form.ErrTooLong},
	} {
		refused(t, form.Phone, c.value, c.kept, c.want)
	}
}

func TestWebsite(t *testing.T) {
	for _, c := range []struct {
		value, kept string
		want        *errs.Error
	}{
		{" https://Example.pl/a?b=c#d ", "https://Example.pl/a?b=c#d", nil}, {"http://localhost:8080", "http://localhost:8080", nil},
		{"https://żółw.pl", "https://żółw.pl", nil}, {"http://127.0.0.1/", "http://127.0.0.1/", nil},
		{"", "", form.ErrRequired},
		{"example.pl", "", form.ErrWebsite}, {"ftp://example.pl", "", form.ErrWebsite},
		{"javascript:alert(1)", "", form.ErrWebsite}, {"https://", "", form.ErrWebsite},
		{"https://user:word@example.pl", "", form.ErrWebsite}, {"https://exa mple.pl", "", form.ErrWebsite},
		{"https://example.pl/\"><script>", "", form.ErrWebsite}, {"https://%zz", "", form.ErrWebsite},
		{"https:/example.pl", "", form.ErrWebsite}, {"https://a\nb", "", form.ErrUnprintable},
		{"https://example.pl/" + strings.Repeat("a", 200), "", form.ErrTooLong},
	} {
		refused(t, form.Website, c.value, c.kept, c.want)
	}
}

func TestOptional(t *testing.T) {
	var list errs.List
	blank, good, bad := " ", " 112 ", "x"
	if form.Optional(&list, nil, form.Phone, "phone") != nil || form.Optional(&list, &blank, form.Phone, "phone") != nil {
		t.Error("nothing became something")
	}
	if got := form.Optional(&list, &good, form.Phone, "phone"); got == nil || *got != "112" {
		t.Errorf("kept as %v", got)
	}
	if list.Err() != nil {
		t.Errorf("refused: %v", list)
	}
	form.Optional(&list, &bad, form.Phone, "phone")
	if !errors.Is(list, form.ErrPhone) {
		t.Errorf("not refused: %v", list)
	}
}

func TestChangeAndReplace(t *testing.T) {
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		field               graphql.Omittable[*string]
		to                  *string
		isSet               bool
		change, replacement *errs.Error
	}{
		"left out": {},
		"null":     {field: graphql.OmittableOf[*string](nil), isSet: true, replacement: form.ErrRequired},
		"blank":    {field: graphql.OmittableOf(text(" ")), isSet: true, replacement: form.ErrRequired},
		"a value":  {field: graphql.OmittableOf(text(" 112 ")), to: text("112"), isSet: true},
		"wrong":    {field: graphql.OmittableOf(text("x")), isSet: true, to: text(""), change: form.ErrPhone, replacement: form.ErrPhone},
	} {
		t.Run(name, func(t *testing.T) {
			var changed, replaced errs.List
			to, isSet := form.Change(&changed, c.field, form.Phone, "phone")
			if isSet != c.isSet || (to == nil) != (c.to == nil) || to != nil && *to != *c.to || !is(changed, c.change) {
				t.Errorf("Change: %v, %v, %v", to, isSet, changed)
			}
			to = form.Replace(&replaced, c.field, form.Phone, "phone")
			if (to != nil) != c.isSet || to != nil && c.to != nil && *to != *c.to || !is(replaced, c.replacement) {
				t.Errorf("Replace: %v, %v", to, replaced)
			}
		})
	}
}

func is(list errs.List, want *errs.Error) bool {
	if want == nil {
		return list.Err() == nil
	}
	return len(list) == 1 && errors.Is(list, want)
}
