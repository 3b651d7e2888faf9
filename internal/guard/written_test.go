package guard

import (
	"slices"
	"strings"
	"testing"
)

// Arguments are read anew for each thing that has the field. So what is long in
// them counts, times the pages around: each hundred values, each 4 KiB of text.
// A field at the root is read once.
func TestGate_points_arguments(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	countries := func(n int) []any { return slices.Repeat([]any{"PL"}, n) }
	hubs := func(variable, filter string) string {
		return `query($ids: [ID!]!` + variable + `) { nodes(ids: $ids) { ...on Company { hubs(filter: ` + filter + `) { totalCount } } } }`
	}
	const twice = `query($ids: [ID!]!, $c: [CountryCode!]) { nodes(ids: $ids) { ...on Company { hubs(filter: {country: $c}) { totalCount } services(filter: {country: $c}) { totalCount } } } }`
	ten := make([]any, 10)
	for _, c := range []struct {
		query     string
		variables map[string]any
		want      int
	}{
		{hubs(`, $c: [CountryCode!]`, `{country: $c}`), map[string]any{"ids": []any{"a"}, "c": countries(98)}, 2},
		{hubs(`, $c: [CountryCode!]`, `{country: $c}`), map[string]any{"ids": []any{"a"}, "c": countries(99)}, 3},
		{hubs(`, $c: [CountryCode!]`, `{country: $c}`), map[string]any{"ids": ten, "c": countries(1000)}, 10 + 10*11},
		{twice, map[string]any{"ids": ten, "c": countries(1000)}, 10 + 2*10*11},
		{hubs(`, $f: HubFilter`, `$f`), map[string]any{"ids": ten, "f": map[string]any{"country": countries(1000)}}, 10 + 10*11},
		{hubs(`, $f: HubFilter`, `$f`), map[string]any{"ids": ten, "f": map[string]any{"search": strings.Repeat("a", 10<<10)}}, 10 + 10*3},
		{hubs(`, $t: String`, `{search: $t}`), map[string]any{"ids": ten, "t": strings.Repeat("a", 10<<10)}, 10 + 10*3},
		{hubs(``, `{country: [`+strings.Repeat(`"PL" `, 200)+`]}`), map[string]any{"ids": ten}, 10 + 10*3},
		{hubs(``, `{search: "`+strings.Repeat(`a`, 10<<10)+`"}`), map[string]any{"ids": ten}, 10 + 10*3},
		{`query($ids: [ID!]!) { hubTileChanges(scope: {hubIds: $ids}, after: "x") { cursor } }`, map[string]any{"ids": make([]any, 3000)}, 1},
	} {
		if points, list := check(g, c.query, "", c.variables); len(list) > 0 || points != c.want {
			t.Errorf("%s: %d points, %v; want %d", c.query[:min(len(c.query), 200)], points, list, c.want)
		}
	}
}

// A hundred things with fifteen fields that each have thousands of values pass
// every limit but the cost.
func TestGate_cost_arguments(t *testing.T) {
	query := `query($ids: [ID!]!, $c: [CountryCode!]) { nodes(ids: $ids) { ...on Company {` + each(10, `h%: hubs(first: 0, filter: {country: $c}) { totalCount } `) + `} } }`
	_, list := check(NewGate(testSchema, testLimits), query, "", map[string]any{"ids": make([]any, 100), "c": make([]any, 4800)})
	if len(list) == 0 || list[0].Extensions["limit"] != "cost" {
		t.Errorf("passes: %v", list)
	}
}
