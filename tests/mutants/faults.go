package main

// rules are broken by these: who may do what, when, and for how much.
var rules = []fault{
	{
		name: "activation without an Ajax SIM",
		file: "internal/lifecycle/rule.go",
		old:  "if !s.HasAjaxSIM() {",
		new:  "if s.SIM == nil {",
	},
	{
		name: "activation through a suspended connection",
		file: "internal/lifecycle/market.go",
		old:  "refusal = ErrConnectionSuspended",
		new:  "open = append(open, con)",
	},
	{
		name: "another side takes a pause back",
		file: "internal/lifecycle/rule.go",
		old:  "at.status == service.StatusSUSPENDED && !a.set(s.Service.SuspendedBy)",
		new:  "at.status == service.StatusSUSPENDED && s.Service.SuspendedBy == nil",
	},
	{
		name: "a deactivation is taken back after the 1st",
		file: "internal/lifecycle/standing.go",
		old:  "!s.Service.EndsAt.After(s.Now)",
		new:  "s.Service.EndsAt.IsZero()",
	},
	{
		name: "the end of a pause takes back the pending end too",
		file: "internal/lifecycle/transition.go",
		old:  "{pausedEnding, serviceevent.ActionRESUME, expiring}",
		new:  "{pausedEnding, serviceevent.ActionRESUME, active}",
	},
	{
		name: "a deactivation at a month's first instant ends at once",
		file: "internal/lifecycle/moment.go",
		old:  "return calendar.NextBoundary(s.Now, zone)",
		new:  "return calendar.BoundaryAtOrAfter(s.Now, zone)",
	},
	{
		name: "a card has its trial again in another hub",
		file: "internal/lifecycle/trial.go",
		old:  "trial.ThingSERIAL_NUMBER: s.Hub.SerialNumber, trial.ThingICCID: s.SIM.Iccid",
		new:  "trial.ThingSERIAL_NUMBER: s.Hub.SerialNumber",
		test: []string{"-run", "^TestActivate_trial$", "./internal/lifecycle"},
	},
	{
		name: "a key is everybody's",
		file: "internal/idempotency/idempotency.go",
		old:  "idempotencykey.UserID(viewer.From(ctx).UserID), // the person, whichever session (A48)",
		new:  "",
	},
	{
		name: "a trial ends with its days, within the month",
		file: "internal/calendar/boundary.go",
		old:  "return BoundaryAtOrAfter(activatedAt.UTC().AddDate(0, 0, days), loc), true",
		new:  "return activatedAt.UTC().AddDate(0, 0, days), true",
	},
	{
		name: "a trial is a day too long",
		file: "internal/calendar/boundary.go",
		old:  "AddDate(0, 0, days)",
		new:  "AddDate(0, 0, days+1)",
		test: []string{"./internal/calendar"},
	},
	{
		name: "months begin in UTC",
		file: "internal/calendar/boundary.go",
		old:  "local := from.In(loc)",
		new:  "local := from.In(time.UTC)",
	},
	{
		name: "the trial is charged",
		file: "internal/fee/lines.go",
		old: `{latest}({S}, activated_at, coalesce(trial_ends_at, activated_at)) AS free_until
					FROM services {live}`,
		new: `{latest}({S}, activated_at) AS free_until
					FROM services {live}`,
	},
	{
		name: "the pause is charged",
		file: "internal/fee/lines.go",
		old:  "WHEN pause IS NULL THEN free_until",
		new:  "WHEN true THEN free_until",
	},
	{
		name: "the price of the month's end",
		file: "internal/fee/lines.go",
		old:  "AND p.valid_from <= k.paid_from",
		new:  "AND p.valid_from < ?4",
	},
	{
		name: "an end at a month's first instant is charged for the month",
		file: "internal/fee/lines.go",
		old:  "(ends_at IS NULL OR ends_at > ?3 OR activated_at >= ?3)",
		new:  "(ends_at IS NULL OR ends_at >= ?3)",
	},
	{
		name: "the line names the first life instead of the latest",
		file: "internal/fee/lines.go",
		old:  "max(id) AS service_id",
		new:  "min(id) AS service_id",
	},
	{
		name: "the balance grows by what is owed",
		file: "internal/ledger/ledger.go",
		old:  "balance -= e.Amount",
		new:  "balance += e.Amount",
	},
	{
		name: "the month's end ends what expires a month later",
		file: "internal/lifecycle/expire.go",
		old:  "ends_at <= $1 AND ends_at IS NOT NULL",
		new:  "ends_at < $1 AND ends_at IS NOT NULL",
	},
	{
		name: "a late run skips months",
		file: "internal/billing/run.go",
		old:  "for m := oldest.Next(); !through.Before(m); m = m.Next() {",
		new:  "for m := through; !oldest.Next().Before(m) && !through.Before(m); m = m.Next() {",
	},
	{
		name: "a key of a booking is forgotten",
		file: "internal/ledger/book.go",
		old:  "transaction.IdempotencyKey(b.entry.Key.Value),",
		new:  `transaction.IdempotencyKey(b.entry.Key.Value), transaction.OccurredAtGTE(tx.Now),`,
	},
	{
		name: "a credit limit that is just reached refuses",
		file: "internal/lifecycle/market.go",
		old:  "m.balances[reseller.ID] < -*reseller.CreditLimit",
		new:  "m.balances[reseller.ID] <= -*reseller.CreditLimit",
	},
	{
		name: "a stop leaves the counters as they were",
		file: "internal/fee/lives.go",
		old:  "Live:   s.Status != service.StatusENDED,",
		new:  "Live:   true,",
	},
	{
		name: "a fee counts twice after a re-activation",
		file: "internal/tally/tally.go",
		old:  "if isDue && !isRunning {",
		new:  "if isDue {",
	},
	{
		name: "the forecast forgets what was stopped",
		file: "internal/tally/tally.go",
		old:  "if isDue && !isRunning {",
		new:  "if isDue && !isRunning && len(lives) == 0 {",
	},
	{
		name: "accounts on trial count as paid",
		file: "internal/tally/figures.go",
		old:  "s.Paid -= c.live",
		new:  "s.Paid -= 0",
	},
	{
		name: "a price does not hold at its first instant",
		file: "internal/fee/price.go",
		old:  "!p.ValidFrom.After(at)",
		new:  "p.ValidFrom.Before(at)",
	},
	{
		name: "counted fees stay in the currency of before",
		file: "internal/company/enroll_reseller.go",
		old:  "isOther := !isFirst && *c.Currency != currency",
		new:  "isOther := false",
		test: []string{"-run", "^TestCurrencyChange", "./tests/property"},
	},
}
