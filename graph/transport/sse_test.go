package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"
)

const events = "text/event-stream"

// serveEvents starts a server with events beside the sockets; who asks stands
// in the Authorization header.
func serveEvents(t *testing.T, configure func(*transport.WebSocket, *transport.HTTP)) *server {
	h := transport.HTTP{}
	s := serve(t, func(w *transport.WebSocket) {
		h.Events = &transport.Events{Socket: w}
		if configure != nil {
			configure(w, &h)
		}
	})
	s.also(h)
	return s
}

// reader is a client of one stream.
type reader struct {
	*server
	answer *http.Response
	lines  *bufio.Reader
	close  func()
}

// posts sends an operation that is to be answered with events.
func (s *server) posts(who, document string) *reader {
	s.Helper()
	body, err := json.Marshal(map[string]any{"query": document})
	if err != nil {
		s.Fatal(err)
	}
	return s.asks(who, http.MethodPost, "", string(body), events)
}

func (s *server) asks(who, method, query, body, accept string) *reader {
	s.Helper()
	ctx, cancel := context.WithCancel(s.Context())
	s.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, method, s.http.URL+"?"+query, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	r.Header.Set("Content-Type", plain)
	r.Header.Set("Authorization", who)
	answer, err := s.client.Do(r)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = answer.Body.Close() })
	return &reader{s, answer, bufio.NewReader(answer.Body), cancel}
}

// event returns the next event, and how many comments came before it.
func (r *reader) event() (kind, data string, comments int, err error) {
	for {
		line, err := r.lines.ReadString('\n')
		if err != nil {
			return "", "", comments, err
		}
		switch line = strings.TrimSuffix(line, "\n"); {
		case line == "" && kind != "":
			return kind, data, comments, nil
		case line == "":
		case line[0] == ':':
			comments++
		case strings.HasPrefix(line, "event: "):
			kind = strings.TrimPrefix(line, "event: ")
		case strings.HasPrefix(line, "data:"):
			data = strings.TrimPrefix(strings.TrimPrefix(line, "data:"), " ")
		default:
			return "", "", comments, fmt.Errorf("what is %q?", line)
		}
	}
}

// plays checks what comes: "next {…}" with these members at least, "complete",
// and "end", that of the connection.
func (r *reader) plays(lines ...string) {
	r.Helper()
	for _, line := range lines {
		kind, data, _, err := r.event()
		verb, rest, _ := strings.Cut(line, " ")
		switch {
		case verb == "end":
			if err == nil {
				r.Fatalf("got %s %.300s, want the end", kind, data)
			}
		case err != nil:
			r.Fatalf("waiting for %s: %v", line, err)
		case kind != verb:
			r.Fatalf("got %s %.300s, want %s", kind, data, line)
		case verb == "next":
			var got, want map[string]any
			if err := errors.Join(json.Unmarshal([]byte(data), &got), json.Unmarshal([]byte(rest), &want)); err != nil {
				r.Fatal(err)
			}
			if !peer.Has(got, want) {
				r.Fatalf("got %.300s, want %s", data, rest)
			}
		}
	}
}

func (r *reader) refusedWith(status int) {
	r.Helper()
	body, _ := io.ReadAll(r.answer.Body)
	if r.answer.StatusCode != status || !strings.HasPrefix(r.answer.Header.Get("Content-Type"), response) || !strings.Contains(string(body), `"errors"`) {
		r.Errorf("%s, %v, %s; want %d", r.answer.Status, r.answer.Header, body, status)
	}
}

func TestEvents(t *testing.T) {
	s := serveEvents(t, nil)
	t.Run("a subscription", func(t *testing.T) {
		r := s.posts("ann", "subscription { count(to: 2) { n who } }")
		h := r.answer.Header
		if r.answer.StatusCode != 200 || h.Get("Content-Type") != events+"; charset=utf-8" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %v", r.answer.Status, h)
		}
		r.plays(`next {"data":{"count":{"n":1,"who":"ann"}}}`, `next {"data":{"count":{"n":2}}}`, "complete", "end")
	})
	t.Run("by GET", func(t *testing.T) {
		r := s.asks("ann", http.MethodGet, url.Values{"query": {"subscription { count(to: 1) { n } }"}}.Encode(), "", events)
		r.plays(`next {"data":{"count":{"n":1}}}`, "complete", "end")
	})
	t.Run("a query", func(t *testing.T) {
		s.posts("ann", "{ who hello }").plays(`next {"data":{"who":"ann"}}`, "complete", "end")
	})
	t.Run("a mutation", func(t *testing.T) {
		s.posts("ann", "mutation { add(n: 1) }").plays(`next {"data":{"add":1}}`, "complete", "end")
	})
	t.Run("a mutation by GET", func(t *testing.T) {
		r := s.asks("ann", http.MethodGet, url.Values{"query": {"mutation { add(n: 1) }"}}.Encode(), "", events)
		r.refusedWith(405)
		if r.answer.Header.Get("Allow") != "POST" {
			t.Error(r.answer.Header)
		}
	})
	t.Run("several types", func(t *testing.T) {
		all := response + ", " + plain + ", " + events
		s.asks("ann", http.MethodPost, "", `{"query":"subscription { count(to: 1) { n } }"}`, all).plays(`next {"data":{"count":{"n":1}}}`, "complete")
		r := s.asks("ann", http.MethodPost, "", `{"query":"{ who }"}`, all)
		if got := r.answer.Header.Get("Content-Type"); got != response+"; charset=utf-8" {
			t.Error(got)
		}
	})
	t.Run("no events asked for", func(t *testing.T) {
		s.asks("ann", http.MethodPost, "", `{"query":"subscription { count(to: 1) { n } }"}`, response+", */*").refusedWith(400)
	})
	// The protocol has what is wrong with the operation reported by events.
	for name, c := range map[string]struct{ document, want string }{
		"a wrong document":        {"{", `next {"errors":[{"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`},
		"an invalid one":          {"subscription { nothing }", `next {"errors":[{"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`},
		"a refused subscription":  {"subscription { refused { n } }", `next {"errors":[{"message":"FORBIDDEN"}]}`},
		"a panic":                 {"subscription { explode { n } }", `next {"errors":[{"message":"internal"}]}`},
		"a stream that dismisses": {"subscription { dismissed { n } }", `next {"data":{"dismissed":{"n":1}}}`},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.posts("ann", c.document)
			r.plays(c.want)
			if strings.Contains(c.document, "dismissed") {
				r.plays(`next {"errors":[{"message":"FORBIDDEN"}]}`)
			}
			r.plays("complete", "end")
		})
	}
	t.Run("a right lost between", func(t *testing.T) {
		s.posts("ann", "subscription { guarded { n } }").plays(`next {"data":{"guarded":{"n":1}}}`, `next {"errors":[{}]}`, "complete", "end")
	})
	t.Run("a field that fails", func(t *testing.T) {
		s.posts("ann", "subscription { count(to: 1) { n broken explode } }").plays(`next {"data":{"count":{"n":1,"broken":null}},"errors":[{},{}]}`, "complete")
	})
	t.Run("wrong requests", func(t *testing.T) {
		s.asks("ann", http.MethodPost, "", `[]`, events).refusedWith(400)
		s.asks("ann", http.MethodPut, "", "", events).refusedWith(405) // no single connection mode
		s.asks("ann", http.MethodGet, "", "", events).refusedWith(400)
	})
}

func TestEvents_KeepAlive(t *testing.T) {
	s := serveEvents(t, func(_ *transport.WebSocket, h *transport.HTTP) { h.Events.KeepAlive = 5 * time.Millisecond })
	r := s.posts("ann", feed2)
	go func() {
		time.Sleep(500 * time.Millisecond)
		close(s.schema.feed)
	}()
	if kind, _, comments, err := r.event(); kind != "complete" || comments < 3 || err != nil {
		t.Errorf("%s after %d comments, %v", kind, comments, err)
	}
}

const feed2 = "subscription { feed { n } }"

// Credentials that die end the stream at once, and say why.
func TestEvents_CredentialsDie(t *testing.T) {
	t.Run("an idle stream", func(t *testing.T) {
		s := serveEvents(t, nil)
		r := s.posts("ann", feed2)
		s.schema.feed <- tick{n: 1}
		r.plays(`next {"data":{"feed":{"n":1}}}`)
		s.signal() // a false alarm
		s.schema.feed <- tick{n: 2}
		r.plays(`next {"data":{"feed":{"n":2}}}`)
		s.revoke(errRefused)
		s.signal()
		r.plays(`next {"errors":[{"message":"refused"}]}`, "complete", "end")
	})
	t.Run("before an event", func(t *testing.T) {
		s := serveEvents(t, nil)
		r := s.posts("ann", feed2)
		s.schema.feed <- tick{n: 1}
		r.plays(`next {"data":{"feed":{"n":1}}}`)
		s.revoke(errRefused)
		s.schema.feed <- tick{n: 2}
		r.plays(`next {"errors":[{"message":"refused"}]}`, "complete", "end")
	})
	t.Run("perhaps", func(t *testing.T) {
		s := serveEvents(t, nil)
		r := s.posts("ann", feed2)
		s.schema.feed <- tick{n: 1}
		r.plays(`next {"data":{"feed":{"n":1}}}`)
		s.revoke(errors.Join(transport.ErrTryLater))
		s.signal()
		r.plays("end") // without `complete`: the client comes again
	})
	t.Run("while the reader does not read", func(t *testing.T) {
		s := serveEvents(t, func(w *transport.WebSocket, _ *transport.HTTP) { w.WriteTimeout = time.Minute })
		s.stall("ann")
		s.revoke(errRefused)
		s.signal()
		s.eventually("the stream has ended", func() bool { return s.schema.streams.Load() == 0 })
	})
}

// stall opens a stream whose client does not read, and returns when what
// waits for it is all that can.
func (s *server) stall(who string) net.Conn {
	s.Helper()
	conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	_ = conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	const body = `{"query":"subscription { flood(size: 1000000) { n text } }"}`
	_, err = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", who, len(body), body)
	if err != nil {
		s.Fatal(err)
	}
	before := -1
	s.eventually("nothing more is taken", func() bool {
		n := s.eventCount()
		stands := n > 0 && n == before
		before = n
		time.Sleep(30 * time.Millisecond)
		return stands
	})
	return conn
}

// A client that stops reading costs the others nothing, and is dropped.
func TestEvents_StalledReader(t *testing.T) {
	s := serveEvents(t, func(w *transport.WebSocket, _ *transport.HTTP) { w.WriteTimeout = 300 * time.Millisecond })
	s.stall("ann")
	r := s.posts("bob", feed2)
	for n := range 20 {
		s.schema.feed <- tick{n: n}
		r.plays(fmt.Sprintf(`next {"data":{"feed":{"n":%d}}}`, n))
	}
	s.eventually("the stalled reader is dropped", func() bool { return s.sockets() == 1 })
	if n := s.eventCount() - 20; n > 100 {
		t.Errorf("%d events were executed for a client that does not read", n)
	}
}

// A client that goes takes its stream with it.
func TestEvents_ClientGone(t *testing.T) {
	s := serveEvents(t, nil)
	r := s.posts("ann", feed2)
	s.schema.feed <- tick{n: 1}
	r.plays(`next {"data":{"feed":{"n":1}}}`)
	r.close()
	s.eventually("nothing is left", func() bool { return s.schema.streams.Load() == 0 && s.sockets() == 0 })
}

// Streams and sockets of one person are counted together.
func TestEvents_Seats(t *testing.T) {
	s := serveEvents(t, func(w *transport.WebSocket, _ *transport.HTTP) { w.SocketLimit = 2 })
	s.join("ann")
	r := s.posts("ann", feed2)
	s.schema.feed <- tick{n: 1}
	r.plays(`next {"data":{"feed":{"n":1}}}`)
	more := s.posts("ann", feed2)
	more.refusedWith(429)
	if more.answer.Header.Get("Retry-After") != "1" {
		t.Error(more.answer.Header)
	}
	p := s.connect()
	p.Plays(`> {"type":"connection_init","payload":{"Authorization":"Bearer ann"}}`, "x 1013")
	s.posts("bob", "subscription { count(to: 1) { n } }").plays(`next {}`, "complete")
	r.close()
	s.eventually("a seat is free", func() bool { return s.sockets() == 1 })
	s.posts("ann", "subscription { count(to: 1) { n } }").plays(`next {}`, "complete")
	s.posts("ann", "{ who }").plays(`next {}`, "complete") // needs no seat
}

func TestEvents_Shutdown(t *testing.T) {
	var all *transport.Events
	s := serveEvents(t, func(_ *transport.WebSocket, h *transport.HTTP) { all = h.Events })
	idle := s.posts("ann", feed2)
	s.schema.feed <- tick{n: 1}
	idle.plays(`next {"data":{"feed":{"n":1}}}`)
	s.stall("bob")
	all.Shutdown()
	idle.plays("end") // without `complete`: the client goes on elsewhere
	s.eventually("all streams have ended", func() bool { return s.schema.streams.Load() == 0 })
	s.posts("ann", feed2).refusedWith(503)
}

// A connection serves other requests after a stream.
func TestEvents_ConnectionIsKept(t *testing.T) {
	s := serveEvents(t, func(w *transport.WebSocket, h *transport.HTTP) {
		w.WriteTimeout, h.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	})
	for range 3 {
		r := s.posts("ann", "subscription { count(to: 1) { n } }")
		r.plays("next {}", "complete", "end")
		time.Sleep(60 * time.Millisecond) // no deadline of the stream is left
		q := s.posts("ann", "{ who }")
		q.plays("next {}", "complete", "end")
		time.Sleep(60 * time.Millisecond)
	}
}
