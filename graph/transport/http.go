package transport

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"partnerhub/internal/errs"
	"partnerhub/internal/guard"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// HTTP is the transport for queries and mutations by POST, and queries by GET,
// as the GraphQL over HTTP specification has it. It takes every request that
// is no WebSocket, and so has to be added last: what it cannot answer it
// refuses with the status that says why, and an error in the body. The zero
// value of each field stands for the default named there.
type HTTP struct {
	// Gate is what operations pass before they are executed. Nil lets all pass.
	Gate *guard.Gate

	// BodyLimit is the size of the largest body taken, in bytes. Default
	// 256 KiB.
	BodyLimit int64

	// BodyTimeout is how long a client may take to send the body. Default 10 s.
	BodyTimeout time.Duration

	// Values are the limits of variables and extensions.
	Values ValueLimits

	// OperationTimeout is how long an operation may take. Default 10 s.
	OperationTimeout time.Duration

	// WriteTimeout is how long a client may take to accept the answer, and a
	// second more for each 64 KiB of it, before it is cut off. Default 10 s.
	WriteTimeout time.Duration

	// Unhurried reports the operations that may take as long as they need. Nil
	// is none of them.
	Unhurried func(op *ast.OperationDefinition) bool

	// AnswerLimit is the size of the largest response sent, in bytes. Default
	// 8 MiB.
	AnswerLimit int

	// Admit says whether the caller may run an operation now, after it was
	// prepared and before it is executed, and returns the context to run it in.
	// It is asked too about what was found wrong while it was prepared, since
	// that has cost the server time as well. header is the answer's. An error
	// refuses the operation. Nil admits everything.
	Admit func(ctx context.Context, op *graphql.OperationContext, header http.Header) (context.Context, error)

	// Events serves subscriptions to clients that accept text/event-stream, and
	// whatever else they ask for. Nil refuses them.
	Events *Events
}

var _ graphql.Transport = HTTP{}

// Supports reports whether the request is one of HTTP alone.
func (h HTTP) Supports(r *http.Request) bool {
	return !websocket.IsWebSocketUpgrade(r)
}

// Do answers one request.
func (h HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	x := exchange{h: h, w: w, r: r, exec: exec, ctx: r.Context()}
	defer func() {
		if p := recover(); p != nil {
			list := gqlerror.List{panicked(x.ctx, exec, p)}
			if x.begun {
				return // without `complete`, which tells the client that this is no good end
			}
			x.write(http.StatusInternalServerError, &graphql.Response{Errors: list})
		}
	}()
	var acceptable bool
	if x.media, x.events, acceptable = negotiate(r.Header.Values("Accept"), h.Events != nil); !acceptable {
		x.refuse(notAcceptable)
		return
	}
	params, wrong := h.read(w, r)
	if wrong != nil {
		x.refuse(*wrong)
		return
	}
	x.run(params)
}

// exchange is one request and its answer.
type exchange struct {
	h      HTTP
	w      http.ResponseWriter
	r      *http.Request
	exec   graphql.GraphExecutor
	media  string
	events bool            // a subscription may be answered, with events
	begun  bool            // events are being written
	ctx    context.Context // the request's, later the operation's
}

// run executes the operation and answers.
func (x *exchange) run(params *params) {
	op, list := prepare(x.ctx, x.exec, x.h.Gate, params)
	x.ctx = graphql.WithOperationContext(x.ctx, op)
	if !x.admitted(op) {
		return
	}
	if len(list) > 0 {
		x.answer(refusal(x.ctx, x.exec, list))
		return
	}
	switch op.Operation.Operation {
	case ast.Subscription:
		if !x.events {
			x.refuse(noSubscriptions)
			return
		}
		x.media = mediaEvents
		x.h.Events.stream(x, op)
		return
	case ast.Mutation:
		if x.r.Method == http.MethodGet {
			x.refuse(readOnly)
			return
		}
	}
	ctx, cancel := deadline(x.ctx, op, cmp.Or(x.h.OperationTimeout, operationTimeout), x.h.Unhurried)
	defer cancel()
	responses, ctx := x.exec.DispatchOperation(ctx, op)
	x.ctx = ctx
	x.answer(settle(ctx, x.exec, responses(ctx), cmp.Or(x.h.AnswerLimit, answerLimit)))
}

// admitted reports whether the operation may go on; otherwise the refusal was
// sent, with the status that says why to all media types: it is not about the
// document, and programs between client and server are to heed it too.
func (x *exchange) admitted(op *graphql.OperationContext) bool {
	if x.h.Admit == nil {
		return true
	}
	ctx, err := x.h.Admit(x.ctx, op, x.w.Header())
	if err == nil {
		x.ctx = ctx
		return true
	}
	r := declined(x.ctx, x.exec, err)
	x.write(statusOf(r.Errors), r)
	return false
}

// answer sends a response. Where nothing was executed, the status says so to
// those who asked for the newer media type; to the others, an answer to a well
// formed request is always 200. Who asked for events gets them, unless it is
// the caller that was refused.
func (x *exchange) answer(r *graphql.Response) {
	status := http.StatusOK
	if r.Data == nil && x.media != mediaJSON {
		status = statusOf(r.Errors)
	}
	if x.media != mediaEvents || status == http.StatusUnauthorized || status == http.StatusTooManyRequests {
		x.write(status, r)
		return
	}
	x.beginEvents()
	x.send(lastEvents(r))
}

// dismiss answers somebody whose credentials died before anything was done.
func (x *exchange) dismiss(cause error) {
	if errors.Is(cause, errGoingDown) || errors.Is(cause, ErrTryLater) {
		x.refuse(eventsNotNow)
		return
	}
	x.answer(refusal(x.ctx, x.exec, gqlerror.List{gqlerror.WrapPath(nil, cause)}))
}

// beginEvents sends the head of an answer in events.
func (x *exchange) beginEvents() {
	x.begun = true
	h := x.head(mediaEvents)
	h.Set("X-Accel-Buffering", "no") // a proxy that waits for more would hold the events back
	x.w.WriteHeader(http.StatusOK)
}

// head sets what every answer says of itself.
func (x *exchange) head(media string) http.Header {
	h := x.w.Header()
	h.Set("Content-Type", media+"; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	return h
}

// statusOf translates the first error's code.
func statusOf(list gqlerror.List) int {
	code := ""
	if len(list) > 0 {
		code, _ = list[0].Extensions["code"].(string)
	}
	switch errs.Code(code) {
	case errs.Unauthenticated:
		return http.StatusUnauthorized
	case errs.Forbidden:
		return http.StatusForbidden
	case errs.RateLimited:
		return http.StatusTooManyRequests
	case errs.Timeout:
		return http.StatusGatewayTimeout
	case errs.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// refuse answers a request that is not executed.
func (x *exchange) refuse(why refused) {
	h := x.w.Header()
	if why.allow != "" {
		h.Set("Allow", why.allow)
	}
	if why.hangUp {
		h.Set("Connection", "close")
	}
	err := failure(cmp.Or(why.code, errs.BadUserInput), why.reason)
	if why.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(why.retryAfter))
		err.Extensions["retryAfter"] = why.retryAfter
	}
	list := gqlerror.List{err}
	x.write(why.status, refusal(x.ctx, x.exec, list))
}

// write sends the response. Its data, which is marshalled already, is not copied
// for that.
func (x *exchange) write(status int, r *graphql.Response) {
	head, tail := around(r)
	media := cmp.Or(x.media, mediaJSON)
	if media == mediaEvents {
		media = mediaResponse // whose statuses mean something
	}
	x.head(media).Set("Content-Length", strconv.Itoa(len(head)+len(r.Data)+len(tail)))
	x.w.WriteHeader(status)
	x.send(head, r.Data, tail)
}

// slowest is how many bytes of an answer a client has to take in a second, once
// WriteTimeout is over.
const slowest = 64 << 10

// send writes the last of an answer. A client that does not take it in time is
// cut off: nobody is left to tell.
func (x *exchange) send(parts ...[]byte) {
	conn := http.NewResponseController(x.w)
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	most := cmp.Or(x.h.WriteTimeout, 10*time.Second) + time.Duration(size)*time.Second/slowest
	_ = conn.SetWriteDeadline(time.Now().Add(most))
	for _, p := range parts {
		if _, err := x.w.Write(p); err != nil {
			return
		}
	}
	if conn.Flush() == nil {
		_ = conn.SetWriteDeadline(time.Time{}) // the next answer has its own
	}
}
