package transport

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"time"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Defaults of both transports.
const (
	operationTimeout = 10 * time.Second
	answerLimit      = 8 << 20 // bytes
)

// failure is an error of this package's own, with a code to branch on.
func failure(code errs.Code, message string) *gqlerror.Error {
	return &gqlerror.Error{Message: message, Extensions: map[string]any{"code": string(code)}}
}

func timedOut() *gqlerror.Error {
	return failure(errs.Timeout, "The operation took longer than it may.")
}

func internalError() *gqlerror.Error {
	return failure(errs.Internal, "Internal server error.")
}

// refusal presents errors that were met before anything was executed. There is
// always one: an empty list would be no answer.
func refusal(ctx context.Context, exec graphql.GraphExecutor, list gqlerror.List) *graphql.Response {
	r := exec.DispatchError(ctx, list)
	if r == nil || len(r.Errors) == 0 {
		return &graphql.Response{Errors: gqlerror.List{internalError()}}
	}
	r.Data = nil
	return r
}

// declined presents the one reason why an operation is not executed.
func declined(ctx context.Context, exec graphql.GraphExecutor, why error) *graphql.Response {
	known, ok := errors.AsType[*gqlerror.Error](why)
	if !ok {
		known = gqlerror.Wrap(why)
	}
	return refusal(ctx, exec, gqlerror.List{known})
}

// settle makes an answer of what the executor returned within ctx: one that
// was cut off says so, and one that is too large is not sent.
func settle(ctx context.Context, exec graphql.GraphExecutor, r *graphql.Response, limit int) *graphql.Response {
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	switch {
	case r == nil && errors.Is(ctx.Err(), context.Canceled):
		// Nobody waits any more; nothing has failed that is worth a log entry.
		return &graphql.Response{Errors: gqlerror.List{internalError()}}
	case r == nil && late:
		return refusal(ctx, exec, gqlerror.List{timedOut()})
	case r == nil, r.Data == nil && len(r.Errors) == 0:
		return refusal(ctx, exec, gqlerror.List{internalError()})
	case len(r.Data) > limit:
		return refusal(ctx, exec, gqlerror.List{failure(errs.ComplexityLimit, "The answer is too large. Ask for less at a time.")})
	case late:
		r.Errors = blameTime(r.Errors)
	}
	return r
}

// blameTime gives the code TIMEOUT to errors that nobody meant: after the end
// of its time, an operation fails in whatever it was just doing.
func blameTime(list gqlerror.List) gqlerror.List {
	out := make(gqlerror.List, len(list))
	for i, err := range list {
		code, _ := err.Extensions["code"].(string)
		if code == "" || code == string(errs.Internal) {
			late := *timedOut()
			late.Path, late.Locations = err.Path, err.Locations
			extensions := maps.Clone(err.Extensions)
			if extensions == nil {
				extensions = map[string]any{}
			}
			maps.Copy(extensions, late.Extensions)
			late.Extensions = extensions
			err = &late
		}
		out[i] = err
	}
	return out
}

// panicked presents a panic as the executor presents those of resolvers: the
// server's recover function has the detail, the client an internal error.
func panicked(ctx context.Context, exec graphql.GraphExecutor, p any) (shown *gqlerror.Error) {
	defer func() {
		if recover() != nil { // what presents it may be what is broken
			shown = internalError()
		}
	}()
	presenter, ok := exec.(interface {
		PresentRecoveredError(ctx context.Context, err any) error
	})
	if !ok {
		return internalError()
	}
	if err, ok := errors.AsType[*gqlerror.Error](presenter.PresentRecoveredError(ctx, p)); ok && err != nil {
		return err
	}
	return internalError()
}

// appendResponse appends the response as JSON.
func appendResponse(b []byte, r *graphql.Response) []byte {
	head, tail := around(r)
	return append(append(append(b, head...), r.Data...), tail...)
}

// around is what stands before and behind the data of a response, which is JSON
// already. Where there is none, nothing was executed.
func around(r *graphql.Response) (head, tail []byte) {
	head = append(head, '{')
	if len(r.Errors) > 0 {
		head = append(head, `"errors":`...)
		head = appendErrors(head, r.Errors)
		if r.Data != nil || len(r.Extensions) > 0 {
			head = append(head, ',')
		}
	}
	if r.Data != nil {
		head = append(head, `"data":`...)
	}
	if len(r.Extensions) > 0 {
		if r.Data != nil {
			tail = append(tail, ',')
		}
		tail = append(tail, `"extensions":`...)
		tail = appendJSON(tail, r.Extensions)
	}
	return head, append(tail, '}')
}

// appendErrors appends the list, or one error where somebody's extension cannot
// be JSON.
func appendErrors(b []byte, list gqlerror.List) []byte {
	if data, err := json.Marshal(list); err == nil {
		return append(b, data...)
	}
	return appendJSON(b, gqlerror.List{internalError()})
}

// appendJSON appends v, or null where it cannot be JSON.
func appendJSON(b []byte, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return append(b, "null"...)
	}
	return append(b, data...)
}
