package tests

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// requirements is how many demands the manuals make, R1 to R137.
const requirements = 137

// untested says of each demand without a test why it has none.
var untested = map[string]string{
	"R134": "distribution of a desktop program: outside of an API",
	"R135": "technical support: outside of an API, but for serverInfo.supportUrl",
	"R136": "drawing of a client: outside of an API",
	"R137": "double confirmation: a client's",
}

// Every demand of the manuals is named by a test that shows it.
func TestEveryRequirementHasATest(t *testing.T) {
	named := namedRequirements(t)
	excused := map[int]string{}
	for span, why := range untested {
		from, to, isSpan := strings.Cut(strings.ReplaceAll(span, "R", ""), "-")
		if !isSpan {
			to = from
		}
		first, _ := strconv.Atoi(from)
		last, _ := strconv.Atoi(to)
		for n := first; n <= last; n++ {
			excused[n] = why
		}
	}
	for n := 1; n <= requirements; n++ {
		switch {
		case named[n] == "" && excused[n] == "":
			t.Errorf("no test names R%d", n)
		case named[n] != "" && excused[n] != "":
			t.Logf("R%d is excused (%s), but named by %s", n, excused[n], named[n])
		}
	}
}

var requirement = regexp.MustCompile(`\bR(\d+)\b`)

// namedRequirements returns which test first names each demand, in the comment
// above it or in its own text.
func namedRequirements(t *testing.T) map[int]string {
	t.Helper()
	named := map[int]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "requirements_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			for _, m := range requirement.FindAllStringSubmatch(f.Doc.Text()+comments(file, f), -1) {
				n, _ := strconv.Atoi(m[1])
				if named[n] == "" {
					named[n] = fmt.Sprintf("%s in %s", f.Name.Name, path)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return named
}

// comments is what is written inside a function.
func comments(file *ast.File, f *ast.FuncDecl) string {
	var text strings.Builder
	for _, c := range file.Comments {
		if c.Pos() > f.Pos() && c.End() < f.End() {
			text.WriteString(c.Text())
		}
	}
	return text.String()
}
