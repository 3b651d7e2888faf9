package scenario

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// Browsers elsewhere may ask only where the operator named their origin.
func TestOrigins(t *testing.T) {
	const friend, stranger = "https://app.example.com", "https://evil.example.com"
	preflight := func(w *world.World, origin string) http.Header {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, w.URL+"/graphql", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.Header
	}
	open := world.New(t, func(c *server.Config) { c.AllowedOrigins = []string{friend} })
	open.Equal(preflight(open, friend).Get("Access-Control-Allow-Origin"), friend)
	open.Equal(preflight(open, stranger).Get("Access-Control-Allow-Origin"), "")
	closed := world.New(t)
	closed.Equal(preflight(closed, friend).Get("Access-Control-Allow-Origin"), "")
}

// Every answer names its request, and an error tells nothing but that.
func TestErrorsNameTheirRequest(t *testing.T) {
	w := world.New(t)
	for document, code := range map[string]string{
		`{`:                            "GRAPHQL_PARSE_FAILED",
		`{ nothing }`:                  "GRAPHQL_VALIDATION_FAILED",
		`{ streamCursor }`:             "UNAUTHENTICATED",
		`{ node(id: "hub_0") { id } }`: "UNAUTHENTICATED",
		`{ resellers(country: "PL") { totalCount } }`: "UNAUTHENTICATED",
	} {
		a := w.Fails(w.Query(document), code)
		if a.Errors == nil || !strings.HasPrefix(a.Errors.RequestID(), "req_") {
			t.Errorf("%s: no request id in %v", document, a.Errors)
		}
	}
	p := w.Person("Anna")
	w.Fails(p.Query(`{ viewer { employments(first: 101) { totalCount } } }`), "BAD_USER_INPUT")
	w.Fails(p.Query(`{ viewer { employments(first: -1) { totalCount } } }`), "BAD_USER_INPUT")
	w.Fails(p.Query(`{ viewer { employments(first: 1, last: 1) { totalCount } } }`), "BAD_USER_INPUT")
	w.Fails(p.Query(`{ viewer { employments(after: "nonsense") { totalCount } } }`), "BAD_USER_INPUT")
}

// Page sizes and the ids of nodes are limits like any other.
func TestPageSizesAreConfigured(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.PageSize, c.Limits.PageDefault, c.Limits.Nodes = 3, 2, 2 })
	c := w.Company("Night Watch")
	for _, name := range []string{"A", "B", "C", "D"} {
		c.Object(name)
	}
	objects := func(arguments string) world.Answer {
		return c.Owner.Query(`query($id: ID!) { company(id: $id) { objects`+arguments+` { totalCount nodes { name } } } }`, world.Vars{"id": c.ID})
	}
	w.Equal(len(w.OK(objects("")).List("company.objects.nodes")), 2)
	w.Equal(len(w.OK(objects("(first: 3)")).List("company.objects.nodes")), 3)
	w.Equal(w.OK(objects("(first: 0)")).Int("company.objects.totalCount"), 4)
	w.Fails(objects("(first: 4)"), "BAD_USER_INPUT")
	w.Fails(c.Owner.Query(`{ nodes(ids: ["a", "b", "c"]) { id } }`), "BAD_USER_INPUT")
	w.Equal(w.OK(c.Owner.Query(`{ serverInfo { limits { pageSize } } }`)).Int("serverInfo.limits.pageSize"), 3)
}

// A server that stops lets its sockets know, so that clients reconnect, and
// another one goes on with the same database.
func TestRestart(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	tiles := c.Owner.Tiles(world.Vars{"companyId": c.ID}, "")
	w.Equal(tiles.Next().Get("isCaughtUp"), true)
	w.Restart()
	w.Equal(tiles.End(), "1012")
	a := w.OK(c.Owner.Query(`query($id: ID!) { company(id: $id) { name } }`, world.Vars{"id": c.ID}))
	w.Equal(a.Text("company.name"), "Night Watch")
}

// What a balancer, an operator and a code generator ask for.
func TestEndpoints(t *testing.T) {
	w := world.New(t)
	for path, want := range map[string]string{
		"/healthz": "alive", "/readyz": "ready", "/schema.graphql": "type Mutation", "/": "Partner Hub",
	} {
		answer, err := w.Anyone.Raw(t.Context(), http.MethodGet, path, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(text), want) {
			t.Errorf("%s: %s, %v, %.100s", path, answer.Status, err, text)
		}
	}
}
