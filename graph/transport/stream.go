package transport

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// ending is what a resolver's [Feed] finds of its transport, and where the
// resolver leaves the reason for the end of its stream.
type ending struct {
	parks *parked // where a [Feed] may wait; nil where there is a goroutine for it anyhow
	pace  func(ctx context.Context, points int) error
	mu    sync.Mutex
	err   error
}

type endingKey struct{}

// EndWith tells why the stream of a subscription ends: the resolver calls it
// with its own context before it closes its channel. The client then gets the
// error, as the executor presents it, instead of `complete`. Without a call,
// or outside of a subscription, a closed channel is a plain end.
func EndWith(ctx context.Context, err error) {
	if e, ok := ctx.Value(endingKey{}).(*ending); ok {
		e.mu.Lock()
		e.err = err
		e.mu.Unlock()
	}
}

// Guarded is what the events of a subscription may be. MaySend is then asked
// right before an event is executed, in the event's own context: while the
// event waited for a slow reader, the reader may have lost the right to it. An
// error ends the stream, as one of [EndWith] does.
type Guarded interface {
	MaySend(ctx context.Context) error
}

func (e *ending) reason() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// stream runs a subscription, and reports whether it goes on without this
// goroutine.
func (o *operation) stream(ctx context.Context, op *graphql.OperationContext) (waits bool) {
	if !o.beginStream() {
		return false
	}
	end := &ending{parks: o.parked, pace: o.on.at.Pace}
	ctx = context.WithValue(ctx, endingKey{}, end)
	events, responses, ctx := open(ctx, o.on.exec, op)
	if events == nil {
		o.unstarted(ctx, responses)
		return false
	}
	if p := o.parked; p.tell != nil {
		p.ctx, p.events, p.responses = ctx, events, responses
		return p.follow()
	}
	for events.wait(ctx, nil) == arrived {
		if !o.event(ctx, events, responses) {
			return false
		}
	}
	switch err := end.reason(); {
	case ctx.Err() != nil:
	case err != nil:
		o.fail(events.refusal(ctx, o.on.exec, err).Errors)
	default:
		o.finish()
	}
	return false
}

// beginStream marks the operation as one that may wait, and that ends when the
// server goes down. It reports whether that has not happened yet.
func (o *operation) beginStream() bool {
	s := o.on
	s.mu.Lock()
	defer s.mu.Unlock()
	o.streams = true
	o.parked = &parked{of: o, awake: true}
	if s.draining {
		s.giveUp(o)
	}
	return !s.draining
}

// unstarted sends what the executor has to say where no resolver has opened a
// stream: mostly why not.
func (o *operation) unstarted(ctx context.Context, responses graphql.ResponseHandler) {
	for r := responses(ctx); r != nil; r = responses(ctx) {
		if !o.result(settle(ctx, o.on.exec, r, o.on.at.AnswerLimit)) {
			return
		}
	}
	o.finish()
}

// event executes the selection for the event that has come, and sends it. It
// reports whether the stream goes on.
func (o *operation) event(ctx context.Context, events *events, responses graphql.ResponseHandler) bool {
	ctx, ok := o.refresh(ctx)
	return ok && o.result(o.on.at.executeEvent(ctx, o.on.exec, events, responses))
}

// executeEvent has let go of the event's context when it returns: whatever was
// opened for it does not stay open for a client that reads slowly.
func (w *WebSocket) executeEvent(ctx context.Context, exec graphql.GraphExecutor, events *events, responses graphql.ResponseHandler) *graphql.Response {
	if w.NewEvent != nil {
		own, done := w.NewEvent(ctx)
		defer done()
		ctx = own
	}
	ctx, cancel := context.WithTimeout(ctx, w.OperationTimeout)
	defer cancel()
	if g, ok := events.event.Interface().(Guarded); ok {
		if err := g.MaySend(ctx); err != nil {
			return events.refusal(ctx, exec, err)
		}
	}
	ctx = events.offer(ctx)
	return settle(ctx, exec, responses(ctx), w.AnswerLimit)
}

// events stand between a resolver's channel and the executor. gqlgen would
// wait for an event and execute it within one context, which was made before
// anything happened; so the waiting is done here, and the executor is given
// one event at a time, in a context that is made for it.
type events struct {
	from  reflect.Value // the resolver's channel
	to    reflect.Value // the one that the executor reads; room for one event
	event reflect.Value // the one that has come
	field *graphql.FieldContext
	name  string               // under which the field is answered
	cases []reflect.SelectCase // kept from one wait to the next
}

// waited is what came of waiting for an event.
type waited int

const (
	over    waited = iota // the resolver has closed its channel, or the context is over
	arrived               // an event
	ticked                // the time to do something else
)

// open starts the operation, and takes the resolver's channel on its way
// to the executor. It returns no events when the resolver has not given one.
func open(ctx context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext) (*events, graphql.ResponseHandler, context.Context) {
	var taken *events
	around := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, next graphql.Resolver) (any, error) {
		res, err := around(ctx, next)
		from := reflect.ValueOf(res)
		if err != nil || from.Kind() != reflect.Chan {
			return res, err
		}
		taken = &events{from: from}
		return taken.attach(ctx), nil
	}
	responses, ctx := exec.DispatchOperation(ctx, op)
	op.ResolverMiddleware = around // the fields of events need no look
	return taken, responses, ctx
}

// attach makes the channel that the executor is to read, in the context of the
// field.
func (e *events) attach(ctx context.Context) any {
	e.to = reflect.MakeChan(reflect.ChanOf(reflect.BothDir, e.from.Type().Elem()), 1)
	e.field = graphql.GetFieldContext(ctx)
	e.name = e.field.Field.Alias
	return e.to.Convert(e.from.Type()).Interface()
}

// reopen has the executor begin anew, after release, without asking the
// resolver again.
func (e *events) reopen(ctx context.Context, exec graphql.GraphExecutor) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	around := op.ResolverMiddleware
	op.ResolverMiddleware = func(ctx context.Context, _ graphql.Resolver) (any, error) { return e.attach(ctx), nil }
	defer func() { op.ResolverMiddleware = around }()
	responses, _ := exec.DispatchOperation(ctx, op)
	return responses
}

// release lets go of what the executor needs for events, which is most of what
// a subscription takes while nothing happens.
func (e *events) release() { e.to, e.field = reflect.Value{}, nil }

// wait waits for the next event, or for a tick, nil for none.
func (e *events) wait(ctx context.Context, tick <-chan time.Time) waited {
	if e.cases == nil {
		e.cases = make([]reflect.SelectCase, 3)
	}
	e.cases[0] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: e.from}
	e.cases[1] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())}
	e.cases[2] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(tick)}
	chosen, event, ok := reflect.Select(e.cases)
	switch {
	case ctx.Err() != nil || chosen == 0 && !ok:
		return over
	case chosen == 0:
		e.event = event
		return arrived
	}
	return ticked
}

// offer hands the event to the executor, and returns ctx with the field that
// it is of, so that errors below it have their whole path.
func (e *events) offer(ctx context.Context) context.Context {
	e.to.TryRecv() // one that an extension refused to execute
	e.to.Send(e.event)
	e.event = reflect.Value{}
	return graphql.WithFieldContext(ctx, &graphql.FieldContext{
		Object: e.field.Object,
		Args:   e.field.Args,
		Field:  e.field.Field,
	})
}

// refusal presents the reason why the stream does not go on.
func (e *events) refusal(ctx context.Context, exec graphql.GraphExecutor, err error) *graphql.Response {
	known, ok := errors.AsType[*gqlerror.Error](err)
	if !ok {
		known = gqlerror.WrapPath(ast.Path{ast.PathName(e.name)}, err)
	}
	return refusal(ctx, exec, gqlerror.List{known})
}
