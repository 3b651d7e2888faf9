package guard

import "testing"

// The values of an enum have their names exactly, wherever they stand in the
// variables; the place of a wrong one is told, and not the value.
func TestGate_misnamed(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	type values = map[string]any
	for _, c := range []struct {
		definition, use string
		given           any
		place           string
	}{
		{`HubFilter`, `filter: $v`, values{"tile": []any{"ACTIVATED", nil}}, ""},
		{`HubFilter`, `filter: $v`, values{"tile": []any{"ACTIVATED", "Suspended"}}, "variables.*.tile.1"},
		{`HubFilter`, `filter: $v`, values{"tile": []string{"activated"}}, "variables.*.tile.0"},
		{`[TileKind!]`, `filter: {tile: $v}`, []any{"activated"}, "variables.*.0"},
		{`[TileKind!]`, `filter: {tile: $v}`, []string{"ACTIVATED"}, ""},
		{`HubOrderField!`, `orderBy: {field: $v, direction: ASC}`, "name", "variables.*"},
		{`HubOrderField!`, `orderBy: {field: $v, direction: ASC}`, "NAME", ""},
		{`HubOrder`, `orderBy: $v`, values{"field": "NAME", "direction": "asc"}, "variables.*.direction"},
		{`String`, `filter: {search: $v}`, "activated", ""},
	} {
		query := `query($v: ` + c.definition + `) { company(id: 1) { hubs(` + c.use + `) { totalCount } } }`
		_, list := check(g, query, "", values{"v": c.given})
		place := ""
		if len(list) > 0 {
			place, _ = list[0].Extensions["place"].(string)
		}
		if place != c.place || place != "" && code(list) != "BAD_USER_INPUT" {
			t.Errorf("%s with %v: %v, want %q", query, c.given, list, c.place)
		}
	}
}
