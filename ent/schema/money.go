package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/edge"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"

	"partnerhub/internal/authz"
)

// largest is the largest amount, in minor units, that is exact in every
// client: 2^53 - 1.
const largest = "9007199254740991"

// Ledger is the account of a reseller with the platform: one row for each
// reseller, locked by whatever changes its money or its figures.
type Ledger struct{ ent.Schema }

// Fields of a ledger.
func (Ledger) Fields() []ent.Field {
	return []ent.Field{
		id("led"),
		ref("reseller_id"),
		field.Int64("balance").Default(0).Comment("Minor units of the reseller's currency: the sum of its transactions. Below zero it owes."),
		field.Int64("last_number").Default(0).Comment("Number of the newest transaction; 0 without any."),
		field.Int64("version").Default(1).Comment("Grows with every change of the figures."),
		field.String("charged_through").NotEmpty().Comment("Last month that is charged, YYYY-MM; the month before the enrolment at first."),
		field.Time("first_activated_at").Optional().Nillable().Comment("When a dealer first activated services through the reseller (A17)."),
	}
}

// Edges of a ledger.
func (Ledger) Edges() []ent.Edge {
	return []ent.Edge{edge.To("reseller", Company.Type).Field("reseller_id").Unique().Required().Immutable()}
}

// Indexes of ledgers: the monthly run looks for those that wait for it.
func (Ledger) Indexes() []ent.Index {
	return []ent.Index{index.Fields("reseller_id").Unique(), index.Fields("charged_through", "reseller_id")}
}

// Annotations of a ledger.
func (Ledger) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{
		"ledger_balance_exact": "balance BETWEEN -" + largest + " AND " + largest,
	})}
}

// Policy of a ledger: its figures have rules of their own (A9).
func (Ledger) Policy() ent.Policy { return authz.SystemOnly() }

// Transaction is an entry of a reseller's payment history. It is never changed
// and never deleted: triggers of the database refuse both, and an entry that
// does not follow from the one before it.
type Transaction struct{ ent.Schema }

// Fields of a transaction.
func (Transaction) Fields() []ent.Field {
	return []ent.Field{
		id("txn"),
		ref("reseller_id"),
		field.Int64("number").Positive().Immutable().Comment("1, 2, 3… per reseller, without a gap: the cursor of the history."),
		field.Enum("type").Values("REPLENISHMENT", "MONTHLY_FEE", "ADJUSTMENT").Immutable(),
		field.Enum("direction").Values("CREDIT", "DEBIT").Immutable().Comment("CREDIT adds to the balance, DEBIT takes from it."),
		field.Int64("amount").Positive().Immutable().Comment("Minor units."),
		field.String("currency").Immutable().Comment("ISO 4217, the same in all transactions of a reseller."),
		field.Int64("balance_after").Immutable().Comment("Minor units."),
		field.Time("occurred_at").Immutable().Comment("When it was booked (A46)."),
		field.String("month").Optional().Nillable().Immutable().Comment("Month the fee is for, YYYY-MM; null for anything but a MONTHLY_FEE."),
		field.String("corrects_id").Optional().Nillable().Immutable().Comment("What an ADJUSTMENT corrects (A29); null for anything else."),
		field.String("note").Optional().Nillable().Immutable(),
		field.String("actor_id").Optional().Nillable().Immutable().Comment("Who booked it; null for the monthly run."),
		field.String("idempotency_key").Optional().Nillable().Immutable().Comment("Of the actor and the type; remembered for ever (A33)."),
		field.String("input_hash").Optional().Nillable().Immutable().Comment("SHA-256 of the input that came with the key, in hex."),
	}
}

// Edges of a transaction.
func (Transaction) Edges() []ent.Edge {
	return []ent.Edge{
		edge.To("reseller", Company.Type).Field("reseller_id").Unique().Required().Immutable(),
		edge.To("corrections", Transaction.Type).From("corrects").Field("corrects_id").Unique().Immutable(),
		edge.To("actor", User.Type).Field("actor_id").Unique().Immutable(),
	}
}

// Indexes of transactions.
func (Transaction) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("reseller_id", "number").Unique(),
		index.Fields("reseller_id", "month").Unique(),
		index.Fields("actor_id", "type", "idempotency_key").Unique(),
		index.Fields("reseller_id", "amount", "number"),
		index.Fields("corrects_id", "number"),
	}
}

// Annotations of a transaction.
func (Transaction) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{
		"transaction_amount":    "amount > 0 AND amount <= " + largest,
		"transaction_balance":   "balance_after BETWEEN -" + largest + " AND " + largest,
		"transaction_direction": "type = 'REPLENISHMENT' AND direction = 'CREDIT' OR type = 'MONTHLY_FEE' AND direction = 'DEBIT' OR type = 'ADJUSTMENT'",
		"transaction_month":     "type = 'MONTHLY_FEE' AND month IS NOT NULL OR type <> 'MONTHLY_FEE' AND month IS NULL",
		"transaction_corrects":  "type = 'ADJUSTMENT' AND corrects_id IS NOT NULL OR type <> 'ADJUSTMENT' AND corrects_id IS NULL",
		"transaction_key":       "type = 'MONTHLY_FEE' AND idempotency_key IS NULL AND input_hash IS NULL AND actor_id IS NULL OR type <> 'MONTHLY_FEE' AND idempotency_key IS NOT NULL AND input_hash IS NOT NULL AND actor_id IS NOT NULL",
	})}
}

// Policy of a transaction: who may see the reseller's money (A9).
func (Transaction) Policy() ent.Policy { return authz.SeeTransactions() }

// ChargeLine is the fee of one account and package for one month. The lines of
// a reseller and month make up its MONTHLY_FEE of that month; without one yet
// they are being prepared. Lines of nothing are not written.
type ChargeLine struct{ ent.Schema }

// Fields of a line.
func (ChargeLine) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("id"),
		ref("reseller_id"),
		field.String("month").NotEmpty().Immutable().Comment("YYYY-MM."),
		field.String("serial_number").NotEmpty().Immutable().Comment("Of the hub (A40)."),
		ref("package_id"),
		ref("service_id"),
		field.Int64("amount").Positive().Immutable().Comment("Minor units of the reseller's currency."),
	}
}

// Edges of a line.
func (ChargeLine) Edges() []ent.Edge {
	return []ent.Edge{edge.To("service", Service.Type).Field("service_id").Unique().Required().Immutable()}
}

// Indexes of lines: one fee per reseller, hub, package and month, for ever (A3).
func (ChargeLine) Indexes() []ent.Index {
	return []ent.Index{index.Fields("reseller_id", "month", "serial_number", "package_id").Unique()}
}

// Annotations of a line.
func (ChargeLine) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Checks(map[string]string{"charge_line_amount": "amount > 0"})}
}

// Policy of a line: who may see the reseller's money (A9).
func (ChargeLine) Policy() ent.Policy { return authz.SeeChargeLines() }

// Tally counts the accounts of a dealer with a reseller, by package. Commands
// keep it in their own transaction, so that a dashboard costs the same with
// many accounts as with few.
type Tally struct{ ent.Schema }

// Fields of a tally.
func (Tally) Fields() []ent.Field {
	return []ent.Field{
		ref("reseller_id"),
		ref("dealer_id"),
		ref("package_id"),
		field.Int("live").Default(0).Comment("Accounts: services that are not over."),
		field.Int("running").Default(0).Comment("Those of them that are not paused."),
	}
}

// Indexes of tallies.
func (Tally) Indexes() []ent.Index {
	return []ent.Index{index.Fields("reseller_id", "dealer_id", "package_id").Unique()}
}

// Policy of a tally: the reports alone.
func (Tally) Policy() ent.Policy { return authz.SystemOnly() }

// TrialTally counts those accounts of a [Tally] that are on trial, by the end
// of the trial. A row whose end has passed says nothing any more: time alone
// makes a trial account a paying one, without a change of rows.
type TrialTally struct{ ent.Schema }

// Fields of a trial tally.
func (TrialTally) Fields() []ent.Field {
	return []ent.Field{
		ref("reseller_id"),
		field.Time("trial_ends_at").Immutable().Comment("First instant that is no longer free."),
		ref("dealer_id"),
		ref("package_id"),
		field.Int("live").Default(0),
		field.Int("running").Default(0),
	}
}

// Indexes of trial tallies.
func (TrialTally) Indexes() []ent.Index {
	return []ent.Index{index.Fields("reseller_id", "trial_ends_at", "dealer_id", "package_id").Unique()}
}

// Policy of a trial tally: the reports alone.
func (TrialTally) Policy() ent.Policy { return authz.SystemOnly() }

// MonthTally counts the fees of a month that do not follow from the [Tally]
// alone. The others are those of accounts that run, at the price with which
// the month began.
type MonthTally struct{ ent.Schema }

// Fields of a month's tally.
func (MonthTally) Fields() []ent.Field {
	return []ent.Field{
		ref("reseller_id"),
		field.String("month").NotEmpty().Immutable().Comment("YYYY-MM. Rows of other months than the running one say nothing."),
		ref("dealer_id"),
		ref("package_id"),
		field.Int64("fee").NonNegative().Immutable().Comment("Minor units: the fee of each account counted here."),
		field.Int("live").Default(0).Comment("Accounts whose first paying instant lies within the month, not at its beginning."),
		field.Int("running").Default(0).Comment("Those of them that are not paused."),
		field.Int("gone").Default(0).Comment("Fees that are due for what does not run: paused since, or over."),
	}
}

// Indexes of month's tallies.
func (MonthTally) Indexes() []ent.Index {
	return []ent.Index{index.Fields("reseller_id", "month", "dealer_id", "package_id", "fee").Unique()}
}

// Policy of a month's tally: the reports alone.
func (MonthTally) Policy() ent.Policy { return authz.SystemOnly() }
