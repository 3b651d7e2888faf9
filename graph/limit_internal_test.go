package graph

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

func TestLimitAnswer_Errors(t *testing.T) {
	at := func(path ...string) *gqlerror.Error {
		e := &gqlerror.Error{Message: strings.Join(path, ".")}
		for _, p := range path {
			e.Path = append(e.Path, ast.PathName(p))
		}
		return e
	}
	var many gqlerror.List
	for i := range 10 {
		many = append(many, at("a", fmt.Sprint(i)))
	}
	for name, c := range map[string]struct {
		data string
		list gqlerror.List
		want string
	}{
		"none": {`{"a":1}`, nil, ""},
		"few":  {`{"a":null}`, gqlerror.List{at("a")}, "a"},
		"many": {`{"a":{"b":null}}`, many, "a.0 a.1 a.2"},
		"a null root besides": {`{"a":{"x":"\"b\":null"},"b":null,"c":null,"d":{"e":null}}`,
			append(append(gqlerror.List{}, many...), at("b"), at("b", "x"), at("d", "e"), at("c")), "a.0 a.1 a.2 b c"},
		"a null root before": {`{"a":null,"b":null}`, append(gqlerror.List{at("b")}, many...), "b a.0 a.1"},
		"no data":            {``, many, "a.0 a.1 a.2"},
	} {
		t.Run(name, func(t *testing.T) {
			r := LimitAnswer(3, 500)(t.Context(), func(context.Context) *graphql.Response {
				return &graphql.Response{Data: []byte(c.data), Errors: c.list}
			})
			got := make([]string, len(r.Errors))
			for i, e := range r.Errors {
				got[i] = e.Message
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%v, want %s", got, c.want)
			}
		})
	}
}

func TestLimitAnswer_ErrorSize(t *testing.T) {
	for _, text := range []string{"short", strings.Repeat("x", 20), strings.Repeat("x", 21), strings.Repeat("ł", 11), strings.Repeat("€", 500)} {
		r := LimitAnswer(1, 20)(t.Context(), func(context.Context) *graphql.Response {
			return &graphql.Response{Errors: gqlerror.List{{Message: text}}}
		})
		got := r.Errors[0].Message
		if len(got) > 20 || !utf8.ValidString(got) || len(text) <= 20 && got != text || !strings.HasPrefix(text, strings.TrimSuffix(got, "…")) {
			t.Errorf("%s became %s", text, got)
		}
	}
}
