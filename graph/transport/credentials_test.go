package transport_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/graph/transport"

	"github.com/gorilla/websocket"
)

// Credentials are looked at again before each operation and each event, and
// whenever they may have changed.
func TestWebSocket_CredentialsDie(t *testing.T) {
	t.Run("an idle stream", func(t *testing.T) {
		s := serve(t, nil)
		p := s.join("ann")
		p.Plays("> "+feed, "silent")
		s.signal() // a false alarm
		p.Plays("silent")
		s.revoke(errRefused)
		start := time.Now()
		s.signal()
		s.signal()
		p.Plays("x 4403")
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("closed after %v", took)
		}
	})
	t.Run("an idle socket", func(t *testing.T) {
		s := serve(t, nil)
		p := s.join("ann")
		s.revoke(errRefused)
		s.signal()
		p.Plays("x 4403")
	})
	t.Run("before an event", func(t *testing.T) {
		s := serve(t, nil)
		p := s.join("ann")
		p.Plays("> " + feed)
		s.schema.feed <- tick{n: 1}
		p.Plays(nextFeed(1))
		s.revoke(errRefused)
		s.schema.feed <- tick{n: 2}
		p.Plays("x 4403")
	})
	t.Run("before an operation", func(t *testing.T) {
		s := serve(t, nil)
		p := s.join("ann")
		s.revoke(errRefused)
		p.Plays(`> {"type":"subscribe","id":"1","payload":{"query":"{ who }"}}`, "x 4403")
	})
	t.Run("perhaps", func(t *testing.T) {
		s := serve(t, nil)
		p := s.join("ann")
		s.revoke(errors.Join(transport.ErrTryLater))
		s.signal()
		p.Plays("x 1013")
	})
	t.Run("while much waits", func(t *testing.T) {
		s := serve(t, func(w *transport.WebSocket) { w.QueueLimit = 64 << 20 })
		p := s.joinWithSmallBuffers("ann")
		p.Plays(`> {"type":"subscribe","id":"f","payload":{"query":"subscription { flood(size: 300000) { n } }"}}`,
			`> {"type":"subscribe","id":"g","payload":{"query":"subscription { flood(size: 300000) { text } }"}}`)
		s.eventually("much waits", func() bool { return s.eventCount() > 50 })
		s.revoke(errRefused)
		for n := 0; ; n++ {
			_, err := p.Receives()
			if websocket.IsCloseError(err, 4403) {
				break
			}
			if err != nil || n > 5000 {
				t.Fatalf("after %d messages: %v", n, err)
			}
		}
	})
}

// A panic in a hook ends the operation, one in a hook of the socket the socket.
func TestWebSocket_HooksPanic(t *testing.T) {
	var broken atomic.Bool
	s := serve(t, func(w *transport.WebSocket) {
		refresh, newEvent := w.Refresh, w.NewEvent
		w.Refresh = func(ctx context.Context) (context.Context, error) {
			if broken.Load() {
				panic("boom")
			}
			return refresh(ctx)
		}
		w.NewEvent = func(ctx context.Context) (context.Context, func()) {
			if ctx.Value(viewerKey{}) == "ann" {
				panic("boom")
			}
			return newEvent(ctx)
		}
	})
	p := s.join("ann")
	p.Plays(subscribeTo("count(to: 1)"), `< {"type":"error","id":"f","payload":[{"message":"internal"}]}`, "silent")
	broken.Store(true)
	p.Plays(`> {"type":"subscribe","id":"1","payload":{"query":"{ who }"}}`, `< {"type":"error","id":"1","payload":[{"message":"internal"}]}`, "silent")
	s.signal()
	p.Plays("x 1011")
}
