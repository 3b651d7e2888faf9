// Package graph is the GraphQL side of the server, by hand: resolvers that
// translate between the schema and the areas, one file for each file of
// schema/; pages, loaders, errors; and the watching behind the streams.
package graph

import (
	"context"
	"log/slog"

	"partnerhub/graph/generated"
	"partnerhub/internal/live"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Resolver is what all resolvers share.
type Resolver struct {
	DB     *store.DB
	Broker *live.Broker
	Log    *slog.Logger
	Info   Info

	// MaxBehind is how many changes a stream may be behind: a reader that is
	// slower gets a new snapshot instead of them.
	MaxBehind int

	// Fresh looks at the credentials of a context again and returns one with
	// the viewer as of now. It fails where they are dead.
	Fresh func(ctx context.Context) (context.Context, error)

	// Authenticate returns who asks with the token of a session.
	Authenticate func(ctx context.Context, token string) (viewer.Viewer, error)

	OperatorEmail string // address of the platform operator (A32), "" for none
}

// root leads from the schema's types to their resolvers.
type root struct{ *Resolver }

// Root returns the resolvers for the generated server.
func (r *Resolver) Root() generated.ResolverRoot { return root{r} }

// Resolvers of the roots and of the types that need one. The embedded
// Resolver is their only state.
type (
	query               struct{ *Resolver }
	mutation            struct{ *Resolver }
	subscription        struct{ *Resolver }
	userType            struct{ *Resolver }
	sessionType         struct{ *Resolver }
	companyType         struct{ *Resolver }
	employeeType        struct{ *Resolver }
	dealerLinkType      struct{ *Resolver }
	objectType          struct{ *Resolver }
	hubType             struct{ *Resolver }
	packageType         struct{ *Resolver }
	serviceType         struct{ *Resolver }
	eventType           struct{ *Resolver }
	overviewType        struct{ *Resolver }
	dealerActivityType  struct{ *Resolver }
	shareType           struct{ *Resolver }
	activityType        struct{ *Resolver }
	transactionType     struct{ *Resolver }
	chargeType          struct{ *Resolver }
	chargeLineType      struct{ *Resolver }
	hubTileEventType    struct{ *Resolver }
	connectionEventType struct{ *Resolver }

	transactionEventType struct{ *Resolver }
	balanceEventType     struct{ *Resolver }

	transactionConnectionType struct{ *Resolver }
)

// Query is the root of reading.
func (r root) Query() generated.QueryResolver { return query{Resolver: r.Resolver} }

// Mutation is the root of changing.
func (r root) Mutation() generated.MutationResolver { return mutation{Resolver: r.Resolver} }

// Subscription is the root of the streams.
func (r root) Subscription() generated.SubscriptionResolver {
	return subscription{Resolver: r.Resolver}
}

// User resolves what is not a plain column of a person.
func (r root) User() generated.UserResolver { return userType{Resolver: r.Resolver} }

// Session resolves what is not a plain column of a session.
func (r root) Session() generated.SessionResolver { return sessionType{Resolver: r.Resolver} }

// Company resolves what is not a plain column of a company.
func (r root) Company() generated.CompanyResolver { return companyType{Resolver: r.Resolver} }

// Employee resolves what is not a plain column of an employee.
func (r root) Employee() generated.EmployeeResolver { return employeeType{Resolver: r.Resolver} }

// DealerLink resolves what is not a plain column of a connection.
func (r root) DealerLink() generated.DealerLinkResolver { return dealerLinkType{Resolver: r.Resolver} }

// SecurityObject resolves what is not a plain column of an object.
func (r root) SecurityObject() generated.SecurityObjectResolver {
	return objectType{Resolver: r.Resolver}
}

// Hub resolves what is not a plain column of a hub.
func (r root) Hub() generated.HubResolver { return hubType{Resolver: r.Resolver} }

// ServicePackage resolves what is not a plain column of a package.
func (r root) ServicePackage() generated.ServicePackageResolver {
	return packageType{Resolver: r.Resolver}
}

// HubService resolves what is not a plain column of a service.
func (r root) HubService() generated.HubServiceResolver { return serviceType{Resolver: r.Resolver} }

// ServiceEvent resolves what is not a plain column of an event.
func (r root) ServiceEvent() generated.ServiceEventResolver { return eventType{Resolver: r.Resolver} }

// ResellerOverview resolves what is not a plain figure of a reseller.
func (r root) ResellerOverview() generated.ResellerOverviewResolver {
	return overviewType{Resolver: r.Resolver}
}

// DealerActivity resolves what is not a plain figure of a dealer.
func (r root) DealerActivity() generated.DealerActivityResolver {
	return dealerActivityType{Resolver: r.Resolver}
}

// PackageBreakdown resolves what is not a plain figure of a package.
func (r root) PackageBreakdown() generated.PackageBreakdownResolver {
	return shareType{Resolver: r.Resolver}
}

// Activity resolves what is not a plain column of a log entry.
func (r root) Activity() generated.ActivityResolver { return activityType{Resolver: r.Resolver} }

// Transaction resolves what is not a plain column of a transaction.
func (r root) Transaction() generated.TransactionResolver {
	return transactionType{Resolver: r.Resolver}
}

// TransactionConnection resolves what a page of transactions has besides.
func (r root) TransactionConnection() generated.TransactionConnectionResolver {
	return transactionConnectionType{Resolver: r.Resolver}
}

// Charge resolves the lines of a charge.
func (r root) Charge() generated.ChargeResolver { return chargeType{Resolver: r.Resolver} }

// ChargeLine resolves what a line refers to.
func (r root) ChargeLine() generated.ChargeLineResolver { return chargeLineType{Resolver: r.Resolver} }

// HubTileEvent resolves the hub of an event.
func (r root) HubTileEvent() generated.HubTileEventResolver { return hubTileEventType{r.Resolver} }

// ConnectionEvent resolves the connection of an event.
func (r root) ConnectionEvent() generated.ConnectionEventResolver {
	return connectionEventType{r.Resolver}
}

// BalanceEvent resolves the figures of an event.
func (r root) BalanceEvent() generated.BalanceEventResolver { return balanceEventType{r.Resolver} }

// TransactionEvent resolves the entry of an event.
func (r root) TransactionEvent() generated.TransactionEventResolver {
	return transactionEventType{r.Resolver}
}
