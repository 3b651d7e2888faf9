package guard

import (
	"strconv"
	"strings"
	"testing"
)

// testLimits are those of a server where nothing is set.
var testLimits = Limits{
	Document: 32 << 10, Tokens: 2000, Nesting: 25, Depth: 18, Aliases: 30, SameField: 10, SameMutation: 30,
	Directives: 20, Fragments: 30, Spreads: 60, Fields: 2000, Cost: 5000, Page: Page{20, 100}, Pages: map[string]Page{"hubTileChanges": {100, 500}}, Nodes: 100, Items: 100, Kept: 16 << 20,
}

// each writes n pieces, in which % is the number of the piece.
func each(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(piece, "%", strconv.Itoa(i)))
	}
	return b.String()
}

// Every limit: documents that have exactly so much of what it limits. One at
// the limit passes; one more is refused, with the limit's name, the figures
// and the place.
func TestWeigh_limits(t *testing.T) {
	repeat := strings.Repeat
	for _, c := range []struct {
		limit string
		max   int
		place string // of what is too much; 0:0 is the document
		with  func(n int) string
	}{
		{"document", 32 << 10, "0:0", func(n int) string { return "{a}" + repeat(" ", n-3) }},
		{"document-tokens", 2000, "2:3991", func(n int) string { return "#\n{a(c:[" + repeat("1 ", n-10) + "])}" }},
		{"nesting", 25, "1:30", func(n int) string { return "{a(b: " + repeat("[", n-2) + repeat("]", n-2) + ")}" }},
		{"nesting", 25, "1:58", func(n int) string { return "{__schema{" + repeat("a{", n-2) + "a" + repeat("}", n) }},
		{"depth", 18, "1:38", func(n int) string { return repeat("{a", n) + repeat("}", n) }},
		{"depth", 18, "1:9", func(n int) string { return "{a{b{...F}}} fragment F on T" + repeat("{a", n-2) + repeat("}", n-2) }},
		{"depth", 18, "1:54", func(n int) string { return "{...on Q@i{...@i" + repeat("{a", n) + repeat("}", n+2) }},
		{"aliases", 30, "1:142", func(n int) string { return "{" + each(n/2, "a:b%{c:d}") + each(n%2, "e:f") + "}" }},
		{"same-field", 10, "1:22", func(n int) string { return "{" + repeat("a ", n) + "}" }},
		{"same-field", 10, "1:44", func(n int) string { return "{b{" + repeat("...{a}", n/2) + repeat("a ", n-n/2) + "}}" }},
		{"same-mutation", 30, "1:70", func(n int) string { return "mutation{" + repeat("a ", n) + "}" }},
		{"same-mutation", 30, "1:84", func(n int) string { return "fragment M on Mutation{" + repeat("a ", n) + "} mutation{...M}" }},
		{"directives", 20, "1:187", func(n int) string { return "query($a:B@c)@d{e@f ...@g(a:1){h}" + each(n-4, "i%@j(a:1)") + "}" }},
		{"fragments", 30, "1:547", func(n int) string { return "{...A}" + repeat("fragment A on B{c}", n) }},
		{"spreads", 60, "1:246", func(n int) string { return "{a" + repeat("...A", n) + "}" }},
		{"fields", 2000, "1:1", func(n int) string {
			return "{" + repeat("...A ", 39) + each(n-39*50, "b%,") + "}fragment A on B{" + each(50, "c% ") + "}"
		}},
	} {
		if r := Weigh(c.with(c.max), testLimits); r != nil {
			t.Errorf("%s: %d is refused: %v", c.limit, c.max, r)
		}
		r := Weigh(c.with(c.max+1), testLimits)
		if r == nil {
			t.Errorf("%s: %d passes", c.limit, c.max+1)
			continue
		}
		place := strconv.Itoa(r.Line) + ":" + strconv.Itoa(r.Column)
		if r.Limit != c.limit || r.Value != c.max+1 || r.Max != c.max || place != c.place {
			t.Errorf("%s: %d gives %s at %s with %d of %d", c.limit, c.max+1, r.Limit, place, r.Value, r.Max)
		}
	}
}
