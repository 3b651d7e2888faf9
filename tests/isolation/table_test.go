package isolation_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/schema"
)

//go:embed fields.txt
var fieldsText string

// byID stands among the fields of a type for finding a thing by its id.
const byID = "@id"

// table says who may see what: Type.field → words of relations.
type table map[string]map[string]bool

// readTable reads fields.txt.
func readTable(t testing.TB) table {
	t.Helper()
	groups, rows, at := map[string][]string{}, table{}, ""
	var spell func(names []string) []string
	spell = func(names []string) (words []string) {
		for _, n := range names {
			switch members := groups[n]; {
			case n == "-":
			case members != nil:
				words = append(words, spell(members)...)
			case slices.Contains(relations, n):
				words = append(words, n)
			default:
				t.Fatalf("fields.txt: nobody is called %q", n)
			}
		}
		return words
	}
	for line := range strings.Lines(fieldsText) {
		line, _, _ = strings.Cut(strings.TrimRight(line, "\n"), "#")
		left, right, isRow := strings.Cut(line, ":")
		name, members, isGroup := strings.Cut(line, "=")
		switch {
		case strings.TrimSpace(line) == "":
		case isRow:
			for _, f := range strings.Fields(right) {
				if rows[at+"."+f] != nil {
					t.Errorf("fields.txt has two rows for %s.%s", at, f)
				}
				row := map[string]bool{} // empty for -, which is a value that never comes
				for _, w := range spell(strings.Fields(left)) {
					row[w] = true
				}
				rows[at+"."+f] = row
			}
		case isGroup:
			groups[strings.TrimSpace(name)] = strings.Fields(members)
		default:
			at = strings.TrimSpace(line)
		}
	}
	return rows
}

// sees reports whether the table has the relation in the row of the field.
func (t table) sees(field, relation string) bool { return t[field][relation] }

func loadSchema(t testing.TB) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: schema.SDL()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every field of the schema has a row that says who may see it, and every row
// a field.
func TestTable_everyFieldHasARow(t *testing.T) {
	rows, s := readTable(t), loadSchema(t)
	known := map[string]bool{}
	for _, def := range s.Types {
		if def.BuiltIn || def.Kind != ast.Object {
			continue
		}
		if slices.Contains(def.Interfaces, "Node") {
			known[def.Name+"."+byID] = true
		}
		for _, f := range def.Fields {
			if !strings.HasPrefix(f.Name, "__") {
				known[def.Name+"."+f.Name] = true
			}
		}
	}
	for field := range known {
		if rows[field] == nil {
			t.Errorf("fields.txt does not say who may see %s", field)
		}
	}
	for field := range rows {
		if !known[field] {
			t.Errorf("fields.txt has a row for %s, which is no field", field)
		}
	}
}
