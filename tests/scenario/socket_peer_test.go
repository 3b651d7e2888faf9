package scenario_test

import (
	"encoding/binary"
	"net/http"
	"testing"

	"github.com/gorilla/websocket"

	"partnerhub/tests/peer"
	"partnerhub/tests/world"
)

// speaks is what a client of ours offers.
var speaks = []string{"graphql-transport-ws"}

// meet opens a socket that has said nothing yet.
func meet(t *testing.T, w *world.World, offered []string, h http.Header) (*peer.Peer, error) {
	t.Helper()
	p, _, err := peer.Dial(t, websocket.Dialer{Subprotocols: offered}, w.URL+"/graphql", h)
	return p, err
}

// meets opens a socket of the token's holder, who is to initiate it.
func meets(t *testing.T, w *world.World, token string) *peer.Peer {
	t.Helper()
	p, err := meet(t, w, speaks, nil)
	if err != nil {
		t.Fatalf("the handshake: %v", err)
	}
	p.Token = token
	return p
}

// joins opens a socket that is acknowledged.
func joins(t *testing.T, w *world.World, token string) *peer.Peer {
	t.Helper()
	p := meets(t, w, token)
	p.Plays("> INIT", "< ACK")
	return p
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

// tokenOf is the token that a person's client sends.
func tokenOf(w *world.World, p *world.Person) string {
	w.Helper()
	a := w.OK(p.Mutate("userSignIn", world.Vars{"email": p.Email, "password": world.Password}, `sessionToken`))
	return a.Text("sessionToken")
}
