package transport_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"
)

// shutDown starts Shutdown, and returns where its result will be.
func (s *server) shutDown(within time.Duration) <-chan error {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	s.Cleanup(cancel)
	result := make(chan error, 1)
	go func() { result <- s.ws.Shutdown(ctx) }()
	return result
}

func TestShutdown(t *testing.T) {
	s := serve(t, nil)
	fresh, idle, busy, streaming := s.connect(), s.join("ann"), s.join("bob"), s.join("eve")
	streaming.Plays("> " + feed)
	s.eventually("the stream is open", func() bool { return s.schema.streams.Load() == 1 })
	busy.Plays("> "+feed, `> {"type":"subscribe","id":"w","payload":{"query":"{ wait }"}}`)
	<-s.schema.waiting

	result := s.shutDown(peer.Patience)
	fresh.Plays("x 1012")
	idle.Plays("x 1012")
	streaming.Plays("x 1012") // without `complete`: the client goes on elsewhere
	s.eventually("all streams have ended", func() bool { return s.schema.streams.Load() == 0 })
	busy.Plays(`> {"type":"subscribe","id":"h","payload":{"query":"{ hello }"}}`, "silent") // nothing new
	close(s.schema.release)
	busy.Plays(`< {"type":"next","id":"w","payload":{"data":{"wait":"released"}}}`, `< {"type":"complete","id":"w"}`, "x 1012")
	if err := <-result; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	s.connect().Plays("x 1012")
}

func TestShutdown_OutOfTime(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.CloseTimeout = 100 * time.Millisecond })
	p := s.join("ann")
	p.Plays(`> {"type":"subscribe","id":"w","payload":{"query":"{ wait }"}}`)
	<-s.schema.waiting
	result := s.shutDown(20 * time.Millisecond)
	p.Plays("x 1012")
	if err := <-result; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v", err)
	}
}

// A client that does not answer the closing is not waited for.
func TestShutdown_SilentClient(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.CloseTimeout = 50 * time.Millisecond })
	s.join("ann")
	start := time.Now()
	if err := <-s.shutDown(peer.Patience); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestShutdown_Unused(t *testing.T) {
	var w transport.WebSocket
	for range 2 {
		if err := w.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
