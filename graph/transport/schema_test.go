package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"partnerhub/graph/transport"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var sdl = gqlparser.MustLoadSchema(&ast.Source{Input: `
	scalar Long
	type Query {
		hello(name: String = "world"): String!
		who: String!
		echo(n: Long): Long
		long(size: Int!): String!
		wait: String
		explode: String
	}
	type Mutation { add(n: Int!): Int! }
	type Subscription {
		count(to: Int!): Tick!
		feed: Tick!
		flood(size: Int!): Tick!
		silent: Tick!
		burst: Tick!
		refused: Tick!
		dismissed: Tick!
		guarded: Tick!
		explode: Tick!
	}
	type Tick { n: Int! who: String! event: Int! text: String! broken: String explode: String }
`})

type tick struct {
	n      int
	text   string
	secret bool
}

// MaySend is the last look at whether the reader may have the event.
func (t tick) MaySend(ctx context.Context) error {
	if t.secret {
		return fmt.Errorf("FORBIDDEN in event %v", ctx.Value(eventKey{}))
	}
	return nil
}

// schema is a gqlgen schema of the smallest kind: it resolves by the same
// functions of gqlgen that generated code calls.
type schema struct {
	total   atomic.Int64
	feed    chan tick     // what `feed` streams; closing it ends the stream
	waiting chan struct{} // one element for each `wait` that has begun
	release chan struct{} // closed: each `wait` answers
	streams atomic.Int64  // subscriptions whose resolvers still run
}

func newSchema() *schema {
	return &schema{feed: make(chan tick), waiting: make(chan struct{}, 100), release: make(chan struct{})}
}

func (s *schema) Schema() *ast.Schema { return sdl }

func (s *schema) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (s *schema) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	var buf bytes.Buffer
	if op.Operation.Operation == ast.Subscription {
		next := s.subscribe(ctx, op)
		return func(ctx context.Context) *graphql.Response {
			buf.Reset()
			data := next(ctx)
			if data == nil {
				return nil
			}
			data.MarshalGQL(&buf)
			return &graphql.Response{Data: buf.Bytes()}
		}
	}
	name := "Query"
	if op.Operation.Operation == ast.Mutation {
		name = "Mutation"
	}
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		s.object(ctx, op, name, op.Operation.SelectionSet, tick{}).MarshalGQL(&buf)
		return &graphql.Response{Data: buf.Bytes()}
	}
}

func (s *schema) object(ctx context.Context, op *graphql.OperationContext, name string, sel ast.SelectionSet, of tick) graphql.Marshaler {
	fields := graphql.CollectFields(op, sel, []string{name})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		nonNull := field.Definition.Type.NonNull
		out.Values[i] = graphql.ResolveField(ctx, op, field, fieldContext(op),
			func(ctx context.Context) (any, error) {
				return s.value(ctx, name+"."+field.Name, field.ArgumentMap(op.Variables), of)
			}, nil,
			func(_ context.Context, _ ast.SelectionSet, v any) graphql.Marshaler { return graphql.MarshalAny(v) },
			true, nonNull)
		if nonNull && out.Values[i] == graphql.Null {
			out.Invalids++
		}
	}
	out.Dispatch(ctx)
	if out.Invalids > 0 {
		return graphql.Null
	}
	return out
}

func fieldContext(op *graphql.OperationContext) func(context.Context, graphql.CollectedField) (*graphql.FieldContext, error) {
	return func(_ context.Context, f graphql.CollectedField) (*graphql.FieldContext, error) {
		return &graphql.FieldContext{Object: f.ObjectDefinition.Name, Field: f, Args: f.ArgumentMap(op.Variables)}, nil
	}
}

func (s *schema) value(ctx context.Context, field string, args map[string]any, of tick) (any, error) {
	switch field {
	case "Query.__typename":
		return "Query", nil
	case "Query.__type":
		return nil, nil // there is nothing to be told of
	case "Query.hello":
		return "hello " + args["name"].(string), nil
	case "Query.who", "Tick.who":
		who, _ := ctx.Value(viewerKey{}).(string)
		return who, nil
	case "Query.echo":
		return args["n"], nil
	case "Query.long":
		return strings.Repeat("x", int(args["size"].(int64))), nil
	case "Query.wait":
		s.waiting <- struct{}{}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.release:
			return "released", nil
		}
	case "Mutation.add":
		return s.total.Add(args["n"].(int64)), nil
	case "Tick.n":
		return of.n, nil
	case "Tick.text":
		return of.text, nil
	case "Tick.event":
		n, _ := ctx.Value(eventKey{}).(int)
		return n, nil
	case "Tick.broken":
		return nil, errors.New("broken")
	case "Query.explode", "Tick.explode":
		panic("boom")
	}
	return nil, errors.New("no such field: " + field)
}

func (s *schema) subscribe(ctx context.Context, op *graphql.OperationContext) func(context.Context) graphql.Marshaler {
	fields := graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Subscription"})
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Subscription"})
	field := fields[0]
	return graphql.ResolveFieldStream(ctx, op, field, fieldContext(op),
		func(ctx context.Context) (any, error) {
			return s.stream(ctx, field.Name, field.ArgumentMap(op.Variables))
		}, nil,
		func(ctx context.Context, sel ast.SelectionSet, v tick) graphql.Marshaler {
			return s.object(ctx, op, "Tick", sel, v)
		},
		true, true)
}

// stream opens a subscription: some as a plain channel, most as a feed.
func (s *schema) stream(ctx context.Context, field string, args map[string]any) (events <-chan tick, err error) {
	switch field {
	case "refused":
		return nil, errors.New("FORBIDDEN")
	case "explode":
		panic("boom")
	}
	s.streams.Add(1)
	switch field {
	case "silent":
		return transport.NewFeed[tick](ctx).Open(ctx, func(context.Context, func(tick) error) error { return nil },
			func() { s.streams.Add(-1) }), nil
	case "burst":
		return transport.NewFeed[tick](ctx).Open(ctx, burst, func() { s.streams.Add(-1) }), nil
	}
	out := make(chan tick)
	if field != "dismissed" && field != "guarded" {
		defer func() { events = fed(ctx, out) }()
	}
	go func() {
		defer s.streams.Add(-1)
		defer close(out)
		send := func(t tick) bool {
			select {
			case out <- t:
				return true
			case <-ctx.Done():
				return false
			}
		}
		switch field {
		case "count":
			for n := range int(args["to"].(int64)) {
				send(tick{n: n + 1})
			}
		case "flood":
			text := strings.Repeat("x", int(args["size"].(int64)))
			for n := 1; send(tick{n: n, text: text}); n++ {
			}
		case "dismissed":
			send(tick{n: 1})
			transport.EndWith(ctx, errors.New("FORBIDDEN"))
		case "guarded":
			send(tick{n: 1})
			send(tick{n: 2, secret: true})
			send(tick{n: 3})
		case "feed":
			for {
				select {
				case t, ok := <-s.feed:
					if !ok || !send(t) {
						return
					}
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return out, nil
}

// burst tells three ticks in one go, and no more.
func burst(_ context.Context, emit func(tick) error) error {
	for n := range 3 {
		if err := emit(tick{n: n + 1}); err != nil {
			return err
		}
	}
	return io.EOF
}

// fed tells as a feed what comes through a channel.
func fed(ctx context.Context, from <-chan tick) <-chan tick {
	f := transport.NewFeed[tick](ctx)
	ready := make(chan tick, 1)
	go func() {
		defer f.Wake()
		defer close(ready)
		for t := range from {
			select {
			case ready <- t:
				f.Wake()
			case <-ctx.Done():
			}
		}
	}()
	tell := func(_ context.Context, emit func(tick) error) error {
		for {
			select {
			case t, ok := <-ready:
				if !ok {
					return io.EOF
				}
				if err := emit(t); err != nil {
					return err
				}
			default:
				return nil
			}
		}
	}
	return f.Open(ctx, tell, func() {})
}
