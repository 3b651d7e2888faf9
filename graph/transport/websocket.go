// Package transport carries GraphQL between clients and gqlgen's executor.
//
// [WebSocket] speaks the protocol graphql-transport-ws, whole and strictly:
// every breach closes the socket with the code that the protocol names, a
// client that stops reading is dropped without anybody else noticing, and the
// rights of the reader are asked for again before each event.
//
// A socket lives in socket.go; what it runs is in operation.go, the events of
// a subscription in stream.go, what waits to be written in queue.go, and the
// form of the messages in message.go.
package transport

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"partnerhub/internal/guard"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
	"github.com/vektah/gqlparser/v2/ast"
)

// subprotocol is the only one spoken; the older "graphql-ws" is not.
const subprotocol = "graphql-transport-ws"

// ErrTryLater marks an error of [WebSocket.Init] or [WebSocket.Refresh] that
// says nothing about the credentials: they could not be looked up just now.
// The socket then closes with 1013 instead of 4403.
var ErrTryLater = errors.New("credentials cannot be checked now")

// WebSocket is the transport for graphql-transport-ws. It is to be used as a
// pointer, and not to be changed once it serves. The zero value of each field
// stands for the default named there; without hooks everybody is let in.
type WebSocket struct {
	// AllowedOrigins are the origins ("https://app.example.com") from which
	// browsers may connect besides the server's own. Clients that are no
	// browsers send no origin and are let in.
	AllowedOrigins []string

	// Gate is what operations pass before they are executed. Nil lets all pass.
	Gate *guard.Gate

	// Init authenticates a socket by the payload of its connection_init, nil
	// where there was none, and returns a context derived from ctx that knows
	// the viewer. ctx ends with the socket. An error closes with 4403; to let
	// a client in without credentials is Init's to decide.
	Init func(ctx context.Context, r *http.Request, payload map[string]any) (context.Context, error)

	// Refresh looks again at the credentials that Init accepted, and returns
	// a context derived from ctx with the viewer as of now. It is called
	// before each operation, before each event of a stream, and whenever Watch
	// signals. An error closes the socket with 4403, and what waited to be
	// sent is thrown away.
	Refresh func(ctx context.Context) (context.Context, error)

	// Watch lets a socket know when its credentials may have changed: at sign-
	// out, at expiry, when somebody was removed. It is called once, with Init's
	// context, and calls changed at each such moment, from any goroutine;
	// changed returns at once and leads to a Refresh. stop is called when the
	// socket is over; a call of changed after that does nothing.
	Watch func(ctx context.Context, changed func()) (stop func())

	// Person names, from Init's context, whose socket this is, for SocketLimit.
	// "" is nobody, and without limit.
	Person func(ctx context.Context) string

	// Admit says whether the caller may run an operation now, after it was
	// prepared and before it is executed, and returns the context to run it in.
	// It is asked too about what was found wrong while it was prepared. An
	// error refuses the operation; the socket stays. Nil admits everything.
	Admit func(ctx context.Context, op *graphql.OperationContext) (context.Context, error)

	// Pace waits until the caller may have the next step of a stream: a look
	// for what is new with the first event of it, or another event. It is
	// called in the context of the stream's [Feed], which holds nothing
	// meanwhile but its goroutine, and fails when that context ends, which it
	// is not to outlast. points are those of the operation. Nil waits for
	// nothing.
	Pace func(ctx context.Context, points int) error

	// NewEvent derives the context in which one event of a stream is read and
	// marshalled: with its own loaders and its own read transaction. done is
	// called as soon as the event's response is complete.
	NewEvent func(ctx context.Context) (event context.Context, done func())

	// InitTimeout is how long a client may take to send connection_init, and
	// Init to answer it. Default 5 s.
	InitTimeout time.Duration

	// OperationTimeout is how long a query, a mutation or one event of a
	// stream may take. Default 10 s.
	OperationTimeout time.Duration

	// Unhurried reports the queries and mutations that may take as long as they
	// need. Nil is none of them.
	Unhurried func(op *ast.OperationDefinition) bool

	// WriteTimeout is how long the client may take to accept one message
	// before it is dropped. Default 10 s.
	WriteTimeout time.Duration

	// CloseTimeout is how long a socket that is being closed may take to read
	// what is left for it and to answer the closing. Default 2 s.
	CloseTimeout time.Duration

	// PingInterval is the time between two pings of the server, by control
	// frame. Default 15 s.
	PingInterval time.Duration

	// DeadAfter is how long a client may be silent, without even answering a
	// ping, before it is dropped. Default 30 s.
	DeadAfter time.Duration

	// MessageLimit is the size of the largest message taken, in bytes.
	// Default 64 KiB.
	MessageLimit int

	// Values are the limits of variables and extensions.
	Values ValueLimits

	// AnswerLimit is the size of the largest response sent, in bytes. Default
	// 8 MiB.
	AnswerLimit int

	// QueueLimit is how much may wait for a client that reads slowly, in
	// bytes; its operations pause while that much waits. One message is always
	// let through. Default 256 KiB.
	QueueLimit int

	// OperationLimit is how many operations one socket may run at a time; one
	// more is answered with an error and the code RATE_LIMITED. Default 100.
	OperationLimit int

	// SocketLimit is how many sockets and streams of [Events] one Person may
	// have at this server; one more socket is closed with 1013, overloaded.
	// Default 20.
	SocketLimit int

	defaults sync.Once
	mu       sync.Mutex
	sockets  map[*socket]struct{}
	persons  map[string]int
	emptied  chan struct{} // nil until Shutdown; closed when the last socket is gone
}

var _ graphql.Transport = (*WebSocket)(nil)

// fill puts the defaults where nothing was configured.
func (w *WebSocket) fill() {
	w.InitTimeout = cmp.Or(w.InitTimeout, 5*time.Second)
	w.OperationTimeout = cmp.Or(w.OperationTimeout, operationTimeout)
	w.WriteTimeout = cmp.Or(w.WriteTimeout, 10*time.Second)
	w.CloseTimeout = cmp.Or(w.CloseTimeout, 2*time.Second)
	w.PingInterval = cmp.Or(w.PingInterval, 15*time.Second)
	w.DeadAfter = cmp.Or(w.DeadAfter, 30*time.Second)
	w.MessageLimit = cmp.Or(w.MessageLimit, 64<<10)
	w.AnswerLimit = cmp.Or(w.AnswerLimit, answerLimit)
	w.QueueLimit = cmp.Or(w.QueueLimit, 256<<10)
	w.OperationLimit = cmp.Or(w.OperationLimit, 100)
	w.SocketLimit = cmp.Or(w.SocketLimit, 20)
	w.sockets = map[*socket]struct{}{}
	w.persons = map[string]int{}
}

// Supports reports whether the request asks for a WebSocket.
func (w *WebSocket) Supports(r *http.Request) bool {
	return websocket.IsWebSocketUpgrade(r)
}

// writeBuffers are shared by all sockets: one is held only while a message is
// being written. All have the upgrader's WriteBufferSize.
var writeBuffers sync.Pool

// Do turns the request into a socket and leaves it to its own goroutine, so
// that nothing of net/http stays in memory for the time it is open.
func (w *WebSocket) Do(rw http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	w.defaults.Do(w.fill)
	upgrader := websocket.Upgrader{
		HandshakeTimeout: w.WriteTimeout,
		ReadBufferSize:   256, // what is larger is read past it
		WriteBufferSize:  4 << 10,
		WriteBufferPool:  &writeBuffers,
		Subprotocols:     []string{subprotocol},
		CheckOrigin:      w.allows,
	}
	conn, err := upgrader.Upgrade(hijackable{rw}, r, nil)
	if err != nil {
		return // Upgrade has answered
	}
	if kernel, ok := conn.NetConn().(*net.TCPConn); ok {
		// Of its own the kernel would hold megabytes for a client that does
		// not read. Where it refuses, that is all that is lost.
		_ = kernel.SetWriteBuffer(w.QueueLimit)
		_ = kernel.SetReadBuffer(w.MessageLimit)
	}
	s := newSocket(w, conn, r, exec)
	if w.add(s) {
		s.close(goingDown)
	}
	if conn.Subprotocol() != subprotocol {
		s.close(noSubprotocol)
	}
	go s.read()
}

// hijackable finds the connection below whatever middleware has wrapped the
// response in.
type hijackable struct{ http.ResponseWriter }

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// allows reports whether a page of the request's origin may connect: without
// this, any page that a signed-in person visits could.
func (w *WebSocket) allows(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	same := func(allowed string) bool { return strings.EqualFold(allowed, origin) }
	if slices.ContainsFunc(w.AllowedOrigins, same) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// add keeps the socket until remove, and reports whether the server is going
// down.
func (w *WebSocket) add(s *socket) (down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets[s] = struct{}{}
	return w.emptied != nil
}

// seat counts the socket as one of the person's, unless there are too many.
func (w *WebSocket) seat(person string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.persons[person] >= w.SocketLimit {
		return false
	}
	w.persons[person]++
	return true
}

// remove forgets a socket that is over, and its person's seat.
func (w *WebSocket) remove(s *socket, person string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sockets, s)
	w.rise(person)
	if w.emptied != nil && len(w.sockets) == 0 {
		w.closeEmptied()
	}
}

// rise gives back the seat of a person, "" for none. It is called with mu held.
func (w *WebSocket) rise(person string) {
	if person == "" {
		return
	}
	if w.persons[person]--; w.persons[person] == 0 {
		delete(w.persons, person)
	}
}

func (w *WebSocket) closeEmptied() {
	select {
	case <-w.emptied:
	default:
		close(w.emptied)
	}
}

// Shutdown ends all subscriptions, lets running queries and mutations finish,
// and closes each socket with 1012. When ctx ends first, the rest is closed
// with 1012 at once, and Shutdown returns ctx's error at the latest after
// CloseTimeout. No socket is opened after Shutdown was called.
func (w *WebSocket) Shutdown(ctx context.Context) error {
	w.defaults.Do(w.fill)
	w.mu.Lock()
	if w.emptied == nil {
		w.emptied = make(chan struct{})
	}
	if len(w.sockets) == 0 {
		w.closeEmptied()
	}
	sockets := slices.Collect(maps.Keys(w.sockets))
	w.mu.Unlock()

	for _, s := range sockets {
		s.drain()
	}
	select {
	case <-w.emptied:
		return nil
	case <-ctx.Done():
	}
	for _, s := range sockets {
		s.close(goingDown)
	}
	select {
	case <-w.emptied:
	case <-time.After(w.CloseTimeout):
	}
	return ctx.Err()
}
