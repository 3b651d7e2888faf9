package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"partnerhub/internal/authz"
	"partnerhub/internal/demo"
	"partnerhub/internal/live"
	"partnerhub/internal/rate"
	"partnerhub/internal/store"
)

// asked is what the benchmark asks for as a dealer with a hundred hubs: what
// clients show, what they read all of, and the schema.
var asked = []struct{ name, document string }{
	{"page of hubs", `query($id: ID!) { company(id: $id) { hubs(first: 20) { totalCount pageInfo { hasNextPage endCursor }
		nodes { id name serialNumber object { id name } tile { kind label } service { id status } } } } }`},
	{"all hubs", `query($id: ID!) { company(id: $id) { hubs(first: 100) { nodes { id name serialNumber statusIcons object { id name address } tile { kind label version } } } } }`},
	{"objects with hubs", `query($id: ID!) { company(id: $id) { objects(first: 40) { nodes { id name address
		hubs(first: 10) { nodes { id name serialNumber tile { kind label } service { id } } } } } } }`},
	{"activities", `query($id: ID!) { company(id: $id) { activities(first: 100) { nodes { id occurredAt } } } }`},
	{"viewer", `{ viewer { id name email employments(first: 20) { nodes { role company { id name } } } } }`},
	{"type", `{ __type(name: "Hub") { name description fields { name description args { name type { name } } type { name kind ofType { name } } } } }`},
	{"introspection", introspection},
	{"introspection flood", `{ __schema { types { name kind description fields(includeDeprecated: true) { name description args { name type { name } }
		type { name kind ofType { name } } } inputFields { name } enumValues { name } } } }`},
	{"introspection, deepest", introspectionDeepest},
}

// introspection is what GraphiQL and code generators ask.
const introspection = `query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind } subscriptionType { name kind }
	types { ...FullType } directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
	fragment FullType on __Type { kind name description isOneOf specifiedByURL
		fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
		inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
		enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
	fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
	fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
		ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }`

// introspectionDeepest goes through as many lists as may stand in each other.
const introspectionDeepest = `{ __schema { types { name description fields { name description
	args { name description type { name kind description enumValues { name description } } }
	type { name kind description enumValues { name description } ofType { name kind description enumValues { name description } ofType { name kind description enumValues { name description }
		ofType { name kind description enumValues { name description } } } } } } } } }`

// benchmarked is a server with the demo cast.
type benchmarked struct {
	handler          http.Handler
	token, companyID string
}

func (b *benchmarked) ask(t testing.TB, document string, variables map[string]any) *httptest.ResponseRecorder {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+b.token)
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), `"errors":[`) {
		t.Fatalf("%d %.1000s", w.Code, w.Body)
	}
	return w
}

// at is a text in an answer's data.
func at(t testing.TB, w *httptest.ResponseRecorder, path ...string) string {
	t.Helper()
	var answer struct{ Data any }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	value := answer.Data
	for _, step := range path {
		switch v := value.(type) {
		case map[string]any:
			value = v[step]
		case []any:
			value = v[0].(map[string]any)[step]
		}
	}
	text, ok := value.(string)
	if !ok {
		t.Fatalf("nothing at %v: %.1000s", path, w.Body)
	}
	return text
}

// newBenchmarked plays the demo, and gives one of its dealers a hundred hubs.
func newBenchmarked(t testing.TB) *benchmarked {
	t.Helper()
	c := DefaultConfig()
	c.OperatorEmail = demo.OperatorEmail
	s := &Server{config: c, log: slog.New(slog.DiscardHandler), broker: live.NewBroker(), rights: authz.Rights(false), budgets: rate.NewLimiter(1 << 40)}
	var err error
	s.db, err = store.Open(t.Context(), store.Options{URL: "sqlite://" + filepath.Join(t.TempDir(), "hub.db"), Log: s.log, Countries: c.Countries})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.db.Close() })
	if err := s.playDemo(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &benchmarked{handler: s.handler()}
	b.token = at(t, b.ask(t, `mutation($e: EmailAddress!, $p: String!) { userSignIn(input: {email: $e, password: $p}) { sessionToken } }`,
		map[string]any{"e": "olga@nightwatch.example", "p": "demo-partner-hub"}), "userSignIn", "sessionToken")
	b.companyID = at(t, b.ask(t, `{ viewer { employments(first: 1) { nodes { company { id } } } } }`, nil), "viewer", "employments", "nodes", "company", "id")
	for range 5 {
		object := at(t, b.ask(t, `mutation($id: ID!) { objectCreate(input: {companyId: $id, name: "Villa by the lake", address: "Night street 7, 00-001 Warszawa"}) { object { id } } }`,
			map[string]any{"id": b.companyID}), "objectCreate", "object", "id")
		items := make([]map[string]any, 20)
		for i := range items {
			serial := crc32.ChecksumIEEE([]byte(object + strconv.Itoa(i)))
			items[i] = map[string]any{"object": map[string]any{"id": object}, "name": fmt.Sprint("Hub number ", i), "serialNumber": fmt.Sprintf("%08X", serial)}
		}
		b.ask(t, `mutation($i: HubProvisionInput!) { hubProvision(input: $i) { results { hub { id } } } }`, map[string]any{"i": map[string]any{"companyId": b.companyID, "items": items}})
	}
	return b
}

// The points of an operation are to be in line with what it takes: time of a
// core and memory.
func BenchmarkPoints(b *testing.B) {
	s := newBenchmarked(b)
	for _, a := range asked {
		b.Run(strings.ReplaceAll(a.name, " ", "-"), func(b *testing.B) {
			b.ReportAllocs()
			var w *httptest.ResponseRecorder
			for b.Loop() {
				w = s.cost(b, a.document)
			}
			points := pointsIn(b, w)
			b.ReportMetric(points, "points")
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/points, "µs/point")
			b.ReportMetric(float64(w.Body.Len()), "answer-B")
		})
	}
}

// However one asks for the schema, no more fields are executed for a point than
// take as long as a point of what is read from the database.
func TestPoints_Introspection(t *testing.T) {
	s := newBenchmarked(t)
	for _, a := range asked {
		if !strings.Contains(a.document, "__") {
			continue
		}
		w := s.cost(t, a.document)
		fields, points := bytes.Count(w.Body.Bytes(), []byte(`":`)), pointsIn(t, w)
		t.Logf("%s: %d fields for %.0f points", a.name, fields, points)
		if each := float64(fields) / points; each > 12 {
			t.Errorf("%s: %.1f fields for a point", a.name, each)
		}
	}
}

// cost asks for a document and for what it costs.
func (b *benchmarked) cost(t testing.TB, document string) *httptest.ResponseRecorder {
	t.Helper()
	variables := map[string]any{}
	if strings.Contains(document, "$id") {
		variables["id"] = b.companyID
	}
	return b.ask(t, strings.Replace(document, "{", "{ rateLimit { cost } ", 1), variables)
}

func pointsIn(t testing.TB, w *httptest.ResponseRecorder) float64 {
	t.Helper()
	var answer struct {
		Data struct{ RateLimit struct{ Cost float64 } }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data.RateLimit.Cost
}
