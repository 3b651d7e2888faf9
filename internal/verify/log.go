package verify

import (
	"context"
	"time"

	"partnerhub/ent/connection"
)

// stepActions is the name in the logs of a step e.
const stepActions = `CASE e.action WHEN 'ACTIVATE' THEN 'serviceActivate' WHEN 'DEACTIVATE' THEN 'serviceDeactivate'
	WHEN 'SUSPEND' THEN 'serviceSuspend' WHEN 'RESUME' THEN 'serviceResume' WHEN 'STOP' THEN 'serviceStop' ELSE 'serviceExpire' END`

// lookAtServiceLog counts the entries that the logs of dealer and reseller
// have for each kind of step of a service.
func lookAtServiceLog(ctx context.Context, i *inspection) error {
	var id, step string
	var n, ofDealer, ofReseller int64
	return i.extra(ctx, `
		SELECT s.id, g.action, g.n,
			(SELECT count(*) FROM activities a WHERE a.company_id = s.dealer_id AND a.subject_id = s.id
				AND a.action = g.name AND a.service_action = g.action AND a.hub_id = s.hub_id),
			(SELECT count(*) FROM activities a WHERE a.company_id = s.reseller_id AND a.subject_id = s.id AND a.action = g.name)
		FROM (SELECT e.service_id, e.action, `+stepActions+` AS name, count(*) AS n FROM service_events e GROUP BY e.service_id, e.action) g
		JOIN services s ON s.id = g.service_id`,
		[]any{&id, &step, &n, &ofDealer, &ofReseller}, func() {
			i.result.Rows += n
			if ofDealer != n {
				i.broken(id, "%d steps %s, the dealer's log tells of %d", n, step, ofDealer)
			}
			if ofReseller != n {
				i.broken(id, "%d steps %s, the reseller's log tells of %d", n, step, ofReseller)
			}
		})
}

// told is the state that the last word of a log on a connection means.
var told = map[string]connection.Status{
	"connectionRequest": connection.StatusPENDING,
	"connectionApprove": connection.StatusACTIVE,
	"connectionReject":  connection.StatusREJECTED,
	"connectionSuspend": connection.StatusSUSPENDED,
	"connectionResume":  connection.StatusACTIVE,
}

// lookAtConnectionLog compares each connection with the last that the logs of
// its sides tell of it. Of an invitation only the dealer's log tells.
func lookAtConnectionLog(ctx context.Context, i *inspection) error {
	const last = `(SELECT a.action FROM activities a WHERE a.subject_id = c.id
		AND a.action IN ('connectionRequest', 'connectionApprove', 'connectionReject', 'connectionSuspend', 'connectionResume')
		AND a.company_id = `
	const newest = ` ORDER BY a.position DESC LIMIT 1)`
	var id, status string
	var changedAt time.Time
	var toldAt *time.Time
	var reseller, ofDealer, ofReseller *string
	return i.each(ctx, `
		SELECT c.id, c.status, c.reseller_id, `+last+`c.dealer_id`+newest+`, `+last+`c.reseller_id`+newest+`,
			c.status_changed_at, t.occurred_at
		FROM connections c LEFT JOIN activities t ON t.company_id = c.dealer_id AND t.subject_id = c.id AND t.position =
			(SELECT max(a.position) FROM activities a WHERE a.company_id = c.dealer_id AND a.subject_id = c.id
				AND a.action IN ('connectionApprove', 'connectionReject', 'connectionSuspend', 'connectionResume'))`,
		[]any{&id, &status, &reseller, &ofDealer, &ofReseller, &changedAt, &toldAt}, func() {
			if word := or(ofDealer, "nothing"); string(told[word]) != status {
				i.broken(id, "status %s, the dealer's log last tells of %s", status, word)
			}
			if word := or(ofReseller, "nothing"); reseller != nil && string(told[word]) != status {
				i.broken(id, "status %s, the reseller's log last tells of %s", status, word)
			}
			if toldAt != nil && !toldAt.Equal(changedAt) {
				i.broken(id, "status_changed_at %s, the log says %s", stamp(changedAt), stamp(*toldAt))
			}
		})
}

// lookAtTransactionLog looks for the entry of each transaction.
func lookAtTransactionLog(ctx context.Context, i *inspection) error {
	var id, kind string
	var n int
	return i.each(ctx, `
		SELECT t.id, t.type, (SELECT count(*) FROM activities a WHERE a.company_id = t.reseller_id AND a.subject_id = t.id AND a.action =
			CASE t.type WHEN 'REPLENISHMENT' THEN 'balanceReplenish' WHEN 'ADJUSTMENT' THEN 'balanceAdjust' ELSE 'monthlyFee' END)
		FROM transactions t`,
		[]any{&id, &kind, &n}, func() {
			if n != 1 {
				i.broken(id, "%s with %d entries in the log", kind, n)
			}
		})
}

// lookAtKeys counts the effects of each idempotency key, and looks whether the
// services that were remembered are there.
func lookAtKeys(ctx context.Context, i *inspection) error {
	var by, operation, key string
	var n int
	err := i.each(ctx, `
		SELECT user_id, operation, key, count(*) FROM idempotency_keys GROUP BY user_id, operation, key
		UNION ALL
		SELECT coalesce(actor_id, ''), type, idempotency_key, count(*) FROM transactions
		WHERE idempotency_key IS NOT NULL GROUP BY actor_id, type, idempotency_key`,
		[]any{&by, &operation, &key, &n}, func() {
			if n > 1 {
				i.broken(by, "%d effects of the key %q for %s", n, key, operation)
			}
		})
	if err != nil {
		return err
	}
	var id, result string
	return i.extra(ctx, `
		SELECT k.id, k.operation, k.result_id FROM idempotency_keys k
		WHERE k.operation IN ('serviceActivate', 'serviceDeactivate', 'serviceSuspend', 'serviceResume', 'serviceStop')
			AND NOT EXISTS (SELECT 1 FROM services s WHERE s.id = k.result_id)`,
		[]any{&id, &operation, &result}, func() { i.broken(id, "remembers %s of %s, which is not there", operation, result) })
}
