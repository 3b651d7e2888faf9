package server

import (
	"context"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/graph"
	"partnerhub/graph/generated"
	"partnerhub/graph/model"
	"partnerhub/graph/transport"
	"partnerhub/internal/guard"
	"partnerhub/internal/viewer"
	"partnerhub/schema"
	"partnerhub/web"
)

// handler is everything that is served.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", s.crossOrigin(s.authenticate(s.graphql())))
	mux.HandleFunc("GET /schema.graphql", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/graphql; charset=utf-8")
		_, _ = w.Write([]byte(schema.SDL()))
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "alive\n") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("/", web.Handler())
	return mux
}

// graphql serves the graph over HTTP and WebSocket.
func (s *Server) graphql() http.Handler {
	r := &graph.Resolver{
		DB: s.db, Broker: s.broker, Log: s.log, Info: s.info(),
		Fresh: s.fresh, MaxBehind: s.config.Limits.StreamBehind, Authenticate: s.viewer, OperatorEmail: s.config.OperatorEmail,
	}
	l := s.config.Limits
	executable := generated.NewExecutableSchema(generated.Config{Resolvers: r.Root()})
	h := handler.New(executable)
	gate := guard.NewGate(executable.Schema(), s.guardLimits())
	gate.Spent = s.hasSpent
	values := transport.ValueLimits{Size: int(l.VariablesSize), Depth: l.VariablesDepth, Values: l.VariablesValues}
	s.socket = &transport.WebSocket{
		Gate:           gate,
		AllowedOrigins: s.config.AllowedOrigins,
		Init:           s.socketInit, Refresh: s.socketRefresh, Watch: s.socketWatch,
		Person: func(ctx context.Context) string { return viewer.From(ctx).UserID },
		Admit:  s.admitSocket, Pace: s.pace,
		NewEvent:    s.moment,
		InitTimeout: l.SocketInitTime, OperationTimeout: l.OperationTime, Unhurried: isOperatorsJob, WriteTimeout: l.SocketWriteTime,
		PingInterval: l.SocketPing, DeadAfter: l.SocketDeadAfter,
		Values:       values,
		MessageLimit: int(l.SocketMessage), AnswerLimit: int(l.Answer), QueueLimit: int(l.SocketQueue),
		OperationLimit: l.SocketOperations, SocketLimit: l.SocketsPerPerson,
	}
	h.AddTransport(s.socket)
	s.events = &transport.Events{Socket: s.socket}
	h.AddTransport(transport.HTTP{
		Gate:      gate,
		Admit:     s.admitHTTP,
		Values:    values,
		BodyLimit: int64(l.HTTPBody), BodyTimeout: l.BodyTime, OperationTimeout: l.OperationTime, Unhurried: isOperatorsJob, AnswerLimit: int(l.Answer),
		WriteTimeout: l.SocketWriteTime, Events: s.events,
	})
	h.SetQueryCache(gate)
	h.SetErrorPresenter(graph.PresentError(s.log))
	h.SetRecoverFunc(graph.Recover(s.log))
	h.Use(extension.Introspection{})
	h.AroundFields(graph.RequireSignIn)
	h.AroundResponses(func(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
		if isSubscription(ctx) {
			return next(ctx) // each event has a moment of its own
		}
		ctx, done := s.moment(ctx)
		defer done()
		return next(ctx)
	})
	h.AroundResponses(graph.LimitAnswer(l.Errors, int(l.ErrorSize)))
	h.AroundFields(graph.MeasureAnswer)
	h.AroundRootFields(graph.ReserveAnswer)
	return h
}

// guardLimits are the limits of documents and operations.
func (s *Server) guardLimits() guard.Limits {
	l := s.config.Limits
	return guard.Limits{
		Document: int(l.Document), Tokens: l.DocumentTokens, Nesting: l.Nesting, Depth: l.Depth, Aliases: l.Aliases,
		SameField: l.SameField, SameMutation: l.SameMutation, Directives: l.Directives, Fragments: l.Fragments, Spreads: l.Spreads,
		Fields: l.Fields, Cost: l.Cost, Page: guard.Page{Default: l.PageDefault, Max: l.PageSize},
		Pages: map[string]guard.Page{"hubTileChanges": {Default: graph.DefaultChanges, Max: graph.MaxChanges}},
		Nodes: l.Nodes, Items: l.BulkItems, Kept: int(l.DocumentCache),
	}
}

func isSubscription(ctx context.Context) bool {
	if !graphql.HasOperationContext(ctx) {
		return false // a request that is no operation
	}
	op := graphql.GetOperationContext(ctx).Operation
	return op != nil && op.Operation == ast.Subscription
}

// isOperatorsJob reports an operation that does the work of months, and nothing
// else: how long it takes depends on how much there is. Whoever is not the
// operator is refused before it begins.
func isOperatorsJob(op *ast.OperationDefinition) bool {
	return op.Operation == ast.Mutation && asksOnlyFor(op, "clockAdvance", "billingRun")
}

// asksOnlyFor reports whether an operation has no root fields but these. One
// that has fragments at its root may have others.
func asksOnlyFor(op *ast.OperationDefinition, names ...string) bool {
	return !slices.ContainsFunc(op.SelectionSet, func(s ast.Selection) bool {
		f, ok := s.(*ast.Field)
		return !ok || !slices.Contains(names, f.Name)
	})
}

// moment is the context of one answer or one event: its own memory, and one
// read transaction.
func (s *Server) moment(ctx context.Context) (context.Context, func()) {
	sizes := graph.PageSizes{Default: s.config.Limits.PageDefault, Max: s.config.Limits.PageSize}
	return s.db.Reading(graph.WithAnswerLimit(graph.Loading(ctx, sizes), int(s.config.Limits.Answer)))
}

func (s *Server) info() graph.Info {
	l := s.config.Limits
	return graph.Info{
		Version: Version(), SupportURL: s.config.SupportURL, MaxNodes: l.Nodes,
		Limits: model.ServerLimits{Cost: l.Cost, Aliases: l.Aliases, SameField: l.SameField, PageSize: l.PageSize, BulkItems: l.BulkItems},
	}
}

// readyz tells a balancer whether requests may be sent here.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if !s.ready.Load() {
		plain(w, http.StatusServiceUnavailable, "stopping\n")
		return
	}
	if err := s.db.Ping(r.Context()); err != nil {
		s.log.ErrorContext(r.Context(), "not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "the database does not answer\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
