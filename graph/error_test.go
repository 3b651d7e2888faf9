package graph

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// A fault is logged as one, with the request's id; one of a client that has
// gone away in the middle is no fault of the server.
func TestPresentError_level(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		want string
	}{
		{"of a waiting client", t.Context(), "level=ERROR"},
		{"of a client that is gone", gone, "level=INFO"},
	} {
		var out strings.Builder
		present := PresentError(slog.New(slog.NewTextHandler(&out, nil)))
		e := present(WithRequestID(c.ctx, "req_7"), errors.New("disk on fire"))
		if strings.Contains(e.Message, "fire") {
			t.Errorf("%s: the client is told %q", c.name, e.Message)
		}
		if got := out.String(); !strings.Contains(got, c.want) || !strings.Contains(got, "req_7") {
			t.Errorf("%s: logged %q, want %s", c.name, got, c.want)
		}
	}
}

// What was found before any resolver keeps its code and its figures, and
// nothing else of what stood beside them.
func TestPresentError_figures(t *testing.T) {
	present := PresentError(slog.New(slog.DiscardHandler))
	e := present(t.Context(), &gqlerror.Error{Message: "Too much.", Extensions: map[string]any{
		"code": "COMPLEXITY_LIMIT_EXCEEDED", "limit": "cost", "value": 5001, "maximum": 5000, "secret": "x",
	}})
	delete(e.Extensions, "requestId")
	want := map[string]any{"code": "COMPLEXITY_LIMIT_EXCEEDED", "limit": "cost", "value": 5001, "maximum": 5000}
	if !maps.Equal(e.Extensions, want) {
		t.Errorf("extensions %v, want %v", e.Extensions, want)
	}
	late := present(t.Context(), &gqlerror.Error{Extensions: map[string]any{"code": "TIMEOUT"}})
	if late.Extensions["code"] != "TIMEOUT" {
		t.Errorf("a timeout is shown as %v", late.Extensions["code"])
	}
}
