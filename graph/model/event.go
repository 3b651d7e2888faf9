// Package model holds the types of the schema that are no entities: generated
// ones, pages, scalars and events.
package model

import (
	"context"
	"time"

	"partnerhub/ent/serviceevent"
)

// HubTileEvent tells that a hub's tile, icons or name changed. The hub itself
// is read when the event is sent, as the viewer of that moment.
type HubTileEvent struct {
	Cursor       string
	Kind         EventKind
	OccurredAt   time.Time
	HubID        *string // nil where there is nothing to tell of
	PreviousTile *serviceevent.Tile
	Action       *serviceevent.Action
	IsCaughtUp   bool
	Guard
}

// ConnectionEvent tells that a connection changed. The connection itself is
// read when the event is sent, as the viewer of that moment.
type ConnectionEvent struct {
	Cursor       string
	Kind         EventKind
	OccurredAt   time.Time
	ConnectionID *string // nil where there is nothing to tell of
	IsCaughtUp   bool
	Guard
}

// TransactionEvent tells of an entry of a reseller's payment history.
type TransactionEvent struct {
	Cursor        string
	Kind          EventKind
	OccurredAt    time.Time
	ResellerID    string
	TransactionID *string // nil where there is nothing to tell of
	IsCaughtUp    bool
	Guard
}

// BalanceEvent tells that figures of a reseller changed. They are read when the
// event is sent, as the viewer of that moment.
type BalanceEvent struct {
	Cursor        string
	Kind          EventKind
	OccurredAt    time.Time
	ResellerID    string
	TransactionID *string // that caused the change; nil where none did
	IsCaughtUp    bool
	Guard
}

// Guard judges whether the viewer of a context may have an event. nil lets
// everybody have it.
type Guard func(ctx context.Context) error

// MaySend asks the guard. The transport of streams calls it in the context of
// the event.
func (g Guard) MaySend(ctx context.Context) error {
	if g == nil {
		return nil
	}
	return g(ctx)
}
