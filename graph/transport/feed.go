package transport

import (
	"context"
	"errors"
	"io"
	"reflect"

	"partnerhub/internal/guard"

	"github.com/99designs/gqlgen/graphql"
)

// Feed is the stream of a subscription that need not hold a goroutine while
// nothing happens: on a WebSocket it holds none. Its resolver makes it with
// [NewFeed], sees to it that Wake is called whenever there may be something to
// tell, and answers with the channel that Open returns.
type Feed[E any] struct {
	parked *parked       // on a WebSocket
	woken  chan struct{} // elsewhere; one element when it is to tell
	pace   func(ctx context.Context, points int) error
	points int // of the operation, which forgets them while it rests
}

// NewFeed returns a feed for a subscription that is opened in the context.
func NewFeed[E any](ctx context.Context) *Feed[E] {
	f := &Feed[E]{}
	if e, ok := ctx.Value(endingKey{}).(*ending); ok {
		f.parked, f.pace, f.points = e.parks, e.pace, guard.PointsOf(ctx)
	}
	if f.parked == nil {
		f.woken = make(chan struct{}, 1)
	}
	return f
}

// Wake has the feed tell what is new. It may be called from any goroutine, and
// returns at once. Calls while it tells are answered by one more telling.
func (f *Feed[E]) Wake() {
	if f.parked != nil {
		f.parked.wake()
		return
	}
	select {
	case f.woken <- struct{}{}:
	default: // it is to tell already
	}
}

// Open starts the stream. tell is called at once and after each Wake, one call
// at a time; it hands to emit what there is to tell and returns. emit waits
// until the reader can take the event, and fails when the stream is over, which
// tell is then to return. Another error of tell ends the stream: [io.EOF] as
// complete, any other is told to the client as [EndWith] has it. stop is called
// once, when tell is not called any more.
//
// Each call of tell waits for [WebSocket.Pace] first, and so does each event
// that it emits after its first.
func (f *Feed[E]) Open(ctx context.Context, tell func(ctx context.Context, emit func(E) error) error, stop func()) <-chan E {
	if f.pace != nil {
		tell = f.paced(tell)
	}
	if f.parked != nil {
		f.parked.stop = stop
		f.parked.tell = func(ctx context.Context, emit func(any) error) error {
			return tell(ctx, func(e E) error { return emit(e) })
		}
		return nil // of its type: nothing comes that way
	}
	events := make(chan E)
	emit := func(e E) error {
		select {
		case events <- e:
			return nil
		case <-ctx.Done():
			return errStreamOver
		}
	}
	go func() {
		defer close(events)
		defer stop()
		for {
			if err := tell(ctx, emit); err != nil {
				if !errors.Is(err, io.EOF) {
					EndWith(ctx, err)
				}
				return
			}
			select {
			case <-f.woken:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events
}

// paced has tell wait until its steps are paid: here, where no lock and no
// transaction is held, what has come meanwhile is still told in one go, and the
// rights of the reader are yet to be looked up.
func (f *Feed[E]) paced(tell func(context.Context, func(E) error) error) func(context.Context, func(E) error) error {
	return func(ctx context.Context, emit func(E) error) error {
		if f.pace(ctx, f.points) != nil {
			return errStreamOver
		}
		f.answered()
		paid := true // the look, with the first event that it finds
		return tell(ctx, func(e E) error {
			if !paid && f.pace(ctx, f.points) != nil {
				return errStreamOver
			}
			paid = false
			return emit(e)
		})
	}
}

// answered forgets the calls of Wake so far: what is told next answers them.
func (f *Feed[E]) answered() {
	if f.parked != nil {
		s := f.parked.of.on
		s.mu.Lock()
		defer s.mu.Unlock()
		f.parked.again = false
		return
	}
	select {
	case <-f.woken:
	default:
	}
}

var errStreamOver = errors.New("the stream is over")

// parked is what a subscription of a socket keeps while it waits to be woken.
type parked struct {
	of        *operation
	ctx       context.Context
	events    *events
	responses graphql.ResponseHandler // nil while it rests
	tell      func(ctx context.Context, emit func(any) error) error
	stop      func()

	// Guarded by the socket's mu.
	awake bool // a goroutine tells, or the subscription is over
	again bool // and is to tell once more
}

// wake has a goroutine tell what is new.
func (p *parked) wake() {
	s := p.of.on
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.awake {
		p.again = true
		return
	}
	p.rise()
}

// rise starts the goroutine. It is called with the socket's mu held.
func (p *parked) rise() {
	p.awake = p.of.on.spawn(func() { p.of.guard(p.follow) })
}

// follow tells until there is no more to be told for now, and reports whether
// the subscription waits on.
func (p *parked) follow() (waits bool) {
	o := p.of
	for {
		err := p.tell(p.ctx, p.send)
		switch {
		case p.ctx.Err() != nil, errors.Is(err, errStreamOver):
			return false
		case errors.Is(err, io.EOF):
			o.finish()
			return false
		case err != nil:
			o.fail(p.events.refusal(p.ctx, o.on.exec, err).Errors)
			return false
		}
		if waits, again := p.rest(); !again {
			return waits
		}
	}
}

// rest lets go of the goroutine, unless there is more to be told.
func (p *parked) rest() (waits, again bool) {
	slim(graphql.GetOperationContext(p.ctx))
	p.responses = nil
	p.events.release()
	s := p.of.on
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone, p.ctx.Err() != nil:
		return false, false
	case p.again:
		p.again = false
		return false, true
	}
	p.awake = false
	return true, false
}

// slim takes from an operation what only costs memory while nothing happens:
// the text of its document, its points, and the fields that gqlgen has collected
// for the last event.
func slim(op *graphql.OperationContext) {
	*op = graphql.OperationContext{
		Variables: op.Variables, OperationName: op.OperationName, Doc: op.Doc, Extensions: op.Extensions, Headers: op.Headers,
		Operation: op.Operation, DisableIntrospection: op.DisableIntrospection, RecoverFunc: op.RecoverFunc,
		ResolverMiddleware: op.ResolverMiddleware, RootResolverMiddleware: op.RootResolverMiddleware,
	}
}

// send executes and sends one event.
func (p *parked) send(event any) error {
	if p.responses == nil {
		p.responses = p.events.reopen(p.ctx, p.of.on.exec)
	}
	p.events.event = reflect.ValueOf(event)
	if !p.of.event(p.ctx, p.events, p.responses) {
		return errStreamOver
	}
	return nil
}
