package transport_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"

	"github.com/gorilla/websocket"
)

// subscribeTo asks for a subscription's ticks under the id "f".
func subscribeTo(field string) string {
	return `> {"type":"subscribe","id":"f","payload":{"query":"subscription { ` + field + ` { n } }"}}`
}

func nextFeed(n int) string {
	return fmt.Sprintf(`< {"type":"next","id":"f","payload":{"data":{"feed":{"n":%d}}}}`, n)
}

func TestStream_CompleteByClient(t *testing.T) {
	s := serve(t, nil)
	p := s.join("ann")
	p.Plays("> " + feed)
	s.schema.feed <- tick{n: 1}
	p.Plays(nextFeed(1), "> "+completeF)
	s.eventually("the resolver has ended", func() bool { return s.schema.streams.Load() == 0 })
	// Nothing more came for it, not even `complete`; the id is free.
	p.Plays("silent", "> "+feed)
	s.schema.feed <- tick{n: 2}
	p.Plays(nextFeed(2))
	close(s.schema.feed)
	p.Plays("< " + completeF)
}

func TestStream_CompleteTakesBackWhatWaits(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.QueueLimit = 64 << 20 })
	p := s.joinWithSmallBuffers("ann")
	p.Plays(`> {"type":"subscribe","id":"f","payload":{"query":"subscription { flood(size: 300000) { text } }"}}`)
	s.eventually("much waits", func() bool { return s.eventCount() > 50 })
	p.Plays("> "+completeF, `> {"type":"subscribe","id":"f","payload":{"query":"{ hello }"}}`)
	old := 0
	for {
		m, err := p.Receives()
		if err != nil {
			t.Fatal(err)
		}
		data := m["payload"].(map[string]any)["data"].(map[string]any)
		if _, ok := data["hello"]; ok {
			break
		}
		if old++; old > 40 {
			t.Fatal("what waited is still sent")
		}
	}
	p.Plays("< " + completeF)
}

func (s *server) eventCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.events
}

// joinWithSmallBuffers opens a socket whose buffers in the kernel are full at
// once when it does not read.
func (s *server) joinWithSmallBuffers(who string) *peer.Peer {
	s.Helper()
	p := s.dial(websocket.Dialer{
		Subprotocols:   []string{"graphql-transport-ws"},
		NetDialContext: peer.Narrow(64 << 10),
	}, nil)
	p.Token = who
	p.Plays("> INIT", "< ACK")
	return p
}

// A client that stops reading costs the others nothing, and is dropped.
func TestStream_StalledReader(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.WriteTimeout = 3 * time.Second })
	stalled := s.joinWithSmallBuffers("ann")
	stalled.Plays(`> {"type":"subscribe","id":"x","payload":{"query":"subscription { flood(size: 200000) { n text } }"}}`)
	reader := s.join("bob")
	reader.Plays("> " + feed)
	for n := range 20 {
		start := time.Now()
		s.schema.feed <- tick{n: n}
		reader.Plays(nextFeed(n))
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("an event took %v beside a stalled reader", took)
		}
	}
	s.eventually("the stalled reader is dropped", func() bool { return s.sockets() == 1 })
	// What the kernel's buffers and the queue hold; not for ever.
	if n := s.eventCount() - 20; n > 100 {
		t.Errorf("%d events were executed for a client that does not read", n)
	}
}

// A slow reader gets every event, in order.
func TestStream_SlowReader(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.QueueLimit = 1 })
	p := s.joinWithSmallBuffers("ann")
	p.Plays(`> {"type":"subscribe","id":"f","payload":{"query":"subscription { flood(size: 20000) { n text } }"}}`)
	for n := 1; n <= 200; n++ {
		if n%50 == 0 {
			time.Sleep(10 * time.Millisecond) // is what makes it slow
		}
		p.Gets(fmt.Sprintf(`{"type":"next","payload":{"data":{"flood":{"n":%d}}}}`, n))
	}
}

// Many streams of one socket do not mix up their events.
func TestStream_Order(t *testing.T) {
	s := serve(t, nil)
	p := s.join("ann")
	const streams, events = 20, 30
	for i := range streams {
		p.Plays(fmt.Sprintf(`> {"type":"subscribe","id":"%d","payload":{"query":"subscription { count(to: %d) { n } }"}}`, i, events))
	}
	seen := map[string]float64{}
	for over := 0; over < streams; {
		m, err := p.Receives()
		if err != nil {
			t.Fatal(err)
		}
		id := m["id"].(string)
		if m["type"] == "complete" {
			over++
			if seen[id] != events {
				t.Errorf("stream %s had %v events", id, seen[id])
			}
			continue
		}
		n := m["payload"].(map[string]any)["data"].(map[string]any)["count"].(map[string]any)["n"].(float64)
		if n != seen[id]+1 {
			t.Errorf("stream %s: %v after %v", id, n, seen[id])
		}
		seen[id] = n
	}
}

func TestWebSocket_OperationTimeout(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.OperationTimeout = 20 * time.Millisecond })
	p := s.join("ann")
	p.Plays(`> {"type":"subscribe","id":"1","payload":{"query":"{ wait }"}}`,
		`< {"type":"next","id":"1","payload":{"data":{"wait":null},"errors":[{"path":["wait"],"extensions":{"code":"TIMEOUT"}}]}}`,
		`< {"type":"complete","id":"1"}`)
	p.Plays("> " + feed)
	time.Sleep(40 * time.Millisecond) // a stream has no such end
	s.schema.feed <- tick{n: 1}
	p.Plays(nextFeed(1))
}

func TestWebSocket_AnswerLimit(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.AnswerLimit = 1000 })
	p := s.join("ann")
	p.Plays(`> {"type":"subscribe","id":"1","payload":{"query":"{ long(size: 900) }"}}`, `< {"type":"next"}`, `< {"type":"complete"}`,
		`> {"type":"subscribe","id":"1","payload":{"query":"{ long(size: 1000) }"}}`,
		`< {"type":"error","payload":[{"extensions":{"code":"COMPLEXITY_LIMIT_EXCEEDED"}}]}`, "silent")
}

// A query that the client has given up ends, and so does one whose client went.
func TestWebSocket_GivenUp(t *testing.T) {
	s := serve(t, nil)
	p := s.join("ann")
	wait := `> {"type":"subscribe","id":"1","payload":{"query":"{ wait }"}}`
	p.Plays(wait)
	<-s.schema.waiting
	p.Plays(`> {"type":"complete","id":"1"}`, "silent", wait)
	<-s.schema.waiting
	_ = p.Conn.Close()
	s.eventually("the socket is gone", func() bool { return s.sockets() == 0 })
}

func TestWebSocket_ClosingIsAnswered(t *testing.T) {
	s := serve(t, nil)
	p := s.join("ann")
	p.Plays("> " + feed)
	end := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "bye")
	if err := p.Conn.WriteControl(websocket.CloseMessage, end, time.Now().Add(peer.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Receives(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		t.Errorf("got %v", err)
	}
	s.eventually("the socket is gone", func() bool { return s.sockets() == 0 })
}

// What the client has sent beyond the breach does not cut it off before it has
// read the reason.
func TestWebSocket_ReasonArrives(t *testing.T) {
	s := serve(t, nil)
	for range 20 {
		p := s.connect()
		for i := range 5 {
			if err := p.Conn.WriteMessage(websocket.TextMessage, []byte(strings.Repeat("x", 60<<10))); err != nil && i == 0 {
				t.Fatal(err)
			}
		}
		p.Plays("x 4400")
	}
}

// The ping of a client, by control frame, is answered.
func TestWebSocket_PingOfClient(t *testing.T) {
	s := serve(t, nil)
	p := s.connect()
	ponged := make(chan string, 1)
	p.Conn.SetPongHandler(func(data string) error { ponged <- data; return nil })
	if err := p.Conn.WriteControl(websocket.PingMessage, []byte("hi"), time.Now().Add(peer.Patience)); err != nil {
		t.Fatal(err)
	}
	p.Plays("silent")
	if got := <-ponged; got != "hi" {
		t.Errorf("pong %q", got)
	}
}

// Without hooks, everything has its default and everybody is let in.
func TestWebSocket_NoHooks(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { *w = transport.WebSocket{} })
	s.connect().Plays(initiate, acked, subscribeTo("count(to: 1)"),
		`< {"type":"next"}`, "< "+completeF)
}
