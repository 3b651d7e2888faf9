package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/gorilla/websocket"
)

// socket is one client's connection. One goroutine reads it; a second writes
// while something waits to be written; each operation has its own.
type socket struct {
	at     *WebSocket
	exec   graphql.GraphExecutor
	conn   *websocket.Conn
	cancel context.CancelFunc // ends ctx, and with it every operation
	timer  *time.Timer        // the next thing to happen if the client is silent
	tasks  sync.WaitGroup     // every goroutine but the reading one

	mu         sync.Mutex
	room       sync.Cond       // signalled when something has left the queue, or need not wait any more
	ctx        context.Context // knows the viewer once ready
	request    *http.Request   // for Init; nil after it was handed over
	initiated  bool            // connection_init has come
	ready      bool            // and was acknowledged
	heard      time.Time       // when the client last gave a sign of life
	operations map[string]*operation
	running    int     // operations, those given up included until they have ended
	queue      []frame // waits to be written
	queued     int     // what is in queue, in cost
	writing    bool
	pingDue    bool
	end        *closing // nil while the socket is open
	endSent    bool
	gone       bool // the connection is closed, nothing may be started
	draining   bool // no new operations; closes when the last one is over
	checking   bool // a Refresh for Watch runs
	checkAgain bool
	person     string
	stopWatch  func()
}

func newSocket(at *WebSocket, conn *websocket.Conn, r *http.Request, exec graphql.GraphExecutor) *socket {
	// The request's own context ends as soon as Do returns.
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.Context()))
	s := &socket{
		at: at, exec: exec, conn: conn, request: r, ctx: ctx, cancel: cancel,
		heard: time.Now(), operations: map[string]*operation{},
	}
	s.room.L = &s.mu
	s.mu.Lock() // since the timer may be quick
	s.timer = time.AfterFunc(at.InitTimeout, s.tick)
	s.mu.Unlock()
	conn.SetPongHandler(func(string) error { s.hear(); return nil })
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { s.hear(); return answer(data) })
	return s
}

// inbox holds buffers for messages while they are read.
var inbox = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// read takes messages until the connection is closed, then clears up. While
// the socket is closing it reads on without looking, so that the client is not
// cut off before it has seen why.
func (s *socket) read() {
	defer s.finish()
	for {
		kind, r, err := s.conn.NextReader()
		if err != nil {
			return
		}
		if open := s.hear(); !open {
			continue
		}
		if kind != websocket.TextMessage {
			s.close(badMessage)
			continue
		}
		if err := s.take(r); err != nil {
			return
		}
	}
}

// take reads one message and does what it asks for. It fails only when the
// connection does.
func (s *socket) take(r io.Reader) error {
	defer s.closeOnPanic()
	buf := inbox.Get().(*bytes.Buffer)
	defer inbox.Put(buf)
	buf.Reset()
	// One byte more than allowed tells that there is more. The limit of the
	// library would close the connection before the client has read why.
	n, err := buf.ReadFrom(io.LimitReader(r, int64(s.at.MessageLimit)+1))
	if err != nil {
		return err
	}
	if n > int64(s.at.MessageLimit) {
		s.close(messageTooLarge)
		return nil
	}
	m, wrong := parse(buf.Bytes(), s.at.Values)
	if wrong != nil {
		s.close(*wrong)
		return nil
	}
	switch m.kind {
	case typeInit:
		s.initiate(m.init)
	case typePing:
		s.send(pongMessage(m.payload))
	case typeSubscribe:
		s.subscribe(m.id, m.params)
	case typeComplete:
		s.complete(m.id)
	}
	return nil
}

// hear notes a sign of life, and reports whether the socket is still open.
func (s *socket) hear() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard = time.Now()
	return s.end == nil
}

// tick is what happens when the timer runs out.
func (s *socket) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch silent := time.Since(s.heard); {
	case s.gone:
	case s.end != nil, s.ready && silent >= s.at.DeadAfter:
		s.drop()
	case !s.initiated:
		s.shut(initTooLate)
	case !s.ready:
		s.shut(overloaded) // the client was in time, Init was not
	default:
		s.pingDue = true
		s.wake()
		s.timer.Reset(min(s.at.PingInterval, s.at.DeadAfter-silent))
	}
}

// close ends the socket with a code, once: the first reason counts.
func (s *socket) close(why closing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut(why)
}

// shut is close, called with mu held. What waits is still written, unless the
// client has lost the right to read it.
func (s *socket) shut(why closing) {
	if s.end != nil || s.gone {
		return
	}
	s.end = &why
	if why == noAccess {
		s.forget(nil)
	}
	s.cancel()
	s.room.Broadcast()
	s.timer.Reset(s.at.CloseTimeout)
	s.wake()
}

// drop cuts the connection of a client that does not read or answer. The
// reader ends by it, and clears up. It is called with mu held.
func (s *socket) drop() {
	if s.end == nil {
		s.end = &closing{}
	}
	s.endSent = true
	s.forget(nil)
	s.cancel()
	_ = s.conn.Close() // what could fail has failed already
}

// refuse closes the socket after Init or Refresh have failed.
func (s *socket) refuse(err error) {
	if errors.Is(err, ErrTryLater) {
		s.close(overloaded)
	} else {
		s.close(noAccess)
	}
}

// drain closes the socket with 1012 when its queries and mutations are over;
// subscriptions end now. They end without a message, since the client would
// take `complete` for the end of the story and not ask again elsewhere.
func (s *socket) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for _, o := range s.operations {
		if o.streams {
			s.giveUp(o)
		}
	}
	if len(s.operations) == 0 {
		s.shut(goingDown)
	}
}

// spawn starts a goroutine of the socket, and reports false when it is too
// late for one. It is called with mu held.
func (s *socket) spawn(task func()) bool {
	if s.gone {
		return false
	}
	s.tasks.Add(1)
	go func() {
		defer s.tasks.Done()
		defer s.closeOnPanic()
		task()
	}()
	return true
}

// closeOnPanic keeps a panic from ending the process: it ends the socket.
func (s *socket) closeOnPanic() {
	if p := recover(); p != nil {
		s.mu.Lock()
		ctx := s.ctx
		s.mu.Unlock()
		_ = panicked(ctx, s.exec, p) // the log has it; no operation is left to be told
		s.close(fault)
	}
}

// finish clears up when the connection is closed: nothing of the socket runs
// when it returns.
func (s *socket) finish() {
	_ = s.conn.Close() // mostly closed already
	s.cancel()
	s.mu.Lock()
	s.gone = true
	s.timer.Stop()
	var asleep []*operation // nothing wakes them any more
	for _, o := range s.operations {
		if o.parked != nil && !o.parked.awake {
			o.parked.awake = true
			asleep = append(asleep, o)
		}
	}
	clear(s.operations)
	s.forget(nil)
	s.mu.Unlock()
	for _, o := range asleep {
		o.over()
	}
	s.tasks.Wait()
	if s.stopWatch != nil {
		s.stopWatch()
	}
	s.at.remove(s, s.person)
}
