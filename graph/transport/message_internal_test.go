package transport

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func FuzzParseMessage(f *testing.F) {
	for _, seed := range []string{
		`{"type":"connection_init","payload":{"a":1}}`,
		`{"type":"ping","payload":null}`,
		`{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":{"b":[1,{"c":2e9}]},"extensions":{}}}`,
		`{"type":"complete","id":"1"}`,
		`{`, `null`, `[]`, ` {"type":"ping"} `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, wrong := parse(data, ValueLimits{})
		if wrong != nil {
			return
		}
		if !json.Valid(data) {
			t.Errorf("%q was taken for a message", data)
		}
		known := []string{typeInit, typePing, typePong, typeSubscribe, typeComplete}
		if !slices.Contains(known, m.kind) {
			t.Errorf("%q has the type %q", data, m.kind)
		}
		if m.kind == typeSubscribe && (m.id == "" || m.params == nil) {
			t.Errorf("%q subscribes to nothing", data)
		}
	})
}

func TestParseParams_PersistedQuery(t *testing.T) {
	p, ok := parseParams([]byte(`{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}`), ValueLimits{})
	if !ok || p.Query != "" || p.Extensions["persistedQuery"] == nil {
		t.Errorf("got %v, %v", p, ok)
	}
}

func TestAppendResponse(t *testing.T) {
	one := gqlerror.List{{Message: "no"}}
	for _, c := range []struct {
		r    graphql.Response
		want string
	}{
		{graphql.Response{}, `{}`},
		{graphql.Response{Data: []byte("null"), Errors: one}, `{"errors":[{"message":"no"}],"data":null}`},
		{graphql.Response{Errors: one}, `{"errors":[{"message":"no"}]}`},
		{graphql.Response{Data: []byte(`{"a":1}`), Extensions: map[string]any{"b": 2}}, `{"data":{"a":1},"extensions":{"b":2}}`},
		{graphql.Response{Data: []byte(`{}`), Extensions: map[string]any{"b": func() {}}}, `{"data":{},"extensions":null}`},
		{graphql.Response{Errors: gqlerror.List{{Extensions: map[string]any{"b": func() {}}}}},
			`{"errors":[{"message":"Internal server error.","extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`},
	} {
		if got := string(appendResponse(nil, &c.r)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
