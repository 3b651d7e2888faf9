package scenario

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// ask sends a GraphQL request as it stands, by POST, GET or a socket, and
// returns the error it was answered with, nil for none.
func ask(t *testing.T, w *world.World, by string, request map[string]any) *topError {
	t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if by == "socket" {
		return askSocket(t, w, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if by == "GET" {
		values := url.Values{}
		for name, v := range request {
			if s, ok := v.(string); ok {
				values.Set(name, s)
				continue
			}
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			values.Set(name, string(text))
		}
		r.Method, r.Body, r.ContentLength, r.URL.RawQuery = http.MethodGet, http.NoBody, 0, values.Encode()
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var parsed struct{ Errors []topError }
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatalf("%s: %.200s", by, text)
	}
	if len(parsed.Errors) == 0 {
		return nil
	}
	return &parsed.Errors[0]
}

type topError struct {
	Message    string
	Locations  []struct{ Line, Column int }
	Extensions struct {
		Code, Limit    string
		Value, Maximum int
	}
}

func askSocket(t *testing.T, w *world.World, request []byte) *topError {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{"graphql-transport-ws"}}
	conn, answer, err := d.DialContext(t.Context(), "ws"+strings.TrimPrefix(w.URL, "http")+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	defer conn.Close()
	anna := w.Person("Anna")
	token := w.OK(w.Mutate("userSignIn", world.Vars{"email": anna.Email, "password": world.Password}, "sessionToken")).Text("sessionToken")
	send := func(m string) {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
			t.Fatal(err)
		}
	}
	send(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`)
	for {
		var m struct {
			Type    string
			Payload json.RawMessage
		}
		if err := conn.ReadJSON(&m); err != nil {
			t.Fatal(err)
		}
		switch m.Type {
		case "connection_ack":
			send(`{"type":"subscribe","id":"1","payload":` + string(request) + `}`)
		case "next", "complete":
			return nil
		case "error":
			var list []topError
			if err := json.Unmarshal(m.Payload, &list); err != nil || len(list) == 0 {
				t.Fatalf("%s: %v", m.Payload, err)
			}
			return &list[0]
		}
	}
}

// numbered writes n pieces, with the number of each in the place of %.
func numbered(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(piece, "%", strconv.Itoa(i)))
	}
	return b.String()
}

// Every limit of documents holds for every way to send one, and is told by its
// name with what was reached, what is allowed and where. (A54)
func TestGuard_limits(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.Cost = 500 })
	repeat := strings.Repeat
	for _, c := range []struct {
		limit      string
		value, max int
		query      string
	}{
		{"document", 32<<10 + 1, 32 << 10, "{serverInfo{version}}" + repeat(" ", 32<<10-20)},
		{"document-tokens", 2001, 2000, "{nodes(ids:[" + repeat("1 ", 2000) + "]){id}}"},
		{"nesting", 26, 25, "{nodes(ids:" + repeat("[", 24) + repeat("]", 24) + "){id}}"},
		{"depth", 19, 18, "{hub(id:1)" + repeat("{service{hub", 9) + "{id}" + repeat("}}", 9) + "}"},
		{"aliases", 31, 30, "{" + numbered(8, "a%:serverInfo{b:version c:now d:isTestClock}") + "}"},
		{"same-field", 11, 10, "{" + numbered(11, "a%:serverInfo{version}") + "}"},
		{"same-mutation", 31, 30, "mutation{" + repeat("userSignOut(input:{}){userErrors{code}}", 31) + "}"},
		{"directives", 21, 20, "{" + numbered(3, "a%:serverInfo{"+repeat("version@skip(if:true)", 7)+"}") + "}"},
		{"fragments", 31, 30, "{" + numbered(31, "...F%") + "}" + numbered(31, "fragment F% on Query{serverInfo{version}}")},
		{"spreads", 61, 60, "{" + repeat("...F ", 61) + "}fragment F on Query{serverInfo{version}}"},
		{"fields", 60 * 40, 2000, "{" + repeat("...F ", 60) + "}fragment F on Query{" + repeat("serverInfo{"+repeat("version ", 9)+"}", 4) + "}"},
		{"cost", 601, 500, "{" + numbered(6, "a%:nodes(ids:["+repeat("1 ", 100)+"]){id}") + "serverInfo{version}}"},
	} {
		for _, by := range []string{"POST", "GET", "socket"} {
			if by == "GET" && (c.limit == "document" || c.limit == "same-mutation") {
				continue // a URL is no longer than the headers may be, and no mutation
			}
			e := ask(t, w, by, map[string]any{"query": c.query})
			if e == nil || e.Extensions.Code != "COMPLEXITY_LIMIT_EXCEEDED" || e.Extensions.Limit != c.limit ||
				e.Extensions.Value != c.value || e.Extensions.Maximum != c.max {
				t.Errorf("%s by %s: %+v", c.limit, by, e)
			} else if len(e.Locations) == 0 && c.limit != "document" {
				t.Errorf("%s by %s: no place is told", c.limit, by)
			}
		}
	}
}

// A text may be left out once the server has it: it is named by its hash, by
// POST, GET and on sockets, and nobody is answered with another text than the
// hash is of.
func TestGuard_persisted(t *testing.T) {
	w := world.New(t)
	for i, by := range []string{"POST", "GET", "socket"} {
		query := "{serverInfo{version now" + strconv.Itoa(i) + ":now}}"
		sum := sha256.Sum256([]byte(query))
		named := map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hex.EncodeToString(sum[:])}}
		for step, c := range []struct {
			request map[string]any
			code    string
		}{
			{map[string]any{"extensions": named}, "PERSISTED_QUERY_NOT_FOUND"},
			{map[string]any{"extensions": named, "query": query + " "}, "BAD_USER_INPUT"},
			{map[string]any{"extensions": named}, "PERSISTED_QUERY_NOT_FOUND"},
			{map[string]any{"extensions": named, "query": query}, ""},
			{map[string]any{"extensions": named}, ""},
		} {
			e := ask(t, w, by, c.request)
			if (e == nil) != (c.code == "") || e != nil && e.Extensions.Code != c.code {
				t.Errorf("%s, step %d: %+v, want %q", by, step, e, c.code)
			}
		}
	}
}

// How many hubs one call may add is for the operator to say. (A62)
func TestGuard_bulkItems(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.BulkItems = 2 })
	dealer := w.Dealer("Night Watch")
	items := []world.Vars{}
	for i := range 3 {
		items = append(items, world.Vars{
			"object": world.Vars{"create": world.Vars{"name": "Villa"}}, "serialNumber": "00A0000" + strconv.Itoa(i), "name": "Hub",
		})
	}
	w.Refused(provisions(dealer.Owner, dealer.ID, items...), "INVALID")
	w.OK(provisions(dealer.Owner, dealer.ID, items[:2]...))
}
