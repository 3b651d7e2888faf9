package web

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// What the page sends or offers in its tabs is valid against the contract, so
// that a change of the one cannot leave the other behind.
func TestOperations(t *testing.T) {
	schema := contract(t)
	for name, document := range operations(t) {
		if _, errs := gqlparser.LoadQueryWithRules(schema, document, nil); errs != nil {
			t.Errorf("%s: %v", name, errs)
		}
	}
}

// contract is the schema in schema/*.graphql.
func contract(t *testing.T) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob("../schema/*.graphql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema: %v", err)
	}
	var sources []*ast.Source
	for _, file := range files {
		sources = append(sources, &ast.Source{Name: file, Input: read(t, file)})
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// operations are the documents of the tabs and those of the page itself, which
// stand in its sources behind the mark /* GraphQL */.
func operations(t *testing.T) map[string]string {
	t.Helper()
	documents := map[string]string{}
	tabs, _ := filepath.Glob("src/operations/*.graphql")
	for _, file := range tabs {
		documents[file] = read(t, file)
	}
	scripts, _ := filepath.Glob("src/*.js*")
	marked := regexp.MustCompile("/\\* GraphQL \\*/ `([^`]*)`")
	for _, file := range scripts {
		for _, document := range marked.FindAllStringSubmatch(read(t, file), -1) {
			documents[file+": "+document[1]] = document[1]
		}
	}
	if len(tabs) < 5 || len(documents) < len(tabs)+2 {
		t.Fatalf("found %d tabs and %d documents in all", len(tabs), len(documents))
	}
	return documents
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
