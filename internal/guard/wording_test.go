package guard_test

import (
	"errors"
	"strings"
	"testing"

	"partnerhub/internal/guard"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

var wordingSchema = gqlparser.MustLoadSchema(&ast.Source{Input: `
	scalar Email
	enum Role { OWNER INSTALLER }
	input Add { role: Role! email: Email note: String below: Below list: [Below!] }
	input Below { n: Int! }
	input Either @oneOf { id: ID name: String }
	interface Node { id: ID! }
	type Hub implements Node { id: ID! name(upper: Boolean, lang: Role): String }
	type Card { id: ID! }
	type Query { hub(id: ID!): Hub node: Node add(input: Add, either: Either, n: Int, f: Float, s: String, b: Boolean, r: Role, l: [Int!]): String }
	type Subscription { a: Int b: Int }
`})

func wordingGate() *guard.Gate {
	return guard.NewGate(wordingSchema, guard.Limits{
		Document: 32 << 10, Tokens: 2000, Nesting: 25, Depth: 18, Aliases: 30, SameField: 10, SameMutation: 30, Directives: 20,
		Fragments: 30, Spreads: 60, Fields: 2000, Cost: 5000, Page: guard.Page{Default: 20, Max: 100}, Kept: 1 << 20,
	})
}

// What is wrong with a document is told without a word of it.
func TestGate_tellsNothingOfADocument(t *testing.T) {
	const mark = "Zq7secret"
	for document, want := range map[string]string{
		`{ hub(id: "1") { Zq7secret } }`:                                                   `The type "Hub" has no such field.`,
		`{ hub(id: "1", Zq7secret: 1) { id } }`:                                            `The field "Query.hub" has no such argument.`,
		`{ hub(id: "1") @Zq7secret { id } }`:                                               "There is no such directive, or it may not stand here.",
		`{ hub(id: "1") @include(if: true, Zq7secret: 1) { id } }`:                         "The directive has no such argument.",
		`{ ...Zq7secret }`:                                                                 "There is no such fragment.",
		`query($Zq7secret: Int) { node { id } }`:                                           "The variable is never used.",
		`query($a: Zq7secret) { add(n: $a) }`:                                              "There is no such type.",
		`{ add(n: $Zq7secret) }`:                                                           "The operation does not define the variable.",
		`{ node { ... on Zq7secret { id } } }`:                                             "There is no such type.",
		`{ node { ... on Card { id } } }`:                                                  "A fragment of its type is never of the type here.",
		`{ node { id } } fragment Zq7secret on Hub { id }`:                                 "The fragment is never used.",
		`{ ...Zq7secret } fragment Zq7secret on Query { ...Zq7secret node { id } }`:        "",
		`query Zq7secret { node { id } } query Zq7secret { node { id } }`:                  "",
		`{ hub { id } }`:                                                                   `The field "hub" needs the argument "id".`,
		`{ hub(id: "1") }`:                                                                 `The field "hub" needs a selection of fields.`,
		`{ hub(id: "1") { name { Zq7secret } } }`:                                          "",
		`{ add(n: "Zq7secret") }`:                                                          `Expected a value of type "Int".`,
		`{ add(n: Zq7secret) }`:                                                            "",
		`{ add(b: "Zq7secret") }`:                                                          `Expected a value of type "Boolean".`,
		`{ add(f: "Zq7secret") }`:                                                          `Expected a value of type "Float".`,
		`{ add(s: Zq7secret) }`:                                                            "",
		`{ add(r: Zq7secret) }`:                                                            `Expected a value of the enum "Role".`,
		`{ add(r: "Zq7secret") }`:                                                          `Expected a value of the enum "Role".`,
		`{ add(r: "Zq7secret\" does not exist in \"Zq7secret\" enum.") }`:                  `Expected a value of the enum "Role".`,
		`{ add(l: ["Zq7secret"]) }`:                                                        `Expected a value of type "Int".`,
		`{ add(input: "Zq7secret") }`:                                                      "",
		`{ add(input: { role: OWNER, Zq7secret: 1 }) }`:                                    `The input "Add" has no such field.`,
		`{ add(input: { email: "Zq7secret" }) }`:                                           `The field "role" of "Add" is required.`,
		`{ add(input: { role: null, note: "Zq7secret" }) }`:                                "",
		`{ add(either: { id: "Zq7secret", name: "b" }) }`:                                  `The input "Either" takes exactly one field.`,
		`query($Zq7secret: String) { add(n: $Zq7secret) }`:                                 `The variable stands where the type "Int" is expected.`,
		`query($Zq7secret: Hub) { add(n: $Zq7secret) }`:                                    "A variable is of an input type.",
		`subscription Zq7secret { a b }`:                                                   "A subscription has exactly one field, and no introspection.",
		`{ ... on Query @defer(label: "Zq7secret") { node { id } } }`:                      "The directive @defer is not supported.",
		`{ ...a } fragment a on Query { ...b @defer } fragment b on Query { node { id } }`: "The directive @defer is not supported.",
		`{ Zq7secret: node { id } Zq7secret: add }`:                                        "",
		`{ "Zq7secret" }`:                                                                  "",
		`{ node(Zq7secret`:                                                                 "",
		`Zq7secret { a }`:                                                                  "",
		`{ add(s: "Zq7secret\q") }`:                                                        "",
		`{ add(s: "Zq7secret`:                                                              "",
		`{ add(n: 0Zq7secret) }`:                                                           "",
		`{ node { id } Zq7secret# `:                                                        "",
	} {
		_, list := wordingGate().Admit(t.Context(), &graphql.RawParams{Query: document})
		if len(list) == 0 {
			t.Errorf("%s passed", document)
			continue
		}
		said := false
		for _, e := range list {
			said = said || e.Message == want
			if strings.Contains(e.Error(), mark) {
				t.Errorf("%s: %s", document, e.Error())
			}
			if e.Message == "" || strings.Contains(e.Message, "$") || len(e.Locations) == 0 {
				t.Errorf("%s: %q at %v", document, e.Message, e.Locations)
			}
		}
		if want != "" && !said {
			t.Errorf("%s: %v, want %s", document, list, want)
		}
	}
	if _, list := wordingGate().Admit(t.Context(), &graphql.RawParams{Query: `query a { node { id } }`, OperationName: mark}); len(list) == 0 || strings.Contains(list.Error(), mark) {
		t.Error(list)
	}
}

// What is wrong with a variable is told by its place and type.
func TestGate_Misfit(t *testing.T) {
	for name, c := range map[string]struct {
		document  string
		variables map[string]any
		want      string
	}{
		"enum":           {`query($input: Add) { add(input: $input) }`, map[string]any{"input": map[string]any{"role": "Zq7secret"}}, `variables.input.role is no value of type "Role!".`},
		"missing":        {`query($input: Add) { add(input: $input) }`, map[string]any{"input": map[string]any{}}, `variables.input.role is required.`},
		"null":           {`query($input: Add) { add(input: $input) }`, map[string]any{"input": map[string]any{"role": nil}}, `variables.input.role may not be null.`},
		"deeper":         {`query($input: Add) { add(input: $input) }`, map[string]any{"input": map[string]any{"role": "OWNER", "list": []any{map[string]any{"n": 1}, map[string]any{"n": "Zq7secret"}}}}, `variables.input.list.1.n is no value of type "Int!".`},
		"unknown field":  {`query($input: Add) { add(input: $input) }`, map[string]any{"input": map[string]any{"Zq7secret": 1}}, `variables.input has a field that "Add" does not have.`},
		"no object":      {`query($input: Add) { add(input: $input) }`, map[string]any{"input": "Zq7secret"}, `variables.input is no value of type "Add".`},
		"unknown name":   {`query($Zq7secret: Int!) { add(n: $Zq7secret) }`, nil, `variables.* is required.`},
		"unknown name 2": {`query($Zq7secret: Int!) { add(n: $Zq7secret) }`, map[string]any{"Zq7secret": "Zq7secret"}, `variables.* is no value of type "Int!".`},
	} {
		t.Run(name, func(t *testing.T) {
			doc := gqlparser.MustLoadQueryWithRules(wordingSchema, c.document, nil)
			op := doc.Operations[0]
			_, err := validator.VariableValues(wordingSchema, op, c.variables)
			e, ok := errors.AsType[*gqlerror.Error](err)
			if !ok {
				t.Fatal("passed")
			}
			got := wordingGate().Misfit(op, e)
			if got.Message != c.want || got.Path != nil || len(got.Locations) != 1 || got.Extensions["place"] == "" {
				t.Errorf("%q %v %v, want %s", got.Message, got.Path, got.Locations, c.want)
			}
		})
	}
}
