package verify

import "context"

// checks are all rules, in the order to tell them. The first one guards the
// others.
var checks = []check{
	{"schema", 0, "the database has the version of this program", "changes", lookAtSchema},

	{"transactions", 1, "each transaction follows from the one before it", "transactions", lookAtTransactions},
	{"balance", 1, "the balance of a reseller is the sum of its transactions", "resellers", lookAtBalances},
	{"triggers", 2, "the database refuses to change what is booked", "triggers", lookAtTriggers},
	{"fee-once", 3, "there is one fee for an account, package and month", "fees", lookForDoubleFees},
	{"fee-sum", 3, "a monthly fee is the sum of its lines", "monthly fees", lookAtMonthlyFees},
	{"fee-month", 3, "lines are of a month that is booked, or of the one being charged", "months with lines", lookAtChargedMonths},
	{"fee-account", 3, "each line is of an account of the reseller that is billed", "lines", lookAtLines},

	{"counters", 0, "the counters of a reseller are what a recount finds", "resellers", lookAtCounters},
	{"forecast", 0, "the fees of the running month are the same by counters and by history", "resellers", lookAtForecasts},

	{"one-service", 4, "no hub has two services", "live services", lookForDoubleServices},
	{"one-connection", 4, "no dealer has two connections with a reseller", "connections", lookForDoubleConnections},
	{"history", 5, "the state of a service is what its history leads to", "services", lookAtHistories},
	{"card", 5, "a SIM card works while the services of its hub are delivered", "cards", lookAtCards},
	{"card-switch", 5, "what the provider is asked for is what is intended", "switches", lookAtSwitches},
	{"boundary", 6, "pending ends and ends of trials are month boundaries of the billing zone", "instants", lookAtBoundaries},
	{"expired", 6, "no pending end has passed before the last monthly run", "pending ends", lookAtExpired},
	{"activation-connection", 7, "services were activated over an active connection", "services", lookAtActivations},
	{"activation-card", 7, "services were activated on a hub with an Ajax SIM", "services", lookAtActivationCards},
	{"deleted", 8, "nothing that is deleted has a live service", "live services", lookAtDeleted},
	{"account", 0, "a live service has the serial number and the dealer of its hub, and the sides of its connection", "live services", lookAtAccounts},

	{"log-service", 9, "every step of a service is in the logs of dealer and reseller", "steps", lookAtServiceLog},
	{"log-connection", 9, "the state of a connection is what the logs of its sides say", "connections", lookAtConnectionLog},
	{"log-transaction", 9, "every transaction is in the log of its reseller", "transactions", lookAtTransactionLog},
	{"key", 10, "an idempotency key has one effect", "keys", lookAtKeys},
}

// lookAtSchema compares the changes that the database has had with those that
// this program knows.
func lookAtSchema(ctx context.Context, i *inspection) error {
	n, err := i.db.Version(ctx)
	i.result.Rows = int64(n)
	if err != nil {
		i.broken("schema_migrations", "%v", err)
	}
	return ctx.Err()
}

// lookAtTriggers looks for those that refuse what an application could do by
// mistake. A change of the database that rebuilds a table loses them.
func lookAtTriggers(ctx context.Context, i *inspection) error {
	triggers, err := i.db.Triggers(ctx)
	for t, there := range triggers {
		i.result.Rows++
		if !there {
			i.broken(t.Name, "the trigger of %s is missing, off or changed", t.Table)
		}
	}
	return err
}
