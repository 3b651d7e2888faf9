package client

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

const subprotocol = "graphql-transport-ws"

// times are those of a socket.
type times struct {
	init  time.Duration // from the handshake to the acknowledgement
	write time.Duration // for the server to take a message
	ping  time.Duration // between two pings
	dead  time.Duration // of silence, pongs included
	close time.Duration // for the server to answer the closing
}

// usualTimes go with a server that pings every 15 s and drops who is silent for
// 30 s: it is heard, and hears, often enough.
var usualTimes = times{
	init: 15 * time.Second, write: 10 * time.Second, ping: 20 * time.Second, dead: 50 * time.Second, close: time.Second,
}

// Dial opens a socket and waits until the server has acknowledged the
// client's credentials; refused ones are a [*CloseError] with code 4403. The
// context ends the dialling only: the socket lives until it is closed.
func (c *Client) Dial(ctx context.Context) (*Socket, error) {
	address, err := c.socketURL()
	if err != nil {
		return nil, err
	}
	conn, answer, err := c.dialer().DialContext(ctx, address, http.Header{"User-Agent": {c.agent}})
	if errors.Is(err, websocket.ErrBadHandshake) {
		return nil, statusError(answer)
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		return nil, fmt.Errorf("client: %w", err)
	}
	conn.SetReadLimit(maxAnswer)
	s := &Socket{
		conn: conn, times: c.times, streams: map[string]*Stream{},
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	err = s.init(c)
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	s.running.Go(s.read)
	s.running.Go(s.ping)
	return s, nil
}

// init presents the credentials and waits for the acknowledgement.
func (s *Socket) init(c *Client) error {
	if s.conn.Subprotocol() != subprotocol {
		return fmt.Errorf("%w: it does not speak %s", ErrProtocol, subprotocol)
	}
	payload := map[string]string{}
	if c.token != "" {
		payload["Authorization"] = c.authorization()
	}
	if c.language != "" {
		payload["language"] = c.language
	}
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("client: %w", err)
	}
	if err := s.write(message{Type: "connection_init", Payload: text}); err != nil {
		return err
	}
	deadline := time.Now().Add(s.times.init)
	for {
		m, err := s.receive(time.Until(deadline))
		switch {
		case err != nil:
			return err
		case m.Type == "connection_ack":
			return nil
		case m.Type == "ping":
			err = s.write(message{Type: "pong"})
		case m.Type != "pong":
			err = s.violated("%q before the acknowledgement", m.Type)
		}
		if err != nil {
			return err
		}
	}
}

// socketURL returns the address of the socket.
func (c *Client) socketURL() (string, error) {
	u, err := url.Parse(c.base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errServerURL
	}
	u.Scheme = "ws" + strings.TrimPrefix(u.Scheme, "http")
	return u.JoinPath("graphql").String(), nil
}

var errServerURL = fmt.Errorf("client: the server's address must be like https://hub.example.com")

// dialer opens sockets in the manner of the HTTP client.
func (c *Client) dialer() *websocket.Dialer {
	d := &websocket.Dialer{
		Proxy:            http.ProxyFromEnvironment,
		HandshakeTimeout: 15 * time.Second,
		Subprotocols:     []string{subprotocol},
	}
	transport, ok := cmp.Or(c.http.Transport, http.DefaultTransport).(*http.Transport)
	if !ok {
		return d
	}
	d.Proxy, d.NetDialContext = transport.Proxy, transport.DialContext
	if transport.TLSClientConfig != nil {
		d.TLSClientConfig = transport.TLSClientConfig.Clone()
		d.TLSClientConfig.NextProtos = []string{"http/1.1"} // there is no upgrade in HTTP/2
	}
	return d
}
