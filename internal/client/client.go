// Package client speaks to a server: GraphQL over HTTP, and live operations
// over WebSocket (graphql-transport-ws).
//
//	c := client.New("https://hub.example.com").WithToken(token).WithLanguage("pl")
//	var out struct{ Viewer struct{ ID string } }
//	err := c.Do(ctx, `{ viewer { id } }`, nil, &out)
//
// What goes wrong has one of these types:
//
//   - [*Errors]: the server answered with GraphQL errors, which have a code
//   - [*StatusError]: it answered with something that is not GraphQL
//   - [*CloseError]: it closed the socket
//   - anything else: it could not be reached, or the caller's context ended
//
// What a person can put right (`userErrors`) is data to this package.
package client

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// maxAnswer is the size of the largest answer or message that is read, in
// bytes: twice what a server sends by default.
const maxAnswer = 16 << 20

// Client speaks to one server for one person. It is safe for concurrent use,
// and never changes: the With methods return another one, which shares its
// connections.
type Client struct {
	base     string // without a slash at its end
	token    string
	language string
	agent    string
	http     *http.Client
	times    times
}

// Option changes what [New] returns.
type Option func(*Client)

// WithHTTPClient has the requests sent by h. Its proxy, its dialling and its
// TLS settings hold for sockets too when its transport is an [*http.Transport].
func WithHTTPClient(h *http.Client) Option { return func(c *Client) { c.http = h } }

// WithUserAgent sets the name that the program gives itself.
func WithUserAgent(name string) Option { return func(c *Client) { c.agent = name } }

// New returns a client of the server at baseURL, such as
// http://127.0.0.1:8080, without credentials. It has connections of its own
// unless [WithHTTPClient] is given, and times nothing out: contexts do.
func New(baseURL string, options ...Option) *Client {
	c := &Client{base: strings.TrimRight(baseURL, "/"), agent: "partnerhub-client", times: usualTimes}
	for _, option := range options {
		option(c)
	}
	if c.http == nil {
		c.http = &http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}
	}
	return c
}

// WithToken returns the client with the credentials of a session or an API
// token; "" is signed out.
func (c *Client) WithToken(token string) *Client {
	d := *c
	d.token = token
	return &d
}

// WithLanguage returns the client for somebody who reads the language, a BCP 47
// tag; "" leaves it to the person's settings.
func (c *Client) WithLanguage(tag string) *Client {
	d := *c
	d.language = tag
	return &d
}

// At returns the client for another server of the same installation.
func (c *Client) At(baseURL string) *Client {
	d := *c
	d.base = strings.TrimRight(baseURL, "/")
	return &d
}

// CloseIdleConnections closes the connections that are kept for the next
// request. Sockets stay.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// Raw sends any request to a path of the server, such as
// "/reports/services.csv?groupBy=month", with the client's credentials and
// language where header has none of its own. Every answer of the server is a
// success; its body is to be closed.
func (c *Client) Raw(ctx context.Context, method, path string, header http.Header, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	for name, value := range map[string]string{
		"Authorization":   c.authorization(),
		"Accept-Language": c.language,
		"User-Agent":      c.agent,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return c.http.Do(r)
}

func (c *Client) authorization() string {
	if c.token == "" {
		return ""
	}
	return "Bearer " + c.token
}
