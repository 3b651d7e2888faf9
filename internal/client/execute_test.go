package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"
)

const graphqlJSON = "application/graphql-response+json; charset=utf-8"

func respond(w http.ResponseWriter, status int, kind, body string) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func TestDo(t *testing.T) {
	var got []*http.Request
	var bodies []string
	base := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got, bodies = append(got, r), append(bodies, string(body))
		respond(w, 200, graphqlJSON, `{"data":{"viewer":{"id":"user_1"}},"extensions":{"cost":3}}`)
	})
	type answer struct{ Viewer struct{ ID string } }
	var out answer
	c := base.WithToken("hubs_x").WithLanguage("pl")
	if err := c.Do(within(t), "query Q($n: Int) { viewer { id } }", map[string]any{"n": 3}, &out); err != nil || out.Viewer.ID != "user_1" {
		t.Fatalf("got %+v, %v", out, err)
	}
	if err := base.Do(within(t), "{ viewer { id } }", nil, nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ authorization, language, body string }{
		{"Bearer hubs_x", "pl", `{"query":"query Q($n: Int) { viewer { id } }","variables":{"n":3}}`},
		{"", "", `{"query":"{ viewer { id } }"}`},
	} {
		h := got[i].Header
		if got[i].Method != "POST" || got[i].URL.Path != "/graphql" || h.Get("Content-Type") != "application/json" ||
			!strings.Contains(h.Get("Accept"), "application/graphql-response+json") || h.Get("User-Agent") != "partnerhub-client" ||
			h.Get("Authorization") != want.authorization || h.Get("Accept-Language") != want.language || bodies[i] != want.body {
			t.Errorf("request %d: %s %s %v %s", i, got[i].Method, got[i].URL, h, bodies[i])
		}
	}
	r, err := base.Execute(within(t), Request{Query: "query A { a } query B { b }", OperationName: "B"})
	if err != nil || r.Err() != nil || r.Status != 200 || string(r.Data) != `{"viewer":{"id":"user_1"}}` || string(r.Extensions["cost"]) != "3" || r.Header.Get("Content-Type") == "" {
		t.Errorf("got %+v, %v", r, err)
	}
	if want := `{"query":"query A { a } query B { b }","operationName":"B"}`; bodies[2] != want {
		t.Errorf("sent %s, want %s", bodies[2], want)
	}
	named := New(base.base, WithUserAgent("hubctl/1.0"), WithHTTPClient(base.http))
	if err := named.Do(within(t), "{ viewer { id } }", nil, nil); err != nil || got[3].UserAgent() != "hubctl/1.0" {
		t.Errorf("as %q: %v", got[3].UserAgent(), err)
	}
}

// A null root field does not take away what else was answered.
func TestDo_Errors(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		respond(w, 200, graphqlJSON, `{"data":{"a":1,"b":null},"errors":[
			{"message":"Too much.","path":["b",3,"name"],"locations":[{"line":1,"column":7}],"extensions":{"code":"RATE_LIMITED","requestId":"req_1","retryAfter":1.5}},
			{"message":"Something else."}]}`)
	})
	var out struct{ A int }
	err := c.Do(within(t), "{ a b }", nil, &out)
	errs, ok := errors.AsType[*Errors](err)
	if !ok || out.A != 1 {
		t.Fatalf("got %+v, %v", out, err)
	}
	if errs.Status != 200 || len(errs.List) != 2 || errs.Code() != "RATE_LIMITED" || errs.RequestID() != "req_1" || errs.RetryAfter() != 1500*time.Millisecond {
		t.Errorf("got %+v", errs)
	}
	if first := errs.List[0]; first.PathString() != "b.3.name" || !reflect.DeepEqual(first.Locations, []Location{{1, 7}}) {
		t.Errorf("got %+v", first)
	}
	if second := errs.List[1]; second.Code() != "" || second.RequestID() != "" || second.PathString() != "" {
		t.Errorf("got %+v", second)
	}
	if want := "Too much. at b.3.name (RATE_LIMITED), and 1 more"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	var text struct{ A string }
	if err := c.Do(within(t), "{ a b }", nil, &text); err == nil || !strings.Contains(err.Error(), "does not fit") {
		t.Errorf("a number in a string: %v", err)
	} else if _, ok := errors.AsType[*Errors](err); !ok {
		t.Errorf("the server's errors are lost: %v", err)
	}
}

func TestDo_RequestError(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		respond(w, 400, "application/json", `{"errors":[{"message":"Bad.","extensions":{"code":"GRAPHQL_PARSE_FAILED"}}]}`)
	})
	out := 7
	err := c.Do(within(t), "{", nil, &out)
	if errs, ok := errors.AsType[*Errors](err); !ok || errs.Status != 400 || errs.Code() != "GRAPHQL_PARSE_FAILED" || errs.RetryAfter() != 0 || out != 7 {
		t.Errorf("got %v, out %d", err, out)
	}
}

func TestDo_NoGraphQL(t *testing.T) {
	for _, c := range []struct {
		status           int
		kind, body, text string
	}{
		{502, "text/html", "<h1>Bad gateway</h1>\n", "<h1>Bad gateway</h1>"},
		{200, "text/html", "Welcome", "Welcome"},
		{429, "text/plain", "slow down", "slow down"},
		{404, "application/json", `{"error":"no such page"}`, `{"error":"no such page"}`},
		{200, "application/json", `{"data"`, `{"data"`},
		{200, "application/json", `[]`, `[]`},
		{200, "application/json", `{"errors":[]}`, `{"errors":[]}`},
		{500, "application/json", "", ""},
		{500, "text/plain", strings.Repeat("x", 1000), strings.Repeat("x", 300)},
		{500, "text/plain", strings.Repeat("ł", 150)[1:], strings.Repeat("ł", 149)},
		{503, "nonsense;;", "ą", "ą"},
	} {
		client := answering(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "7")
			respond(w, c.status, c.kind, c.body)
		})
		err := client.Do(within(t), "{ a }", nil, nil)
		status, ok := errors.AsType[*StatusError](err)
		if !ok || status.Status != c.status || status.Text != c.text || status.RetryAfter() != 7*time.Second {
			t.Errorf("%+v: got %+v", c, err)
			continue
		}
		if !strings.Contains(err.Error(), http.StatusText(c.status)) || strings.Contains(err.Error(), "\n") {
			t.Errorf("not fit to print: %q", err)
		}
	}
	if wait := (&StatusError{Header: http.Header{"Retry-After": {"Sun, 22 Nov 2026 10:00:00 GMT"}}}).RetryAfter(); wait != 0 {
		t.Errorf("a date is %v", wait)
	}
}

func TestDo_Unreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	c := New("http://" + listener.Addr().String())
	if err := c.Do(within(t), "{ a }", nil, nil); err == nil {
		t.Error("nobody answered")
	} else if _, ok := errors.AsType[*net.OpError](err); !ok {
		t.Errorf("got %v", err)
	}
	if err := New("http://bad host").Do(within(t), "{ a }", nil, nil); err == nil {
		t.Error("no address at all")
	}
	if err := c.Do(within(t), "{ a }", map[string]any{"n": math.NaN()}, nil); err == nil {
		t.Error("NaN is no JSON")
	}
}

func TestDo_Canceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body) // else the server does not notice
		cancel()
		<-r.Context().Done()
	})
	if err := c.Do(ctx, "{ a }", nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestDo_BrokenAnswers(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		respond(w, 200, graphqlJSON, `{"data":`)
	})
	if err := c.Do(within(t), "{ a }", nil, nil); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken off: %v", err)
	}
	c = answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", graphqlJSON)
		chunk := []byte(strings.Repeat(" ", 1<<20))
		for range maxAnswer>>20 + 1 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	if err := c.Do(within(t), "{ a }", nil, nil); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("too large: %v", err)
	}
}

func TestRaw(t *testing.T) {
	c := answering(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.NewEncoder(w).Encode([]string{r.Method, r.URL.String(), r.Header.Get("Authorization"), r.Header.Get("Accept-Language"), string(body)})
	}).WithToken("hubs_x").WithLanguage("en")
	for _, test := range []struct {
		method, path string
		header       http.Header
		body         string
		want         []string
	}{
		{"GET", "/reports/services.csv?groupBy=month", nil, "", []string{"GET", "/reports/services.csv?groupBy=month", "Bearer hubs_x", "en", ""}},
		{"PUT", "/", http.Header{"authorization": {"Basic eA=="}, "Accept-Language": nil}, "text", []string{"PUT", "/", "Basic eA==", "", "text"}},
	} {
		r, err := c.Raw(within(t), test.method, test.path, test.header, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = json.NewDecoder(r.Body).Decode(&got)
		r.Body.Close()
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("got %q, %v; want %q", got, err, test.want)
		}
	}
	if _, err := c.Raw(within(t), "NO SUCH", "/", nil, nil); err == nil {
		t.Error("a method with a blank was sent")
	}
}

// The TLS settings and the path of the address hold for both transports.
func TestClient_TLSAndPath(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hub/graphql" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		if r.Header.Get("Upgrade") == "" {
			respond(w, 200, graphqlJSON, `{"data":{}}`)
			return
		}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Errorf("upgrade: %v", err)
			return
		}
		defer conn.Close()
		p := &peer{t: t, conn: conn}
		p.acknowledge()
		p.gone()
	}))
	server.EnableHTTP2 = true
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // the stranger's handshakes
	server.StartTLS()
	defer server.Close()
	c := New(server.URL+"/hub", WithHTTPClient(server.Client()))
	if err := c.Do(within(t), "{ a }", nil, nil); err != nil {
		t.Error(err)
	}
	dial(t, c).Close()

	stranger := New(server.URL + "/hub")
	defer stranger.CloseIdleConnections()
	if err := stranger.Do(within(t), "{ a }", nil, nil); !isFinal(err) {
		t.Errorf("a certificate nobody vouches for: %v", err)
	}
	if _, err := stranger.Dial(within(t)); !isFinal(err) {
		t.Errorf("a certificate nobody vouches for: %v", err)
	}
}
