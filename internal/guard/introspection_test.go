package guard

import (
	"context"
	"testing"

	"partnerhub/schema"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

var testSchema = gqlparser.MustLoadSchema(&ast.Source{Input: schema.SDL()})

// introspectionQuery is what GraphiQL and code generators ask: every option,
// types within nine lists and non-nulls.
const introspectionQuery = `
query IntrospectionQuery {
  __schema {
    description
    queryType { name kind }
    mutationType { name kind }
    subscriptionType { name kind }
    types { ...FullType }
    directives {
      name
      description
      isRepeatable
      locations
      args(includeDeprecated: true) { ...InputValue }
    }
  }
}
fragment FullType on __Type {
  kind
  name
  description
  isOneOf
  specifiedByURL
  fields(includeDeprecated: true) {
    name
    description
    args(includeDeprecated: true) { ...InputValue }
    type { ...TypeRef }
    isDeprecated
    deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name
  description
  type { ...TypeRef }
  defaultValue
  isDeprecated
  deprecationReason
}
fragment TypeRef on __Type {
  kind
  name
  ofType { kind name
    ofType { kind name
      ofType { kind name
        ofType { kind name
          ofType { kind name
            ofType { kind name
              ofType { kind name
                ofType { kind name
                  ofType { kind name } } } } } } } } }
}`

// check sends a document through the gate.
func check(g *Gate, query, operation string, variables map[string]any) (points int, list gqlerror.List) {
	ctx, list := g.Admit(context.Background(), &graphql.RawParams{Query: query, OperationName: operation})
	if len(list) > 0 {
		return 0, list
	}
	doc, _ := g.Get(ctx, query)
	op := &graphql.OperationContext{Operation: doc.Operations.ForName(operation), Variables: variables}
	list = g.Charge(ctx, op)
	return PointsOf(graphql.WithOperationContext(ctx, op)), list
}

func TestGate_introspection(t *testing.T) {
	points, list := check(NewGate(testSchema, testLimits), introspectionQuery, "", nil)
	if len(list) > 0 {
		t.Fatal(list)
	}
	t.Log(points, "points")
}

// What the schema tells of itself multiplies under several names, and is asked
// for under one; its texts and the types that are asked for by name are not
// lists that lead on.
func TestGate_introspection_once(t *testing.T) {
	g := NewGate(testSchema, testLimits)
	for query, ok := range map[string]bool{
		`{ a: __schema { types { name } } }`: true,
		`{ __schema { types { name } } ...A } fragment A on Query { __schema { types { kind } } }`:                                               true,
		`{ __type(name: "Hub") { name } b: __type(name: "User") { name } }`:                                                                      true,
		`{ __schema { types { a: name b: name c: description } } }`:                                                                              true,
		`{ __schema { types { fields { type { name } args { type { name } } } } } }`:                                                             true,
		`{ a: __schema { types { name } } b: __schema { types { name } } }`:                                                                      false,
		`{ __schema { a: types { name } b: types { name } } }`:                                                                                   false,
		`{ __schema { types { fields { name } all: fields(includeDeprecated: true) { name } } } }`:                                               false,
		`{ __type(name: "Hub") { ...A ...B } } fragment A on __Type { a: fields { type { name } } } fragment B on __Type { b: fields { name } }`: false,
		`{ __type(name: "Hub") { fields { a: type { name } b: type { name } } } }`:                                                               false,
		`{ __type(name: "Hub") { a: ofType { name } b: ofType { name } } }`:                                                                      false,
	} {
		if _, list := check(g, query, "", nil); (len(list) == 0) != ok || !ok && code(list) != string(validationFailed) {
			t.Errorf("%s: %v", query, list)
		}
	}
}
