package transport_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/internal/guard"
	"partnerhub/tests/peer"
)

// purse paces streams: ann's by the steps that a test gives her, those of
// everybody else not at all.
type purse struct {
	steps   chan struct{} // what ann can pay
	mu      sync.Mutex
	waiting int
	paid    int
}

func newPurse() *purse { return &purse{steps: make(chan struct{})} }

func (p *purse) pace(ctx context.Context, _ int) error {
	if who, _ := ctx.Value(viewerKey{}).(string); who != "ann" {
		return nil
	}
	p.add(1, 0)
	defer p.add(-1, 0)
	select {
	case <-p.steps:
		p.add(0, 1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *purse) add(waiting, paid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting += waiting
	p.paid += paid
}

func (p *purse) pays(t *testing.T, n int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.paid != n {
		t.Errorf("%d steps were paid, not %d", p.paid, n)
	}
}

func (p *purse) waits(n int) func() bool {
	return func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.waiting == n
	}
}

// A stream that cannot be paid waits and then goes on, with nothing missing and
// in order; those of others do not wait, nor does anything else on its socket.
func TestPace(t *testing.T) {
	p := newPurse()
	s := serve(t, func(w *transport.WebSocket) { w.Pace = p.pace })
	ann, bob := s.join("ann"), s.join("bob")
	ann.Plays(subscribeTo("count(to: 5)"), "silent")
	s.eventually("the stream waits", p.waits(1))
	bob.Plays(subscribeTo("count(to: 5)"))
	for n := range 5 {
		bob.Gets(fmt.Sprintf(`{"type":"next","payload":{"data":{"count":{"n":%d}}}}`, n+1))
	}
	bob.Plays("< " + completeF)
	ann.Plays(`> {"type":"subscribe","id":"q","payload":{"query":"{ hello }"}}`, `< {"type":"next","id":"q"}`, `< {"type":"complete","id":"q"}`,
		`> {"type":"ping"}`, `< {"type":"pong"}`, "silent")
	done := make(chan struct{})
	go func() {
		for {
			select {
			case p.steps <- struct{}{}:
			case <-done:
				return
			}
		}
	}()
	defer close(done)
	for n := range 5 {
		ann.Gets(fmt.Sprintf(`{"type":"next","payload":{"data":{"count":{"n":%d}}}}`, n+1))
	}
	ann.Plays("< " + completeF)
}

// No more is told than was paid: a look with its first event is one step, and
// so is each event more.
func TestPace_Steps(t *testing.T) {
	p := newPurse()
	s := serve(t, func(w *transport.WebSocket) { w.Pace = p.pace })
	ann := s.join("ann")
	ann.Plays(subscribeTo("burst"), "silent")
	for n := range 3 {
		p.steps <- struct{}{}
		ann.Plays(fmt.Sprintf(`< {"type":"next","id":"f","payload":{"data":{"burst":{"n":%d}}}}`, n+1))
		if n < 2 {
			ann.Plays("silent")
		}
	}
	ann.Plays("< " + completeF)
	p.pays(t, 3)
}

// Each step is told the points of the operation, also when the stream has rested
// and forgotten whatever it does not need for that.
func TestPace_Points(t *testing.T) {
	var mu sync.Mutex
	var told []int
	s := serve(t, func(w *transport.WebSocket) {
		w.Gate = guard.NewGate(sdl, guard.Limits{
			Document: 1000, Tokens: 100, Nesting: 10, Depth: 10, Fields: 100, SameField: 10, Cost: 1000, Page: guard.Page{Default: 10, Max: 10}, Kept: 10000,
		})
		w.Pace = func(_ context.Context, points int) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, points)
			return nil
		}
	})
	ann := s.join("ann")
	ann.Plays("> " + feed)
	for n := range 3 {
		ann.Plays("silent")
		s.schema.feed <- tick{n: n}
		ann.Plays(nextFeed(n))
	}
	mu.Lock()
	defer mu.Unlock()
	if len(told) < 4 {
		t.Errorf("paid %v", told)
	}
	for _, points := range told {
		if points < 1 || points != told[0] {
			t.Errorf("the steps cost %v", told)
		}
	}
}

// A stream that waits ends at once when nobody wants it any more: completed,
// with its socket, with its credentials, or with the server.
func TestPace_Ends(t *testing.T) {
	for name, end := range map[string]func(*server, *peer.Peer){
		"completed": func(_ *server, ann *peer.Peer) {
			ann.Plays("> "+completeF, `> {"type":"complete","id":"g"}`, "silent")
		},
		"gone":    func(_ *server, ann *peer.Peer) { _ = ann.Conn.Close() },
		"revoked": func(s *server, ann *peer.Peer) { s.revoke(errRefused); s.signal(); ann.Plays("x 4403") },
		"drained": func(s *server, ann *peer.Peer) { <-s.shutDown(peer.Patience); ann.Plays("x 1012") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPurse()
			s := serve(t, func(w *transport.WebSocket) { w.Pace = p.pace })
			ann := s.join("ann")
			ann.Plays(subscribeTo("count(to: 5)"), `> {"type":"subscribe","id":"g","payload":{"query":"subscription { silent { n } }"}}`)
			s.eventually("both streams wait", p.waits(2))
			end(s, ann)
			s.eventually("nothing waits", p.waits(0))
			s.eventually("no resolver streams", func() bool { return s.schema.streams.Load() == 0 })
			p.pays(t, 0)
		})
	}
}

// The same holds for server-sent events, which are kept alive while they wait.
func TestPace_Events(t *testing.T) {
	p := newPurse()
	s := serveEvents(t, func(w *transport.WebSocket, h *transport.HTTP) {
		w.Pace, h.Events.KeepAlive = p.pace, 20*time.Millisecond
	})
	ann, bob := s.posts("ann", "subscription { burst { n } }"), s.posts("bob", "subscription { burst { n } }")
	for n := range 3 {
		bob.plays(fmt.Sprintf(`next {"data":{"burst":{"n":%d}}}`, n+1))
	}
	bob.plays("complete", "end")
	s.eventually("the stream waits", p.waits(1))
	for n := range 3 {
		time.AfterFunc(100*time.Millisecond, func() { p.steps <- struct{}{} })
		_, data, comments, err := ann.event()
		if want := fmt.Sprintf(`{"data":{"burst":{"n":%d`, n+1); err != nil || !strings.HasPrefix(data, want) {
			t.Fatalf("got %s, %v; want %s", data, err, want)
		}
		if comments == 0 {
			t.Error("no sign of life while it waits")
		}
	}
	ann.plays("complete", "end")
}

func TestPace_EventsEnd(t *testing.T) {
	var at *transport.Events
	for name, end := range map[string]func(*server, *reader){
		"gone":    func(_ *server, r *reader) { r.close() },
		"revoked": func(s *server, r *reader) { s.revoke(errRefused); s.signal(); r.plays("next {}", "complete", "end") },
		"drained": func(_ *server, r *reader) { at.Shutdown(); r.plays("end") },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPurse()
			s := serveEvents(t, func(w *transport.WebSocket, h *transport.HTTP) { w.Pace, at = p.pace, h.Events })
			r := s.posts("ann", "subscription { burst { n } }")
			s.eventually("the stream waits", p.waits(1))
			end(s, r)
			s.eventually("nothing waits", p.waits(0))
			s.eventually("no resolver streams", func() bool { return s.schema.streams.Load() == 0 })
		})
	}
}
