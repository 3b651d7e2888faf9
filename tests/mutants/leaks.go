package main

import "slices"

// faults are what the tests must notice.
var faults = slices.Concat(rules, leaks)

// isolation is the test by which leaks must be noticed.
var isolation = []string{"-run", "^TestIsolation$", "./tests/isolation"}

// leaks show somebody what is somebody else's.
var leaks = []fault{
	{
		name: "leak: a policy lets everybody through",
		file: "internal/authz/visibility.go",
		old:  "return serviceevent.HasServiceWith(visibleService(v))",
		new:  `return serviceevent.IDNEQ("")`,
		test: isolation,
	},
	{
		name: "leak: a loader is keyed without the company",
		file: "graph/company.go",
		old:  "if c.ID == e.CompanyID {",
		new:  `if e.CompanyID != "" {`,
		test: isolation,
	},
	{
		name: "leak: the check of a role is dropped",
		file: "graph/company.go",
		old: `TaxNumber(ctx context.Context, c *ent.Company) (*string, error) {
	if !authz.CanRead(ctx, authz.ManageCompany, c.ID) {`,
		new: `TaxNumber(ctx context.Context, c *ent.Company) (*string, error) {
	if !authz.CanRead(ctx, authz.ViewCompany, c.ID) {`,
		test: isolation,
	},
	{
		name: "leak: a cursor goes on among everybody's hubs",
		file: "graph/watch_hub.go",
		old:  "q = q.Where(hub.CompanyIDIn(s.owners...))",
		new:  `if after == "" { q = q.Where(hub.CompanyIDIn(s.owners...)) }`,
		test: isolation,
	},
	{
		name: "leak: a cursor tells the fee that it sorts by",
		file: "graph/overview.go",
		old:  "by.Field == model.DealerActivityOrderFieldMonthlyFee && seesMoney:",
		new:  "by.Field == model.DealerActivityOrderFieldMonthlyFee:",
		test: isolation,
	},
	{
		name: "leak: a count is made without the policy",
		file: "graph/company.go",
		old:  "slice{first, after, last, before}, q.Clone().Count)",
		new:  "slice{first, after, last, before}, func(ctx context.Context) (int, error) { return q.Clone().Count(viewer.System(ctx)) })",
		test: isolation,
	},
	{
		name: "leak: node finds a fee without a check",
		file: "graph/charge.go",
		old:  "ChargeLine.Query().Where(chargeline.Or(wanted...)).All(ctx)",
		new:  "ChargeLine.Query().Where(chargeline.Or(wanted...)).All(viewer.System(ctx))",
		test: isolation,
	},
	{
		name: "leak: the dealer sees the fees of its accounts",
		file: "graph/service_type.go",
		old:  "if authz.CanRead(ctx, authz.ViewFinances, s.ResellerID) {",
		new:  "if authz.CanRead(ctx, authz.ManageServices, s.DealerID) || authz.CanRead(ctx, authz.ViewFinances, s.ResellerID) {",
		test: isolation,
	},
	{
		name: "leak: a stream asks for its right but once",
		file: "graph/watch_connection.go",
		old: `	companyID string
}

func (s *connectionScope) companies() []string { return []string{s.companyID} }

func (s *connectionScope) column() string { return entry.FieldConnectionID }

func (s *connectionScope) allowed(ctx context.Context) error {
`,
		new: `	companyID string
	known     bool
}

func (s *connectionScope) companies() []string { return []string{s.companyID} }

func (s *connectionScope) column() string { return entry.FieldConnectionID }

func (s *connectionScope) allowed(ctx context.Context) error {
	if s.known {
		return nil
	}
	s.known = true
`,
		test: isolation,
	},
	{
		name: "leak: a predicate reaches across companies",
		file: "internal/authz/visibility.go",
		old: `
			hub.HasServicesWith(billed(v), service.StatusNEQ(service.StatusENDED)),`,
		new: `
			hub.HasServicesWith(service.StatusNEQ(service.StatusENDED)),`,
		test: isolation,
	},
	{
		name: "leak: an error names what is somebody else's",
		file: "graph/answer.go",
		old:  "existing, err := r.node(ctx, d.ID)",
		new:  "existing, err := r.node(viewer.System(ctx), d.ID)",
		test: isolation,
	},
	{
		name: "leak: a key answers with what somebody else has made",
		file: "internal/idempotency/idempotency.go",
		old:  "idempotencykey.UserID(viewer.From(ctx).UserID), // the person, whichever session (A48)",
		new:  "",
		test: isolation,
	},
}
