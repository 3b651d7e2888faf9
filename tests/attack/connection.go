package attack

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const viewerQuery = `{"query":"{ viewer { id } }"}`

// crowd opens n connections at once and does the same with each.
func (t *Target) crowd(ctx context.Context, n int, do func(net.Conn) error) error {
	return together(n, func(int) error {
		conn, err := t.raw(ctx)
		if err != nil {
			return err
		}
		defer conn.Close()
		return do(conn)
	})
}

// connections misuse TCP and the framing of HTTP.
var connections = []Attack{
	{
		Name: "slow-headers", Sends: "the headers a byte at a time, for ever", Happens: "the connection is closed", Stops: "header-time",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 20, func(conn net.Conn) error {
				_, _ = io.WriteString(conn, "POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ")
				return t.drip(ctx, conn, func(int) string { return "x" }).isOneOf(0, 408)
			})
		},
	},
	{
		Name: "slow-body", Sends: "a body that does not come", Happens: "408, the connection is closed", Stops: "body-time",
		Run: func(ctx context.Context, t *Target) error {
			return together(20, func(int) error { return t.tell(ctx, t.head("Content-Length: 100\r\n\r\n{")).isOneOf(408) })
		},
	},
	{
		Name: "trickling-chunks", Sends: "a chunked body, a byte in each chunk, for ever", Happens: "408, the connection is closed", Stops: "body-time",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 20, func(conn net.Conn) error {
				_, _ = io.WriteString(conn, t.head("Transfer-Encoding: chunked\r\n\r\n"))
				return t.drip(ctx, conn, func(int) string { return "1\r\n \r\n" }).isOneOf(408)
			})
		},
	},
	{
		Name: "silent-connections", Sends: "200 connections that say nothing", Happens: "they are closed", Stops: "header-time",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 200, func(conn net.Conn) error {
				return t.hearFrom(conn).isOneOf(0, 408)
			})
		},
	},
	{
		Name: "slow-reader", Sends: "5 requests for the schema, whose answers are not read", Happens: "answered; the connections are cut off later", Stops: "socket-write-time",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 5, func(conn net.Conn) error {
				body := `{"query":"{ __schema { types { name description fields { name description type { name } args { name description } } } } }"}`
				_, err := fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", t.head(""), len(body), body)
				time.Sleep(t.Wait / 5)
				return err
			})
		},
	},
	{
		Name: "pipelining", Sends: "200 requests at once on one connection", Happens: "answered one after another", Stops: "one at a time",
		Run: func(ctx context.Context, t *Target) error {
			one := fmt.Sprintf("%sContent-Length: %d\r\n\r\n%s", t.head(""), len(viewerQuery), viewerQuery)
			conn, err := t.raw(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, strings.Repeat(one, 200)) }()
			answers := bufio.NewReader(conn)
			for range 200 {
				answer, err := http.ReadResponse(answers, nil)
				if err != nil {
					return err
				}
				if err := t.read(answer).is(200, ""); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		Name: "half-requests", Sends: "100 requests cut off in the middle of the body", Happens: "dropped", Stops: "the body has to be whole",
		Run: func(ctx context.Context, t *Target) error {
			return t.crowd(ctx, 100, func(conn net.Conn) error {
				_, _ = io.WriteString(conn, t.head("Content-Length: 200000\r\n\r\n"+`{"query":"`+strings.Repeat("a", 1000)))
				return conn.Close()
			})
		},
	},
	{
		Name: "two-lengths", Sends: "two different Content-Length (request smuggling)", Happens: "400", Stops: "net/http",
		Run: func(ctx context.Context, t *Target) error {
			return t.tell(ctx, t.head("Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}    ")).isOneOf(400)
		},
	},
	{
		Name: "length-and-chunks", Sends: "Content-Length beside Transfer-Encoding (request smuggling)", Happens: "read as chunks, then closed", Stops: "net/http",
		Run: func(ctx context.Context, t *Target) error {
			text := t.head("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n") +
				fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(viewerQuery), viewerQuery) + "GET /" + Mark + " HTTP/1.1\r\nHost: x\r\n\r\n"
			return t.tell(ctx, text).isOneOf(200, 400)
		},
	},
	{
		Name: "strange-coding", Sends: "Transfer-Encoding: chunked, " + "xchunked", Happens: "501", Stops: "net/http",
		Run: func(ctx context.Context, t *Target) error {
			return t.tell(ctx, t.head("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")).isOneOf(400, 501)
		},
	},
	{
		Name: "header-forms", Sends: "folded lines, spaces before colons, control characters, no Host, two Hosts", Happens: "400", Stops: "net/http",
		Run: func(ctx context.Context, t *Target) error {
			for _, h := range []string{
				"Host: x\r\nX-A : 1\r\n", "Host: x\r\nX-\x00A: 1\r\n", "Host: x\r\nX-A: a\x00b\r\n", "", "Host: x\r\nHost: y\r\n", "Host: x y\r\n",
			} {
				if err := t.tell(ctx, "GET /graphql HTTP/1.1\r\n"+h+"\r\n").isOneOf(400); err != nil {
					return fmt.Errorf("%q: %w", h, err)
				}
			}
			return nil
		},
	},
	{
		Name: "garbage", Sends: "random bytes, a TLS greeting, 1 MB without a line break", Happens: "400 or closed", Stops: "net/http, headers",
		Run: func(ctx context.Context, t *Target) error {
			for _, text := range []string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\xff\xfe\x00\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", strings.Repeat("A", 1<<20), "GET " + strings.Repeat("/", 1<<20)} {
				if err := t.tell(ctx, text+"\r\n\r\n").isOneOf(0, 400, 414, 431, 505); err != nil {
					return fmt.Errorf("%.20q: %w", text, err)
				}
			}
			return nil
		},
	},
	{
		Name: "http2-preface", Sends: "HTTP/2 with prior knowledge (h2c)", Happens: "refused or closed", Stops: "HTTP/1.1 only",
		Run: func(ctx context.Context, t *Target) error {
			if err := t.tell(ctx, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00").isOneOf(0, 400, 404, 405, 505); err != nil {
				return err
			}
			return t.tell(ctx, "GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n").isOneOf(400, 426)
		},
	},
	{
		Name: "huge-headers", Sends: "64 KiB in one header, then in 2,000 of them, then in the URL", Happens: "431", Stops: "headers",
		Run: func(ctx context.Context, t *Target) error {
			for _, h := range []string{"X-A: " + strings.Repeat("a", 64<<10) + "\r\n", strings.Repeat("X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", 2000)} {
				if err := t.tell(ctx, "GET /graphql HTTP/1.1\r\nHost: x\r\n"+h+"\r\n").isOneOf(431); err != nil {
					return err
				}
			}
			return t.tell(ctx, "GET /graphql?query="+strings.Repeat("a", 64<<10)+" HTTP/1.1\r\nHost: x\r\n\r\n").isOneOf(414, 431)
		},
	},
	{
		Name: "expect-continue", Sends: "Expect: 100-continue for 1 GB", Happens: "413 before a byte was read", Stops: "http-body",
		Run: func(ctx context.Context, t *Target) error {
			return t.tell(ctx, t.head("Expect: 100-continue\r\nContent-Length: 1000000000\r\n\r\n")).is(413, "BAD_USER_INPUT")
		},
	},
	{
		Name: "upgrade-garbage", Sends: "WebSocket handshakes of wrong form, and bytes that are no frames after a right one", Happens: "400, or the socket is closed", Stops: "gorilla/websocket",
		Run: func(ctx context.Context, t *Target) error {
			shake := "GET /graphql HTTP/1.1\r\nHost: " + t.Addr + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
			for _, h := range []string{
				"Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + Mark + "\r\n",
				"Sec-WebSocket-Version: 0\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
				"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: https://evil.example\r\n",
			} {
				if err := t.tell(ctx, shake+h+"\r\n").isOneOf(400, 403, 426); err != nil {
					return err
				}
			}
			conn, err := t.raw(ctx)
			if err != nil {
				return err
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, shake+"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"+strings.Repeat("\xff", 4096))
			answer, err := io.ReadAll(conn)
			if err != nil && !isClosed(err) {
				return err
			}
			t.hear(string(answer))
			return nil
		},
	},
}
