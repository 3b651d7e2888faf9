package scenario_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"partnerhub/internal/server"
	"partnerhub/tests/peer"
	"partnerhub/tests/world"
)

const (
	askWho    = `> {"type":"subscribe","id":"1","payload":{"query":"{ viewer { id } }"}}`
	completed = `< {"type":"complete","id":"1"}`
	giveUp    = `> {"type":"complete","id":"1"}`
)

// watchTiles subscribes to the tiles of a company under an id.
func watchTiles(id string, c *world.Company) string {
	return `> {"type":"subscribe","id":"` + id + `","payload":{"query":"subscription($c: ID!) { hubTileChanged(scope: {companyId: $c}) { isCaughtUp hub { tile { label } } } }","variables":{"c":"` + c.ID + `"}}}`
}

// Every rule of graphql-transport-ws that a dialogue can show, against the
// server as it is.
func TestSocket_Protocol(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.SocketsPerPerson = 1000 })
	c := w.Dealer("Night Watch")
	c.Hub("Villa")
	token := tokenOf(w, c.Owner)
	watch := watchTiles("1", c)
	present := `< {"type":"next","id":"1","payload":{"data":{"hubTileChanged":{"isCaughtUp":true}}}}`
	me := `< {"type":"next","id":"1","payload":{"data":{"viewer":{"id":"` + c.Owner.ID + `"}}}}`
	subscribes := func(payload string) string { return `> {"type":"subscribe","id":"1",` + payload + `}` }
	fails := func(code string) string {
		return `< {"type":"error","id":"1","payload":[{"extensions":{"code":"` + code + `"}}]}`
	}
	tests := map[string][]string{
		"init is acknowledged":          {"> INIT", "< ACK", "silent"},
		"null is no payload":            {`> {"type":"connection_init","payload":null}`, "x 4403"},
		"unknown members are let alone": {`> {"type":"ping","Type":"x","more":[1]}`, `< {"type":"pong"}`},

		"4400 not JSON":                     {"> hello", "x 4400"},
		"4400 a list":                       {`> [{"type":"ping"}]`, "x 4400"},
		"4400 null":                         {"> null", "x 4400"},
		"4400 empty":                        {"> ", "x 4400"},
		"4400 two messages in one":          {`> {"type":"ping"}{"type":"ping"}`, "x 4400"},
		"4400 no type":                      {`> {"id":"1"}`, "x 4400"},
		"4400 type is no string":            {`> {"type":["ping"]}`, "x 4400"},
		"4400 unknown type":                 {`> {"type":"connection_terminate"}`, "x 4400"},
		"4400 legacy start":                 {"> INIT", "< ACK", `> {"type":"start","id":"1","payload":{"query":"{ viewer { id } }"}}`, "x 4400"},
		"4400 a message of the server's":    {"> INIT", "< ACK", `> {"type":"connection_ack"}`, "x 4400"},
		"4400 payload is no object":         {`> {"type":"connection_init","payload":"x"}`, "x 4400"},
		"4400 ping's payload is no object":  {`> {"type":"ping","payload":[]}`, "x 4400"},
		"4400 pong's payload is no object":  {`> {"type":"pong","payload":1}`, "x 4400"},
		"4400 subscribe without id":         {"> INIT", "< ACK", `> {"type":"subscribe","payload":{"query":"{ viewer { id } }"}}`, "x 4400"},
		"4400 subscribe with an empty id":   {"> INIT", "< ACK", `> {"type":"subscribe","id":"","payload":{"query":"{ viewer { id } }"}}`, "x 4400"},
		"4400 id is no string":              {"> INIT", "< ACK", `> {"type":"subscribe","id":1,"payload":{"query":"{ viewer { id } }"}}`, "x 4400"},
		"4400 subscribe without payload":    {"> INIT", "< ACK", `> {"type":"subscribe","id":"1"}`, "x 4400"},
		"4400 subscribe without query":      {"> INIT", "< ACK", subscribes(`"payload":{}`), "x 4400"},
		"4400 variables are no object":      {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ viewer { id } }","variables":[]}`), "x 4400"},
		"4400 operationName is no string":   {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ viewer { id } }","operationName":{}}`), "x 4400"},
		"4400 extensions are no object":     {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ viewer { id } }","extensions":1}`), "x 4400"},
		"4400 complete without id":          {"> INIT", "< ACK", `> {"type":"complete"}`, "x 4400"},
		"1007 not UTF-8":                    {"> {\"type\":\"ping\",\"x\":\"\xff\xfe\"}", "x 1007"},
		"1009 message too large":            {`> {"type":"ping","x":"` + strings.Repeat("x", 64<<10) + `"}`, "x 1009"},
		"4401 subscribe before init":        {askWho, "x 4401"},
		"4403 no credentials":               {`> {"type":"connection_init"}`, "x 4403"},
		"4403 credentials of another kind":  {`> {"type":"connection_init","payload":{"Authorization":"Basic b2xnYTpvbGdh"}}`, "x 4403"},
		"4403 garbage for a token":          {`> {"type":"connection_init","payload":{"Authorization":"Bearer hubs_nonsense"}}`, "x 4403"},
		"4403 authorization is no string":   {`> {"type":"connection_init","payload":{"Authorization":{"token":"x"}}}`, "x 4403"},
		"4409 id of a subscription":         {"> INIT", "< ACK", watch, present, watch, "x 4409"},
		"4409 whatever the operation":       {"> INIT", "< ACK", watch, present, askWho, "x 4409"},
		"4429 second init":                  {"> INIT", "< ACK", "> INIT", "x 4429"},
		"ping before init":                  {`> {"type":"ping"}`, `< {"type":"pong"}`, "> INIT", "< ACK"},
		"pong before init":                  {`> {"type":"pong"}`, "silent", "> INIT", "< ACK"},
		"pong repeats ping's payload":       {`> {"type":"ping","payload":{"at":12345678901234567890}}`, `< {"type":"pong","payload":{"at":12345678901234567890}}`},
		"complete before init is ignored":   {giveUp, "silent", "> INIT", "< ACK"},
		"a query":                           {"> INIT", "< ACK", askWho, me, completed, "silent"},
		"a mutation":                        {"> INIT", "< ACK", subscribes(`"payload":{"query":"mutation M($n: String) { userUpdate(input: {name: $n}) { userErrors { code } } }","operationName":"M","variables":{"n":"Olga"}}`), `< {"type":"next","id":"1","payload":{"data":{"userUpdate":{"userErrors":[]}}}}`, completed, "silent"},
		"a subscription":                    {"> INIT", "< ACK", watch, present, "silent"},
		"error without complete: parsing":   {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ viewer"}`), fails("GRAPHQL_PARSE_FAILED"), "silent"},
		"error without complete: validity":  {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ nothing }"}`), fails("GRAPHQL_VALIDATION_FAILED"), "silent"},
		"error without complete: variables": {"> INIT", "< ACK", subscribes(`"payload":{"query":"query($n: Int) { viewer { employments(first: $n) { totalCount } } }","variables":{"n":"x"}}`), fails("BAD_USER_INPUT"), "silent"},
		"error without complete: rights":    {"> INIT", "< ACK", subscribes(`"payload":{"query":"subscription { connectionChanged(companyId: \"co_0\") { kind } }"}`), fails("FORBIDDEN"), "silent"},
		"an error in the data completes":    {"> INIT", "< ACK", subscribes(`"payload":{"query":"{ viewer { employments(first: 1000) { totalCount } } }"}`), `< {"type":"next","id":"1","payload":{"errors":[{"extensions":{"code":"BAD_USER_INPUT"}}]}}`, completed, "silent"},
		"ids are free again":                {"> INIT", "< ACK", askWho, me, completed, askWho, me, completed, subscribes(`"payload":{"query":"{"}`), fails("GRAPHQL_PARSE_FAILED"), watch, present, giveUp, askWho, me, completed},
		"nothing after the client's end":    {"> INIT", "< ACK", watch, present, giveUp, "silent"},
		"unknown and late ends are ignored": {"> INIT", "< ACK", giveUp, askWho, me, completed, giveUp, `> {"type":"complete","id":"never"}`, "silent"},
		"an id of any text":                 {"> INIT", "< ACK", `> {"type":"subscribe","id":"\"ł\u0000","payload":{"query":"{ viewer { id } }"}}`, `< {"type":"next","id":"\"ł\u0000"}`, `< {"type":"complete","id":"\"ł\u0000"}`},
		"language in init":                  {`> {"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `","language":"pl"}}`, "< ACK", watch, `< {"type":"next","payload":{"data":{"hubTileChanged":{"hub":{"tile":{"label":"Wymagana aktywacja"}}}}}}`},
		"a language nobody speaks":          {`> {"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `","language":"tlh"}}`, "< ACK", watch, `< {"type":"next","payload":{"data":{"hubTileChanged":{"hub":{"tile":{"label":"Activation required"}}}}}}`},
	}
	for name, dialogue := range tests {
		t.Run(name, func(t *testing.T) { meets(t, w, token).Plays(dialogue...) })
	}
}

// What is on the wire below the messages: RFC 6455.
func TestSocket_Frames(t *testing.T) {
	w := world.New(t)
	token := tokenOf(w, w.Person("Anna"))
	const question = `{"type":"ping","payload":{}}`
	tests := map[string]struct {
		frames []string
		then   string
	}{
		"binary":                    {[]string{frame(final|binary2, question)}, "x 4400"},
		"fragments":                 {[]string{frame(text, question[:5]), frame(more, question[5:9]), frame(more, ""), frame(final|more, question[9:])}, `< {"type":"pong"}`},
		"a ping between fragments":  {[]string{frame(text, question[:5]), frame(final|ping, "x"), frame(final|more, question[5:])}, `< {"type":"pong"}`},
		"fragments of a character":  {[]string{frame(text, `{"type":"ping","x":"`+"\xc5"), frame(final|more, "\x82"+`"}`)}, `< {"type":"pong"}`},
		"too large in fragments":    {[]string{frame(text, strings.Repeat(" ", 40<<10)), frame(more, strings.Repeat(" ", 40<<10))}, "x 1009"},
		"a size that is not sent":   {[]string{header(final|text, 1<<62, true), strings.Repeat(" ", 64<<10+1)}, "x 1009"},
		"data within data":          {[]string{frame(text, "{"), frame(final|text, question)}, "x 1002"},
		"more of nothing":           {[]string{frame(final|more, question)}, "x 1002"},
		"not masked":                {[]string{header(final|text, uint64(len(question)), false), question}, "x 1002"},
		"compressed":                {[]string{frame(final|rsv1|text, question)}, "x 1002"},
		"a kind that is no kind":    {[]string{frame(final|reserved, question)}, "x 1002"},
		"a large ping":              {[]string{frame(final|ping, strings.Repeat("x", 126))}, "x 1002"},
		"a ping in fragments":       {[]string{frame(ping, "x")}, "x 1002"},
		"a closing with no code":    {[]string{frame(final|closing, "\x03\xed")}, "x 1002"}, // 1005 is never sent
		"a closing that is no text": {[]string{frame(final|closing, "\x03\xe8\xff")}, "x 1002"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := meets(t, w, token)
			p.Writes(test.frames...)
			p.Plays(test.then)
		})
	}
	t.Run("pings are answered before init", func(t *testing.T) {
		p := meets(t, w, token)
		answers := make(chan string, 1)
		p.Conn.SetPongHandler(func(data string) error { answers <- data; return nil })
		p.Writes(frame(final|ping, "hello"))
		p.Plays("silent")
		w.Equal(<-answers, "hello")
	})
	t.Run("a closing is answered", func(t *testing.T) {
		p := joins(t, w, token)
		p.Writes(frame(final|closing, "\x03\xe8"))
		_, err := p.Receives()
		if !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("got %v", err)
		}
	})
}

// An operation that does not wait for the acknowledgement, and an init that
// does not wait for the first one, close the socket, however close they come.
func TestSocket_Hasty(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.SocketsPerPerson = 1000 })
	token := tokenOf(w, w.Person("Anna"))
	const init = `{"type":"connection_init","payload":{"Authorization":"Bearer `
	for _, test := range []struct{ then, code string }{
		{`{"type":"subscribe","id":"1","payload":{"query":"{ viewer { id } }"}}`, "4401"},
		{init + token + `"}}`, "4429"},
	} {
		t.Run(test.code, func(t *testing.T) {
			for range 200 { // the server may have been quicker than the second message
				p := meets(t, w, token)
				p.Writes(frame(final|text, init+token+`"}}`), frame(final|text, test.then))
				if m, err := p.Receives(); err == nil {
					w.Equal(m["type"], "connection_ack")
					continue
				} else if closed, ok := errors.AsType[*websocket.CloseError](err); !ok || test.code != strconv.Itoa(closed.Code) {
					t.Fatalf("got %v", err)
				}
				return
			}
			t.Error("the acknowledgement was always first")
		})
	}
}

// The subprotocol is graphql-transport-ws; the legacy graphql-ws is not offered.
func TestSocket_Subprotocols(t *testing.T) {
	w := world.New(t)
	token := tokenOf(w, w.Person("Anna"))
	for _, offered := range [][]string{nil, {"graphql-ws"}, {"mqtt", "graphql-ws"}, {"GRAPHQL-TRANSPORT-WS"}} {
		p, err := meet(t, w, offered, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.Equal(p.Conn.Subprotocol(), "")
		p.Plays("x 4406")
	}
	p, err := meet(t, w, []string{"graphql-ws", "graphql-transport-ws"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Equal(p.Conn.Subprotocol(), "graphql-transport-ws")
	p.Token = token
	p.Plays("> INIT", "< ACK")
}

// Compression is not negotiated, whoever asks for it.
func TestSocket_Compression(t *testing.T) {
	w := world.New(t)
	d := websocket.Dialer{Subprotocols: speaks, EnableCompression: true}
	p, answer, err := peer.Dial(t, d, w.URL+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	w.Equal(answer.Header.Get("Sec-WebSocket-Extensions"), "")
	p.Plays("silent")
}

// A page elsewhere may not open a socket, unless the operator named its origin.
func TestSocket_Origins(t *testing.T) {
	const friend = "https://app.example.com"
	w := world.New(t, func(c *server.Config) { c.AllowedOrigins = []string{friend} })
	for _, origin := range []string{w.URL, friend} {
		p, err := meet(t, w, speaks, http.Header{"Origin": {origin}})
		if err != nil {
			t.Fatalf("from %s: %v", origin, err)
		}
		p.Plays("silent")
	}
	for _, origin := range []string{"null", "https://evil.example.com", friend + ".evil.example.com", friend + ":8443", "http://app.example.com", "://"} {
		_, answer, err := peer.Dial(t, websocket.Dialer{Subprotocols: speaks}, w.URL+"/graphql", http.Header{"Origin": {origin}})
		if err == nil || answer == nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("from %s: %v", origin, err)
		}
	}
}

// What is no handshake is answered as plain HTTP, and never with a socket.
func TestSocket_Handshakes(t *testing.T) {
	w := world.New(t)
	right := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": speaks,
	}
	for name, change := range map[string]func(*http.Request){
		"POST":          func(r *http.Request) { r.Method = http.MethodPost },
		"no key":        func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") },
		"a short key":   func(r *http.Request) { r.Header.Set("Sec-WebSocket-Key", "AAAA") },
		"an old draft":  func(r *http.Request) { r.Header.Set("Sec-WebSocket-Version", "8") },
		"no upgrade":    func(r *http.Request) { r.Header.Del("Upgrade") },
		"no connection": func(r *http.Request) { r.Header.Del("Connection") },
		"another place": func(r *http.Request) { r.URL.Path = "/healthz" },
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/graphql", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header = right.Clone()
			change(r)
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusSwitchingProtocols || answer.StatusCode >= 500 {
				t.Errorf("answered %s", answer.Status)
			}
		})
	}
}

// Programs may send their credentials with the handshake instead; those of
// connection_init count first.
func TestSocket_CredentialsOfTheHandshake(t *testing.T) {
	w := world.New(t)
	token := tokenOf(w, w.Person("Anna"))
	h := http.Header{"Authorization": {"Bearer " + token}, "Accept-Language": {"pl"}}
	p, err := meet(t, w, speaks, h)
	if err != nil {
		t.Fatal(err)
	}
	p.Plays(`> {"type":"connection_init"}`, "< ACK")
	p, err = meet(t, w, speaks, h)
	if err != nil {
		t.Fatal(err)
	}
	p.Plays(`> {"type":"connection_init","payload":{"Authorization":"Bearer hubs_nonsense"}}`, "x 4403")
}

// Who does not initiate in time is let go.
func TestSocket_InitTime(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.SocketInitTime = 100 * time.Millisecond })
	p, err := meet(t, w, speaks, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Pings are no init, and neither is half a message.
	p.Plays("silent")
	p.Writes(header(final|text, 100, true), `{"type":"connec`)
	p.Plays("x 4408")
}

// A server that goes down says so, and takes no operation any more.
func TestSocket_GoingDown(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	token := tokenOf(w, c.Owner)
	fresh, idle, watching := meets(t, w, ""), joins(t, w, token), joins(t, w, token)
	watching.Plays(watchTiles("1", c), `< {"type":"next"}`)
	w.Restart()
	for _, p := range []*peer.Peer{fresh, idle, watching} {
		p.Plays("x 1012")
	}
	joins(t, w, token).Plays(askWho, `< {"type":"next"}`, completed)
}
