package graph

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
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
