package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// Company is a PRO company: a dealer, a reseller or neither yet.
type Company struct{ ent.Schema }

// Fields of a company.
func (Company) Fields() []ent.Field {
	return []ent.Field{
		id("co"),
		field.String("name").NotEmpty(),
		field.String("name_key").Comment("Name folded for search and sorting."),
		field.String("country").Comment("ISO 3166-1 alpha-2."),
		field.String("contact_email").Comment("Folded to lower case."),
		text("contact_phone"),
		text("contact_website"),
		text("contact_address"),
		text("registration_number"),
		text("tax_number"),
		maybeInstant("dealer_since"),
		maybeInstant("reseller_since"),
		field.String("reseller_email").Optional().Nillable().Comment("Contact address of a reseller: unique among them (A55). Null for others."),
		text("currency"),
		field.Int64("credit_limit").Optional().Nillable().Comment("Minor units of the currency; null is no limit (A20)."),
		instant("created_at"),
		maybeInstant("deleted_at"),
	}
}

// Edges of a company.
func (Company) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("employees", Employee.Type),
		edge.To("objects", Object.Type),
		edge.To("hubs", Hub.Type),
		edge.To("reseller_connections", Connection.Type),
		edge.To("dealer_connections", Connection.Type),
	}
}

// Indexes of companies.
func (Company) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("reseller_email").Unique().Annotations(entsql.IndexWhere("deleted_at IS NULL")),
		index.Fields("country", "name_key").Annotations(entsql.IndexWhere("reseller_since IS NOT NULL AND deleted_at IS NULL")),
		index.Fields("contact_email"),
	}
}

// Policy of a company: members, invited persons, partners; resellers to all
// who work for a company (A50).
func (Company) Policy() ent.Policy { return authz.SeeCompanies() }

// Connection is what a dealer and a reseller have agreed on: at most one for a
// pair, for ever (A4).
type Connection struct{ ent.Schema }

// Fields of a connection.
func (Connection) Fields() []ent.Field {
	return []ent.Field{
		id("con"),
		ref("dealer_id"),
		field.String("reseller_id").Optional().Nillable().Comment("Null while the reseller is only invited by e-mail (A23)."),
		field.String("invited_email").Optional().Nillable().Immutable().Comment("Address the invitation went to, folded; kept when it became a request."),
		field.Enum("status").Values("PENDING", "ACTIVE", "SUSPENDED", "REJECTED"),
		text("dealer_number"),
		field.String("number_key").Optional().Nillable().Comment("Dealer number folded for search."),
		text("status_reason"),
		instant("requested_at"),
		instant("status_changed_at"),
		field.Int64("version").Default(1).Comment("Grows by one with every change."),
		maybeInstant("deleted_at"),
	}
}

// Edges of a connection.
func (Connection) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("dealer", Company.Type).Ref("reseller_connections").Field("dealer_id").Unique().Required().Immutable(),
		edge.From("reseller", Company.Type).Ref("dealer_connections").Field("reseller_id").Unique(),
	}
}

// Indexes of connections.
func (Connection) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("dealer_id", "reseller_id").Unique(),
		index.Fields("dealer_id", "invited_email").Unique().Annotations(entsql.IndexWhere("reseller_id IS NULL")),
		index.Fields("reseller_id", "dealer_number").Unique().Annotations(entsql.IndexWhere("deleted_at IS NULL")), // A24
		index.Fields("reseller_id", "status"),
		index.Fields("invited_email").Annotations(entsql.IndexWhere("reseller_id IS NULL")),
	}
}

// Policy of a connection: owner and managers of either side (A52).
func (Connection) Policy() ent.Policy { return authz.SeeConnections() }
