package scenario_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"partnerhub/tests/world"
)

// speaks is what a client of ours offers.
var speaks = []string{"graphql-transport-ws"}

// patience is how long a peer waits for what must come.
const patience = 20 * time.Second

// peer is a client that does exactly what a test tells it to, down to the bytes.
type peer struct {
	*testing.T
	conn      *websocket.Conn
	token     string
	handshake *http.Response
}

// meet opens a socket that has said nothing yet.
func meet(t *testing.T, w *world.World, offered []string, h http.Header) (*peer, error) {
	t.Helper()
	d := websocket.Dialer{Subprotocols: offered, HandshakeTimeout: patience}
	conn, answer, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(w.URL, "http")+"/graphql", h)
	if answer != nil {
		_ = answer.Body.Close()
	}
	if err != nil {
		return &peer{T: t, handshake: answer}, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &peer{T: t, conn: conn, handshake: answer}, nil
}

// meets opens a socket of the token's holder, who is to initiate it.
func meets(t *testing.T, w *world.World, token string) *peer {
	t.Helper()
	p, err := meet(t, w, speaks, nil)
	if err != nil {
		t.Fatalf("the handshake: %v", err)
	}
	p.token = token
	return p
}

// joins opens a socket that is acknowledged.
func joins(t *testing.T, w *world.World, token string) *peer {
	t.Helper()
	p := meets(t, w, token)
	p.plays("> INIT", "< ACK")
	return p
}

// plays runs a dialogue: "> " the client sends a message,
// "< " the server sends a message with these members at least, "x " it closes
// with this code. "silent" means that nothing else was sent up to now. INIT and
// ACK stand for themselves.
func (p *peer) plays(lines ...string) {
	p.Helper()
	for _, line := range lines {
		switch verb, rest, _ := strings.Cut(line, " "); verb {
		case ">":
			p.sends(strings.Replace(rest, "INIT", `{"type":"connection_init","payload":{"Authorization":"Bearer `+p.token+`"}}`, 1))
		case "<":
			p.gets(strings.Replace(rest, "ACK", `{"type":"connection_ack"}`, 1))
		case "x":
			p.isClosed(rest)
		case "silent":
			p.sends(`{"type":"ping"}`)
			p.gets(`{"type":"pong"}`)
		default:
			p.Fatalf("what is %q?", line)
		}
	}
}

func (p *peer) sends(text string) {
	p.Helper()
	if err := p.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.Fatalf("sending %.100s: %v", text, err)
	}
}

// first bytes of a frame.
const (
	final    = 0x80
	text     = 0x1
	binary2  = 0x2
	more     = 0x0
	closing  = 0x8
	ping     = 0x9
	pong     = 0xA
	reserved = 0x3
	rsv1     = 0x40
)

// frame returns a frame as clients write it, masked with zeros.
func frame(first byte, payload string) string {
	return header(first, uint64(len(payload)), true) + payload
}

// header returns the header of a frame that claims to have so many bytes.
func header(first byte, size uint64, masked bool) string {
	b := []byte{first}
	switch {
	case size < 126:
		b = append(b, byte(size))
	case size < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 126), uint16(size))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 127), size)
	}
	if masked {
		b[1] |= 0x80
		b = append(b, 0, 0, 0, 0)
	}
	return string(b)
}

// writes sends bytes as they are.
func (p *peer) writes(frames ...string) {
	p.Helper()
	if _, err := p.conn.NetConn().Write([]byte(strings.Join(frames, ""))); err != nil {
		p.Fatalf("writing: %v", err)
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

func (p *peer) gets(want string) {
	p.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(want), &members); err != nil {
		p.Fatalf("%s: %v", want, err)
	}
	got, err := p.receives()
	if err != nil {
		p.Fatalf("waiting for %.200s: %v", want, err)
	}
	if !has(got, members) {
		have, _ := json.Marshal(got)
		p.Fatalf("got  %.500s\nwant %.500s", have, want)
	}
}

// isClosed fails the test unless the next thing is the closing with this code,
// and a sentence that says why.
func (p *peer) isClosed(code string) {
	p.Helper()
	m, err := p.receives()
	closed, ok := errors.AsType[*websocket.CloseError](err)
	if !ok || fmt.Sprint(closed.Code) != code || closed.Text == "" {
		p.Fatalf("got %.200v, %v, want the closing %s", m, err, code)
	}
}

// has reports whether got has everything that want has.
func has(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		for name, v := range want {
			value, there := g[name]
			ok = ok && there && has(value, v)
		}
		return ok
	case []any:
		g, ok := got.([]any)
		ok = ok && len(g) == len(want)
		for i := range want {
			ok = ok && has(g[i], want[i])
		}
		return ok
	default:
		return reflect.DeepEqual(got, want)
	}
}

// tokenOf is the token that a person's client sends.
func tokenOf(w *world.World, p *world.Person) string {
	w.Helper()
	a := w.OK(p.Mutate("userSignIn", world.Vars{"email": p.Email, "password": world.Password}, `sessionToken`))
	return a.Text("sessionToken")
}
