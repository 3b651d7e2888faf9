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
const patience = time.Minute

// Stream is a live subscription.
type Stream struct {
	w      *World
	stream *client.Stream
	field  string
}

// Socket is a connection on which several streams of a person run.
type Socket struct {
	w      *World
	socket *client.Socket
}

// Socket opens a connection of the person.
func (p *Person) Socket() *Socket {
	p.w.Helper()
	s, err := p.Client.Dial(context.Background())
	if err != nil {
		p.w.Fatalf("open a socket: %v", err)
	}
	p.w.Cleanup(func() { _ = s.Close() })
	return &Socket{p.w, s}
}

// Subscribe starts a subscription, or runs a query or a mutation as the one
// event of a stream. field is its root.
func (s *Socket) Subscribe(field, document string, variables Vars) *Stream {
	s.w.Helper()
	stream, err := s.socket.Subscribe(context.Background(), document, variables)
	if err != nil {
		s.w.Fatalf("subscribe: %v", err)
	}
	s.w.Cleanup(func() { _ = stream.Close() })
	return &Stream{w: s.w, stream: stream, field: field}
}

// Tiles watches tiles: scope is a HubScope, after a cursor or "".
func (s *Socket) Tiles(scope Vars, after string) *Stream {
	s.w.Helper()
	return s.Subscribe("hubTileChanged", tilesDocument, tilesVariables(scope, after))
}

// Connections watches the connections of a company.
func (s *Socket) Connections(companyID, after string) *Stream {
	s.w.Helper()
	return s.Subscribe("connectionChanged", connectionsDocument, connectionsVariables(companyID, after))
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
	return p.Subscribe("hubTileChanged", tilesDocument, tilesVariables(scope, after))
}

// Connections watches the connections of a company.
func (p *Person) Connections(companyID, after string) *Stream {
	p.w.Helper()
	return p.Subscribe("connectionChanged", connectionsDocument, connectionsVariables(companyID, after))
}

// Payments watches the payment history of a reseller.
func (p *Person) Payments(companyID, after string) *Stream {
	p.w.Helper()
	return p.Subscribe("transactionAdded", paymentsDocument, connectionsVariables(companyID, after))
}

// Balance watches the figures of a reseller.
func (p *Person) Balance(companyID, after string) *Stream {
	p.w.Helper()
	return p.Subscribe("balanceChanged", balanceDocument, connectionsVariables(companyID, after))
}

const (
	tilesDocument = `subscription($scope: HubScope!, $after: String) {
		hubTileChanged(scope: $scope, after: $after) {
			cursor kind occurredAt hubId previousTile action isCaughtUp
			hub { id name statusIcons tile { kind label version } sim { isActive } } } }`
	connectionsDocument = `subscription($id: ID!, $after: String) {
		connectionChanged(companyId: $id, after: $after) {
			cursor kind occurredAt connectionId isCaughtUp
			connection { id status dealerNumber version dealer { name } reseller { name } } } }`
	balanceDocument = `subscription($id: ID!, $after: String) {
		balanceChanged(companyId: $id, after: $after) {
			cursor kind occurredAt isCaughtUp reseller { id name } transaction { id type }
			overview { id version balance { amount } monthlyFee { amount } activeDealerCount activeAccountCount
				creditLimit { amount } nextCharge { month amount { amount } } } } }`
	paymentsDocument = `subscription($id: ID!, $after: String) {
		transactionAdded(companyId: $id, after: $after) {
			cursor kind occurredAt isCaughtUp reseller { id name }
			transaction { id type direction occurredAt amount { amount } balanceAfter { amount } charge { month amount { amount } } } } }`
)

func tilesVariables(scope Vars, after string) Vars {
	variables := Vars{"scope": scope}
	if after != "" {
		variables["after"] = after
	}
	return variables
}

func connectionsVariables(companyID, after string) Vars {
	variables := Vars{"id": companyID}
	if after != "" {
		variables["after"] = after
	}
	return variables
}

// Close ends the stream from the client's side, as a broken connection does.
func (s *Stream) Close() { _ = s.stream.Close() }

// Next returns the next event.
func (s *Stream) Next() Answer {
	s.w.Helper()
	e, end := s.NextOrEnd()
	if end != "" {
		s.w.Fatalf("no event: the stream ended with %s", end)
	}
	return e
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

// NextOrEnd returns the next event, or says how the stream ended.
func (s *Stream) NextOrEnd() (e Answer, end string) {
	s.w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	text, err := s.stream.Next(ctx)
	if err != nil {
		return Answer{w: s.w}, s.ending(err)
	}
	var data any
	if err := json.Unmarshal(text, &data); err != nil {
		s.w.Fatal(err)
	}
	a := Answer{w: s.w, Data: data}
	a.Data = a.Get(s.field)
	return a, ""
}

// End waits for the end of the stream and says how it came: "complete", the
// code of an `error`, or the reason of the socket's closing, such as "4403".
// The stream's own socket is closed with it.
func (s *Stream) End() string {
	s.w.Helper()
	defer func() { _ = s.stream.Close() }()
	for {
		if _, end := s.NextOrEnd(); end != "" {
			return end
		}
	}
}

func (s *Stream) ending(err error) string {
	s.w.Helper()
	var refused *client.Errors
	var closed *client.CloseError
	switch {
	case errors.Is(err, io.EOF):
		return "complete"
	case errors.As(err, &refused):
		return refused.Code()
	case errors.As(err, &closed):
		return strconv.Itoa(closed.Code)
	default:
		s.w.Fatalf("no event, and no end of the stream: %v", err)
		return ""
	}
}
