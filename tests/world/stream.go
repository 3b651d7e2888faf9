package world

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"time"

	"partnerhub/internal/client"
)

// patience is how long an event may take to come.
const patience = 5 * time.Second

// Stream is a live subscription.
type Stream struct {
	w      *World
	stream *client.Stream
	field  string
}

// Subscribe starts a subscription on a socket of its own. field is its root.
func (p *Person) Subscribe(field, document string, variables Vars) *Stream {
	p.w.Helper()
	s, err := p.Client.Subscribe(context.Background(), document, variables)
	if err != nil {
		p.w.Fatalf("subscribe: %v", err)
	}
	p.w.Cleanup(func() { _ = s.Close() })
	return &Stream{w: p.w, stream: s, field: field}
}

// Tiles watches tiles: scope is a HubScope, after a cursor or "".
func (p *Person) Tiles(scope Vars, after string) *Stream {
	p.w.Helper()
	variables := Vars{"scope": scope}
	if after != "" {
		variables["after"] = after
	}
	return p.Subscribe("hubTileChanged", `subscription($scope: HubScope!, $after: String) {
		hubTileChanged(scope: $scope, after: $after) {
			cursor kind occurredAt hubId previousTile action isCaughtUp
			hub { id name statusIcons tile { kind label version } sim { isActive } } } }`, variables)
}

// Connections watches the connections of a company.
func (p *Person) Connections(companyID, after string) *Stream {
	p.w.Helper()
	variables := Vars{"id": companyID}
	if after != "" {
		variables["after"] = after
	}
	return p.Subscribe("connectionChanged", `subscription($id: ID!, $after: String) {
		connectionChanged(companyId: $id, after: $after) {
			cursor kind occurredAt connectionId isCaughtUp
			connection { id status dealerNumber version dealer { name } reseller { name } } } }`, variables)
}

// Next returns the next event.
func (s *Stream) Next() Answer {
	s.w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	text, err := s.stream.Next(ctx)
	if err != nil {
		s.w.Fatalf("no event: %v", err)
	}
	var data any
	if err := json.Unmarshal(text, &data); err != nil {
		s.w.Fatal(err)
	}
	a := Answer{w: s.w, Data: data}
	a.Data = a.Get(s.field)
	return a
}

// Quiet fails the test if an event comes within a moment.
func (s *Stream) Quiet() {
	s.w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if text, err := s.stream.Next(ctx); err == nil {
		s.w.Errorf("an event that should not come: %s", text)
	} else if !errors.Is(err, context.DeadlineExceeded) {
		s.w.Errorf("the stream ended: %v", err)
	}
}

// End waits for the end of the stream and says how it came: "complete", the
// code of an `error`, or the reason of the socket's closing, such as "4403".
// The stream's own socket is closed with it.
func (s *Stream) End() string {
	s.w.Helper()
	defer func() { _ = s.stream.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		_, err := s.stream.Next(ctx)
		var refused *client.Errors
		var closed *client.CloseError
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			return "complete"
		case errors.As(err, &refused):
			return refused.Code()
		case errors.As(err, &closed):
			return strconv.Itoa(closed.Code)
		default:
			s.w.Fatalf("the stream did not end: %v", err)
		}
	}
}
