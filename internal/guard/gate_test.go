package guard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func code(list gqlerror.List) string {
	if len(list) == 0 {
		return ""
	}
	c, _ := list[0].Extensions["code"].(string)
	return c
}

// A document that passed is kept as it was found, and costs no allocation worth
// the name when it comes again; one that did not is not kept.
func TestGate_keeps(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	ctx := context.Background()
	admit := func(query string) bool {
		_, list := g.Admit(ctx, &graphql.RawParams{Query: query})
		return len(list) == 0
	}
	for _, bad := range []string{"{", "{nothing}", "{" + strings.Repeat("a{", 30), "", "fragment F on Hub{id}"} {
		if admit(bad) {
			t.Errorf("%s passes", bad)
		}
	}
	if g.documents.used != 0 || len(g.documents.index) != 0 {
		t.Errorf("%d bytes are kept of documents that failed", g.documents.used)
	}
	query := introspectionQuery
	if !admit(query) {
		t.Fatal("refused")
	}
	p := &graphql.RawParams{Query: query}
	if n := testing.AllocsPerRun(100, func() { _, _ = g.Admit(ctx, p) }); n > 3 {
		t.Errorf("%v allocations for a document that is known", n)
	}
}

// What is kept stays within its bounds, whatever is sent; what was used last
// stays longest, and nothing large drives everything else out.
func TestGate_keepsWithinBounds(t *testing.T) {
	limits := testLimits
	limits.Kept = 100_000
	g := NewGate(testSchema, limits)
	mine := "{viewer{id}}"
	for i := range 300 {
		for _, query := range []string{mine, "{viewer{a" + strconv.Itoa(i) + ":id}}", "{viewer{id}}#" + strings.Repeat("a", 30_000) + strconv.Itoa(i)} {
			p := &graphql.RawParams{Query: query, Extensions: map[string]any{
				"persistedQuery": map[string]any{"version": json.Number("1"), "sha256Hash": hashOf(query)},
			}}
			if _, list := g.Admit(context.Background(), p); len(list) > 0 {
				t.Fatal(list)
			}
		}
		if g.documents.used > limits.Kept || g.texts.used > limits.Kept/4 {
			t.Fatalf("%d and %d bytes are kept", g.documents.used, g.texts.used)
		}
	}
	if _, known := g.documents.get(mine); !known {
		t.Error("what was used all the time was forgotten")
	}
	sum := 0
	for e := g.documents.order.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*item[*document]).size
	}
	if sum != g.documents.used || g.documents.order.Len() != len(g.documents.index) {
		t.Errorf("%d bytes in %d documents, %d are counted in %d", sum, g.documents.order.Len(), g.documents.used, len(g.documents.index))
	}
}

// Fields may have the names of what is refused elsewhere, and texts what looks
// like it.
func TestGate_refusals(t *testing.T) {
	for doc, want := range map[string]string{
		`{ defer: viewer { id } }`:                                   "",
		`{ ... @defer { viewer { id } } }`:                           "GRAPHQL_VALIDATION_FAILED",
		`{ __type(name: "a\u0000") { name } }`:                       "BAD_USER_INPUT",
		`{ __type(name: "\u{00}") { name } }`:                        "BAD_USER_INPUT",
		`query($a: String = "\u0000") { __type(name: $a) { name } }`: "BAD_USER_INPUT",
		`{ __type(name: "\\u0000") { name } }`:                       "",
		`{ __type(name: """\u0000""") { name } }`:                    "",
		`{ viewer { id } } # \u0000`:                                 "",
	} {
		_, list := NewGate(testSchema, testLimits).Admit(t.Context(), &graphql.RawParams{Query: doc})
		if code(list) != want || len(list) > 1 || len(list) == 1 && len(list[0].Locations) != 1 {
			t.Errorf("%s: %v, want %q", doc, list, want)
		}
	}
}

// The bytes counted for a document are no less than half of those it takes.
func TestGate_countsWhatADocumentTakes(t *testing.T) {
	for name, doc := range attacks {
		tokens, refusal := weigh(doc, testLimits)
		if refusal != nil {
			continue
		}
		limits := testLimits
		limits.Kept = 1 << 30
		var kept []*Gate
		took := grown(func() {
			for range 20 {
				g := NewGate(testSchema, limits)
				if d, list := g.read(strings.Clone(doc)); d == nil || len(list) > 0 {
					return
				}
				kept = append(kept, g)
			}
		}) / 20
		if counted := sizeOf(doc, tokens); len(kept) > 0 && took > 2*counted+4096 {
			t.Errorf("%s: %d bytes are counted, %d taken", name, counted, took)
		}
	}
}

// A text may be named by its hash once it was sent with it and found good.
func TestGate_persisted(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	ask := func(query, hash string, version any) (string, string) {
		p := &graphql.RawParams{Query: query, Extensions: map[string]any{
			"persistedQuery": map[string]any{"version": version, "sha256Hash": hash},
		}}
		_, list := g.Admit(context.Background(), p)
		return p.Query, code(list)
	}
	query, bad := "{viewer{id}}", "{nothing}"
	one := json.Number("1")
	for i, c := range []struct {
		query, hash string
		version     any
		text, code  string
	}{
		{"", hashOf(query), one, "", "PERSISTED_QUERY_NOT_FOUND"},
		{query, hashOf(bad), one, query, "BAD_USER_INPUT"},
		{query, strings.ToUpper(hashOf(query)), one, query, "BAD_USER_INPUT"},
		{"", hashOf(query), one, "", "PERSISTED_QUERY_NOT_FOUND"}, // a wrong hash keeps nothing
		{bad, hashOf(bad), one, bad, "GRAPHQL_VALIDATION_FAILED"},
		{"", hashOf(bad), one, "", "PERSISTED_QUERY_NOT_FOUND"}, // nor does a bad document
		{query, hashOf(query), one, query, ""},
		{"", hashOf(query), one, query, ""},
		{"", hashOf(query), float64(1), query, ""},
		{"", hashOf(query), json.Number("2"), "", "BAD_USER_INPUT"},
		{"", hashOf(query), nil, "", "BAD_USER_INPUT"},
		{"", hashOf(query), "1", "", "BAD_USER_INPUT"},
		{"", "", one, "", "BAD_USER_INPUT"},
		{"", "abc", one, "", "BAD_USER_INPUT"},
	} {
		if text, code := ask(c.query, c.hash, c.version); text != c.text || code != c.code {
			t.Errorf("%d: %q, code %q, want %q", i, text, code, c.code)
		}
	}
	for _, extension := range []any{true, "hash", []any{}, map[string]any{}, json.Number("1")} {
		_, list := g.Admit(context.Background(), &graphql.RawParams{Extensions: map[string]any{"persistedQuery": extension}})
		if code(list) != "BAD_USER_INPUT" {
			t.Errorf("%v: %v", extension, list)
		}
	}
}

// Of several operations the one that is named is charged, and one that is not
// there is refused without its name being told.
func TestGate_operationName(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	query := "query A {viewer{id}} query B {viewer{id} b: viewer{id}}"
	for name, want := range map[string]int{"A": 1, "B": 2, "C": 0, "": 0} {
		points, list := check(g, query, name, nil)
		if points != want || (want == 0) != (code(list) == "GRAPHQL_VALIDATION_FAILED") {
			t.Errorf("%q: %d points, %v", name, points, list)
		}
	}
}

// Nothing that was sent is in the answer, where it may be a secret: neither
// what cannot be read, nor a value in the wrong place.
func TestGate_doesNotEcho(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	for query, want := range map[string]string{
		`{ viewer { id } hunter2`:                                                              "GRAPHQL_PARSE_FAILED",
		`{ viewer(a: "hunter2" { id } }`:                                                       "GRAPHQL_PARSE_FAILED",
		`{ viewer(a: "hunter2) { id } }`:                                                       "GRAPHQL_PARSE_FAILED",
		`{ viewer { "hunter2" } }`:                                                             "GRAPHQL_PARSE_FAILED",
		`{ viewer { id(a: hunter2: 1) } }`:                                                     "GRAPHQL_PARSE_FAILED",
		`hunter2 { viewer { id } }`:                                                            "GRAPHQL_PARSE_FAILED",
		`{ node(id: hunter2) { id } }`:                                                         "GRAPHQL_VALIDATION_FAILED",
		`{ node(id: {a: "hunter2"}) { id } }`:                                                  "GRAPHQL_VALIDATION_FAILED",
		`{ resellers(country: "PL", first: "hunter2") { totalCount } }`:                        "GRAPHQL_VALIDATION_FAILED",
		`{ viewer { employments(status: hunter2) { totalCount } } }`:                           "GRAPHQL_VALIDATION_FAILED",
		`{ viewer { employments(status: "hunter2") { totalCount } } }`:                         "GRAPHQL_VALIDATION_FAILED",
		`mutation { userSignIn(input: {email: "a", password: hunter2}) { sessionToken } }`:     "GRAPHQL_VALIDATION_FAILED",
		`mutation { userSignIn(input: {email: "a", password: ["hunter2"]}) { sessionToken } }`: "GRAPHQL_VALIDATION_FAILED",
	} {
		_, list := check(g, query, "hunter2", nil)
		if code(list) != want {
			t.Errorf("%s: %v", query, list)
		}
		for _, e := range list {
			if strings.Contains(e.Message, "hunter2") {
				t.Errorf("%s: %s", query, e.Message)
			}
		}
	}
}

// For a caller who has nothing left no document is read that is large, unless
// it is known.
func TestGate_Spent(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	spent := false
	g.Spent = func(context.Context) bool { return spent }
	small, large := `{ viewer { id } }`, `{ viewer { id } } #`+strings.Repeat("x", 1000)
	for _, c := range []struct {
		spent bool
		query string
		want  string
	}{
		{true, small, ""},
		{true, large, "RATE_LIMITED"},
		{true, large + "{", "RATE_LIMITED"},
		{false, large, ""},
		{true, large, ""},
		{true, small + large, "RATE_LIMITED"},
	} {
		spent = c.spent
		if _, list := check(g, c.query, "", nil); code(list) != c.want {
			t.Errorf("%.20s: %v, want %q", c.query, list, c.want)
		}
	}
}
