package server

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"partnerhub/graph"
	"partnerhub/graph/transport"
	"partnerhub/internal/authz"
	"partnerhub/internal/i18n"
	"partnerhub/internal/identity"
	"partnerhub/internal/viewer"
)

// credentials are what a socket authenticates with, again and again.
type credentials struct {
	token    string
	language string // as the client asked for it; "" asks for none
}

type credentialsKey struct{}

// bearer returns the token of an Authorization value, "" where it has none.
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// viewer returns who asks with the token of a session.
func (s *Server) viewer(ctx context.Context, token string) (viewer.Viewer, error) {
	return identity.Authenticate(ctx, s.db, s.rights, s.config.OperatorEmail, token)
}

// identify returns a context that knows who asks, in which language. Dead
// credentials are reported, so that the caller decides what they mean.
func (s *Server) identify(ctx context.Context, c credentials) (context.Context, error) {
	var v viewer.Viewer
	var err error = authz.ErrUnauthenticated // of the interface: a nil *Error in it would be no nil
	if c.token != "" {
		found, lookup := s.viewer(ctx, c.token)
		if lookup != nil && !errors.Is(lookup, authz.ErrUnauthenticated) {
			return nil, lookup
		}
		if lookup == nil {
			v, err = found, nil
		}
	}
	language, ok := i18n.Match(c.language)
	if !ok {
		language, _ = i18n.Match(v.Language)
	}
	if language == "" {
		language = i18n.English
	}
	return i18n.With(viewer.With(ctx, v), language), err
}

// authenticate lets a request know its caller. Somebody without credentials,
// or with dead ones, is nobody: the guard of the roots refuses what is not
// open to everybody.
func (s *Server) authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := newRequestID()
		w.Header().Set("X-Request-Id", id)
		ctx := graph.WithRequestID(r.Context(), id)
		ctx = viewer.WithAddress(ctx, viewer.Network(address(r, s.config.TrustedProxies)))
		c := credentials{
			token:    bearer(r.Header.Get("Authorization")),
			language: strings.Join(r.Header.Values("Accept-Language"), ","),
		}
		ctx, err := s.identify(context.WithValue(ctx, credentialsKey{}, c), c)
		if err != nil && !errors.Is(err, authz.ErrUnauthenticated) {
			s.log.ErrorContext(r.Context(), "cannot look up credentials", "request_id", id, "error", err)
			http.Error(w, "the server cannot look up credentials just now", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// socketInit authenticates a socket by its connection_init, or by the headers
// of its handshake. Missing and dead credentials close it with 4403 (A49).
func (s *Server) socketInit(ctx context.Context, r *http.Request, payload map[string]any) (context.Context, error) {
	c := credentials{token: bearer(word(payload, "Authorization")), language: word(payload, "language")}
	if c.token == "" {
		c.token = bearer(r.Header.Get("Authorization"))
	}
	if c.language == "" {
		c.language = strings.Join(r.Header.Values("Accept-Language"), ",")
	}
	return s.socketRefresh(context.WithValue(ctx, credentialsKey{}, c))
}

// fresh looks again at the credentials that a context came with.
func (s *Server) fresh(ctx context.Context) (context.Context, error) {
	c, _ := ctx.Value(credentialsKey{}).(credentials)
	return s.identify(ctx, c)
}

// socketRefresh looks at the credentials of a socket again, for an operation
// or an event with a request id of its own.
func (s *Server) socketRefresh(ctx context.Context) (context.Context, error) {
	fresh, err := s.fresh(graph.WithRequestID(ctx, newRequestID()))
	if err != nil && !errors.Is(err, authz.ErrUnauthenticated) {
		if ctx.Err() == nil { // somebody still waits
			s.log.ErrorContext(ctx, "cannot look up credentials", "error", err)
		}
		return nil, errors.Join(transport.ErrTryLater, err)
	}
	return fresh, err
}

// socketWatch calls changed when the rights of the socket's person may have
// changed, and when the session is over.
func (s *Server) socketWatch(ctx context.Context, changed func()) func() {
	v := viewer.From(ctx)
	stop := s.broker.Call(changed, v.UserID)
	timer := time.AfterFunc(time.Until(v.ExpiresAt), changed)
	return func() {
		timer.Stop()
		stop()
	}
}

func word(payload map[string]any, name string) string {
	s, _ := payload[name].(string)
	return s
}
