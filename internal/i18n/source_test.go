package i18n_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"partnerhub/internal/i18n"
)

// speaking are the functions that take the id of a text as their second argument.
var speaking = map[string]bool{
	"errs.New": true, "errs.NewForProgrammer": true, "i18n.Text": true,
}

// Every id that the program writes down has a text.
func TestSource_IDs(t *testing.T) {
	const root = "../.."
	found := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || name == "testdata" || name == "ent" || name == "generated" || (strings.HasPrefix(name, ".") && path != root) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			id, at, ok := writtenID(n)
			if ok {
				found++
				if !i18n.Has(id) {
					t.Errorf("%s: there is no text %q", set.Position(at), id)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d ids looked up", found)
}

// writtenID returns the id when n is a call of a speaking function with a
// literal id.
func writtenID(n ast.Node) (id string, at token.Pos, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) < 2 {
		return "", 0, false
	}
	selector, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return "", 0, false
	}
	pkg, ok := selector.X.(*ast.Ident)
	if !ok || !speaking[pkg.Name+"."+selector.Sel.Name] {
		return "", 0, false
	}
	literal, ok := call.Args[1].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", 0, false
	}
	id, err := strconv.Unquote(literal.Value)
	return id, literal.Pos(), err == nil
}
