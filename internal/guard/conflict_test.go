package guard

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// Fields of one name are found to conflict exactly where the rule of the
// parser, which compares every two, finds it: in some thousand random
// documents over types, an interface, aliases, arguments and fragments.
func TestConflicts_asTheParserFinds(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	conflicting, good := 0, 0
	for range 4000 {
		doc := randomDocument(r)
		parse := func() *ast.QueryDocument {
			tree, err := parser.ParseQuery(&ast.Source{Input: doc})
			if err != nil {
				t.Fatalf("%s: %v", doc, err)
			}
			return tree
		}
		tree := parse()
		if faults := walk(testSchema, tree); len(faults) > 0 {
			continue
		}
		want := validator.ValidateWithRules(testSchema, parse(), rules.NewRules(rules.OverlappingFieldsCanBeMergedRule))
		got := validate(testSchema, tree, testLimits)
		if (len(got) > 0) != (len(want) > 0) {
			t.Fatalf("%s: %v, the parser finds %v", doc, got, want)
		}
		if len(want) > 0 {
			conflicting++
		} else {
			good++
		}
	}
	if conflicting < 200 || good < 200 {
		t.Errorf("%d documents conflict, %d are good: nothing was learnt", conflicting, good)
	}
}

func randomDocument(r *rand.Rand) string {
	doc := "{node(id:1){" + randomSet(r, "Node", 3, 3) + "}}"
	for _, f := range []string{"F", "G"} {
		if strings.Contains(doc, "..."+f) {
			on := []string{"Hub", "HubService", "Node"}[r.Intn(3)]
			doc += "fragment " + f + " on " + on + "{" + randomSet(r, on, 2, 0) + "}"
		}
	}
	return doc
}

// randomSet is what may be selected on a type, from a few names that meet.
func randomSet(r *rand.Rand, on string, depth, fragments int) string {
	var b strings.Builder
	for range 1 + r.Intn(3) {
		alias := []string{"", "", "a:", "b:", "name:"}[r.Intn(5)]
		switch pick := r.Intn(10); {
		case pick < 2 || depth == 0:
			b.WriteString(alias + "id ")
		case pick < 5:
			to := []string{"Hub", "HubService", "Node", on}[r.Intn(4)]
			b.WriteString("...on " + to + "{" + randomSet(r, to, depth-1, fragments) + "}")
		case pick < 6 && fragments > 0:
			b.WriteString([]string{"...F ", "...G "}[r.Intn(2)])
		case on == "Hub" && pick < 8:
			b.WriteString(alias + []string{"name ", "createdAt ", "serialNumber ", "services(first:1){totalCount} ", "services(first:2){totalCount} "}[r.Intn(5)])
		case on == "Hub":
			b.WriteString(alias + "service{" + randomSet(r, "HubService", depth-1, fragments) + "}")
		case on == "HubService" && pick < 8:
			b.WriteString(alias + []string{"status ", "isTrial ", "monthlyFee{amount} ", "monthlyFee{currency} "}[r.Intn(4)])
		case on == "HubService":
			b.WriteString(alias + "hub{" + randomSet(r, "Hub", depth-1, fragments) + "}")
		default:
			b.WriteString("__typename ")
		}
	}
	return b.String()
}
