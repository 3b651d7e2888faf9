package model

import (
	"context"

	"partnerhub/ent"
	"partnerhub/internal/ledger"
	"partnerhub/internal/report"
)

// Node is anything with a globally unique id.
type Node any

// Page is one page of a list.
type Page[T any] struct {
	Edges    []Edge[T]
	PageInfo PageInfo
	Count    func(context.Context) (int, error) // of all pages; asked only when a client wants it
}

// Edge is an item with its place in the list.
type Edge[T any] struct {
	Node   T
	Cursor string
}

// Nodes are the items of the page.
func (p *Page[T]) Nodes() []T {
	nodes := make([]T, len(p.Edges))
	for i, e := range p.Edges {
		nodes[i] = e.Node
	}
	return nodes
}

// TotalCount is the number of items on all pages.
func (p *Page[T]) TotalCount(ctx context.Context) (int, error) { return p.Count(ctx) }

// TransactionConnection is a page of a payment history.
type TransactionConnection struct {
	*Page[*ent.Transaction]

	// Reseller is whose history it is; nil where the viewer may not see it.
	Reseller *ent.Company
}

// Pages and their edges, as the schema names them.
//
//revive:disable:exported
type (
	EmployeeConnection       = Page[*ent.Employee]
	EmployeeEdge             = Edge[*ent.Employee]
	DealerLinkConnection     = Page[*ent.Connection]
	DealerLinkEdge           = Edge[*ent.Connection]
	SecurityObjectConnection = Page[*ent.Object]
	SecurityObjectEdge       = Edge[*ent.Object]
	HubConnection            = Page[*ent.Hub]
	HubEdge                  = Edge[*ent.Hub]
	HubServiceConnection     = Page[*ent.Service]
	HubServiceEdge           = Edge[*ent.Service]
	ServiceEventConnection   = Page[*ent.ServiceEvent]
	ServiceEventEdge         = Edge[*ent.ServiceEvent]
	DealerActivityConnection = Page[*report.Activity]
	DealerActivityEdge       = Edge[*report.Activity]
	ActivityConnection       = Page[*ent.Activity]
	ActivityEdge             = Edge[*ent.Activity]
	CompanyConnection        = Page[*ent.Company]
	CompanyEdge              = Edge[*ent.Company]
	ServicePackageConnection = Page[*ent.ServicePackage]
	ServicePackageEdge       = Edge[*ent.ServicePackage]
	TransactionEdge          = Edge[*ent.Transaction]
	ChargeLineConnection     = Page[*ledger.ChargeLine]
	ChargeLineEdge           = Edge[*ledger.ChargeLine]
)
