package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestSubscribe(t *testing.T) {
	c := speaking(t, func(p *peer) {
		p.send(`{"type":"ping","payload":{"early":true}}`)
		p.expect("connection_init")
		p.expect("pong")
		p.send(`{"type":"pong"}`)
		p.send(`{"type":"connection_ack","payload":{}}`)
		id, request := p.subscribed()
		if request.Query != "subscription ($a: ID!) { n }" || request.Variables["a"] != "co_1" {
			t.Errorf("asked for %+v", request)
		}
		p.next(id, `{"n":1}`)
		p.send(`{"type":"ping"}`)
		p.expect("pong")
		p.next("99", `{"n":0}`) // nobody's
		p.send(`{"type":"pong"}`)
		p.next(id, `{"n":2}`)
		p.complete(id)
		p.next(id, `{"n":3}`) // late
		p.complete(id)
		p.goneWith(1000)
	})
	s, err := c.Subscribe(within(t), "subscription ($a: ID!) { n }", map[string]any{"a": "co_1"})
	if err != nil {
		t.Fatal(err)
	}
	wantNext(t, s, `{"n":1}`)
	wantNext(t, s, `{"n":2}`)
	if err := wantEnd(t, s); !errors.Is(err, io.EOF) {
		t.Errorf("a complete operation ends with %v", err)
	}
	s.Close()
	s.Close()
	if _, err := s.Next(within(t)); err != ErrClosed {
		t.Errorf("a closed stream answers %v", err)
	}
}

func TestDial_Payload(t *testing.T) {
	for _, c := range []struct{ token, language, want string }{
		{"", "", `{}`},
		{"hubs_x", "", `{"Authorization":"Bearer hubs_x"}`},
		{"hubs_x", "pl", `{"Authorization":"Bearer hubs_x","language":"pl"}`},
	} {
		client := speaking(t, open(func(p *peer) {
			if string(p.init.Payload) != c.want {
				t.Errorf("init with %s, want %s", p.init.Payload, c.want)
			}
			p.goneWith(1000)
		}))
		dial(t, client.WithToken(c.token).WithLanguage(c.language)).Close()
	}
}

func TestStream_Errors(t *testing.T) {
	c := speaking(t, open(func(p *peer) {
		id, _ := p.subscribed()
		p.sendf(`{"id":%q,"type":"next","payload":{"data":{"n":null},"errors":[{"message":"In part.","extensions":{"code":"TIMEOUT"}}]}}`, id)
		p.sendf(`{"id":%q,"type":"next","payload":{"errors":[{"message":"Not at all."}]}}`, id)
		p.next(id, `null`)
		p.sendf(`{"id":%q,"type":"error","payload":[{"message":"No.","extensions":{"code":"FORBIDDEN","requestId":"req_1"}}]}`, id)
		p.goneWith(1000)
	}))
	s := subscribe(t, c)
	data, err := s.Next(within(t))
	if errs, ok := errors.AsType[*Errors](err); !ok || errs.Code() != "TIMEOUT" || string(data) != `{"n":null}` {
		t.Errorf("got %s, %v", data, err)
	}
	data, err = s.Next(within(t))
	if _, ok := errors.AsType[*Errors](err); !ok || string(data) != "null" {
		t.Errorf("got %s, %v", data, err)
	}
	wantNext(t, s, "null")
	if errs, ok := errors.AsType[*Errors](wantEnd(t, s)); !ok || errs.Code() != "FORBIDDEN" || errs.RequestID() != "req_1" || errs.Status != 0 {
		t.Errorf("got %+v", errs)
	}
}

func TestDial_Refused(t *testing.T) {
	c := speaking(t, func(p *peer) {
		p.expect("connection_init")
		p.close(4403, "Forbidden")
	})
	_, err := c.Subscribe(within(t), "subscription { n }", nil)
	wantClose(t, err, 4403, "Forbidden")

	c = answering(t, func(w http.ResponseWriter, r *http.Request) { respond(w, 503, "text/plain", "later") })
	_, err = c.Dial(within(t))
	if status, ok := errors.AsType[*StatusError](err); !ok || status.Status != 503 || status.Text != "later" {
		t.Errorf("no upgrade: %v", err)
	}

	c = answering(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			t.Errorf("upgrade: %v", err)
			return
		}
		conn.Close()
	})
	if _, err := c.Dial(within(t)); !errors.Is(err, ErrProtocol) {
		t.Errorf("another subprotocol: %v", err)
	}
	for _, address := range []string{"", "hub.example.com", "ftp://hub.example.com", "http://", "http://bad host"} {
		if _, err := New(address).Dial(within(t)); !errors.Is(err, errServerURL) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestDial_Canceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := speaking(t, func(p *peer) {
		p.expect("connection_init")
		cancel()
		if _, _, err := p.conn.ReadMessage(); err == nil {
			t.Error("the client goes on")
		}
	})
	if _, err := c.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("while the server thinks: %v", err)
	}
	if _, err := c.Dial(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("from the beginning: %v", err)
	}
}

func TestDial_NoAcknowledgement(t *testing.T) {
	c := speaking(t, func(p *peer) {
		p.expect("connection_init")
		if _, _, err := p.conn.ReadMessage(); err == nil {
			t.Error("the client goes on")
		}
	})
	c.times.init = 50 * time.Millisecond
	if _, err := c.Dial(within(t)); err == nil || !strings.Contains(err.Error(), "silent") {
		t.Errorf("got %v", err)
	}
}

// Whatever ends the socket is told to each of its streams, behind what came
// before, and to those who come later.
func TestSocket_Closed(t *testing.T) {
	for _, end := range []struct {
		code   int
		reason string
		script func(p *peer)
	}{
		{4403, "Forbidden", func(p *peer) { p.close(4403, "Forbidden") }},
		{1012, "", func(p *peer) { p.close(1012, "") }},
		{1006, "unexpected EOF", func(p *peer) { p.conn.NetConn().Close() }},
	} {
		s := dial(t, speaking(t, open(func(p *peer) {
			first, _ := p.subscribed()
			p.subscribed()
			p.next(first, `{"n":1}`)
			end.script(p)
		})))
		one, err := s.Subscribe(within(t), "subscription { one }", nil)
		if err != nil {
			t.Fatal(err)
		}
		two, err := s.Start(within(t), Request{Query: "subscription A { two } subscription B { two }", OperationName: "B"})
		if err != nil {
			t.Fatal(err)
		}
		wantClose(t, wantEnd(t, two), end.code, end.reason)
		wantNext(t, one, `{"n":1}`)
		wantClose(t, wantEnd(t, one), end.code, end.reason)
		_, err = s.Subscribe(within(t), "subscription { three }", nil)
		wantClose(t, err, end.code, end.reason)
	}
}

// A server that breaks the protocol is left, with the code for that.
func TestSocket_Protocol(t *testing.T) {
	for _, text := range []string{
		`{"id":"1","type":"nxt"}`, `{"id":"1"}`, `[]`, `nonsense`, ``, `{"type":1}`,
		`{"id":"1","type":"next"}`, `{"id":"1","type":"next","payload":{}}`, `{"id":"1","type":"next","payload":[]}`,
		`{"id":"1","type":"error"}`, `{"id":"1","type":"error","payload":[]}`, `{"id":"1","type":"error","payload":{"message":"No."}}`,
	} {
		s := subscribe(t, speaking(t, open(func(p *peer) {
			p.subscribed()
			p.send(text)
			p.goneWith(4400)
		})))
		if err := wantEnd(t, s); !errors.Is(err, ErrProtocol) {
			t.Errorf("after %s: %v", text, err)
		}
	}
	s := subscribe(t, speaking(t, open(func(p *peer) {
		id, _ := p.subscribed()
		if err := p.conn.WriteMessage(websocket.BinaryMessage, []byte(`{"id":"`+id+`","type":"complete"}`)); err != nil {
			t.Error(err)
		}
		p.goneWith(4400)
	})))
	if err := wantEnd(t, s); !errors.Is(err, ErrProtocol) {
		t.Errorf("after a binary message: %v", err)
	}
	c := speaking(t, func(p *peer) {
		p.expect("connection_init")
		p.next("1", "{}")
		p.goneWith(4400)
	})
	if _, err := c.Dial(within(t)); !errors.Is(err, ErrProtocol) {
		t.Errorf("an event before the acknowledgement: %v", err)
	}
}

func TestSocket_TooLarge(t *testing.T) {
	s := subscribe(t, speaking(t, open(func(p *peer) {
		p.subscribed()
		// The client goes in the middle of it.
		_ = p.conn.WriteMessage(websocket.TextMessage, []byte(`{"id":"1","type":"next","payload":{"data":"`+strings.Repeat("x", maxAnswer)+`"}}`))
	})))
	if err := wantEnd(t, s); !errors.Is(err, websocket.ErrReadLimit) {
		t.Errorf("got %v", err)
	}
}

// A silent server is dead.
func TestSocket_Silence(t *testing.T) {
	t.Parallel()
	c := speaking(t, open(func(p *peer) {
		p.conn.SetPingHandler(func(string) error { return nil })
		p.subscribed()
		if _, _, err := p.conn.ReadMessage(); err == nil {
			t.Error("the client goes on")
		}
	}))
	c.times.ping, c.times.dead = 20*time.Millisecond, 2*time.Second
	if err := wantEnd(t, subscribe(t, c)); !strings.Contains(err.Error(), "silent") {
		t.Errorf("got %v", err)
	}
}

// A server that answers pings, or sends its own, is not dead, though it says
// nothing for longer than a silent one has. That is long enough for a machine
// with other things to do.
func TestSocket_Beats(t *testing.T) {
	t.Parallel()
	const beat, dead, beats = 100 * time.Millisecond, 3 * time.Second, 35
	t.Run("answers", func(t *testing.T) {
		t.Parallel()
		c := speaking(t, open(func(p *peer) {
			pings, enough, gone := 0, make(chan struct{}), make(chan struct{})
			answer := p.conn.PingHandler()
			p.conn.SetPingHandler(func(data string) error {
				if pings++; pings == beats {
					close(enough)
				}
				return answer(data)
			})
			id, _ := p.subscribed()
			var writer sync.WaitGroup
			writer.Go(func() {
				select {
				case <-enough:
					p.next(id, `{"n":1}`)
				case <-gone:
				}
			})
			p.goneWith(1000)
			close(gone)
			writer.Wait()
		}))
		c.times.ping, c.times.dead = beat, dead
		s := subscribe(t, c)
		wantNext(t, s, `{"n":1}`)
		s.Close()
	})
	t.Run("pings", func(t *testing.T) {
		t.Parallel()
		c := speaking(t, open(func(p *peer) {
			id, _ := p.subscribed()
			pongs := 0
			p.conn.SetPongHandler(func(string) error {
				if pongs++; pongs == beats {
					p.next(id, `{"n":1}`)
					return nil
				}
				time.Sleep(beat)
				return p.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Minute))
			})
			if err := p.conn.WriteControl(websocket.PingMessage, []byte("x"), time.Now().Add(time.Minute)); err != nil {
				t.Error(err)
			}
			p.goneWith(1000)
		}))
		c.times.ping, c.times.dead = time.Hour, dead
		s := subscribe(t, c)
		wantNext(t, s, `{"n":1}`)
		s.Close()
	})
}

// Many streams share a socket; each hears its own, and one that is closed
// leaves the others alone.
func TestSocket_Shared(t *testing.T) {
	const streams, events = 20, 50
	s := dial(t, speaking(t, open(func(p *peer) {
		var ids []string
		for range streams {
			id, _ := p.subscribed()
			ids = append(ids, id)
		}
		for n := range events {
			for _, id := range ids {
				p.next(id, fmt.Sprintf(`{%q:%d}`, id, n))
			}
		}
		if m := p.expect("complete"); m.ID != ids[0] {
			t.Errorf("stream %s was closed, want %s", m.ID, ids[0])
		}
		for _, id := range ids {
			p.complete(id)
		}
		p.goneWith(1000)
	})))
	var all []*Stream
	for range streams {
		stream, err := s.Subscribe(within(t), "subscription { n }", nil)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, stream)
	}
	var readers sync.WaitGroup
	for i, stream := range all {
		readers.Go(func() {
			for n := range events {
				want := fmt.Sprintf(`{%q:%d}`, stream.id, n)
				if data, err := stream.Next(within(t)); err != nil || string(data) != want {
					t.Errorf("stream %s: got %s, %v; want %s", stream.id, data, err, want)
					return
				}
			}
			if i == 0 {
				stream.Close()
				return
			}
			if _, err := stream.Next(within(t)); err != io.EOF {
				t.Errorf("stream %s ends with %v", stream.id, err)
			}
			stream.Close() // is over, so there is nothing to tell the server
		})
	}
	readers.Wait()
	s.Close()
}

func TestSocket_Close(t *testing.T) {
	s := dial(t, speaking(t, open(func(p *peer) {
		p.subscribed()
		p.goneWith(1000)
	})))
	stream, err := s.Subscribe(within(t), "subscription { n }", nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	if err := wantEnd(t, stream); err != ErrClosed {
		t.Errorf("its stream ends with %v", err)
	}
	if _, err := s.Subscribe(within(t), "subscription { n }", nil); err != ErrClosed {
		t.Errorf("a closed socket answers %v", err)
	}
}

// A server that does not answer the closing is not waited for long.
func TestSocket_Close_DeafServer(t *testing.T) {
	left := make(chan struct{})
	c := speaking(t, open(func(p *peer) { <-left }))
	c.times.close = 50 * time.Millisecond
	dial(t, c).Close()
	close(left)
}

// A slow reader stops the socket from being read, so that the server stops,
// and nothing piles up; when it reads on, nothing is missing.
func TestStream_Backpressure(t *testing.T) {
	const events = 300 // of 16 KiB: more than all buffers on the way hold
	text := strings.Repeat("x", 16<<10)
	var sent atomic.Int64
	stalled := make(chan struct{})
	c := speaking(t, open(func(p *peer) {
		if err := p.conn.NetConn().(*net.TCPConn).SetWriteBuffer(128 << 10); err != nil {
			t.Error(err)
		}
		id, _ := p.subscribed()
		var writer sync.WaitGroup
		writer.Go(func() {
			for n := range events {
				p.next(id, fmt.Sprintf(`{"n":%d,"text":%q}`, n, text))
				sent.Add(1)
			}
			p.complete(id)
		})
		for before := int64(-1); sent.Load() != before; time.Sleep(300 * time.Millisecond) {
			before = sent.Load()
		}
		close(stalled)
		writer.Wait()
		p.goneWith(1000)
	}))
	c.http.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(128 << 10)
		}
		return conn, err
	}
	s := subscribe(t, c)
	<-stalled
	if n := sent.Load(); n < waiting || n == events {
		t.Errorf("the server could send %d of %d events that nobody read", n, events)
	}
	for n := range events {
		data, err := s.Next(within(t))
		if want := fmt.Sprintf(`{"n":%d,`, n); err != nil || !strings.HasPrefix(string(data), want) {
			t.Fatalf("event %d is %.20s, %v", n, data, err)
		}
	}
	if err := wantEnd(t, s); err != io.EOF {
		t.Errorf("got %v", err)
	}
}

// Closing frees a reader that is stuck with a full queue.
func TestStream_Close_WhileFull(t *testing.T) {
	full := func(p *peer) {
		id, _ := p.subscribed()
		for n := range waiting + 5 {
			p.next(id, fmt.Sprint(n))
		}
		p.gone()
	}
	s := subscribe(t, speaking(t, open(full)))
	wantNext(t, s, "0")
	s.Close()

	socket := dial(t, speaking(t, open(func(p *peer) {
		full(p)
	})))
	stream, err := socket.Subscribe(within(t), "subscription { n }", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantNext(t, stream, "0")
	socket.Close()

	// Of several on a socket, the others go on.
	socket = dial(t, speaking(t, open(func(p *peer) {
		slow, _ := p.subscribed()
		other, _ := p.subscribed()
		for n := range waiting + 5 {
			p.next(slow, fmt.Sprint(n))
		}
		p.next(other, "1")
		if m := p.expect("complete"); m.ID != slow {
			t.Errorf("%s was closed", m.ID)
		}
		p.goneWith(1000)
	})))
	slow, err := socket.Subscribe(within(t), "subscription { slow }", nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := socket.Subscribe(within(t), "subscription { other }", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantNext(t, slow, "0")
	slow.Close()
	wantNext(t, other, "1")
	socket.Close()
}

func TestStream_Context(t *testing.T) {
	told := make(chan struct{})
	socket := dial(t, speaking(t, open(func(p *peer) {
		id, _ := p.subscribed()
		p.next(id, "1")
		p.expect("complete")
		close(told)
		p.goneWith(1000)
	})))
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	s, err := socket.Subscribe(ctx, "subscription { n }", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantNext(t, s, "1")
	short, stop := context.WithTimeout(t.Context(), time.Millisecond)
	defer stop()
	if data, err := s.Next(short); !errors.Is(err, context.DeadlineExceeded) || data != nil {
		t.Errorf("got %s, %v", data, err)
	}
	cancel(why)
	if err := wantEnd(t, s); err != why {
		t.Errorf("the stream's context ended it with %v", err)
	}
	if _, err := socket.Subscribe(ctx, "subscription { n }", nil); err != why {
		t.Errorf("a stream was started after its context: %v", err)
	}
	if _, err := socket.Subscribe(within(t), "subscription { n }", map[string]any{"f": func() {}}); err == nil {
		t.Error("a function is no JSON")
	}
	<-told // by a goroutine of the context: a socket that closes first says nothing
	socket.Close()

	own, cancelOwn := context.WithCancel(t.Context())
	s, err = speaking(t, open(func(p *peer) {
		p.subscribed()
		p.goneWith(1000)
	})).Subscribe(own, "subscription { n }", nil)
	if err != nil {
		t.Fatal(err)
	}
	cancelOwn()
	if err := wantEnd(t, s); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	s.Close()
}

// Everything may be called at any time from anywhere.
func TestSocket_Race(t *testing.T) {
	c := speaking(t, open(func(p *peer) {
		for {
			var m message
			if err := p.conn.ReadJSON(&m); err != nil {
				return
			}
			if m.Type != "subscribe" {
				continue
			}
			for n := range 5 {
				if p.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":%q,"type":"next","payload":{"data":%d}}`, m.ID, n)) != nil {
					return
				}
			}
			if p.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"id":%q,"type":"complete"}`, m.ID)) != nil {
				return
			}
		}
	}))
	for range 10 {
		socket := dial(t, c)
		var callers sync.WaitGroup
		for i := range 20 {
			callers.Go(func() {
				for {
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Millisecond)
					stream, err := socket.Subscribe(ctx, "subscription { n }", nil)
					if err != nil {
						cancel()
						if errors.Is(err, context.DeadlineExceeded) && i > 0 {
							continue
						}
						return
					}
					for range i {
						if data, err := stream.Next(ctx); err != nil && data == nil {
							break
						}
					}
					if i%2 == 0 {
						stream.Close()
					}
					cancel()
				}
			})
		}
		time.AfterFunc(30*time.Millisecond, func() { socket.Close() })
		callers.Wait()
		socket.Close()
	}
}
