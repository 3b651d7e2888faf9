package guard

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Operations that share a fragment do not share the defaults of their variables.
func TestGate_sharedFragment(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	query := `query A($s: String) { ...F } query B($s: String = "other") { ...F } fragment F on Query { company(id: 1) { hubs(filter: {search: $s}) { totalCount } } }`
	ctx, list := g.Admit(context.Background(), &graphql.RawParams{Query: query, OperationName: "A"})
	if len(list) > 0 {
		t.Fatal(list)
	}
	doc, _ := g.Get(ctx, query)
	hubs := doc.Fragments[0].SelectionSet[0].(*ast.Field).SelectionSet[0].(*ast.Field)
	for given, want := range map[string]map[string]any{"": {}, "own": {"search": "own"}} {
		variables := map[string]any{}
		if given != "" {
			variables["s"] = given
		}
		if got := hubs.ArgumentMap(variables)["filter"]; !reflect.DeepEqual(got, want) {
			t.Errorf("given %q: %v", given, got)
		}
	}
}

// A number that is too long to be held is refused at its place, also where a
// scalar of our own would look at it.
func TestGate_numbers(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	for _, number := range []string{"99999999999999999999", "-1e9999", "1e309"} {
		for _, query := range []string{
			`{ resellers(country: # ) { totalCount } }`, `{ resellerByEmail(email: # ) { id } }`, `{ hub(id: # ) { id } }`, `{ company(id: 1) { hubs(filter: {country: [#]}) { totalCount } } }`,
		} {
			if _, list := check(g, strings.ReplaceAll(query, "#", number), "", nil); code(list) != string(validationFailed) || len(list[0].Locations) == 0 {
				t.Errorf("%s, %s: %v", query, number, list)
			}
		}
	}
}

// A variable with a default may be null by its type, but not where null may not
// stand: @skip and @include have to decide by something, an enum has its values.
func TestGate_missing(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	const shared = `query A($b: Boolean = true) { ...F } query B($b: String) { viewer { id } resellers(country: "PL", search: $b) { totalCount } } fragment F on Query { viewer { id @include(if: $b) } }`
	for _, c := range []struct {
		query, operation string
		variables        map[string]any
		want             string
	}{
		{`query($b: Boolean = true) { viewer { id @skip(if: $b) } }`, "", map[string]any{"b": true}, ""},
		{`query($b: Boolean = true) { viewer { id @skip(if: $b) } }`, "", map[string]any{"b": nil}, "BAD_USER_INPUT"},
		{`mutation($b: Boolean = true) { userSignOut(input: {}) @include(if: $b) { userErrors { code } } }`, "", map[string]any{"b": nil}, "BAD_USER_INPUT"},
		{`query($f: HubOrderField = NAME) { company(id: 1) { hubs(orderBy: {field: $f, direction: ASC}) { totalCount } } }`, "", map[string]any{"f": nil}, "BAD_USER_INPUT"},
		{`query($t: TileKind = ACTIVATED) { company(id: 1) { hubs(filter: {tile: [$t]}) { totalCount } } }`, "", map[string]any{"t": nil}, "BAD_USER_INPUT"},
		{`query($t: [TileKind!] = [ACTIVATED]) { company(id: 1) { hubs(filter: {tile: $t}) { totalCount } } }`, "", map[string]any{"t": nil}, ""},
		{`query($n: Int = 5) { company(id: 1) { hubs(first: $n) { totalCount } } }`, "", map[string]any{"n": nil}, ""},
		{shared, "A", map[string]any{"b": nil}, "BAD_USER_INPUT"},
		{shared, "A", map[string]any{"b": false}, ""},
		{shared, "B", map[string]any{"b": nil}, ""},
	} {
		if _, list := check(g, c.query, c.operation, c.variables); code(list) != c.want {
			t.Errorf("%s with %v: %v, want %q", c.query, c.variables, list, c.want)
		}
	}
}
