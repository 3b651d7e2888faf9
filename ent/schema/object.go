package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// Object is guarded premises.
type Object struct{ ent.Schema }

// Fields of an object.
func (Object) Fields() []ent.Field {
	return []ent.Field{
		id("obj"),
		ref("company_id"),
		field.String("name").NotEmpty(),
		field.String("name_key").Comment("Name folded for sorting."),
		text("address"),
		field.String("search_key").Comment("Name and address folded for search."),
		text("reference"),
		field.String("reference_key").Default("").Comment("Reference folded for search."),
		instant("created_at"),
		maybeInstant("deleted_at"),
	}
}

// Edges of an object.
func (Object) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("company", Company.Type).Ref("objects").Field("company_id").Unique().Required().Immutable(),
		edge.To("hubs", Hub.Type),
	}
}

// Indexes of objects.
func (Object) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("company_id", "reference").Unique().Annotations(entsql.IndexWhere("deleted_at IS NULL")),
		index.Fields("company_id", "name_key", "id"),
		index.Fields("company_id", "id"),
	}
}

// Policy of an object: its company; its name also to a reseller that bills a
// hub of it (A50).
func (Object) Policy() ent.Policy { return authz.SeeObjects() }

// Hub is the central unit of an alarm system.
type Hub struct{ ent.Schema }

// Fields of a hub.
func (Hub) Fields() []ent.Field {
	return []ent.Field{
		id("hub"),
		ref("company_id"),
		field.String("object_id").NotEmpty(),
		field.String("serial_number").NotEmpty().Immutable().Comment("Upper case, without spaces."),
		field.String("name").NotEmpty(),
		field.String("search_key").Comment("Name and serial number folded for search."),
		field.JSON("settings", map[string]string{}).Optional().Comment("Configuration that a transfer moves with the name (A57)."),
		field.Int64("version").Default(1).Comment("Grows by one with every change of tile, SIM or name."),
		instant("created_at"),
		maybeInstant("removed_at"),
	}
}

// Edges of a hub.
func (Hub) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("company", Company.Type).Ref("hubs").Field("company_id").Unique().Required().Immutable(),
		edge.From("object", Object.Type).Ref("hubs").Field("object_id").Unique().Required(),
		edge.To("sim", SIMCard.Type).Unique(),
		edge.To("services", Service.Type),
	}
}

// Indexes of hubs: a serial number is unique among present hubs (A40).
func (Hub) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("serial_number").Unique().Annotations(entsql.IndexWhere("removed_at IS NULL")),
		index.Fields("object_id", "id"),
		index.Fields("company_id", "id"),
	}
}

// Policy of a hub: its company; in part the reseller that bills it (A50).
func (Hub) Policy() ent.Policy { return authz.SeeHubs() }

// SIMCard is the card in a present hub; it goes when the hub or another card
// takes its place.
type SIMCard struct{ ent.Schema }

// Fields of a card.
func (SIMCard) Fields() []ent.Field {
	return []ent.Field{
		id("sim"),
		ref("hub_id"),
		field.String("iccid").NotEmpty().Unique().Immutable(),
		field.Bool("is_ajax").Immutable(),
		field.Bool("is_active").Default(false).Comment("The intended state; the card is switched through the provider (A27)."),
	}
}

// Edges of a card.
func (SIMCard) Edges() []ent.Edge {
	return []ent.Edge{edge.From("hub", Hub.Type).Ref("sim").Field("hub_id").Unique().Required().Immutable()}
}

// Policy of a card: the hub's company.
func (SIMCard) Policy() ent.Policy { return authz.SeeSIMCards() }

// SIMSwitch is a card that the provider has yet to switch to the state that is
// intended for it (A27). The row goes once the provider has done so; it
// outlives the card's own row, so that a removed card is switched off too.
type SIMSwitch struct{ ent.Schema }

// Fields of a switch.
func (SIMSwitch) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable().Comment("ICCID of the card."),
		field.Bool("is_active").Comment("State to switch it to."),
		field.Int64("version").Default(1).Comment("Grows when the intention changes while the provider is asked."),
		field.Int("attempts").Default(0).Comment("Failed ones for the present intention."),
		field.Time("next_attempt_at").Comment("By the real clock; nobody else asks the provider before it."),
		text("last_error"),
	}
}

// Indexes of the switches.
func (SIMSwitch) Indexes() []ent.Index { return []ent.Index{index.Fields("next_attempt_at")} }

// Policy of a switch: the job alone.
func (SIMSwitch) Policy() ent.Policy { return authz.SystemOnly() }
