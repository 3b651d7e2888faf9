package transport_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"

	"github.com/gorilla/websocket"
)

const (
	initiate  = `> {"type":"connection_init"}`
	acked     = `< {"type":"connection_ack"}`
	feed      = `{"type":"subscribe","id":"f","payload":{"query":"subscription { feed { n } }"}}`
	completeF = `{"type":"complete","id":"f"}`
)

// Every rule of the protocol, as a dialogue.
func TestWebSocket_Protocol(t *testing.T) {
	rules := []struct {
		name     string
		dialogue []string
	}{
		{"init is acknowledged", []string{initiate, acked, "silent"}},
		{"init with a payload", []string{`> {"type":"connection_init","payload":{"language":"pl"}}`, acked}},
		{"null is no payload", []string{`> {"type":"connection_init","payload":null}`, acked}},
		{"unknown members are left alone", []string{`> {"type":"connection_init","Type":"x","more":[1]}`, acked}},

		{"not JSON", []string{`> hello`, "x 4400"}},
		{"not an object", []string{`> ["ping"]`, "x 4400"}},
		{"null", []string{`> null`, "x 4400"}},
		{"empty", []string{`> `, "x 4400"}},
		{"two messages in one", []string{`> {"type":"ping"}{"type":"ping"}`, "x 4400"}},
		{"no type", []string{`> {"id":"1"}`, "x 4400"}},
		{"type is no string", []string{`> {"type":1}`, "x 4400"}},
		{"type in capitals", []string{`> {"TYPE":"ping"}`, "x 4400"}},
		{"unknown type", []string{`> {"type":"start"}`, "x 4400"}},
		{"the server's type", []string{initiate, acked, `> {"type":"next","id":"1","payload":{}}`, "x 4400"}},
		{"two types", []string{`> {"type":"ping","type":"pong"}`, "x 4400"}},
		{"two queries", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{who}","query":"{who}"}}`, "x 4400"}},
		{"init with lists without end", []string{`> {"type":"connection_init","payload":{"a":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`, "x 4400"}},
		{"init with two tokens", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer ann","Authorization":"Bearer bob"}}`, "x 4400"}},
		{"payload is no object", []string{`> {"type":"connection_init","payload":"x"}`, "x 4400"}},
		{"ping's payload is no object", []string{`> {"type":"ping","payload":1}`, "x 4400"}},
		{"binary", []string{`binary {"type":"ping"}`, "x 4400"}},
		{"not UTF-8", []string{"> {\"type\":\"ping\",\"x\":\"\xff\"}", "x 1007"}},
		{"subscribe without id", []string{initiate, acked, `> {"type":"subscribe","payload":{"query":"{who}"}}`, "x 4400"}},
		{"subscribe with an empty id", []string{initiate, acked, `> {"type":"subscribe","id":"","payload":{"query":"{who}"}}`, "x 4400"}},
		{"subscribe without payload", []string{initiate, acked, `> {"type":"subscribe","id":"1"}`, "x 4400"}},
		{"subscribe without query", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{}}`, "x 4400"}},
		{"query is no string", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":{}}}`, "x 4400"}},
		{"variables are no object", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{who}","variables":[]}}`, "x 4400"}},
		{"operationName is no string", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{who}","operationName":1}}`, "x 4400"}},
		{"extensions are no object", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{who}","extensions":1}}`, "x 4400"}},
		{"complete without id", []string{initiate, acked, `> {"type":"complete"}`, "x 4400"}},

		{"subscribe before init", []string{"> " + feed, "x 4401"}},
		{"subscribe before the acknowledgement", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer slow"}}`, "> " + feed, "x 4401"}},
		{"refused credentials", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer mallory"}}`, "x 4403"}},
		{"credentials that cannot be checked", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer busy"}}`, "x 1013"}},
		{"a panic in Init", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer panic"}}`, "x 1011"}},
		{"second init", []string{initiate, acked, initiate, "x 4429"}},
		{"second init before the acknowledgement", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer slow"}}`, initiate, "x 4429"}},

		{"ping before init", []string{`> {"type":"ping"}`, `< {"type":"pong"}`}},
		{"ping while Init is busy", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer slow"}}`, `> {"type":"ping"}`, `< {"type":"pong"}`}},
		{"pong has ping's payload", []string{`> {"type":"ping","payload":{"at":12345678901234567890}}`, `< {"type":"pong","payload":{"at":12345678901234567890}}`}},
		{"unasked pong", []string{`> {"type":"pong"}`, "silent"}},

		{"query", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}`,
			`< {"type":"next","id":"1","payload":{"data":{"hello":"hello world"}}}`, `< {"type":"complete","id":"1"}`, "silent"}},
		{"mutation", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"mutation M($n: Int!) { add(n: $n) }","operationName":"M","variables":{"n":2}}}`,
			`< {"type":"next","id":"1","payload":{"data":{"add":2}}}`, `< {"type":"complete","id":"1"}`, "silent"}},
		{"subscription", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { count(to: 3) { n } }"}}`,
			`< {"type":"next","id":"1","payload":{"data":{"count":{"n":1}}}}`,
			`< {"type":"next","id":"1","payload":{"data":{"count":{"n":2}}}}`,
			`< {"type":"next","id":"1","payload":{"data":{"count":{"n":3}}}}`,
			`< {"type":"complete","id":"1"}`, "silent"}},
		{"an id is free again", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}`, `< {"type":"next"}`, `< {"type":"complete","id":"1"}`,
			`> {"type":"subscribe","id":"1","payload":{"query":"{"}}`, `< {"type":"error","id":"1"}`,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { refused { n } }"}}`, `< {"type":"error","id":"1"}`,
			`> {"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}`, `< {"type":"next"}`, `< {"type":"complete","id":"1"}`}},
		{"an id of any text", []string{initiate, acked,
			`> {"type":"subscribe","id":"\"ł\u0000","payload":{"query":"{ hello }"}}`, `< {"type":"next","id":"\"ł\u0000"}`, `< {"type":"complete","id":"\"ł\u0000"}`}},
		{"id in use", []string{initiate, acked, "> " + feed, "> " + feed, "x 4409"}},
		{"id in use by another kind", []string{initiate, acked, "> " + feed,
			`> {"type":"subscribe","id":"f","payload":{"query":"{ hello }"}}`, "x 4409"}},
		{"unknown and late ids", []string{initiate, acked, "> " + completeF,
			`> {"type":"subscribe","id":"f","payload":{"query":"{ hello }"}}`, `< {"type":"next"}`, "< " + completeF, "> " + completeF, "silent"}},

		{"parse error", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{ who"}}`,
			`< {"type":"error","id":"1","payload":[{"extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`, "silent"}},
		{"validation error", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"{ nobody }"}}`,
			`< {"type":"error","id":"1","payload":[{"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`, "silent"}},
		{"no such operation", []string{initiate, acked, `> {"type":"subscribe","id":"1","payload":{"query":"query A { who }","operationName":"B"}}`,
			`< {"type":"error","id":"1","payload":[{"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`, "silent"}},
		{"wrong variable", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"mutation($n: Int!) { add(n: $n) }","variables":{"n":true}}}`,
			`< {"type":"error","id":"1","payload":[{"path":["variable","n"],"extensions":{"code":"BAD_USER_INPUT"}}]}`, "silent"}},
		{"a subscription refused at its start", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { refused { n } }"}}`,
			`< {"type":"error","id":"1","payload":[{"message":"FORBIDDEN","path":["refused"]}]}`, "silent"}},
		{"a stream that ends for a reason", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { mine: dismissed { n } }"}}`,
			`< {"type":"next","id":"1","payload":{"data":{"mine":{"n":1}}}}`,
			`< {"type":"error","id":"1","payload":[{"message":"FORBIDDEN","path":["mine"]}]}`, "silent"}},
		{"an event that its reader may no longer have", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { mine: guarded { n } }"}}`,
			`< {"type":"next","id":"1","payload":{"data":{"mine":{"n":1}}}}`,
			`< {"type":"error","id":"1","payload":[{"message":"FORBIDDEN in event 2","path":["mine"]}]}`, "silent"}},
		{"an error in an event", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { mine: count(to: 1) { n no: broken } }"}}`,
			`< {"type":"next","id":"1","payload":{"data":{"mine":{"n":1,"no":null}},"errors":[{"message":"broken","path":["mine","no"]}]}}`,
			`< {"type":"complete","id":"1"}`, "silent"}},
		{"panics of resolvers", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"{ explode }"}}`, `< {"type":"next","id":"1","payload":{"data":{"explode":null}}}`, `< {"type":"complete"}`,
			`> {"type":"subscribe","id":"2","payload":{"query":"subscription { explode { n } }"}}`, `< {"type":"error","id":"2"}`,
			`> {"type":"subscribe","id":"3","payload":{"query":"subscription { count(to: 1) { explode } }"}}`,
			`< {"type":"next","id":"3","payload":{"data":{"count":{"explode":null}},"errors":[{"path":["count","explode"]}]}}`, `< {"type":"complete"}`, "silent"}},
		{"a number keeps its digits", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"query($n: Long) { echo(n: $n) }","variables":{"n":9007199254740993}}}`,
			`< {"type":"next","payload":{"data":{"echo":9007199254740993}}}`, `< {"type":"complete"}`}},
		{"the viewer", []string{`> {"type":"connection_init","payload":{"Authorization":"Bearer ann"}}`, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"{ who }"}}`, `< {"type":"next","payload":{"data":{"who":"ann"}}}`, `< {"type":"complete"}`}},
		{"a context for each event", []string{initiate, acked,
			`> {"type":"subscribe","id":"1","payload":{"query":"subscription { count(to: 2) { event } }"}}`,
			`< {"type":"next","payload":{"data":{"count":{"event":1}}}}`,
			`< {"type":"next","payload":{"data":{"count":{"event":2}}}}`, `< {"type":"complete"}`}},
		{"closed by the client", []string{initiate, acked, "> " + feed}},
	}
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			serve(t, nil).connect().Plays(r.dialogue...)
		})
	}
}

func TestWebSocket_InitInTime(t *testing.T) {
	short := func(w *transport.WebSocket) { w.InitTimeout = 20 * time.Millisecond }
	serve(t, short).connect().Plays("x 4408")
	serve(t, short).connect().Plays(`> {"type":"connection_init","payload":{"Authorization":"Bearer slow"}}`, "x 1013")
}

func TestWebSocket_Subprotocol(t *testing.T) {
	s := serve(t, nil)
	for _, offered := range [][]string{nil, {"graphql-ws"}, {"mqtt", "graphql-ws"}} {
		p := s.dial(websocket.Dialer{Subprotocols: offered}, nil)
		p.Plays("x 4406")
	}
	p := s.dial(websocket.Dialer{Subprotocols: []string{"graphql-ws", "graphql-transport-ws"}}, nil)
	p.Plays(initiate, acked)
}

func TestWebSocket_Origin(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.AllowedOrigins = []string{"https://app.example.com"} })
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	for _, origin := range []string{"", s.http.URL, "https://app.example.com", "HTTPS://App.Example.com"} {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		s.dial(d, h).Plays(initiate, acked)
	}
	for _, origin := range []string{"null", "http://app.example.com", "https://app.example.com.evil", "https://evil", "http://127.0.0.1:1", ":"} {
		_, r, err := d.Dial("ws"+strings.TrimPrefix(s.http.URL, "http"), http.Header{"Origin": {origin}})
		if err == nil || r.StatusCode != http.StatusForbidden {
			t.Errorf("Origin %s: %v, want 403", origin, err)
		}
	}
}

func TestWebSocket_MessageLimit(t *testing.T) {
	s := serve(t, nil)
	p := s.connect()
	fits := `{"type":"ping","x":"` + strings.Repeat("x", 64<<10-22) + `"}`
	if len(fits) != 64<<10 {
		t.Fatal(len(fits))
	}
	p.Plays("> "+fits, `< {"type":"pong"}`, "> "+fits+" ", "x 1009")
}

func TestWebSocket_OperationLimit(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.OperationLimit = 2 })
	p := s.join("ann")
	hello := `> {"type":"subscribe","id":"h","payload":{"query":"{ hello }"}}`
	full := `< {"type":"error","id":"h","payload":[{"extensions":{"code":"RATE_LIMITED","retryAfter":1}}]}`
	p.Plays("> "+feed, "> "+strings.Replace(feed, `"f"`, `"g"`, 1), hello, full, "> "+completeF)
	// The operation counts until its resolver has ended.
	s.eventually("a stream has ended", func() bool { return s.schema.streams.Load() == 1 })
	s.eventually("room for a query", func() bool {
		p.Plays(hello)
		m, err := p.Receives()
		if err != nil {
			t.Fatal(err)
		}
		return m["type"] == "next"
	})
}

func TestWebSocket_SocketLimit(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) { w.SocketLimit = 2 })
	first := s.join("ann")
	s.join("ann")
	s.join("bob")
	s.connect().Plays(`> {"type":"connection_init","payload":{"Authorization":"Bearer ann"}}`, "x 1013")
	_ = first.Conn.Close()
	s.eventually("ann's first socket is gone", func() bool { return s.sockets() == 2 })
	s.join("ann")
	for range 3 {
		s.join("") // nobody has no limit
	}
}

func TestWebSocket_Pings(t *testing.T) {
	s := serve(t, func(w *transport.WebSocket) {
		w.PingInterval, w.DeadAfter = 10*time.Millisecond, 2*time.Second // to answer in, on a busy machine
	})
	alive := s.join("ann")
	pings := make(chan struct{}, 1000)
	pong := alive.Conn.PingHandler()
	alive.Conn.SetPingHandler(func(data string) error {
		pings <- struct{}{}
		return pong(data)
	})
	dead := s.join("bob")
	dead.Conn.SetPingHandler(func(string) error { return nil })
	gone := make(chan error, 1)
	go func() {
		_, err := dead.Receives()
		gone <- err
	}()
	go func() { _, _ = alive.Receives() }() // reads on, so pings are answered
	for range 20 {
		select {
		case <-pings:
		case <-time.After(peer.Patience):
			t.Fatal("no ping")
		}
	}
	if err := <-gone; err == nil || websocket.IsCloseError(err) && !websocket.IsCloseError(err, websocket.CloseAbnormalClosure) {
		t.Errorf("the dead client got %v, want a cut connection", err)
	}
	s.eventually("one socket is left", func() bool { return s.sockets() == 1 })
	alive.Sends(websocket.TextMessage, "the end")
}
