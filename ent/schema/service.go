package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// ServicePackage is what the platform sells for a hub.
type ServicePackage struct{ ent.Schema }

// Fields of a package.
func (ServicePackage) Fields() []ent.Field {
	return []ent.Field{
		id("pkg"),
		field.String("code").NotEmpty().Unique().Immutable(),
		field.JSON("names", map[string]string{}).Comment("By language."),
		field.Int("trial_days").Default(0).NonNegative(),
		field.Bool("includes_sim").Default(true),
		instant("created_at"),
		maybeInstant("archived_at"),
	}
}

// Edges of a package.
func (ServicePackage) Edges() []ent.Edge {
	return []ent.Edge{edge.To("prices", PackagePrice.Type)}
}

// Policy of a package: everybody who works for a company.
func (ServicePackage) Policy() ent.Policy { return authz.SeePackages() }

// PackagePrice is what a package costs a month, from an instant on (A26).
type PackagePrice struct{ ent.Schema }

// Fields of a price.
func (PackagePrice) Fields() []ent.Field {
	return []ent.Field{
		id("prc"),
		ref("package_id"),
		field.String("currency").Immutable(),
		field.Int64("amount").NonNegative().Immutable().Comment("Minor units."),
		field.Time("valid_from").Immutable(),
	}
}

// Edges of a price.
func (PackagePrice) Edges() []ent.Edge {
	return []ent.Edge{edge.From("package", ServicePackage.Type).Ref("prices").Field("package_id").Unique().Required().Immutable()}
}

// Indexes of prices.
func (PackagePrice) Indexes() []ent.Index {
	return []ent.Index{index.Fields("package_id", "currency", "valid_from").Unique()}
}

// Policy of a price: money has its own rule (A9), so nobody reads it directly.
func (PackagePrice) Policy() ent.Policy { return authz.SystemOnly() }

// Service is one life of a package on a hub, paid by one reseller.
type Service struct{ ent.Schema }

// Fields of a service.
func (Service) Fields() []ent.Field {
	return []ent.Field{
		id("svc"),
		ref("hub_id"),
		ref("package_id"),
		ref("dealer_id"),
		ref("reseller_id"),
		ref("connection_id"),
		field.String("serial_number").NotEmpty().Immutable().Comment("Of the hub: fees go by it (A40)."),
		field.Enum("status").Values("ACTIVE", "EXPIRING", "SUSPENDED", "ENDED"),
		field.Time("activated_at").Immutable(),
		field.Time("trial_ends_at").Optional().Nillable().Immutable().Comment("First instant that is no longer free; null without a trial."),
		field.Time("ends_at").Optional().Nillable().Comment("A month boundary while it is pending; the instant of the end once it is over."),
		maybeInstant("suspended_at"),
		field.Enum("suspended_by").Values("DEALER", "OPERATOR").Optional().Nillable().Comment("Side that alone may take the pause back (A7)."),
		text("reason"),
		instant("updated_at"),
	}
}

// Edges of a service.
func (Service) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("hub", Hub.Type).Ref("services").Field("hub_id").Unique().Required().Immutable(),
		edge.To("package", ServicePackage.Type).Field("package_id").Unique().Required().Immutable(),
		edge.To("dealer", Company.Type).Field("dealer_id").Unique().Required().Immutable(),
		edge.To("reseller", Company.Type).Field("reseller_id").Unique().Required().Immutable(),
		edge.To("connection", Connection.Type).Field("connection_id").Unique().Required().Immutable(),
		edge.To("events", ServiceEvent.Type),
	}
}

// Indexes of services: at most one lives on a hub (A1).
func (Service) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("hub_id").Unique().Annotations(entsql.IndexWhere("status <> 'ENDED'")).StorageKey("service_one_live"),
		index.Fields("hub_id", "id"),
		index.Fields("dealer_id", "status"),
		index.Fields("reseller_id", "status"),
		index.Fields("package_id", "updated_at"), // what a change of its price is too late for
		index.Fields("reseller_id", "serial_number", "package_id", "status", "ends_at").StorageKey("service_key"),
		index.Fields("connection_id", "id").Annotations(entsql.IndexWhere("status <> 'ENDED'")).StorageKey("service_dealer_account"),
		// All that the fee of a living account needs: the run reads no row of it.
		index.Fields("reseller_id", "serial_number", "package_id", "id", "activated_at", "trial_ends_at", "ends_at").
			Annotations(entsql.IndexWhere("status <> 'ENDED'")).StorageKey("service_account"),
		index.Fields("reseller_id", "ends_at").Annotations(entsql.IndexWhere("status = 'ENDED'")).StorageKey("service_ended"),
		index.Fields("reseller_id", "ends_at").Annotations(entsql.IndexWhere("status <> 'ENDED' AND ends_at IS NOT NULL")).StorageKey("service_pending_end"),
	}
}

// Policy of a service: the dealer's employees; owner and managers of the
// reseller that is billed.
func (Service) Policy() ent.Policy { return authz.SeeServices() }

// ServiceEvent is one step of a service, for its history. The monthly run
// judges trials and pauses from these rows.
type ServiceEvent struct{ ent.Schema }

// Fields of an event.
func (ServiceEvent) Fields() []ent.Field {
	return []ent.Field{
		id("evt"),
		ref("service_id"),
		field.Enum("action").Values("ACTIVATE", "DEACTIVATE", "SUSPEND", "RESUME", "STOP", "EXPIRE").Immutable(),
		field.Time("occurred_at").Immutable(),
		field.String("actor_id").Optional().Nillable().Immutable().Comment("Null for the calendar."),
		field.Enum("tile").Values("ACTIVATION_REQUIRED", "ACTIVATED", "EXPIRES_SOON", "SUSPENDED", "UNAVAILABLE").Immutable(),
		field.String("reason").Optional().Nillable().Immutable(),
	}
}

// Edges of an event.
func (ServiceEvent) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("service", Service.Type).Ref("events").Field("service_id").Unique().Required().Immutable(),
		edge.To("actor", User.Type).Field("actor_id").Unique().Immutable(),
	}
}

// Indexes of events.
func (ServiceEvent) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("service_id", "id"),
		index.Fields("service_id", "occurred_at").Annotations(entsql.IndexWhere("action = 'SUSPEND'")).StorageKey("service_event_pause"),
	}
}

// Policy of an event: who sees the service.
func (ServiceEvent) Policy() ent.Policy { return authz.SeeServiceEvents() }

// Trial remembers that a hub or a card had the free days of a package, which
// it gets once, whoever owns it (A3, A40).
type Trial struct{ ent.Schema }

// Fields of a trial.
func (Trial) Fields() []ent.Field {
	return []ent.Field{
		id("tri"),
		ref("package_id"),
		field.Enum("thing").Values("SERIAL_NUMBER", "ICCID").Immutable(),
		field.String("number").NotEmpty().Immutable(),
		ref("service_id"),
	}
}

// Indexes of trials.
func (Trial) Indexes() []ent.Index {
	return []ent.Index{index.Fields("package_id", "thing", "number").Unique()}
}

// Policy of a trial: none but the lifecycle asks.
func (Trial) Policy() ent.Policy { return authz.SystemOnly() }
