package verify

import (
	"context"
	"time"

	"partnerhub/internal/calendar"
)

// lookAtTransactions walks through the history of each reseller.
func lookAtTransactions(ctx context.Context, i *inspection) error {
	var id, reseller, direction, currency string
	var number, amount, after int64
	var ofReseller *string
	var before struct {
		reseller, currency string
		number, after      int64
	}
	return i.each(ctx, `
		SELECT t.id, t.reseller_id, t.number, t.direction, t.amount, t.currency, t.balance_after, c.currency
		FROM transactions t LEFT JOIN companies c ON c.id = t.reseller_id
		ORDER BY t.reseller_id, t.number, t.id`,
		[]any{&id, &reseller, &number, &direction, &amount, &currency, &after, &ofReseller}, func() {
			if reseller != before.reseller {
				before.reseller, before.currency, before.number, before.after = reseller, currency, 0, 0
				if ofReseller == nil || *ofReseller != currency {
					i.broken(id, "currency %s, that of the reseller %s is %s", currency, reseller, or(ofReseller, "none"))
				}
			}
			if number != before.number+1 {
				i.broken(id, "number %d of %s, expected %d", number, reseller, before.number+1)
			}
			if currency != before.currency {
				i.broken(id, "currency %s, expected %s", currency, before.currency)
			}
			if expected := before.after + signed(direction, amount); after != expected {
				i.broken(id, "balance_after %d, expected %d", after, expected)
			}
			before.number, before.after, before.currency = number, after, currency
		})
}

// signed is what an amount means for a balance.
func signed(direction string, amount int64) int64 {
	if direction == "DEBIT" {
		return -amount
	}
	return amount
}

// lookAtBalances compares every reseller's ledger with its transactions.
func lookAtBalances(ctx context.Context, i *inspection) error {
	var reseller string
	var isReseller bool
	var ledger, month *string
	var balance, number *int64
	var sum, last int64
	err := i.each(ctx, `
		SELECT c.id, c.reseller_since IS NOT NULL, l.id, l.balance, l.last_number, l.charged_through,
			coalesce((SELECT CAST(sum(CASE t.direction WHEN 'DEBIT' THEN -t.amount ELSE t.amount END) AS bigint)
				FROM transactions t WHERE t.reseller_id = c.id), 0),
			coalesce((SELECT max(t.number) FROM transactions t WHERE t.reseller_id = c.id), 0)
		FROM companies c LEFT JOIN ledgers l ON l.reseller_id = c.id
		WHERE c.reseller_since IS NOT NULL OR l.id IS NOT NULL
		ORDER BY c.id`,
		[]any{&reseller, &isReseller, &ledger, &balance, &number, &month, &sum, &last}, func() {
			switch {
			case ledger == nil:
				i.broken(reseller, "the reseller has no ledger")
				return
			case !isReseller:
				i.broken(*ledger, "the ledger is of %s, which is no reseller", reseller)
			}
			if *balance != sum {
				i.broken(*ledger, "balance %d of %s, expected %d", *balance, reseller, sum)
			}
			if *number != last {
				i.broken(*ledger, "last_number %d of %s, expected %d", *number, reseller, last)
			}
			if _, err := calendar.ParseMonth(*month); err != nil {
				i.broken(*ledger, "charged_through %q of %s is no month", *month, reseller)
			}
		})
	if err != nil {
		return err
	}
	var owner string
	return i.extra(ctx, `
		SELECT DISTINCT t.reseller_id FROM transactions t
		WHERE NOT EXISTS (SELECT 1 FROM ledgers l WHERE l.reseller_id = t.reseller_id)
			AND NOT EXISTS (SELECT 1 FROM companies c WHERE c.id = t.reseller_id AND c.reseller_since IS NOT NULL)`,
		[]any{&owner}, func() { i.broken(owner, "there are transactions of a company that is no reseller") })
}

// lookForDoubleFees counts the lines of each fee key.
func lookForDoubleFees(ctx context.Context, i *inspection) error {
	var reseller, month, serial, pkg string
	var n int
	return i.each(ctx, `
		SELECT reseller_id, month, serial_number, package_id, count(*) FROM charge_lines
		GROUP BY reseller_id, month, serial_number, package_id`,
		[]any{&reseller, &month, &serial, &pkg, &n}, func() {
			if n > 1 {
				i.broken(reseller, "%d lines for %s with %s in %s", n, serial, pkg, month)
			}
		})
}

// lookAtMonthlyFees adds up the lines of each MONTHLY_FEE.
func lookAtMonthlyFees(ctx context.Context, i *inspection) error {
	var id, reseller, month, charged string
	var amount, sum int64
	var at time.Time
	return i.each(ctx, `
		SELECT t.id, t.reseller_id, t.month, t.amount, t.occurred_at,
			coalesce((SELECT CAST(sum(l.amount) AS bigint) FROM charge_lines l WHERE l.reseller_id = t.reseller_id AND l.month = t.month), 0),
			coalesce((SELECT e.charged_through FROM ledgers e WHERE e.reseller_id = t.reseller_id), '')
		FROM transactions t WHERE t.type = 'MONTHLY_FEE' ORDER BY t.reseller_id, t.number`,
		[]any{&id, &reseller, &month, &amount, &at, &sum, &charged}, func() {
			if amount != sum {
				i.broken(id, "amount %d for %s, the lines of %s add up to %d", amount, month, reseller, sum)
			}
			if month > charged { // YYYY-MM sorts as months do
				i.broken(id, "booked for %s, but %s is charged through %s only", month, reseller, charged)
			}
			of, err := calendar.ParseMonth(month)
			if err != nil || at.Before(calendar.Start(of.Next(), i.db.Zone)) {
				i.broken(id, "booked at %s for %s, which was not over", stamp(at), month)
			}
		})
}

// lookAtChargedMonths looks to which months there are lines. Those of a month
// that is not booked yet belong to the next one to be booked.
func lookAtChargedMonths(ctx context.Context, i *inspection) error {
	var reseller, month, charged string
	var n int64
	var isBooked bool
	return i.each(ctx, `
		SELECT g.reseller_id, g.month, g.n,
			coalesce((SELECT e.charged_through FROM ledgers e WHERE e.reseller_id = g.reseller_id), ''),
			EXISTS (SELECT 1 FROM transactions t WHERE t.reseller_id = g.reseller_id AND t.month = g.month)
		FROM (SELECT reseller_id, month, count(*) AS n FROM charge_lines GROUP BY reseller_id, month) g
		ORDER BY g.reseller_id, g.month`,
		[]any{&reseller, &month, &n, &charged, &isBooked}, func() {
			if isBooked {
				return
			}
			through, err := calendar.ParseMonth(charged)
			switch {
			case month <= charged:
				i.broken(reseller, "%d lines for %s, which is over without a transaction", n, month)
			case err != nil || month != through.Next().String():
				i.broken(reseller, "%d lines for %s, though the month after %s comes next", n, month, charged)
			}
		})
}

// lookAtLines compares each line with the service it names.
func lookAtLines(ctx context.Context, i *inspection) error {
	var id, reseller, serial, pkg, service string
	var ofReseller, ofSerial, ofPackage *string
	var amount int64
	return i.each(ctx, `
		SELECT CAST(l.id AS text), l.reseller_id, l.serial_number, l.package_id, l.service_id, l.amount, s.reseller_id, s.serial_number, s.package_id
		FROM charge_lines l LEFT JOIN services s ON s.id = l.service_id`,
		[]any{&id, &reseller, &serial, &pkg, &service, &amount, &ofReseller, &ofSerial, &ofPackage}, func() {
			switch {
			case ofReseller == nil:
				i.broken(id, "names %s, which is no service", service)
			case *ofReseller != reseller || *ofSerial != serial || *ofPackage != pkg:
				i.broken(id, "is for %s with %s of %s, but %s is for %s with %s of %s",
					serial, pkg, reseller, service, *ofSerial, *ofPackage, *ofReseller)
			case amount <= 0:
				i.broken(id, "amount %d", amount)
			}
		})
}

func or(s *string, none string) string {
	if s == nil {
		return none
	}
	return *s
}
