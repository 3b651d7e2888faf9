package transport_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"partnerhub/graph/transport"
	"partnerhub/internal/errs"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

var errAdmission = &gqlerror.Error{
	Message: "later", Extensions: map[string]any{"code": string(errs.RateLimited), "retryAfter": 7},
}

// Who may run nothing now is told so with 429, in either media type, and a
// document that could not be executed is asked for as well.
func TestHTTP_Admit(t *testing.T) {
	refuse, asked := false, 0
	_, s := serveHTTP(t, transport.HTTP{
		Admit: func(ctx context.Context, op *graphql.OperationContext, header http.Header) (context.Context, error) {
			asked++
			header.Set("RateLimit-Remaining", "3")
			if op == nil {
				t.Error("no operation")
			}
			if refuse {
				return nil, errAdmission
			}
			return ctx, nil
		},
	})
	for _, c := range []struct {
		body, accept string
		refuse       bool
		status       int
		want         string
	}{
		{`{"query":"{ hello }"}`, plain, false, http.StatusOK, `"data"`},
		{`{"query":"{ hello }"}`, plain, true, http.StatusTooManyRequests, `"retryAfter":7`},
		{`{"query":"{ hello }"}`, response, true, http.StatusTooManyRequests, `"RATE_LIMITED"`},
		{`{"query":"{ nothing }"}`, response, false, http.StatusBadRequest, `"errors"`},
		{`{"query":"{"}`, response, true, http.StatusTooManyRequests, `"RATE_LIMITED"`},
	} {
		refuse = c.refuse
		status, header, body := call{body: c.body, accept: c.accept}.send(t, s.URL)
		if status != c.status || !strings.Contains(body, c.want) || header.Get("RateLimit-Remaining") != "3" {
			t.Errorf("%s (refused: %v): %d %s, header %v", c.body, c.refuse, status, body, header)
		}
	}
	if asked != 5 {
		t.Errorf("asked %d times", asked)
	}
}

// On a socket the operation alone is refused; its id is free again, and the
// socket goes on.
func TestWebSocket_Admit(t *testing.T) {
	left := 1
	s := serve(t, func(w *transport.WebSocket) {
		w.Admit = func(ctx context.Context, _ *graphql.OperationContext) (context.Context, error) {
			if left--; left < 0 {
				return nil, errAdmission
			}
			return ctx, nil
		}
	})
	hello := `> {"type":"subscribe","id":"h","payload":{"query":"{ hello }"}}`
	refused := `< {"type":"error","id":"h","payload":[{"extensions":{"code":"RATE_LIMITED","retryAfter":7}}]}`
	s.join("ann").Plays(hello, `< {"type":"next","id":"h"}`, `< {"type":"complete","id":"h"}`,
		hello, refused, hello, refused,
		`> {"type":"subscribe","id":"h","payload":{"query":"subscription { feed { n } }"}}`, refused, "silent")
}
