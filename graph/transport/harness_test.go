package transport_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/graph/transport"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type (
	viewerKey struct{}
	eventKey  struct{}
)

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// server serves the test schema over a WebSocket. The viewer is whoever the
// Authorization of connection_init names; "Bearer mallory" is refused.
type server struct {
	*testing.T
	ws     *transport.WebSocket
	schema *schema
	http   *httptest.Server
	client *http.Client
	also   func(graphql.Transport) // serves another transport, too

	mu      sync.Mutex
	revoked error // what Refresh answers
	changed map[int]func()
	opened  int
	events  int
	open    int // NewEvent without done
}

var errRefused = errors.New("refused")

// serve starts a server; configure changes what it starts with. At the end of
// the test it must stop cleanly.
func serve(t *testing.T, configure func(*transport.WebSocket)) *server {
	s := &server{T: t, schema: newSchema(), changed: map[int]func(){}}
	s.ws = &transport.WebSocket{
		Init: s.init, Refresh: s.refresh, Watch: s.watch, NewEvent: s.newEvent,
		Person: func(ctx context.Context) string {
			who, _ := ctx.Value(viewerKey{}).(string)
			return who
		},
		CloseTimeout: time.Second,
	}
	if configure != nil {
		configure(s.ws)
	}
	h := handler.New(s.schema)
	h.AddTransport(s.ws)
	h.SetRecoverFunc(func(context.Context, any) error { return errors.New("internal") })
	s.also = h.AddTransport
	s.http = httptest.NewServer(asHeaders(h))
	s.client = s.http.Client()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.ws.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		s.http.Close()
		s.eventually("no resolver streams", func() bool { return s.schema.streams.Load() == 0 })
		if len(s.changed) != 0 || s.open != 0 {
			t.Errorf("%d sockets are still watched, %d events open", len(s.changed), s.open)
		}
	})
	return s
}

// asHeaders lets a request know who its Authorization header names.
func asHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if who := r.Header.Get("Authorization"); who != "" {
			r = r.WithContext(context.WithValue(r.Context(), viewerKey{}, who))
		}
		next.ServeHTTP(w, r)
	})
}

func (s *server) init(ctx context.Context, _ *http.Request, payload map[string]any) (context.Context, error) {
	who, _ := payload["Authorization"].(string)
	who = strings.TrimPrefix(who, "Bearer ")
	switch who {
	case "mallory":
		return nil, errRefused
	case "busy":
		return nil, fmt.Errorf("database: %w", transport.ErrTryLater)
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	case "panic":
		panic("boom")
	}
	return context.WithValue(ctx, viewerKey{}, who), nil
}

func (s *server) refresh(ctx context.Context) (context.Context, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ctx, s.revoked
}

// revoke lets every later Refresh fail.
func (s *server) revoke(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revoked = err
}

func (s *server) watch(_ context.Context, changed func()) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.opened
	s.opened++
	s.changed[id] = changed
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.changed, id)
	}
}

// signal tells every socket that its credentials may have changed.
func (s *server) signal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, changed := range s.changed {
		changed()
	}
}

// sockets is how many sockets were acknowledged and are open.
func (s *server) sockets() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.changed)
}

func (s *server) newEvent(ctx context.Context) (context.Context, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events++
	s.open++
	return context.WithValue(ctx, eventKey{}, s.events), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
	}
}

// eventually waits until the condition holds.
func (s *server) eventually(what string, holds func() bool) {
	s.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("still not: %s", what)
		}
	}
}

// peer is a client that does exactly what a test tells it to.
type peer struct {
	*server
	conn *websocket.Conn
}

// connect opens a socket that has said nothing yet.
func (s *server) connect() *peer {
	s.Helper()
	return s.dial(websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}, nil)
}

func (s *server) dial(d websocket.Dialer, h http.Header) *peer {
	s.Helper()
	conn, r, err := d.Dial("ws"+strings.TrimPrefix(s.http.URL, "http"), h)
	if err != nil {
		s.Fatal(err)
	}
	_ = r.Body.Close()
	s.Cleanup(func() { _ = conn.Close() })
	return &peer{s, conn}
}

// join opens a socket that is acknowledged.
func (s *server) join(who string) *peer {
	s.Helper()
	p := s.connect()
	p.plays(`> {"type":"connection_init","payload":{"Authorization":"Bearer `+who+`"}}`, `< {"type":"connection_ack"}`)
	return p
}

// plays runs a dialogue: "> " the client sends, "< " the server sends a
// message with these members at least, "x " it closes with this code. "silent"
// means that nothing else was sent up to now.
func (p *peer) plays(lines ...string) {
	p.Helper()
	for _, line := range lines {
		switch verb, rest, _ := strings.Cut(line, " "); verb {
		case ">":
			p.sends(websocket.TextMessage, rest)
		case "binary":
			p.sends(websocket.BinaryMessage, rest)
		case "<":
			p.gets(rest)
		case "x":
			p.isClosed(rest)
		case "silent":
			p.sends(websocket.TextMessage, `{"type":"ping"}`)
			p.gets(`{"type":"pong"}`)
		default:
			p.Fatalf("what is %q?", line)
		}
	}
}

func (p *peer) sends(kind int, text string) {
	p.Helper()
	if err := p.conn.WriteMessage(kind, []byte(text)); err != nil {
		p.Fatalf("sending %.100s: %v", text, err)
	}
}

func (p *peer) receives() (map[string]any, error) {
	_ = p.conn.SetReadDeadline(time.Now().Add(patience))
	kind, data, err := p.conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, fmt.Errorf("a frame of kind %d", kind)
	}
	var m map[string]any
	return m, json.Unmarshal(data, &m)
}

func (p *peer) gets(text string) {
	p.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		p.Fatalf("%s: %v", text, err)
	}
	got, err := p.receives()
	if err != nil {
		p.Fatalf("waiting for %.200s: %v", text, err)
	}
	if !contains(got, want) {
		have, _ := json.Marshal(got)
		p.Fatalf("got  %.500s\nwant %.500s", have, text)
	}
}

func (p *peer) isClosed(code string) {
	p.Helper()
	m, err := p.receives()
	if err == nil {
		p.Fatalf("got %.200v, want the closing %s", m, code)
	}
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || fmt.Sprint(closed.Code) != code {
		p.Fatalf("got %v, want the closing %s", err, code)
	}
}

// contains reports whether got has everything that want has.
func contains(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, v := range want {
			value, there := g[name]
			ok = ok && there && contains(value, v)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(want)
		for i := range want {
			ok = ok && contains(g[i], want[i])
		}
		return ok
	default:
		return reflect.DeepEqual(got, want)
	}
}
