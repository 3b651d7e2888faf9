package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"
)

// patience is how long anything is waited for.
const patience = 2 * time.Minute

// client is one socket with one subscription.
type client struct {
	conn   *websocket.Conn
	tags   chan arrival // what has come, for those who watch; nil for the others
	closed chan struct{}
	code   int // with which it was closed; to be read when closed is
}

// arrival is an event that has come.
type arrival struct {
	text []byte
	at   time.Time
}

const subscription = `subscription($id: ID!) { hubTileChanged(scope: {companyId: $id}) {
	cursor kind hubId previousTile action isCaughtUp hub { id name statusIcons tile { kind label version } } } }`

// small keeps the kernel's and our own buffers of the clients out of the way.
var dialer = websocket.Dialer{
	Subprotocols: []string{"graphql-transport-ws"}, ReadBufferSize: 1 << 10, WriteBufferSize: 1 << 10,
	WriteBufferPool: &sync.Pool{}, HandshakeTimeout: patience,
	NetDial: func(network, address string) (net.Conn, error) {
		conn, err := net.DialTimeout(network, address, patience)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
		}
		return conn, err
	},
}

// connect opens a socket, and returns when it is acknowledged.
func connect(addr, token string) (*client, error) {
	conn, answer, err := dialer.Dial("ws://"+addr+"/graphql", nil)
	if err != nil {
		return nil, err
	}
	_ = answer.Body.Close()
	c := &client{conn: conn, closed: make(chan struct{})}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if err := c.send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`); err != nil {
		return nil, err
	}
	text, err := c.receive()
	if err == nil && !bytes.Contains(text, []byte(`"connection_ack"`)) {
		err = fmt.Errorf("not acknowledged: %s", text)
	}
	return c, err
}

// subscribe watches the hubs of a company, and returns when all are told.
func (c *client) subscribe(companyID string) error {
	if err := c.send(`{"type":"subscribe","id":"1","payload":{"query":` + quoted(subscription) + `,"variables":{"id":"` + companyID + `"}}}`); err != nil {
		return err
	}
	text, err := c.receive()
	if err == nil && !bytes.Contains(text, []byte(`"isCaughtUp":true`)) {
		err = fmt.Errorf("no present state: %s", text)
	}
	return err
}

func quoted(text string) string {
	return `"` + string(bytes.ReplaceAll([]byte(text), []byte("\n\t"), []byte(" "))) + `"`
}

func (c *client) send(text string) error {
	return c.conn.WriteMessage(websocket.TextMessage, []byte(text))
}

func (c *client) receive() ([]byte, error) {
	_, text, err := c.conn.ReadMessage()
	return text, err
}

// follow reads until the socket is closed.
func (c *client) follow() {
	defer close(c.closed)
	_ = c.conn.SetReadDeadline(time.Time{})
	for {
		text, err := c.receive()
		if closed, ok := errors.AsType[*websocket.CloseError](err); ok {
			c.code = closed.Code
		}
		if err != nil {
			_ = c.conn.Close()
			return
		}
		if c.tags != nil {
			c.tags <- arrival{text, time.Now()}
		}
	}
}

// crowd opens sockets, several at a time: the first ones watch the first
// company, the rest the others.
func (b *bench) crowd(n, watching int) ([]*client, error) {
	clients := make([]*client, n)
	var group errgroup.Group
	group.SetLimit(8)
	for i := range clients {
		group.Go(func() error {
			f := b.roster[0]
			if i >= watching {
				f = b.roster[1+i%(len(b.roster)-1)]
			}
			c, err := connect(b.server.addr, f.Tokens[i%len(f.Tokens)])
			if err == nil {
				err = c.subscribe(f.ID)
			}
			if err != nil {
				return fmt.Errorf("socket %d: %w", i, err)
			}
			if i < watching {
				c.tags = make(chan arrival, 64)
			}
			clients[i] = c
			go c.follow()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return clients, nil
}

// leave closes the sockets from the client's side, and waits until they are.
func leave(clients []*client) {
	for _, c := range clients {
		end := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
		_ = c.conn.WriteControl(websocket.CloseMessage, end, time.Now().Add(patience))
	}
	for _, c := range clients {
		<-c.closed
	}
}
