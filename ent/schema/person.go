package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// User is a person with a PRO account.
type User struct{ ent.Schema }

// Fields of a person.
func (User) Fields() []ent.Field {
	return []ent.Field{
		id("usr"),
		field.String("email").NotEmpty().Unique().Comment("Folded to lower case: addresses are told apart without case."),
		field.String("name").NotEmpty(),
		field.String("name_key").Comment("Name folded for search and sorting."),
		field.String("language").Default("en"),
		field.String("password_hash").Sensitive().Comment("argon2id, in the PHC form."),
		maybeInstant("email_verified_at"),
		instant("created_at"),
	}
}

// Edges of a person.
func (User) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("employments", Employee.Type),
		edge.To("sessions", Session.Type),
	}
}

// Policy of a person: oneself and one's colleagues.
func (User) Policy() ent.Policy { return authz.SeeUsers() }

// Session is a sign-in that has not ended. Only the hash of its token is kept.
type Session struct{ ent.Schema }

// Fields of a session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		id("ses"),
		ref("user_id"),
		field.String("token_hash").NotEmpty().Unique().Sensitive().Comment("SHA-256 of the token, in hex."),
		text("device_name"),
		instant("created_at"),
		field.Time("last_used_at").Comment("To the hour, so that reading costs no write."),
		instant("expires_at"),
	}
}

// Edges of a session.
func (Session) Edges() []ent.Edge {
	return []ent.Edge{edge.From("user", User.Type).Ref("sessions").Field("user_id").Unique().Required().Immutable()}
}

// Indexes of sessions.
func (Session) Indexes() []ent.Index { return []ent.Index{index.Fields("user_id")} }

// Policy of a session: one's own.
func (Session) Policy() ent.Policy { return authz.SeeSessions() }

// MailCode is a code that was mailed to a person, to be used once.
type MailCode struct{ ent.Schema }

// Fields of a code.
func (MailCode) Fields() []ent.Field {
	return []ent.Field{
		id("cod"),
		ref("user_id"),
		field.Enum("purpose").Values("VERIFY_EMAIL", "RESET_PASSWORD").Immutable(),
		field.String("code_hash").NotEmpty().Unique().Sensitive().Comment("SHA-256 of the code, in hex."),
		instant("created_at"),
		instant("expires_at"),
	}
}

// Edges of a code.
func (MailCode) Edges() []ent.Edge {
	return []ent.Edge{edge.To("user", User.Type).Field("user_id").Unique().Required().Immutable()}
}

// Indexes of codes.
func (MailCode) Indexes() []ent.Index { return []ent.Index{index.Fields("user_id", "purpose")} }

// Policy of a code: nobody's, it is asked for by the code itself.
func (MailCode) Policy() ent.Policy { return authz.SystemOnly() }

// TryCount is how often something was tried of late that may not be tried too
// often, such as a password. It runs out by itself: each try counts for a time,
// one after the other.
type TryCount struct{ ent.Schema }

// Fields of a count.
func (TryCount) Fields() []ent.Field {
	return []ent.Field{
		field.String("id").NotEmpty().Immutable().Comment("SHA-256 of what is counted, in hex: it names people and addresses."),
		field.Int64("until").Comment("When the last try no longer counts: microseconds since 1970, by the real clock."),
	}
}

// Indexes of counts.
func (TryCount) Indexes() []ent.Index { return []ent.Index{index.Fields("until")} }

// Policy of a count: the system alone.
func (TryCount) Policy() ent.Policy { return authz.SystemOnly() }

// Employee is a person's membership in a company, first as an invitation.
type Employee struct{ ent.Schema }

// Fields of a membership.
func (Employee) Fields() []ent.Field {
	return []ent.Field{
		id("emp"),
		ref("company_id"),
		ref("user_id"),
		field.Enum("role").Values("OWNER", "SENIOR_SERVICE_MANAGER", "SERVICE_MANAGER", "INSTALLER"),
		field.Enum("status").Values("INVITED", "ACTIVE"),
		instant("invited_at"),
		maybeInstant("joined_at"),
	}
}

// Edges of a membership.
func (Employee) Edges() []ent.Edge {
	return []ent.Edge{
		edge.From("company", Company.Type).Ref("employees").Field("company_id").Unique().Required().Immutable(),
		edge.From("user", User.Type).Ref("employments").Field("user_id").Unique().Required().Immutable(),
	}
}

// Indexes of memberships: a person once in a company, and one owner (R5).
func (Employee) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("company_id", "user_id").Unique(),
		index.Fields("company_id").Unique().Annotations(entsql.IndexWhere("role = 'OWNER'")).StorageKey("employee_one_owner"),
		index.Fields("user_id"),
	}
}

// Policy of a membership: one's own and those of one's company (A52).
func (Employee) Policy() ent.Policy { return authz.SeeEmployees() }
