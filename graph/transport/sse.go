package transport

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
)

// mediaEvents is the media type of server-sent events.
const mediaEvents = "text/event-stream"

// Events lets [HTTP] answer with server-sent events, in the "distinct
// connections mode" of the protocol of graphql-sse: each operation has a
// request of its own, whose answer is a `next` for each result and a
// `complete` at the end. It is to be used as a pointer.
//
// A stream has the hooks, the limits and the seats of the WebSocket beside it.
// It writes in the goroutine that serves the request, so that a client that
// reads slowly pauses its own subscription and nobody else's.
type Events struct {
	// Socket is the transport whose Refresh, Watch, Person, Pace and NewEvent
	// the streams have too, and its limits. A stream counts as one of its person's
	// sockets.
	Socket *WebSocket

	// KeepAlive is the time after which a comment is sent where nothing else
	// is to be told, so that nothing on the way takes the stream for dead.
	// Default 12 s.
	KeepAlive time.Duration

	once sync.Once
	down chan struct{} // closed by Shutdown
}

var (
	eventsOverloaded = refused{status: 429, reason: "This person has too many sockets and streams.", code: errs.RateLimited, retryAfter: 1}
	eventsNotNow     = refused{status: 503, reason: "The server cannot answer now. Try again.", hangUp: true, retryAfter: 1}
)

// Causes of the end of a stream besides credentials that died.
var (
	errGoingDown = errors.New("the server is going down")
	errSaid      = errors.New("there is nothing more to say, or nobody to say it to")
)

func (e *Events) fill() { e.down = make(chan struct{}) }

// Shutdown ends all streams, without `complete`, since their clients are to go
// on elsewhere; none is opened after it. It does not wait for their end: that
// is what the shutdown of net/http's server does. It is to be called once.
func (e *Events) Shutdown() {
	e.once.Do(e.fill)
	close(e.down)
}

// eventStream is the answer to one request, while events are written.
type eventStream struct {
	x       *exchange
	at      *Events
	ctx     context.Context // its cause tells why the stream is over
	end     context.CancelCauseFunc
	conn    *http.ResponseController
	changed chan struct{} // one element when the credentials are to be looked at
	ended   chan struct{} // closed when watch has returned

	mu  sync.Mutex
	cut bool // nothing may be written that was not allowed before
}

// stream answers a subscription.
func (e *Events) stream(x *exchange, op *graphql.OperationContext) {
	e.once.Do(e.fill)
	socket := e.Socket
	socket.defaults.Do(socket.fill)
	select {
	case <-e.down:
		x.refuse(eventsNotNow)
		return
	default:
	}
	if socket.Person != nil {
		if person := socket.Person(x.ctx); person != "" {
			if !socket.seat(person) {
				x.refuse(eventsOverloaded)
				return
			}
			defer func() {
				socket.mu.Lock()
				defer socket.mu.Unlock()
				socket.rise(person)
			}()
		}
	}
	s := &eventStream{x: x, at: e, conn: http.NewResponseController(x.w), changed: make(chan struct{}, 1), ended: make(chan struct{})}
	s.ctx, s.end = context.WithCancelCause(x.ctx)
	if socket.Watch != nil {
		defer socket.Watch(s.ctx, s.look)()
	}
	s.look() // at what may have happened before it was watched
	go s.watch()
	defer func() {
		s.end(nil)
		<-s.ended
		_ = s.conn.SetWriteDeadline(time.Time{}) // the connection may serve other requests
	}()
	s.run(op)
}

// look has the credentials looked at again. It is called from any goroutine.
func (s *eventStream) look() {
	select {
	case s.changed <- struct{}{}:
	default: // somebody has asked for that already
	}
}

// watch ends the stream when its credentials die, when the server goes down
// and when the client is gone: whatever is being written then is given up.
func (s *eventStream) watch() {
	defer close(s.ended)
	for {
		select {
		case <-s.ctx.Done():
			s.mu.Lock()
			defer s.mu.Unlock()
			s.cut = true
			_ = s.conn.SetWriteDeadline(time.Now())
			return
		case <-s.at.down:
			s.end(errGoingDown)
		case <-s.changed:
			if _, err := s.refresh(s.ctx); err != nil {
				s.end(err)
			}
		}
	}
}

// refresh returns the context with the viewer as of now.
func (s *eventStream) refresh(ctx context.Context) (fresh context.Context, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(ctx, s.x.exec, p)
		}
	}()
	if s.at.Socket.Refresh == nil {
		return ctx, nil
	}
	return s.at.Socket.Refresh(ctx)
}

// run opens the subscription, sends its events and says how it ended.
func (s *eventStream) run(op *graphql.OperationContext) {
	end := &ending{pace: s.at.Socket.Pace}
	ctx := context.WithValue(s.ctx, endingKey{}, end)
	events, responses, ctx := open(ctx, s.x.exec, op)
	if events == nil {
		s.unstarted(ctx, responses)
		return
	}
	s.x.beginEvents()
	if s.send(eventComment) {
		s.follow(ctx, events, responses)
	}
	switch cause := context.Cause(s.ctx); {
	case cause == nil && end.reason() != nil:
		s.send(lastEvents(events.refusal(ctx, s.x.exec, end.reason())))
	case cause == nil:
		s.send(appendComplete(nil))
	case errors.Is(cause, errSaid), errors.Is(cause, errGoingDown), errors.Is(cause, ErrTryLater), s.x.ctx.Err() != nil:
		// The client knows, is gone, or is to try again.
	default:
		<-s.ended // lest it takes the time for this from us
		_ = s.conn.SetWriteDeadline(time.Now().Add(s.at.Socket.CloseTimeout))
		_, _ = s.x.w.Write(lastEvents(events.refusal(ctx, s.x.exec, cause)))
	}
}

// unstarted answers where no resolver has opened a stream: mostly with why.
func (s *eventStream) unstarted(ctx context.Context, responses graphql.ResponseHandler) {
	if cause := context.Cause(s.ctx); cause == nil {
		s.x.answer(settle(ctx, s.x.exec, responses(ctx), s.at.Socket.AnswerLimit))
	} else {
		s.x.dismiss(cause)
	}
}

// follow sends the events until there are no more, or the stream is over.
func (s *eventStream) follow(ctx context.Context, events *events, responses graphql.ResponseHandler) {
	pause := cmp.Or(s.at.KeepAlive, 12*time.Second)
	quiet := time.NewTicker(pause)
	defer quiet.Stop()
	for {
		switch events.wait(ctx, quiet.C) {
		case over:
			return
		case ticked:
			if !s.send(eventComment) {
				return
			}
		case arrived:
			quiet.Reset(pause)
			fresh, err := s.refresh(ctx)
			if err != nil {
				s.end(err)
				return
			}
			if !s.tell(s.at.Socket.executeEvent(fresh, s.x.exec, events, responses)) {
				return
			}
		}
	}
}

// tell sends one result, and reports whether more may follow. A response
// without data was refused as a whole, and ends the stream.
func (s *eventStream) tell(r *graphql.Response) bool {
	if r.Data != nil {
		return s.send(appendNext(nil, r))
	}
	if s.send(lastEvents(r)) {
		s.end(errSaid)
	}
	return false
}

// send writes and flushes. It reports false when the stream is over, also
// since the client does not take what is sent in time.
func (s *eventStream) send(data []byte) bool {
	if !s.mayWrite() {
		return false
	}
	_, err := s.x.w.Write(data)
	if err == nil {
		err = s.conn.Flush()
	}
	if err != nil {
		s.end(errSaid)
	}
	return err == nil
}

// mayWrite gives what is written next its time, unless the stream is over.
func (s *eventStream) mayWrite() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut || s.ctx.Err() != nil {
		return false
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(s.at.Socket.WriteTimeout))
	return true
}

// eventComment is nothing to clients, and a sign of life to what is between.
var eventComment = []byte(":\n\n")

// appendNext appends the event of one result.
func appendNext(b []byte, r *graphql.Response) []byte {
	if b == nil {
		b = make([]byte, 0, len(r.Data)+64)
	}
	b = append(b, "event: next\ndata: "...)
	start := len(b)
	b = appendResponse(b, r)
	for i, c := range b[start:] {
		if c == '\n' || c == '\r' {
			b[start+i] = ' ' // in JSON, between two values only
		}
	}
	return append(b, "\n\n"...)
}

func appendComplete(b []byte) []byte { return append(b, "event: complete\ndata:\n\n"...) }

// lastEvents are the events of a result that nothing follows.
func lastEvents(r *graphql.Response) []byte { return appendComplete(appendNext(nil, r)) }
