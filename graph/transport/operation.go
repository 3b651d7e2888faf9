package transport

import (
	"context"
	"strconv"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// operation is a query, mutation or subscription that a client runs under an
// id of its choice. It is active while the socket's map has it.
type operation struct {
	on      *socket
	id      string
	ctx     context.Context
	cancel  context.CancelFunc
	streams bool    // is a subscription; guarded by the socket's mu
	parked  *parked // of a subscription
}

// subscribe starts an operation.
func (s *socket) subscribe(id string, params *params) {
	s.mu.Lock()
	switch {
	case s.end != nil, s.draining && s.ready:
	case !s.ready:
		s.shut(notAcknowledged)
	case s.operations[id] != nil:
		s.shut(idInUse)
	case s.running >= s.at.OperationLimit:
		s.mu.Unlock()
		s.tooMany(id)
		return
	default:
		o := &operation{on: s, id: id}
		o.ctx, o.cancel = context.WithCancel(s.ctx)
		s.operations[id] = o
		s.running++
		if !s.spawn(func() { o.guard(func() bool { return o.run(params) }) }) {
			o.cancel()
		}
	}
	s.mu.Unlock()
}

// tooMany refuses one operation more; the id stays free.
func (s *socket) tooMany(id string) {
	err := failure(errs.RateLimited, "This socket runs "+strconv.Itoa(s.at.OperationLimit)+" operations already.")
	err.Extensions["retryAfter"] = 1 // seconds, as with every RATE_LIMITED
	s.send(errorMessage(id, refusal(s.ctx, s.exec, gqlerror.List{err}).Errors))
}

// complete gives up an operation that the client no longer wants. One that is
// over, or never was, is nothing to complain of: the messages crossed.
func (s *socket) complete(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.operations[id]; o != nil {
		s.giveUp(o)
	}
}

// giveUp ends an operation of which the client gets nothing more, not even
// what waits to be written. It is called with mu held.
func (s *socket) giveUp(o *operation) {
	o.cancel()
	delete(s.operations, o.id)
	s.forget(o)
	if p := o.parked; p != nil && !p.awake {
		p.rise() // to clear up
	}
}

// guard runs a part of the operation, and clears up unless more is to come.
func (o *operation) guard(part func() (waits bool)) {
	waits := false
	defer func() {
		if !waits {
			o.over()
		}
	}()
	defer func() {
		// The executor sees to the panics of resolvers; what is left are
		// hooks and extensions. Only this operation ends by them.
		if p := recover(); p != nil {
			o.fail(gqlerror.List{panicked(o.ctx, o.on.exec, p)})
		}
	}()
	waits = part()
}

// run executes the operation from its document to its last message, or to
// where a subscription has nothing to tell for now: it then waits without this
// goroutine, as run reports.
func (o *operation) run(params *params) (waits bool) {
	exec := o.on.exec
	ctx, ok := o.refresh(o.ctx)
	if !ok {
		return false
	}
	ctx = graphql.StartOperationTrace(ctx)
	op, list := prepare(ctx, exec, o.on.at.Gate, params)
	ctx = graphql.WithOperationContext(ctx, op)
	if o.on.at.Admit != nil {
		admitted, err := o.on.at.Admit(ctx, op)
		if err != nil {
			o.fail(declined(ctx, exec, err).Errors)
			return
		}
		ctx = admitted
	}
	switch {
	case len(list) > 0:
		o.fail(refusal(ctx, exec, list).Errors)
	case op.Operation.Operation == ast.Subscription:
		return o.stream(ctx, op)
	default:
		o.answer(ctx, op)
	}
	return false
}

// refresh returns the context with the viewer as of now. Without one, the
// socket is closing, or the operation was given up.
func (o *operation) refresh(ctx context.Context) (context.Context, bool) {
	if o.on.at.Refresh != nil {
		fresh, err := o.on.at.Refresh(ctx)
		if ctx.Err() != nil {
			return nil, false // perhaps that is all that the error says
		}
		if err != nil {
			o.on.refuse(err)
			return nil, false
		}
		ctx = fresh
	}
	return ctx, ctx.Err() == nil
}

// answer runs a query or a mutation.
func (o *operation) answer(ctx context.Context, op *graphql.OperationContext) {
	ctx, cancel := deadline(ctx, op, o.on.at.OperationTimeout, o.on.at.Unhurried)
	defer cancel()
	responses, ctx := o.on.exec.DispatchOperation(ctx, op)
	if o.result(o.execute(ctx, responses)) {
		o.finish()
	}
}

// execute returns the next response, as it is to be sent.
func (o *operation) execute(ctx context.Context, responses graphql.ResponseHandler) *graphql.Response {
	return settle(ctx, o.on.exec, responses(ctx), o.on.at.AnswerLimit)
}

// result sends one result, and reports whether more may follow. A response
// without data was refused as a whole, and ends the operation.
func (o *operation) result(r *graphql.Response) bool {
	if r.Data == nil {
		o.fail(r.Errors)
		return false
	}
	return o.on.sendOf(o, nextMessage(o.id, r), false)
}

// fail ends the operation with errors.
func (o *operation) fail(list gqlerror.List) {
	o.on.sendOf(o, errorMessage(o.id, list), true)
}

// finish ends the operation with `complete`.
func (o *operation) finish() {
	o.on.sendOf(o, completeMessage(o.id), true)
}

// over makes room for another operation.
func (o *operation) over() {
	o.cancel()
	if o.parked != nil && o.parked.stop != nil {
		o.parked.stop()
	}
	s := o.on
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	if s.operations[o.id] == o {
		delete(s.operations, o.id)
	}
	if s.draining && len(s.operations) == 0 {
		s.shut(goingDown)
	}
}
