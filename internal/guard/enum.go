package guard

import (
	"partnerhub/internal/errs"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// misnamed refuses variables with a value that its enum does not have. The
// parser's own check takes names in any case, and what stands behind it takes
// them as they are.
func (g *Gate) misnamed(op *ast.OperationDefinition, variables map[string]any) gqlerror.List {
	for _, v := range op.VariableDefinitions {
		path := ast.Path{ast.PathName("variable"), ast.PathName(v.Variable)}
		if path = g.misnamedIn(v.Type, variables[v.Variable], path); path != nil {
			wrong := g.Misfit(op, &gqlerror.Error{Path: path, Extensions: map[string]any{"code": string(errs.BadUserInput)}})
			return gqlerror.List{wrong}
		}
	}
	return nil
}

// misnamedIn returns the path to the value, nil for none.
func (g *Gate) misnamedIn(t *ast.Type, value any, path ast.Path) ast.Path {
	def := g.schema.Types[t.Name()]
	if value == nil || def == nil || def.Kind == ast.Scalar {
		return nil
	}
	below := func(t *ast.Type, value any, step ast.PathElement) ast.Path {
		return g.misnamedIn(t, value, append(path[:len(path):len(path)], step))
	}
	if t.Elem != nil {
		for i, item := range itemsOf(value) {
			if wrong := below(t.Elem, item, ast.PathIndex(i)); wrong != nil {
				return wrong
			}
		}
		return nil
	}
	switch given := value.(type) {
	case map[string]any:
		for _, f := range def.Fields {
			if wrong := below(f.Type, given[f.Name], ast.PathName(f.Name)); wrong != nil {
				return wrong
			}
		}
	case string:
		if def.Kind == ast.Enum && def.EnumValues.ForName(given) == nil {
			return path
		}
	}
	return nil
}

// itemsOf are those of a list, as variables are coerced: one thing that stands
// for a list is in one of its own kind.
func itemsOf(value any) []any {
	switch list := value.(type) {
	case []any:
		return list
	case []string:
		if len(list) == 1 {
			return []any{list[0]}
		}
	case []map[string]any:
		if len(list) == 1 {
			return []any{list[0]}
		}
	}
	return nil
}
