package transport_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"

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
	if s.ws.Gate != nil {
		h.SetQueryCache(s.ws.Gate)
	}
	h.SetRecoverFunc(func(context.Context, any) error { return errors.New("internal") })
	s.also = h.AddTransport
	s.http = httptest.NewServer(asHeaders(h))
	s.client = s.http.Client()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), peer.Patience)
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
	for end := time.Now().Add(peer.Patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("still not: %s", what)
		}
	}
}

// connect opens a socket that has said nothing yet.
func (s *server) connect() *peer.Peer {
	s.Helper()
	return s.dial(websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}, nil)
}

func (s *server) dial(d websocket.Dialer, h http.Header) *peer.Peer {
	s.Helper()
	p, _, err := peer.Dial(s.T, d, s.http.URL, h)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// join opens a socket that is acknowledged.
func (s *server) join(who string) *peer.Peer {
	s.Helper()
	p := s.connect()
	p.Token = who
	p.Plays("> INIT", "< ACK")
	return p
}
