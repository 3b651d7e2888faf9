package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answering returns a client of a server that answers each request with handle.
func answering(t *testing.T, handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	c := New(server.URL + "/")
	t.Cleanup(func() {
		c.CloseIdleConnections()
		server.Close()
	})
	return c
}

// peer is the server's end of a socket, in the hands of a test.
type peer struct {
	t    *testing.T
	conn *websocket.Conn
	init message // connection_init, once acknowledge has read it
}

var upgrader = websocket.Upgrader{Subprotocols: []string{subprotocol}}

// speaking returns a client of a server that plays one script after the other,
// one for each socket; the last is repeated. It waits for the scripts to end.
func speaking(t *testing.T, scripts ...func(p *peer)) *Client {
	t.Helper()
	var mu sync.Mutex
	var playing sync.WaitGroup
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/graphql" || r.Header.Get("Authorization") != "" {
			t.Errorf("socket at %s with %v", r.URL.Path, r.Header)
		}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Errorf("upgrade: %v", err)
			return
		}
		mu.Lock()
		script := scripts[0]
		if len(scripts) > 1 {
			scripts = scripts[1:]
		}
		mu.Unlock()
		playing.Go(func() {
			defer conn.Close()
			script(&peer{t: t, conn: conn})
		})
	})
	t.Cleanup(func() { playing.Wait() })
	return c
}

// open plays the script behind the acknowledgement.
func open(script func(p *peer)) func(p *peer) {
	return func(p *peer) {
		p.acknowledge()
		script(p)
	}
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Errorf("send %.80s: %v", text, err)
	}
}

func (p *peer) sendf(format string, args ...any) { p.t.Helper(); p.send(fmt.Sprintf(format, args...)) }

func (p *peer) next(id, data string) {
	p.t.Helper()
	p.sendf(`{"id":%q,"type":"next","payload":{"data":%s}}`, id, data)
}

func (p *peer) complete(id string) { p.t.Helper(); p.sendf(`{"id":%q,"type":"complete"}`, id) }

// expect reads the next message, which has to be of the type.
func (p *peer) expect(kind string) message {
	p.t.Helper()
	var m message
	if err := p.conn.ReadJSON(&m); err != nil || m.Type != kind {
		p.t.Errorf("got %+v, %v; want %s", m, err, kind)
	}
	return m
}

func (p *peer) acknowledge() {
	p.t.Helper()
	p.init = p.expect("connection_init")
	p.send(`{"type":"connection_ack"}`)
}

// subscribed reads the start of an operation.
func (p *peer) subscribed() (id string, request Request) {
	p.t.Helper()
	m := p.expect("subscribe")
	if err := json.Unmarshal(m.Payload, &request); err != nil {
		p.t.Errorf("payload %s: %v", m.Payload, err)
	}
	return m.ID, request
}

func (p *peer) close(code int, reason string) {
	p.t.Helper()
	if err := p.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Minute)); err != nil {
		p.t.Errorf("close: %v", err)
	}
	p.gone()
}

// gone reads until the client has gone, and returns with which code, and the
// types of what it sent before.
func (p *peer) gone() (code int, types []string) {
	p.t.Helper()
	if err := p.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		p.t.Errorf("set deadline: %v", err)
	}
	for {
		var m message
		err := p.conn.ReadJSON(&m)
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			return closed.Code, types
		}
		if err != nil {
			p.t.Errorf("the client does not go: %v", err)
			return 0, types
		}
		types = append(types, m.Type)
	}
}

func (p *peer) goneWith(code int, types ...string) {
	p.t.Helper()
	gotCode, gotTypes := p.gone()
	if gotCode != code || !slices.Equal(gotTypes, types) {
		p.t.Errorf("the client went with %d after %q; want %d after %q", gotCode, gotTypes, code, types)
	}
}

// within is a context no test should come to the end of.
func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func subscribe(t *testing.T, c *Client) *Stream {
	t.Helper()
	s, err := c.Subscribe(within(t), "subscription { n }", nil)
	if err != nil {
		t.Fatalf("subscribe: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func dial(t *testing.T, c *Client) *Socket {
	t.Helper()
	s, err := c.Dial(within(t))
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// wantNext reads one event.
func wantNext(t *testing.T, s *Stream, data string) {
	t.Helper()
	got, err := s.Next(within(t))
	if err != nil || string(got) != data {
		t.Fatalf("next is %s, %v; want %s", got, err, data)
	}
}

// wantEnd finds the stream at its end, and again when asked again.
func wantEnd(t *testing.T, s *Stream) error {
	t.Helper()
	data, err := s.Next(within(t))
	if data != nil || err == nil {
		t.Fatalf("next is %s, %v; want the end", data, err)
	}
	if data, again := s.Next(within(t)); data != nil || !errors.Is(again, err) {
		t.Fatalf("after the end comes %s, %v; want %v again", data, again, err)
	}
	return err
}

func wantClose(t *testing.T, err error, code int, reason string) {
	t.Helper()
	if closed, ok := errors.AsType[*CloseError](err); !ok || closed.Code != code || closed.Reason != reason {
		t.Errorf("got %v, want to be closed with %d %q", err, code, reason)
	}
}
