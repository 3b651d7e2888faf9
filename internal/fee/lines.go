package fee

import (
	"strings"

	"entgo.io/ent/dialect"
)

// Span is which lines of a month to find: those of a reseller, in its
// currency, with serial numbers in (After, Through].
type Span struct {
	ResellerID string
	Currency   string
	Month      Month
	After      string // "" from the first
	Through    string // "" to the last
}

// Lines returns the query, with its arguments, that finds what is due for a
// month: a row for each fee key, as [Due] says, with the columns
//
//	serial_number, package_id, service_id   the key, and the service that the line names
//	paid_from                               the first paying instant
//	amount                                  the price then, in minor units; above 0
//
// in no order. Placeholders are numbered, so the text may stand within a
// greater statement whose own arguments follow those of the lines.
//
// Its cost follows the accounts that live and those that ended in the month or
// later: there is one partial index for each, and history grows in neither. That
// of a part of the serial numbers follows the services of that part.
func Lines(d string, s Span) (query string, args []any) {
	args = []any{s.ResellerID, s.Currency, s.Month.Start, s.Month.End, s.After}
	through := ""
	if s.Through != "" {
		args = append(args, s.Through)
		through = "AND serial_number <= ?6"
	}
	words := []string{"{through}", through, "{live}", "", "{ended}", "", "{pause}", "", "{latest}", "greatest", "{S}", "$3::timestamptz", "{once}", "", "?", "$"}
	if d == dialect.SQLite {
		// The planner has no figures to choose by: it is told.
		ended := "INDEXED BY service_ended"
		if s.After != "" || s.Through != "" {
			ended = "INDEXED BY service_key" // all that ended would be looked at for each part
		}
		words = []string{"{through}", through, "{live}", "INDEXED BY service_account", "{ended}", ended,
			"{pause}", "INDEXED BY service_event_pause", "{latest}", "max", "{S}", "?3", "{once}", "LIMIT -1"}
	}
	// What was replaced is not looked at again: the inserted text goes first.
	text := strings.NewReplacer(words[:2]...).Replace(lines)
	return strings.NewReplacer(words[2:]...).Replace(text), args
}

// lines is the query before its dialect is chosen. {once} keeps SQLite from
// working out a column anew wherever the next level names it. It goes as [FirstPaying]
// does. free_until is the instant at which a life pays unless it is paused
// there, and pause the beginning of the last pause by then. A pause is over
// with the first RESUME from its beginning on that no further pause follows at
// the same instant: where that is after free_until, the life pays from it on.
const lines = `SELECT serial_number, package_id, service_id, paid_from, amount FROM (
	SELECT serial_number, package_id, service_id, paid_from, coalesce(
		(SELECT amount FROM package_prices AS p WHERE p.package_id = k.package_id AND p.currency = ?2
			AND p.valid_from <= k.paid_from ORDER BY p.valid_from DESC LIMIT 1),
		(SELECT amount FROM package_prices AS p WHERE p.package_id = k.package_id AND p.currency = ?2
			ORDER BY p.valid_from LIMIT 1),
		0) AS amount
	FROM (
		SELECT serial_number, package_id, max(id) AS service_id, min(paid_from) AS paid_from
		FROM (
			SELECT id, serial_number, package_id, ends_at, CASE
				WHEN pause IS NULL THEN free_until
				ELSE (SELECT {latest}(c.free_until, r.occurred_at) FROM service_events AS r
					WHERE r.service_id = c.id AND r.action = 'RESUME' AND r.occurred_at >= c.pause
					AND NOT EXISTS (SELECT 1 FROM service_events AS n {pause} WHERE n.service_id = r.service_id
						AND n.action = 'SUSPEND' AND n.occurred_at = r.occurred_at AND n.id > r.id)
					ORDER BY r.occurred_at LIMIT 1) END AS paid_from
			FROM (
				SELECT id, serial_number, package_id, ends_at, free_until,
					(SELECT max(e.occurred_at) FROM service_events AS e {pause} WHERE e.service_id = l.id
						AND e.action = 'SUSPEND' AND e.occurred_at <= l.free_until) AS pause
				FROM (
					SELECT id, serial_number, package_id, activated_at, ends_at,
						{latest}({S}, activated_at, coalesce(trial_ends_at, activated_at)) AS free_until
					FROM services {live}
					WHERE reseller_id = ?1 AND status <> 'ENDED' AND serial_number > ?5 {through}
					UNION ALL
					SELECT id, serial_number, package_id, activated_at, ends_at,
						{latest}({S}, activated_at, coalesce(trial_ends_at, activated_at)) AS free_until
					FROM services {ended}
					WHERE reseller_id = ?1 AND status = 'ENDED' AND ends_at >= ?3 AND serial_number > ?5 {through}
				) AS l
				WHERE free_until < ?4 AND (ends_at IS NULL OR ends_at > ?3 OR activated_at >= ?3)
			{once}) AS c
		{once}) AS paying
		WHERE paid_from < ?4 AND (ends_at IS NULL OR ends_at >= paid_from)
		GROUP BY serial_number, package_id
	) AS k
{once}) AS due WHERE amount > 0`
