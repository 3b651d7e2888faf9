package transport_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"

	"github.com/99designs/gqlgen/graphql/handler"
)

// FuzzSocket writes bytes to a socket where frames are expected, and reads what
// comes back: whole frames of kinds and codes that a server may send, and after
// a closing nothing. Another client is served all the while.
func FuzzSocket(f *testing.F) {
	messages := []string{
		`{"type":"connection_init","payload":{"Authorization":"Bearer ann"}}`, `{"type":"ping","payload":{"a":[1]}}`, `{"type":"pong"}`,
		`{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}`, `{"type":"subscribe","id":"1","payload":{"query":"subscription { count(to: 3) { n } }"}}`,
		`{"type":"complete","id":"1"}`, `{`, `null`, "\xff",
	}
	var all []byte
	for _, m := range messages {
		f.Add(asFrame(0x81, m))
		all = append(all, asFrame(0x81, m)...)
	}
	f.Add(all)
	f.Add(slices.Concat(asFrame(0x01, messages[0][:9]), asFrame(0x89, "x"), asFrame(0x80, messages[0][9:]), asFrame(0x81, messages[4]), asFrame(0x81, messages[4])))
	f.Add(slices.Concat(asFrame(0x81, messages[0]), asFrame(0x81, messages[0])))
	f.Add(asFrame(0x82, messages[0]))
	f.Add(asFrame(0x88, "\x03\xe8bye"))
	f.Add([]byte{0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, ' '})
	f.Add([]byte{0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, ' '})

	h := handler.New(newSchema())
	ws := &transport.WebSocket{MessageLimit: 4 << 10, CloseTimeout: 10 * time.Millisecond}
	h.AddTransport(ws)
	ends := make(pipes)
	server := &http.Server{Handler: h}
	served := make(chan error, 1)
	go func() { served <- server.Serve(ends) }()
	f.Cleanup(func() {
		if err := ws.Shutdown(context.Background()); err != nil {
			f.Error(err)
		}
		_ = server.Close()
		<-served
	})
	f.Fuzz(func(t *testing.T, data []byte) {
		client, end := net.Pipe()
		defer client.Close()
		ends <- end
		_ = client.SetDeadline(time.Now().Add(peer.Patience))
		if _, err := io.WriteString(client, handshake); err != nil {
			t.Fatal(err)
		}
		from := bufio.NewReader(client)
		answer, err := http.ReadResponse(from, nil)
		if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%v, %v", answer, err)
		}
		checked := make(chan error, 1)
		go func() { checked <- checkFrames(from) }()
		_, _ = client.Write(data) // the server may have closed before the end
		select {
		case err = <-checked:
		case <-time.After(2 * time.Millisecond): // what was asked for has begun, or never will
			_ = client.Close()
			err = <-checked
		}
		if err != nil {
			t.Error(err)
		}
	})
}

const handshake = "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"

// pipes is a listener to which the test itself connects.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// asFrame returns a frame of a client, masked with zeros.
func asFrame(first byte, payload string) []byte {
	b := []byte{first, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		b[1] = 0xfe
		b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
	}
	return append(append(b, 0, 0, 0, 0), payload...)
}

// mayClose are the codes that a server closes with; clients may send any, which
// is sent back.
var mayClose = []uint16{1002, 1007, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429}

// mayBeSent are the types of a server's messages.
var mayBeSent = []string{"connection_ack", "ping", "pong", "next", "error", "complete"}

type wrongFrame string

func (w wrongFrame) Error() string { return "the server sent " + string(w) }

// checkFrames reads what a server sends to the end of the connection.
func checkFrames(from io.Reader) error {
	for closed := false; ; {
		var head [2]byte
		if n, _ := io.ReadFull(from, head[:]); n < len(head) {
			return nil // the end
		}
		size := uint64(head[1] & 0x7f)
		switch size {
		case 126:
			var n uint16
			_ = binary.Read(from, binary.BigEndian, &n)
			size = uint64(n)
		case 127:
			_ = binary.Read(from, binary.BigEndian, &size)
		}
		if size > 1<<20 || head[1]&0x80 != 0 || closed {
			return wrongFrame("a masked or a large frame, or one after the closing")
		}
		payload := make([]byte, size)
		if n, _ := io.ReadFull(from, payload); n < len(payload) {
			return nil // cut off where the test ended
		}
		switch head[0] {
		case 0x81:
			var m struct{ Type string }
			if err := json.Unmarshal(payload, &m); err != nil || !slices.Contains(mayBeSent, m.Type) {
				return wrongFrame(payload)
			}
		case 0x88:
			closed = true
			if size >= 2 && size > 2 && !slices.Contains(mayClose, binary.BigEndian.Uint16(payload)) {
				return wrongFrame("a closing with " + string(payload))
			}
		case 0x89, 0x8a:
		default:
			return wrongFrame("a frame of another kind")
		}
	}
}
