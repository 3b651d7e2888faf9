package attack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const tiles = `subscription($id: ID!) { hubTileChanged(scope: {companyId: $id}) { cursor hubId hub { name } } }`

// stream asks for the tiles as server-sent events and returns the connection, with nothing
// of the answer read.
func (t *Target) stream(ctx context.Context) (net.Conn, error) {
	conn, err := t.raw(ctx)
	if err != nil {
		return nil, err
	}
	body := `{"query":"` + tiles + `","variables":{"id":"` + t.CompanyID + `"}}`
	_, err = fmt.Fprintf(conn, "%sAccept: text/event-stream\r\nContent-Length: %d\r\n\r\n%s", t.head(""), len(body), body)
	return conn, err
}

// streams misuse server-sent events; sockets have their own tests.
var streams = []Attack{
	{
		Name: "many-streams", Sends: "30 event streams of one person", Happens: "429 for those above the limit", Stops: "sockets-per-person",
		Run: func(ctx context.Context, t *Target) error {
			var conns []net.Conn
			defer func() {
				for _, c := range conns {
					_ = c.Close()
				}
			}()
			open, refused := 0, 0
			for range 30 {
				conn, err := t.stream(ctx)
				if err != nil {
					return err
				}
				conns = append(conns, conn)
				line, err := bufio.NewReader(conn).ReadString('\n')
				switch {
				case err != nil:
					return err
				case strings.Contains(line, " 200 "):
					open++
				case strings.Contains(line, " 429 "):
					refused++
				}
			}
			if open > 20 || open+refused != 30 {
				return fmt.Errorf("%d streams, %d refused", open, refused)
			}
			return nil
		},
	},
	{
		Name: "streams-come-and-go", Sends: "300 event streams, broken off at once", Happens: "nothing is left of them", Stops: "a stream ends with its connection",
		Run: func(ctx context.Context, t *Target) error {
			for range 300 {
				conn, err := t.stream(ctx)
				if err != nil {
					return err
				}
				_ = conn.Close()
			}
			// Their seats are free again: it may take a moment.
			for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
				conn, err := t.stream(ctx)
				if err != nil {
					return err
				}
				line, err := bufio.NewReader(conn).ReadString('\n')
				_ = conn.Close()
				if err == nil && strings.Contains(line, " 200 ") {
					return nil
				}
				if time.Now().After(end) {
					return errors.New("the seats of streams that are gone are not free")
				}
			}
		},
	},
	{
		Name: "stalled-stream", Sends: "event streams that are not read", Happens: "they are dropped", Stops: "socket-write-time",
		Run: func(ctx context.Context, t *Target) error {
			for range 10 {
				conn, err := t.stream(ctx)
				if err != nil {
					return err
				}
				defer conn.Close()
			}
			return t.Alive(ctx)
		},
	},
	{
		Name: "stream-scopes", Sends: "subscriptions to foreign companies, with crafted cursors, and as nobody", Happens: "FORBIDDEN, BAD_USER_INPUT, 401", Stops: "rights are asked before each event",
		Run: func(ctx context.Context, t *Target) error {
			events := map[string]string{"Accept": "text/event-stream"}
			nobody := t.send(ctx, request{nobody: true, header: events, body: `{"query":"` + tiles + `","variables":{"id":"` + t.CompanyID + `"}}`})
			if err := nobody.isOneOf(401); err != nil {
				return err
			}
			foreign := t.send(ctx, request{header: events, body: `{"query":"` + tiles + `","variables":{"id":"com_` + Mark + `"}}`})
			if !strings.Contains(foreign.body, "FORBIDDEN") || !strings.Contains(foreign.body, "event: complete") {
				return fmt.Errorf("%d %s", foreign.status, foreign.body)
			}
			crafted := t.send(ctx, request{header: events, body: `{"query":"subscription($id: ID!, $c: String) { hubTileChanged(scope: {companyId: $id}, after: $c) { cursor } }","variables":{"id":"` + t.CompanyID + `","c":"` + Mark + `"}}`})
			if !strings.Contains(crafted.body, "BAD_USER_INPUT") {
				return fmt.Errorf("%d %s", crafted.status, crafted.body)
			}
			return nil
		},
	},
	{
		Name: "socket-flood", Sends: "100 WebSockets that never say who they are", Happens: "closed with 4408", Stops: "socket-init-time",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 100, func(conn net.Conn) error {
				_, err := io.WriteString(conn, "GET /graphql HTTP/1.1\r\nHost: "+t.Addr+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
				if err != nil {
					return err
				}
				answer, err := io.ReadAll(conn)
				if err != nil && !isClosed(err) {
					return err
				}
				if !strings.Contains(string(answer), "\x11\x38") { // 4408
					return fmt.Errorf("%q", answer)
				}
				return nil
			})
		},
	},
}
