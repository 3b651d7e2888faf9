package graph

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
)

type requestKey struct{}

// WithRequestID returns a context whose errors carry the id, by which the
// operator finds them in the log.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID returns the id of the request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Codes of errors that were made before any resolver: by gqlgen and gqlparser,
// by the guard and the transports.
var parserCodes = map[string]errs.Code{
	"GRAPHQL_PARSE_FAILED":      "GRAPHQL_PARSE_FAILED",
	"GRAPHQL_VALIDATION_FAILED": "GRAPHQL_VALIDATION_FAILED",
	"PERSISTED_QUERY_NOT_FOUND": "PERSISTED_QUERY_NOT_FOUND",
	"COMPLEXITY_LIMIT_EXCEEDED": errs.ComplexityLimit,
	"RATE_LIMITED":              errs.RateLimited,
	"TIMEOUT":                   errs.Timeout,
	"INTERNAL_SERVER_ERROR":     errs.Internal,
}

// figures are what such errors tell programs besides the code: the limit that
// was passed, what was reached and what is allowed.
var figures = []string{"limit", "value", "maximum"}

// PresentError turns any error into a top-level error of the answer. What a
// client may know keeps its sentence; of everything else it gets the request
// id, and the log the rest.
func PresentError(log *slog.Logger) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		out := &gqlerror.Error{Path: graphql.GetPath(ctx)}
		code := errs.Internal
		g, isGraphQL := errors.AsType[*gqlerror.Error](err)
		if isGraphQL {
			out.Path, out.Locations = g.Path, g.Locations
		}
		switch list := errs.Refusals(err); {
		case list != nil:
			code, out.Message = list[0].Code, sentence(ctx, list[0])
		case isGraphQL && errors.Unwrap(g) == nil:
			// Made by the parser, the validator or the reading of variables.
			code, out.Message = errs.BadUserInput, g.Message
			if known, ok := parserCodes[text(g.Extensions["code"])]; ok {
				code = known
			}
		case errors.Is(err, context.DeadlineExceeded):
			code, out.Message = errs.Timeout, i18n.Text(i18n.From(ctx), "errorTimeout", nil)
		default:
			level := slog.LevelError
			if errors.Is(ctx.Err(), context.Canceled) {
				level = slog.LevelInfo // who asked is gone, and nobody reads the answer
			}
			log.Log(ctx, level, "request failed", "request_id", RequestID(ctx), "path", out.Path.String(), "error", err)
			out.Message = i18n.Text(i18n.From(ctx), "errorInternal", map[string]any{"requestId": RequestID(ctx)})
		}
		out.Extensions = map[string]any{"code": string(code), "requestId": RequestID(ctx)}
		if seconds := retryAfter(err, g); seconds != nil {
			out.Extensions["retryAfter"] = seconds
		}
		if isGraphQL && errors.Unwrap(g) == nil {
			for _, name := range figures {
				if v, ok := g.Extensions[name]; ok {
					out.Extensions[name] = v
				}
			}
		}
		return out
	}
}

// retryAfter returns the seconds after which it makes sense to try again, nil
// where waiting does not help.
func retryAfter(err error, g *gqlerror.Error) any {
	if list := errs.Refusals(err); list != nil {
		if r, ok := list[0].Detail.(errs.Retry); ok {
			return r.Seconds
		}
		return nil
	}
	if g == nil {
		return nil
	}
	return g.Extensions["retryAfter"]
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Recover turns a panic in a resolver into a fault, with its stack in the log.
func Recover(log *slog.Logger) graphql.RecoverFunc {
	return func(ctx context.Context, p any) error {
		log.ErrorContext(ctx, "panic", "request_id", RequestID(ctx), "panic", p, "stack", string(debug.Stack()))
		return errPanic
	}
}

var errPanic = errors.New("a resolver panicked; the stack is in the log")
