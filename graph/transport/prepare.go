package transport

import (
	"context"
	"slices"
	"strings"
	"time"

	"partnerhub/internal/errs"
	"partnerhub/internal/guard"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// prepare weighs, parses and validates an operation, whatever transport it came
// by. From here on guard.PointsOf tells what it counts. A variable that does
// not fit its type is bad input, not a bad document: gqlgen gives both the same
// code.
func prepare(ctx context.Context, exec graphql.GraphExecutor, gate *guard.Gate, p *params) (*graphql.OperationContext, gqlerror.List) {
	if p.excess != nil {
		return guard.Refused(&p.RawParams), gqlerror.List{p.excess}
	}
	if strings.Contains(p.Query, `\u0000`) || strings.Contains(p.Query, `\u{0`) {
		return guard.Refused(&p.RawParams), gqlerror.List{nullCharacter()}
	}
	if gate != nil {
		var list gqlerror.List
		if ctx, list = gate.Admit(ctx, &p.RawParams); len(list) > 0 {
			return guard.Refused(&p.RawParams), list
		}
	}
	op, list := exec.CreateOperationContext(ctx, &p.RawParams)
	if len(list) > 0 {
		if op.Operation != nil && op.Variables == nil {
			for i, err := range list {
				errcode.Set(err, string(errs.BadUserInput))
				if gate != nil {
					list[i] = gate.Misfit(op.Operation, err)
				}
			}
		}
		return op, list
	}
	if strings.Contains(op.RawQuery, "defer") && defers(op.Doc) {
		return op, gqlerror.List{failure(errcode.ValidationFailed, "The directive @defer is not supported.")}
	}
	if gate != nil {
		return op, gate.Charge(ctx, op)
	}
	return op, nil
}

// defers reports whether a document wants parts of its answer later. gqlgen
// knows the directive in every schema, and would send the first part alone.
func defers(doc *ast.QueryDocument) bool {
	for _, op := range doc.Operations {
		if selectionDefers(op.SelectionSet) {
			return true
		}
	}
	return slices.ContainsFunc(doc.Fragments, func(f *ast.FragmentDefinition) bool {
		return selectionDefers(f.SelectionSet)
	})
}

func selectionDefers(set ast.SelectionSet) bool {
	return slices.ContainsFunc(set, func(s ast.Selection) bool {
		switch s := s.(type) {
		case *ast.Field:
			return selectionDefers(s.SelectionSet)
		case *ast.InlineFragment:
			return s.Directives.ForName("defer") != nil || selectionDefers(s.SelectionSet)
		case *ast.FragmentSpread:
			return s.Directives.ForName("defer") != nil
		}
		return false
	})
}

// deadline is the context that an operation is executed in: one that ends after
// the time for it, unless the operation is unhurried.
func deadline(ctx context.Context, op *graphql.OperationContext, after time.Duration,
	unhurried func(*ast.OperationDefinition) bool,
) (context.Context, context.CancelFunc) {
	if unhurried != nil && unhurried(op.Operation) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, after)
}
