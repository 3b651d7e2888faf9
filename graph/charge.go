package graph

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/chargeline"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/ledger"
	"partnerhub/internal/viewer"
)

// Amount is the sum of the lines.
func (r chargeType) Amount(ctx context.Context, c *ledger.Charge) (*model.Money, error) {
	return amount(ctx, c.Amount, c.Currency), nil
}

// Lines are the fees of the accounts, by serial number.
func (r chargeType) Lines(ctx context.Context, c *ledger.Charge, first *int, after *string, last *int, before *string,
) (*model.ChargeLineConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, charges []*ledger.Charge) (map[*ledger.Charge]*model.ChargeLineConnection, error) {
		byReseller := map[string][]*ledger.Charge{}
		all := make(map[*ledger.Charge]*model.ChargeLineConnection, len(charges))
		var lines []*ledger.ChargeLine
		for _, c := range charges {
			if c.IsBooked {
				byReseller[c.ResellerID] = append(byReseller[c.ResellerID], c)
				continue
			}
			page, err := r.forecastLines(ctx, c, slice{first, after, last, before})
			if err != nil {
				return nil, err
			}
			all[c] = page
			lines = append(lines, page.Nodes()...)
		}
		for _, own := range byReseller {
			found, err := r.bookedLines(ctx, own, slice{first, after, last, before})
			if err != nil {
				return nil, err
			}
			for c, page := range found {
				all[c] = page
				lines = append(lines, page.Nodes()...)
			}
		}
		together(ctx, lines)
		return all, nil
	})
}

// feeLines is a charge's own order: one line for each serial number and
// package.
var feeLines = list[ent.ChargeLine]{
	owner:   chargeline.FieldMonth,
	ownerOf: func(l *ent.ChargeLine) string { return l.Month },
	order: order[ent.ChargeLine]{
		name: "line", column: chargeline.FieldSerialNumber, tie: chargeline.FieldPackageID,
		value: func(l *ent.ChargeLine) any { return l.SerialNumber },
		tieOf: func(l *ent.ChargeLine) string { return l.PackageID },
	},
}

// bookedLines are pages of the lines of charges of one reseller.
func (r *Resolver) bookedLines(ctx context.Context, charges []*ledger.Charge, s slice) (map[*ledger.Charge]*model.ChargeLineConnection, error) {
	months := make([]string, len(charges))
	for i, c := range charges {
		months[i] = c.Month.String()
	}
	q := r.DB.Read(ctx).ChargeLine.Query().Where(chargeline.ResellerID(charges[0].ResellerID))
	found, err := pages(ctx, q.Clone(), feeLines, months, s)
	if err != nil {
		return nil, err
	}
	counts := &counter{count: func(ctx context.Context) (map[string]int, error) { return countLines(ctx, q, months) }}
	all := make(map[*ledger.Charge]*model.ChargeLineConnection, len(charges))
	for _, c := range charges {
		all[c] = linesOf(c, found[c.Month.String()])
		all[c].Count = func(ctx context.Context) (int, error) { return counts.of(ctx, c.Month.String()) }
	}
	return all, nil
}

// linesOf is a page of the lines of a charge.
func linesOf(c *ledger.Charge, rows *model.Page[*ent.ChargeLine]) *model.ChargeLineConnection {
	edges := make([]model.ChargeLineEdge, len(rows.Edges))
	for i, e := range rows.Edges {
		edges[i] = model.ChargeLineEdge{Node: lineOf(e.Node, c.Month, c.Currency), Cursor: e.Cursor}
	}
	return &model.ChargeLineConnection{Edges: edges, PageInfo: rows.PageInfo}
}

// countLines counts the lines of each month.
func countLines(ctx context.Context, q *ent.ChargeLineQuery, months []string) (map[string]int, error) {
	var counted []struct {
		Month string `sql:"month"`
		Count int    `sql:"count"`
	}
	err := q.Clone().Where(chargeline.MonthIn(months...)).GroupBy(chargeline.FieldMonth).Aggregate(ent.Count()).Scan(ctx, &counted)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(counted))
	for _, c := range counted {
		counts[c.Month] = c.Count
	}
	return counts, nil
}

func lineOf(l *ent.ChargeLine, month calendar.Month, currency string) *ledger.ChargeLine {
	return &ledger.ChargeLine{
		FeeKey: ledger.FeeKey{
			Key:   fee.Key{ResellerID: l.ResellerID, SerialNumber: l.SerialNumber, PackageID: l.PackageID},
			Month: month,
		},
		ServiceID: l.ServiceID, Amount: l.Amount, Currency: currency,
	}
}

// linesByID finds the lines with ids, as far as the viewer sees them.
func (r *Resolver) linesByID(ctx context.Context, ids []string) ([]*ledger.ChargeLine, error) {
	keys := map[ledger.FeeKey]bool{}
	var wanted []predicate.ChargeLine
	for _, id := range ids {
		if k, ok := ledger.ParseChargeLineID(id); ok && !keys[k] {
			keys[k] = true
			wanted = append(wanted, chargeline.And(
				chargeline.ResellerID(k.ResellerID), chargeline.Month(k.Month.String()),
				chargeline.SerialNumber(k.SerialNumber), chargeline.PackageID(k.PackageID),
			))
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	found, err := r.DB.Read(ctx).ChargeLine.Query().Where(chargeline.Or(wanted...)).All(ctx)
	if err != nil {
		return nil, err
	}
	booked, err := r.withCurrencies(ctx, found)
	if err != nil {
		return nil, err
	}
	for _, l := range booked {
		delete(keys, l.FeeKey)
	}
	coming, err := r.forecastByKey(ctx, slices.Collect(maps.Keys(keys)))
	return append(booked, coming...), err
}

// withCurrencies gives lines the currencies of their resellers, which never change once
// there is a fee (A25).
func (r *Resolver) withCurrencies(ctx context.Context, found []*ent.ChargeLine) ([]*ledger.ChargeLine, error) {
	if len(found) == 0 {
		return nil, nil
	}
	ids := make([]string, len(found))
	for i, l := range found {
		ids[i] = l.ResellerID
	}
	companies, err := r.companiesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	currencies := make(map[string]string, len(companies))
	for _, c := range companies {
		if c.Currency != nil {
			currencies[c.ID] = *c.Currency
		}
	}
	lines := make([]*ledger.ChargeLine, len(found))
	for i, l := range found {
		month, err := calendar.ParseMonth(l.Month)
		if err != nil {
			return nil, fmt.Errorf("read a charge line: %w", err)
		}
		lines[i] = lineOf(l, month, currencies[l.ResellerID])
	}
	return lines, nil
}

// ID is made of the fee's key.
func (r chargeLineType) ID(_ context.Context, l *ledger.ChargeLine) (string, error) {
	return ledger.ChargeLineID(l.FeeKey), nil
}

// Amount is the fee.
func (r chargeLineType) Amount(ctx context.Context, l *ledger.ChargeLine) (*model.Money, error) {
	return amount(ctx, l.Amount, l.Currency), nil
}

// Service is what the fee is for, also when it is long over (A45).
func (r chargeLineType) Service(ctx context.Context, l *ledger.ChargeLine) (*ent.Service, error) {
	return loadOne(ctx, l, "service", func(l *ledger.ChargeLine) string { return l.ServiceID },
		func(ctx context.Context, ids []string) ([]*ent.Service, error) {
			return r.DB.Read(ctx).Service.Query().Where(service.IDIn(ids...)).All(viewer.System(ctx))
		}, func(s *ent.Service) string { return s.ID })
}
