package graph

import (
	"context"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	area "partnerhub/internal/ledger"
	"partnerhub/internal/viewer"
)

// forecastLines are a page of the lines of a charge that is not booked yet.
// They have the places and the ids that they will have then.
func (r *Resolver) forecastLines(ctx context.Context, c *area.Charge, s slice) (*model.ChargeLineConnection, error) {
	w, err := feeLines.window(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []*ent.ChargeLine
	if w.limit > 0 {
		from, to := w.after, w.before
		if w.backward {
			from, to = to, from
		}
		if rows, err = r.forecast(ctx, c, from, w.backward, w.limit+1); err != nil {
			return nil, err
		}
		rows = slices.DeleteFunc(rows, func(l *ent.ChargeLine) bool {
			if to == nil {
				return false
			}
			beyond := feeLines.compare(feeLines.placeOf(l), *to)
			return beyond == 0 || (beyond > 0) != w.backward
		})
	}
	page := linesOf(c, cut(feeLines, w, rows))
	page.Count = func(context.Context) (int, error) { return c.Count, nil }
	return page, nil
}

// forecast returns lines from a place on, nil for the end that is read from.
func (r *Resolver) forecast(ctx context.Context, c *area.Charge, from *place, backward bool, limit int) ([]*ent.ChargeLine, error) {
	at := billing.Place{}
	if from != nil {
		at = billing.Place{SerialNumber: from.Text, PackageID: from.ID}
	}
	reseller := &ent.Company{ID: c.ResellerID, Currency: &c.Currency}
	return billing.Forecast(ctx, r.DB.View(ctx), reseller, c.Month, at, backward, limit)
}

// forecastByKey finds lines that are not booked yet, as far as the viewer may
// see them.
func (r *Resolver) forecastByKey(ctx context.Context, keys []area.FeeKey) ([]*area.ChargeLine, error) {
	keys = slices.DeleteFunc(keys, func(k area.FeeKey) bool { return !authz.CanRead(ctx, authz.ViewFinances, k.ResellerID) })
	if len(keys) == 0 {
		return nil, nil
	}
	resellers := make([]string, len(keys))
	for i, k := range keys {
		resellers[i] = k.ResellerID
	}
	waiting, err := r.DB.Read(ctx).Ledger.Query().Where(ledger.ResellerIDIn(resellers...)).WithReseller().All(viewer.System(ctx))
	if err != nil {
		return nil, err
	}
	var lines []*area.ChargeLine
	for _, l := range waiting {
		last, err := calendar.ParseMonth(l.ChargedThrough)
		if err != nil {
			return nil, err
		}
		c := &area.Charge{ResellerID: l.ResellerID, Month: last.Next(), Currency: *l.Edges.Reseller.Currency}
		for _, k := range keys {
			if k.ResellerID != c.ResellerID || k.Month != c.Month {
				continue
			}
			rows, err := r.forecast(ctx, c, &place{Text: k.SerialNumber}, false, r.Info.MaxNodes)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				if row.SerialNumber == k.SerialNumber && row.PackageID == k.PackageID {
					lines = append(lines, lineOf(row, c.Month, c.Currency))
				}
			}
		}
	}
	return lines, nil
}
