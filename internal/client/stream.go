package client

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
)

// waiting is how many events of a stream wait for a slow reader. Then the
// socket is not read any more, and the server notices.
const waiting = 16

// Stream is one operation on a socket: mostly a subscription, though queries
// and mutations run there as well. Its methods may be called concurrently, but
// each event goes to one caller of Next only.
type Stream struct {
	socket *Socket
	id     string
	owns   bool // the socket lives for this stream only

	stop func() bool // lets go of the context

	events chan event // closed by the socket's reader at the operation's end
	end    error      // why; to be read when events is closed

	closed    chan struct{} // closed by the owner
	closeOnce sync.Once
	cause     error // why it was closed; to be read when closed is closed
}

type event struct {
	data json.RawMessage
	errs *Errors
}

// Subscribe starts an operation on a socket of its own. It lives until it
// ends, is closed, or ctx ends.
func (c *Client) Subscribe(ctx context.Context, query string, variables map[string]any) (*Stream, error) {
	socket, err := c.Dial(ctx)
	if err != nil {
		return nil, err
	}
	stream, err := socket.start(ctx, Request{Query: query, Variables: variables}, true)
	if err != nil {
		socket.Close()
		return nil, err
	}
	return stream, nil
}

// Subscribe starts an operation on the socket. It lives until it ends, is
// closed, the socket is closed, or ctx ends.
func (s *Socket) Subscribe(ctx context.Context, query string, variables map[string]any) (*Stream, error) {
	return s.Start(ctx, Request{Query: query, Variables: variables})
}

// Start is Subscribe for requests with more to them.
func (s *Socket) Start(ctx context.Context, request Request) (*Stream, error) {
	return s.start(ctx, request, false)
}

func (s *Socket) start(ctx context.Context, request Request, owns bool) (*Stream, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	payload, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	stream := &Stream{socket: s, owns: owns, events: make(chan event, waiting), closed: make(chan struct{})}
	stream.stop = context.AfterFunc(ctx, func() { stream.shut(context.Cause(ctx)) })
	if err := s.add(stream); err != nil {
		stream.stop()
		return nil, err
	}
	if err := s.write(message{ID: stream.id, Type: "subscribe", Payload: payload}); err != nil {
		stream.Close()
		return nil, err
	}
	select {
	case <-stream.closed: // while it was being sent: the server may not have heard of the end
		_ = s.write(message{ID: stream.id, Type: "complete"})
		return nil, stream.cause
	default:
		return stream, nil
	}
}

// Next returns the data of the next event, waiting for it until ctx ends. An
// event may come with data, which can be the JSON null, and [*Errors] both: the
// stream goes on then. Without data the stream is over, and stays so: with
// [io.EOF] when the operation is complete, [*Errors] when it failed, what ended
// the socket, [ErrClosed], or the end of the context it was started with.
func (s *Stream) Next(ctx context.Context) (json.RawMessage, error) {
	select {
	case <-s.closed: // what was waiting is not wanted any more
		return nil, s.cause
	default:
	}
	select {
	case e, ok := <-s.events:
		return s.take(e, ok)
	default:
	}
	select {
	case e, ok := <-s.events:
		return s.take(e, ok)
	case <-s.closed:
		return nil, s.cause
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *Stream) take(e event, ok bool) (json.RawMessage, error) {
	if !ok {
		return nil, s.end
	}
	if e.errs != nil {
		return e.data, e.errs
	}
	return e.data, nil
}

// Close ends the operation, and its socket when it has one of its own. What is
// waiting is thrown away. A stream that is over has to be closed as well.
func (s *Stream) Close() error {
	s.stop()
	s.shut(ErrClosed)
	return nil
}

// shut ends the operation from this side, for the cause.
func (s *Stream) shut(cause error) {
	s.closeOnce.Do(func() {
		s.cause = cause
		close(s.closed)
		if s.owns {
			s.socket.Close()
		} else if s.socket.drop(s) {
			// Where this fails the socket is dead, and the operation with it.
			_ = s.socket.write(message{ID: s.id, Type: "complete"})
		}
	})
}

// deliver hands one event to the owner, waiting while too many wait already.
// Only the socket's reader calls it.
func (s *Stream) deliver(payload json.RawMessage) error {
	var result executionResult
	if err := json.Unmarshal(payload, &result); err != nil || result.Data == nil && len(result.Errors) == 0 {
		return s.socket.violated("an event that is no GraphQL response")
	}
	e := event{data: result.Data}
	if e.data == nil {
		e.data = json.RawMessage("null")
	}
	if len(result.Errors) > 0 {
		e.errs = &Errors{List: result.Errors}
	}
	select {
	case s.events <- e:
	case <-s.closed:
	case <-s.socket.closing:
	}
	return nil
}

// finish ends the operation from the server's side. Only the socket's reader
// calls it, once, and never calls deliver again.
func (s *Stream) finish(why error) {
	s.end = why
	close(s.events)
	s.stop()
}
