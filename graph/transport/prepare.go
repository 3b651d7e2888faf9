package transport

import (
	"context"
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
	if gate != nil {
		return op, gate.Charge(ctx, op)
	}
	return op, nil
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
