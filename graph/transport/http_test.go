package transport_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"partnerhub/graph/transport"
	"partnerhub/tests/peer"

	"github.com/99designs/gqlgen/graphql/handler"
)

const (
	plain    = "application/json"
	response = "application/graphql-response+json"
)

// serveHTTP serves the test schema over HTTP alone.
func serveHTTP(t *testing.T, h transport.HTTP) (*schema, *httptest.Server) {
	es := newSchema()
	srv := handler.New(es)
	srv.AddTransport(h)
	srv.SetRecoverFunc(func(context.Context, any) error { return errors.New("internal") })
	s := httptest.NewServer(srv)
	t.Cleanup(s.Close)
	return es, s
}

// call is one request; the zero value posts JSON and accepts both types.
type call struct {
	method, accept, contentType, encoding string
	body                                  string // of a POST
	query                                 url.Values
}

func (c call) send(t *testing.T, base string) (int, http.Header, string) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(t.Context(), c.method, base+"?"+c.query.Encode(), strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", c.accept)
	if c.accept == "" {
		r.Header.Set("Accept", response+", "+plain)
	}
	if c.method == http.MethodPost && c.contentType == "" {
		c.contentType = plain
	}
	if c.contentType != "" && c.contentType != "-" {
		r.Header.Set("Content-Type", c.contentType)
	}
	if c.encoding != "" {
		r.Header.Set("Content-Encoding", c.encoding)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(body)
}

func TestHTTP(t *testing.T) {
	get := func(pairs ...string) call {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return call{method: http.MethodGet, query: v}
	}
	post := func(body string) call { return call{body: body} }
	with := func(c call, change func(*call)) call { change(&c); return c }
	accepting := func(accept, body string) call { return call{accept: accept, body: body} }
	hello := `{"query":"{ hello }"}`
	const code = `{"errors":[{"extensions":{"code":"%"}}]}`
	failed := func(c string) string { return strings.Replace(code, "%", c, 1) }

	cases := []struct {
		name   string
		call   call
		status int
		want   string // members of the body
		allow  string
	}{
		{name: "query", call: post(hello), status: 200, want: `{"data":{"hello":"hello world"}}`},
		{name: "unknown members", call: post(`{"query":"{ hello }","Query":1,"id":2}`), status: 200},
		{name: "nulls", call: post(`{"query":"{ hello }","variables":null,"operationName":null,"extensions":null}`), status: 200},
		{name: "space around", call: post(" \n" + hello + "\t "), status: 200},
		{name: "charset", call: with(post(hello), func(c *call) { c.contentType = "application/json; charset=UTF-8" }), status: 200},
		{name: "mutation", call: post(`{"query":"mutation($n: Int!) { add(n: $n) }","variables":{"n":2}}`), status: 200, want: `{"data":{"add":2}}`},
		{name: "digits", call: post(`{"query":"query($n: Long) { echo(n: $n) }","variables":{"n":9007199254740993}}`), status: 200, want: `{"data":{"echo":9007199254740993}}`},
		{name: "error of a field", call: post(`{"query":"{ explode }"}`), status: 200, want: `{"data":{"explode":null},"errors":[{"path":["explode"]}]}`},

		{name: "GET", call: get("query", "{ hello }"), status: 200, want: `{"data":{"hello":"hello world"}}`},
		{name: "GET with the rest", call: get("query", "query Q($n: String) { hello(name: $n) } query R { who }", "operationName", "Q", "variables", `{"n":"<ł>"}`, "extensions", "{}"),
			status: 200, want: `{"data":{"hello":"hello <ł>"}}`},
		{name: "GET with a mutation", call: get("query", "mutation { add(n: 1) }"), status: 405, allow: "POST", want: failed("BAD_USER_INPUT")},
		{name: "GET without a query", call: get(), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "GET with wrong variables", call: get("query", "{ hello }", "variables", "[1]"), status: 400},
		{name: "GET with broken variables", call: get("query", "{ hello }", "variables", `{"secret`), status: 400},

		{name: "parse error", call: post(`{"query":"{"}`), status: 400, want: failed("GRAPHQL_PARSE_FAILED")},
		{name: "validation error", call: post(`{"query":"{ nobody }"}`), status: 400, want: failed("GRAPHQL_VALIDATION_FAILED")},
		{name: "wrong variable", call: post(`{"query":"query($n: Int!) { long(size: $n) }","variables":{"n":"x"}}`), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "missing variable", call: post(`{"query":"query($n: Int!) { long(size: $n) }"}`), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "parse error for JSON", call: accepting(plain, `{"query":"{"}`), status: 200, want: failed("GRAPHQL_PARSE_FAILED")},
		{name: "subscription", call: post(`{"query":"subscription { count(to: 1) { n } }"}`), status: 400, want: failed("BAD_USER_INPUT")},

		{name: "no body", call: post(""), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "not JSON", call: post(`{"query":"secret`), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "trailing bytes", call: post(hello + " secret"), status: 400},
		{name: "two bodies", call: post(hello + hello), status: 400},
		{name: "batch", call: post("[" + hello + "]"), status: 400},
		{name: "not UTF-8", call: post("{\"query\":\"{ hello }\",\"x\":\"\xff\"}"), status: 400},
		{name: "two queries", call: post(`{"query":"{ hello }","query":"{ hello }"}`), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "two queries, one escaped", call: post(`{"query":"{ hello }","\u0071uery":"{ hello }"}`), status: 400, want: failed("BAD_USER_INPUT")},
		{name: "two queries in the URL", call: call{method: http.MethodGet, query: url.Values{"query": {"{ hello }", "{ hello }"}}}, status: 400, want: failed("BAD_USER_INPUT")},
		{name: "one name in two objects", call: post(`{"query":"{ hello }","x":{"query":":,"},"\":":[{"x":1}]}`), status: 200},
		{name: "another case", call: post(`{"QUERY":"{ hello }"}`), status: 400},
		{name: "no type", call: with(post(hello), func(c *call) { c.contentType = "-" }), status: 415},
		{name: "another type", call: with(post(hello), func(c *call) { c.contentType = "text/plain" }), status: 415},
		{name: "another charset", call: with(post(hello), func(c *call) { c.contentType = "application/json; charset=utf-16" }), status: 415},
		{name: "a form", call: with(post("query=secret"), func(c *call) { c.contentType = "application/x-www-form-urlencoded" }), status: 415},
		{name: "compressed", call: with(post(hello), func(c *call) { c.encoding = "gzip" }), status: 415},
		{name: "another method", call: call{method: http.MethodPut, body: hello}, status: 405, allow: "GET, POST", want: failed("BAD_USER_INPUT")},
		{name: "OPTIONS", call: call{method: http.MethodOptions}, status: 405, allow: "GET, POST"},
		{name: "another language", call: accepting("text/html", hello), status: 406, want: failed("BAD_USER_INPUT")},
		{name: "too large", call: post(`{"query":"{ hello }","x":"` + strings.Repeat("x", 256<<10) + `"}`), status: 413, want: failed("BAD_USER_INPUT")},
	}
	_, s := serveHTTP(t, transport.HTTP{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, header, body := c.call.send(t, s.URL)
			if status != c.status || header.Get("Allow") != c.allow {
				t.Errorf("status %d, Allow %q; want %d, %q", status, header.Get("Allow"), c.status, c.allow)
			}
			if header.Get("Cache-Control") != "no-store" || header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", header)
			}
			var got, want map[string]any
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if c.want != "" {
				if err := json.Unmarshal([]byte(c.want), &want); err != nil {
					t.Fatal(err)
				}
				if !peer.Has(got, want) {
					t.Errorf("got %s, want %s", body, c.want)
				}
			}
			if _, ok := got["data"]; ok != (want["data"] != nil || want == nil && status == 200) {
				t.Errorf("data where nothing was executed, or none: %s", body)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("%s repeats what was sent", body)
			}
		})
	}
}

func TestHTTP_MediaType(t *testing.T) {
	_, s := serveHTTP(t, transport.HTTP{})
	for accept, want := range map[string]string{
		" ":                                    plain,
		"*/*":                                  plain,
		"application/*":                        plain,
		plain:                                  plain,
		response:                               response,
		"Application/GraphQL-Response+JSON":    response,
		response + ", " + plain:                response,
		plain + ", " + response:                response,
		plain + ", " + response + ";q=0.9":     plain,
		plain + ";q=0.5, */*":                  response,
		response + ";q=0, */*;q=0.1":           plain,
		"text/html, " + response + ";q=0.1":    response,
		"text/html, */*;q=0.8":                 plain,
		plain + "; charset=utf-8, ;;, text/x;": plain,
	} {
		status, header, _ := call{accept: accept, body: `{"query":"{ hello }"}`}.send(t, s.URL)
		if got := header.Get("Content-Type"); status != 200 || got != want+"; charset=utf-8" {
			t.Errorf("Accept: %s: %d %s", accept, status, got)
		}
	}
}

func TestHTTP_OperationTimeout(t *testing.T) {
	_, s := serveHTTP(t, transport.HTTP{OperationTimeout: 20 * time.Millisecond})
	status, _, body := call{body: `{"query":"{ wait }"}`}.send(t, s.URL)
	if status != 200 || !strings.Contains(body, `"code":"TIMEOUT"`) || !strings.Contains(body, `"data":{"wait":null}`) {
		t.Errorf("%d %s", status, body)
	}
	_, s = serveHTTP(t, transport.HTTP{OperationTimeout: 1}) // over before it begins
	status, _, body = call{body: `{"query":"{ hello }"}`}.send(t, s.URL)
	if status != 504 || !strings.Contains(body, `"code":"TIMEOUT"`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestHTTP_AnswerLimit(t *testing.T) {
	_, s := serveHTTP(t, transport.HTTP{AnswerLimit: 1000})
	status, _, body := call{body: `{"query":"{ long(size: 1000) }"}`}.send(t, s.URL)
	if status != 400 || !strings.Contains(body, `"code":"COMPLEXITY_LIMIT_EXCEEDED"`) {
		t.Errorf("%d %s", status, body)
	}
}

// raw sends what no client of good manners would, and returns the answer.
func raw(t *testing.T, s *httptest.Server, text string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(peer.Patience))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func TestHTTP_Body(t *testing.T) {
	_, s := serveHTTP(t, transport.HTTP{BodyLimit: 100, BodyTimeout: 50 * time.Millisecond})
	head := "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	chunked := head + "Transfer-Encoding: chunked\r\n\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"said to be too large": {head + "Content-Length: 101\r\n\r\n", 413},
		"found too large":      {chunked + "65\r\n" + strings.Repeat("x", 101) + "\r\n0\r\n\r\n", 413},
		"does not come":        {head + "Content-Length: 10\r\n\r\n", 408},
		"trickles":             {chunked + "1\r\n{\r\n", 408},
		"broken":               {chunked + "zz\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			resp := raw(t, s, c.text)
			if resp.StatusCode != c.status || !resp.Close {
				t.Errorf("%d, close: %v", resp.StatusCode, resp.Close)
			}
		})
	}
}

// The deadline for the body does not reach into the operation.
func TestHTTP_BodyTimeoutIsForTheBody(t *testing.T) {
	es, s := serveHTTP(t, transport.HTTP{BodyTimeout: 30 * time.Millisecond})
	go func() {
		<-es.waiting
		time.Sleep(60 * time.Millisecond)
		close(es.release)
	}()
	if _, _, body := (call{body: `{"query":"{ wait }"}`}).send(t, s.URL); !strings.Contains(body, "released") {
		t.Error(body)
	}
}

// A client that goes takes its query with it.
func TestHTTP_ClientGone(t *testing.T) {
	es, s := serveHTTP(t, transport.HTTP{})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, strings.NewReader(`{"query":"{ wait }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", plain)
	go func() {
		<-es.waiting
		cancel()
	}()
	if resp, err := http.DefaultClient.Do(r); !errors.Is(err, context.Canceled) {
		_ = resp.Body.Close()
		t.Fatal(err)
	}
	s.Close() // waits for the handler
}
