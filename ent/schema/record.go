package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// Activity is an entry of a company's log, written in the transaction of the
// effect it tells of. An effect that concerns two companies has an entry in
// the log of each. Live streams replay from these rows.
type Activity struct{ ent.Schema }

// Fields of an entry.
func (Activity) Fields() []ent.Field {
	return []ent.Field{
		id("act"),
		field.Int64("position").Unique().Immutable().Comment("Grows in the order in which entries can be read; the cursor of streams."),
		field.String("company_id").Optional().Nillable().Immutable().Comment("Whose log; null for what concerns the platform alone."),
		field.String("actor_id").Optional().Nillable().Immutable().Comment("Null for the platform itself."),
		field.String("action").NotEmpty().Immutable().Comment("Name of the mutation, or of the calendar's step."),
		field.String("subject_id").Immutable(),
		field.JSON("words", map[string]string{}).Optional().Immutable().Comment("Names that stand in the summary, as they were."),
		field.Time("occurred_at").Immutable().Comment("By the clock of the business."),
		field.Time("recorded_at").Immutable().Comment("By the real clock: how long streams can replay it."),
		field.String("hub_id").Optional().Nillable().Immutable().Comment("Hub whose tile, icons or name changed."),
		field.String("object_id").Optional().Nillable().Immutable().Comment("Object the hub was at before."),
		field.String("connection_id").Optional().Nillable().Immutable().Comment("Connection that changed."),
		field.String("previous_tile").Optional().Nillable().Immutable(),
		field.String("service_action").Optional().Nillable().Immutable(),
	}
}

// Edges of an entry.
func (Activity) Edges() []ent.Edge {
	return []ent.Edge{edge.To("actor", User.Type).Field("actor_id").Unique().Immutable()}
}

// Indexes of the log.
func (Activity) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("company_id", "position"),
		index.Fields("company_id", "subject_id", "position"),
		index.Fields("hub_id", "position").Annotations(entsql.IndexWhere("hub_id IS NOT NULL")),
	}
}

// Policy of an entry: owner and managers of the company (A52).
func (Activity) Policy() ent.Policy { return authz.SeeActivities() }

// IdempotencyKey remembers the effect of a call, so that a retry finds it (A33).
type IdempotencyKey struct{ ent.Schema }

// Fields of a key.
func (IdempotencyKey) Fields() []ent.Field {
	return []ent.Field{
		id("idk"),
		ref("user_id"),
		field.String("operation").NotEmpty().Immutable(),
		field.String("key").NotEmpty().Immutable(),
		field.String("input_hash").Immutable().Comment("SHA-256 of the input, in hex."),
		field.String("result_id").Immutable().Comment("Thing the first call made or changed."),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of keys.
func (IdempotencyKey) Indexes() []ent.Index {
	return []ent.Index{index.Fields("user_id", "operation", "key").Unique(), index.Fields("created_at")}
}

// Policy of a key: none but its command asks.
func (IdempotencyKey) Policy() ent.Policy { return authz.SystemOnly() }

// Mail is a letter that waits in the outbox, or has been sent.
type Mail struct{ ent.Schema }

// Fields of a mail.
func (Mail) Fields() []ent.Field {
	return []ent.Field{
		id("mail"),
		field.String("recipient").NotEmpty().Immutable(),
		field.String("subject").Immutable(),
		field.String("text").Sensitive().Comment("Emptied once it is sent: it may carry a code."),
		field.String("html").Sensitive().Comment("Emptied once it is sent."),
		field.Time("created_at").Immutable(),
		field.Int("attempts").Default(0),
		field.Time("next_attempt_at").Comment("By the real clock."),
		maybeInstant("sent_at"),
		maybeInstant("failed_at"),
		text("last_error"),
	}
}

// Indexes of the outbox.
func (Mail) Indexes() []ent.Index {
	return []ent.Index{index.Fields("next_attempt_at").Annotations(entsql.IndexWhere("sent_at IS NULL AND failed_at IS NULL")).StorageKey("mail_waiting")}
}

// Policy of a mail: the outbox alone.
func (Mail) Policy() ent.Policy { return authz.SystemOnly() }

// Setting is one fact about the installation, such as its billing time zone.
type Setting struct{ ent.Schema }

// Fields of a setting.
func (Setting) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable().Comment("Name of the setting."),
		field.String("value"),
	}
}

// Policy of a setting: the store alone.
func (Setting) Policy() ent.Policy { return authz.SystemOnly() }
