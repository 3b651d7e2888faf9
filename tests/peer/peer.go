// Package peer is a client of graphql-transport-ws that does exactly what a
// test tells it to, right or wrong.
package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// Patience is how long a peer waits for what must come.
const Patience = 30 * time.Second

// Peer is one socket, open until the test ends.
type Peer struct {
	Conn  *websocket.Conn
	Token string // what INIT sends

	t testing.TB
}

// Dial opens a socket that has said nothing yet, at the address of a server
// that HTTP has too, and returns the answer to its handshake.
func Dial(t testing.TB, d websocket.Dialer, url string, h http.Header) (*Peer, *http.Response, error) {
	t.Helper()
	d.HandshakeTimeout = Patience
	conn, answer, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(url, "http"), h)
	if answer != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return nil, answer, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Peer{Conn: conn, t: t}, answer, nil
}

// Narrow is a way for a dialer to reach the server by a connection whose buffer
// in the client's kernel has so many bytes, full soon when nobody reads.
func Narrow(buffer int) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(buffer)
		}
		return conn, err
	}
}

// Plays runs a dialogue: "> " the client sends a message, "binary " one of that
// kind, "< " the server sends a message with these members at least, "x " it
// closes with this code. "silent" means that nothing else was sent up to now.
// INIT and ACK stand for themselves.
func (p *Peer) Plays(lines ...string) {
	p.t.Helper()
	for _, line := range lines {
		switch verb, rest, _ := strings.Cut(line, " "); verb {
		case ">":
			p.Sends(websocket.TextMessage, strings.Replace(rest, "INIT", `{"type":"connection_init","payload":{"Authorization":"Bearer `+p.Token+`"}}`, 1))
		case "binary":
			p.Sends(websocket.BinaryMessage, rest)
		case "<":
			p.Gets(strings.Replace(rest, "ACK", `{"type":"connection_ack"}`, 1))
		case "x":
			p.IsClosed(rest)
		case "silent":
			p.Sends(websocket.TextMessage, `{"type":"ping"}`)
			p.Gets(`{"type":"pong"}`)
		default:
			p.t.Fatalf("what is %q?", line)
		}
	}
}

// Sends sends a message of a kind.
func (p *Peer) Sends(kind int, text string) {
	p.t.Helper()
	if err := p.Conn.WriteMessage(kind, []byte(text)); err != nil {
		p.t.Fatalf("sending %.100s: %v", text, err)
	}
}

// Writes sends bytes as they are.
func (p *Peer) Writes(frames ...string) {
	p.t.Helper()
	if _, err := p.Conn.NetConn().Write([]byte(strings.Join(frames, ""))); err != nil {
		p.t.Fatalf("writing: %v", err)
	}
}

// Receives waits for a message.
func (p *Peer) Receives() (map[string]any, error) {
	_ = p.Conn.SetReadDeadline(time.Now().Add(Patience))
	kind, data, err := p.Conn.ReadMessage()
	if err != nil {
		return nil, err
	}
	if kind != websocket.TextMessage {
		return nil, fmt.Errorf("a frame of kind %d", kind)
	}
	var m map[string]any
	return m, json.Unmarshal(data, &m)
}

// Gets fails the test unless the next message has these members.
func (p *Peer) Gets(want string) {
	p.t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(want), &members); err != nil {
		p.t.Fatalf("%s: %v", want, err)
	}
	got, err := p.Receives()
	if err != nil {
		p.t.Fatalf("waiting for %.200s: %v", want, err)
	}
	if !Has(got, members) {
		have, _ := json.Marshal(got)
		p.t.Fatalf("got  %.500s\nwant %.500s", have, want)
	}
}

// IsClosed fails the test unless the next thing is the closing with this code,
// and a sentence that says why.
func (p *Peer) IsClosed(code string) {
	p.t.Helper()
	m, err := p.Receives()
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok || fmt.Sprint(closed.Code) != code || closed.Text == "" {
		p.t.Fatalf("got %.200v, %v, want the closing %s", m, err, code)
	}
}

// Has reports whether got has everything that want has.
func Has(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, v := range want {
			value, there := g[name]
			ok = ok && there && Has(value, v)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(want)
		for i := range want {
			ok = ok && Has(g[i], want[i])
		}
		return ok
	default:
		return reflect.DeepEqual(got, want)
	}
}
