package billing

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"partnerhub/ent"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Sum is what is due from a reseller for a month.
type Sum struct {
	Amount int64 // minor units of its currency
	Count  int   // lines
}

// Due returns what is due from a reseller for a month by the history so far:
// what the run books where nothing more happens in it (A18). It looks at every
// account that lives and every one that ended since the month began.
func Due(ctx context.Context, v store.View, reseller *ent.Company, month calendar.Month) (due Sum, err error) {
	lines, args := fee.Lines(v.Dialect, fee.Span{
		ResellerID: reseller.ID, Currency: *reseller.Currency, Month: fee.MonthIn(month, v.Zone),
	})
	err = row(ctx, v.Client, `SELECT CAST(coalesce(sum(amount), 0) AS bigint), count(*) FROM (`+lines+`) AS line`,
		args, &due.Amount, &due.Count)
	if err != nil {
		return Sum{}, fmt.Errorf("sum what is due: %w", err)
	}
	return due, nil
}

// Place is where a line stands among those of its reseller and month: they are
// sorted by serial number, then by package.
type Place struct{ SerialNumber, PackageID string }

// Forecast returns up to limit of the lines of a month that is not booked, by
// the history so far, those behind a place or, backward, before it and in
// reverse; the zero place is the beginning, backward the end. They are as the
// run will write them, but for their numbers, where nothing more happens in the
// month. It reads as the system.
//
// What it costs follows the lines that it returns and the accounts that ended
// since the month began, not the accounts of the reseller.
func Forecast(
	ctx context.Context, v store.View, reseller *ent.Company, month calendar.Month, from Place, backward bool, limit int,
) ([]*ent.ChargeLine, error) {
	f := &forecast{view: v, resellerID: reseller.ID, span: fee.Span{
		ResellerID: reseller.ID, Currency: *reseller.Currency, Month: fee.MonthIn(month, v.Zone),
	}}
	ctx = viewer.System(ctx)
	if from != (Place{}) && !backward { // the place's own account may have a line of another package behind it
		var err error
		if f.span.After, _, err = neighbour(ctx, v.Client, f.resellerID, from.SerialNumber, "<", 1); err != nil {
			return nil, err
		}
	}
	if backward {
		f.span.Through = from.SerialNumber
	}
	var lines []*ent.ChargeLine
	for n := limit + 1; ; n = min(2*n, chunk) { // accounts without a fee, such as those on trial, have no line
		isLast, err := f.next(ctx, backward, n)
		if err != nil {
			return nil, err
		}
		found, err := f.lines(ctx, backward)
		if err != nil {
			return nil, err
		}
		lines = append(lines, slices.DeleteFunc(found, func(l *ent.ChargeLine) bool {
			return l.SerialNumber == from.SerialNumber &&
				(l.PackageID == from.PackageID || (l.PackageID > from.PackageID) == backward)
		})...)
		if len(lines) >= limit || isLast {
			return lines[:min(limit, len(lines))], nil
		}
		if backward {
			f.span.Through = f.span.After
		} else {
			f.span.After = f.span.Through
		}
	}
}

// forecast goes through the accounts of a reseller, a span after the other.
type forecast struct {
	view       store.View
	resellerID string
	span       fee.Span
}

// next sets the far end of the span n services away from the near one, and
// reports whether there are no more.
func (f *forecast) next(ctx context.Context, backward bool, n int) (isLast bool, err error) {
	if backward {
		f.span.After, _, err = neighbour(ctx, f.view.Client, f.resellerID, f.span.Through, "<", n)
		return f.span.After == "", err
	}
	f.span.Through, _, err = neighbour(ctx, f.view.Client, f.resellerID, f.span.After, ">", n)
	return f.span.Through == "", err
}

// neighbour returns the serial number of the n-th service of a reseller before
// or behind a serial number, "" where there are fewer, and how many there are,
// up to n. Before "" is before the end. History counts too: it costs as much to
// look at.
func neighbour(ctx context.Context, c *ent.Client, resellerID, serialNumber, side string, n int) (found string, there int, err error) {
	farthest, order, where := "max", "", "AND serial_number "+side+" $2"
	args := []any{resellerID, serialNumber, n}
	if side == "<" {
		farthest, order = "min", "DESC"
		if serialNumber == "" {
			where, args = "", []any{resellerID, n}
		}
	}
	err = row(ctx, c, `SELECT coalesce(`+farthest+`(serial_number), ''), count(*) FROM (SELECT serial_number FROM services
		WHERE reseller_id = $1 `+where+` ORDER BY serial_number `+order+` LIMIT $`+strconv.Itoa(len(args))+`) AS near`, args, &found, &there)
	if err != nil {
		return "", 0, fmt.Errorf("look for the next accounts: %w", err)
	}
	if there < n {
		found = ""
	}
	return found, there, nil
}

// lines returns the lines of the span.
func (f *forecast) lines(ctx context.Context, backward bool) ([]*ent.ChargeLine, error) {
	order := ""
	if backward {
		order = " DESC"
	}
	text, args := fee.Lines(f.view.Dialect, f.span)
	rows, err := f.view.QueryContext(ctx, `SELECT serial_number, package_id, service_id, amount FROM (`+text+`) AS line
		ORDER BY serial_number`+order+`, package_id`+order, args...)
	if err != nil {
		return nil, fmt.Errorf("forecast lines: %w", err)
	}
	defer rows.Close()
	var lines []*ent.ChargeLine
	for rows.Next() {
		l := &ent.ChargeLine{ResellerID: f.resellerID, Month: f.span.Month.String()}
		if err := rows.Scan(&l.SerialNumber, &l.PackageID, &l.ServiceID, &l.Amount); err != nil {
			return nil, fmt.Errorf("forecast lines: %w", err)
		}
		lines = append(lines, l)
	}
	return lines, rows.Err()
}
