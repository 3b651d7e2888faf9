package verify

import (
	"context"
	"time"

	"partnerhub/ent/service"
	"partnerhub/internal/calendar"
)

// lookForDoubleServices counts the live services of each hub.
func lookForDoubleServices(ctx context.Context, i *inspection) error {
	var hub string
	var n int
	return i.each(ctx, `SELECT hub_id, count(*) FROM services WHERE status <> 'ENDED' GROUP BY hub_id`,
		[]any{&hub, &n}, func() {
			if n > 1 {
				i.broken(hub, "%d live services", n)
			}
		})
}

// lookForDoubleConnections counts the connections of each pair.
func lookForDoubleConnections(ctx context.Context, i *inspection) error {
	var dealer, partner string
	var n int
	return i.each(ctx, `
		SELECT dealer_id, coalesce(reseller_id, invited_email, ''), count(*) FROM connections
		GROUP BY dealer_id, coalesce(reseller_id, invited_email, '')`,
		[]any{&dealer, &partner, &n}, func() {
			if n > 1 {
				i.broken(dealer, "%d connections with %s", n, partner)
			}
		})
}

// lookAtCards compares the intended state of each card with the service of its
// hub. Packages without the Ajax SIM leave the card alone.
func lookAtCards(ctx context.Context, i *inspection) error {
	var id, hub string
	var isAjax, isActive bool
	var status *string
	var includes *bool
	return i.each(ctx, `
		SELECT c.id, c.hub_id, c.is_ajax, c.is_active, s.status, p.includes_sim
		FROM sim_cards c
		LEFT JOIN services s ON s.hub_id = c.hub_id AND s.status <> 'ENDED'
		LEFT JOIN service_packages p ON p.id = s.package_id`,
		[]any{&id, &hub, &isAjax, &isActive, &status, &includes}, func() {
			delivered := status != nil && includes != nil && *includes && isAjax &&
				(*status == string(service.StatusACTIVE) || *status == string(service.StatusEXPIRING))
			if isActive != delivered {
				i.broken(id, "is_active %t on %s, whose service is %s", isActive, hub, or(status, "none"))
			}
		})
}

// lookAtSwitches compares what the provider is still to be told with the
// cards. One that is in no hub any more is to be off.
func lookAtSwitches(ctx context.Context, i *inspection) error {
	var iccid string
	var asked, intended bool
	return i.each(ctx, `
		SELECT w.id, w.is_active, coalesce(c.is_active, FALSE) FROM sim_switches w LEFT JOIN sim_cards c ON c.iccid = w.id`,
		[]any{&iccid, &asked, &intended}, func() {
			if asked != intended {
				i.broken(iccid, "is to be switched to %t, intended is %t", asked, intended)
			}
		})
}

// lookAtBoundaries looks at what lies on the first instant of a month.
func lookAtBoundaries(ctx context.Context, i *inspection) error {
	var id string
	var isLive bool
	var trial, end *time.Time
	judge := func(name string, at *time.Time) {
		if at == nil {
			return
		}
		i.count()
		if !calendar.BoundaryAtOrAfter(*at, i.db.Zone).Equal(*at) {
			i.broken(id, "%s %s is no month boundary in %s", name, stamp(*at), i.db.Zone)
		}
	}
	return i.extra(ctx, `
		SELECT id, status <> 'ENDED', trial_ends_at, ends_at FROM services
		WHERE trial_ends_at IS NOT NULL OR status <> 'ENDED' AND ends_at IS NOT NULL`,
		[]any{&id, &isLive, &trial, &end}, func() {
			judge("trial_ends_at", trial)
			if isLive {
				judge("ends_at", end)
			}
		})
}

// lookAtExpired looks for services that outlived the month in which they were
// to end, though that month is charged.
func lookAtExpired(ctx context.Context, i *inspection) error {
	var id, charged string
	var end time.Time
	return i.each(ctx, `
		SELECT s.id, s.ends_at, coalesce(l.charged_through, '') FROM services s
		LEFT JOIN ledgers l ON l.reseller_id = s.reseller_id
		WHERE s.status <> 'ENDED' AND s.ends_at IS NOT NULL`,
		[]any{&id, &end, &charged}, func() {
			through, err := calendar.ParseMonth(charged)
			if err != nil {
				return // the ledger's own check tells
			}
			if run := calendar.Start(through.Next(), i.db.Zone); !end.After(run) {
				i.broken(id, "lives on after %s, and %s is charged", stamp(end), charged)
			}
		})
}

// lookAtActivations asks the dealer's log what the connection was when each
// service was activated: the last word on it before.
func lookAtActivations(ctx context.Context, i *inspection) error {
	var id, connection string
	var last *string
	return i.each(ctx, `
		SELECT s.id, s.connection_id, (
			SELECT c.action FROM activities c
			WHERE c.company_id = s.dealer_id AND c.subject_id = s.connection_id
				AND c.action IN ('connectionRequest', 'connectionApprove', 'connectionReject', 'connectionSuspend', 'connectionResume')
				AND c.position < (SELECT min(a.position) FROM activities a
					WHERE a.company_id = s.dealer_id AND a.subject_id = s.id AND a.action = 'serviceActivate')
			ORDER BY c.position DESC LIMIT 1)
		FROM services s`,
		[]any{&id, &connection, &last}, func() {
			if state := or(last, "nothing"); state != "connectionApprove" && state != "connectionResume" {
				i.broken(id, "activated over %s, of which the log last told %s", connection, state)
			}
		})
}

// lookAtActivationCards looks whether a hub could be activated when it was:
// its tile said so. A card stays as long as services live.
func lookAtActivationCards(ctx context.Context, i *inspection) error {
	var id, hub, status, tile string
	var isAjax *bool
	return i.each(ctx, `
		SELECT s.id, s.hub_id, s.status, coalesce((SELECT max(a.previous_tile) FROM activities a
				WHERE a.company_id = s.dealer_id AND a.subject_id = s.id AND a.action = 'serviceActivate'), 'nothing'),
			(SELECT c.is_ajax FROM sim_cards c WHERE c.hub_id = s.hub_id)
		FROM services s`,
		[]any{&id, &hub, &status, &tile, &isAjax}, func() {
			if tile != "ACTIVATION_REQUIRED" {
				i.broken(id, "activated where the tile was %s", tile)
			}
			if status != string(service.StatusENDED) && (isAjax == nil || !*isAjax) {
				i.broken(id, "lives on %s, which has no Ajax SIM", hub)
			}
		})
}

// lookAtDeleted looks what live services hang on.
func lookAtDeleted(ctx context.Context, i *inspection) error {
	var id, hub, object, dealer, reseller string
	var hubGone, objectGone, dealerGone, resellerGone bool
	return i.each(ctx, `
		SELECT s.id, h.id, h.removed_at IS NOT NULL, o.id, o.deleted_at IS NOT NULL,
			d.id, d.deleted_at IS NOT NULL, r.id, r.deleted_at IS NOT NULL
		FROM services s JOIN hubs h ON h.id = s.hub_id JOIN objects o ON o.id = h.object_id
		JOIN companies d ON d.id = s.dealer_id JOIN companies r ON r.id = s.reseller_id
		WHERE s.status <> 'ENDED'`,
		[]any{&id, &hub, &hubGone, &object, &objectGone, &dealer, &dealerGone, &reseller, &resellerGone}, func() {
			for _, on := range []struct {
				id   string
				gone bool
			}{{hub, hubGone}, {object, objectGone}, {dealer, dealerGone}, {reseller, resellerGone}} {
				if on.gone {
					i.broken(id, "lives, but %s is deleted", on.id)
				}
			}
		})
}

// lookAtAccounts compares what a service keeps of its hub and its connection
// with both.
func lookAtAccounts(ctx context.Context, i *inspection) error {
	var id, serial, dealer, reseller string
	var hubSerial, hubDealer, conDealer, conReseller *string
	return i.each(ctx, `
		SELECT s.id, s.serial_number, s.dealer_id, s.reseller_id, h.serial_number, h.company_id, c.dealer_id, c.reseller_id
		FROM services s LEFT JOIN hubs h ON h.id = s.hub_id LEFT JOIN connections c ON c.id = s.connection_id
		WHERE s.status <> 'ENDED'`,
		[]any{&id, &serial, &dealer, &reseller, &hubSerial, &hubDealer, &conDealer, &conReseller}, func() {
			for _, kept := range []struct {
				name, value string
				from        *string
			}{
				{"serial_number", serial, hubSerial}, {"dealer_id", dealer, hubDealer},
				{"dealer_id", dealer, conDealer}, {"reseller_id", reseller, conReseller},
			} {
				if want := or(kept.from, "none"); kept.value != want {
					i.broken(id, "%s %s, expected %s", kept.name, kept.value, want)
				}
			}
		})
}
