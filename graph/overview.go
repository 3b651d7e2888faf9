package graph

import (
	"context"
	"maps"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/ent/servicepackage"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/ledger"
	"partnerhub/internal/report"
	"partnerhub/internal/viewer"
)

// finances is an amount of a reseller, for who may see its money: null for all
// others, whichever way they came to it (A9).
func (r *Resolver) finances(ctx context.Context, resellerID string, minor int64, currency string) *model.Money {
	if !authz.CanRead(ctx, authz.ViewFinances, resellerID) {
		return nil
	}
	return amount(ctx, minor, currency)
}

// ResellerOverview is what the Dashboard begins with (R58).
func (r companyType) ResellerOverview(ctx context.Context, c *ent.Company) (*report.Overview, error) {
	return load(ctx, c, "resellerOverview", func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*report.Overview, error) {
		found, err := report.Overviews(ctx, r.DB.View(ctx), companies)
		together(ctx, slices.Collect(maps.Values(found)))
		return found, err
	})
}

// DealerActivity is what a row of the Dashboard opens (R60).
func (r companyType) DealerActivity(ctx context.Context, c *ent.Company, dealerID string) (*report.Activity, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*report.Activity, error) {
		found, err := report.ActivitiesWith(ctx, r.DB.View(ctx), companies, dealerID)
		r.besideEachOther(ctx, slices.Collect(maps.Values(found)))
		return found, err
	})
}

// Activity is the dealer's share in the figures, for the reseller.
func (r dealerLinkType) Activity(ctx context.Context, c *ent.Connection) (*report.Activity, error) {
	return load(ctx, c, "activity", func(ctx context.Context, links []*ent.Connection) (map[*ent.Connection]*report.Activity, error) {
		found, err := report.Activities(ctx, r.DB.View(ctx), links)
		r.besideEachOther(ctx, slices.Collect(maps.Values(found)))
		return found, err
	})
}

// besideEachOther notes that activities were read as one list, and so their
// dealers and connections.
func (r *Resolver) besideEachOther(ctx context.Context, activities []*report.Activity) {
	dealers, links := make([]*ent.Company, len(activities)), make([]*ent.Connection, len(activities))
	for i, a := range activities {
		dealers[i], links[i] = a.Dealer, a.Connection
	}
	together(ctx, activities)
	together(ctx, dealers)
	together(ctx, links)
}

// CreditLimit is for who may see money.
func (r overviewType) CreditLimit(ctx context.Context, o *report.Overview) (*model.Money, error) {
	if o.CreditLimit == nil {
		return nil, nil
	}
	return r.finances(ctx, o.Reseller.ID, *o.CreditLimit, o.Currency), nil
}

// Balance is for who may see money.
func (r overviewType) Balance(ctx context.Context, o *report.Overview) (*model.Money, error) {
	return r.finances(ctx, o.Reseller.ID, o.Balance, o.Currency), nil
}

// MonthlyFee is for who may see money.
func (r overviewType) MonthlyFee(ctx context.Context, o *report.Overview) (*model.Money, error) {
	return r.finances(ctx, o.Reseller.ID, o.MonthlyFee, o.Currency), nil
}

// NextCharge is for who may see money.
func (r overviewType) NextCharge(ctx context.Context, o *report.Overview) (*ledger.Charge, error) {
	return load(ctx, o, "nextCharge", func(ctx context.Context, overviews []*report.Overview) (map[*report.Overview]*ledger.Charge, error) {
		seen := slices.DeleteFunc(slices.Clone(overviews), func(o *report.Overview) bool {
			return !authz.CanRead(ctx, authz.ViewFinances, o.Reseller.ID)
		})
		charges, err := report.NextCharges(ctx, r.DB.View(ctx), seen)
		together(ctx, slices.Collect(maps.Values(charges)))
		return charges, err
	})
}

// EmptyState is there until a dealer first activates through the reseller
// (R64).
func (r overviewType) EmptyState(ctx context.Context, o *report.Overview) (*model.Screen, error) {
	if o.HasBegun {
		return nil, nil
	}
	return screen(ctx, model.ScreenCodeDashboardEmpty), nil
}

// Dealers are the rows of the Dashboard (R59).
func (r overviewType) Dealers(ctx context.Context, o *report.Overview, first *int, after *string, last *int, before *string,
	filter *report.Filter, orderBy *model.DealerActivityOrder,
) (*model.DealerActivityConnection, error) {
	return load(ctx, o, asked(ctx), func(ctx context.Context, overviews []*report.Overview) (map[*report.Overview]*model.DealerActivityConnection, error) {
		found, err := report.Dealers(ctx, r.DB.View(ctx), overviews, filter)
		if err != nil {
			return nil, err
		}
		pages := make(map[*report.Overview]*model.DealerActivityConnection, len(overviews))
		var all []*report.Activity
		for _, o := range overviews {
			l := dealersBy(orderBy, authz.CanRead(ctx, authz.ViewFinances, o.Reseller.ID))
			if pages[o], err = pageAmong(ctx, found[o], l, slice{first, after, last, before}); err != nil {
				return nil, err
			}
			all = append(all, pages[o].Nodes()...)
		}
		r.besideEachOther(ctx, all)
		return pages, nil
	})
}

// dealersBy sorts the rows of a Dashboard. An order by fees would tell of them
// to who may not see money: the number of accounts stands in for it (A9).
func dealersBy(by *model.DealerActivityOrder, seesMoney bool) list[report.Activity] {
	if by == nil {
		by = &model.DealerActivityOrder{Field: model.DealerActivityOrderFieldMonthlyFee, Direction: model.OrderDirectionDesc}
	}
	o := order[report.Activity]{name: "accounts", column: "accounts", kind: byNumber, value: func(a *report.Activity) any { return int64(a.ActiveAccountCount) }}
	switch {
	case by.Field == model.DealerActivityOrderFieldMonthlyFee && seesMoney:
		o.name, o.column, o.value = "fee", "fee", func(a *report.Activity) any { return a.MonthlyFee }
	case by.Field == model.DealerActivityOrderFieldDealerName:
		o.name, o.column, o.kind, o.value = "dealer", "dealer", byText, func(a *report.Activity) any { return a.Dealer.NameKey }
	}
	o.desc = by.Direction == model.OrderDirectionDesc
	return list[report.Activity]{idOf: func(a *report.Activity) string { return a.ID }, order: o}
}

// MonthlyFee is for who may see money.
func (r dealerActivityType) MonthlyFee(ctx context.Context, a *report.Activity) (*model.Money, error) {
	return r.finances(ctx, a.ResellerID(), a.MonthlyFee, a.Currency), nil
}

// Packages are those in use (R62).
func (r dealerActivityType) Packages(ctx context.Context, a *report.Activity) ([]*report.Share, error) {
	return load(ctx, a, "packages", func(ctx context.Context, activities []*report.Activity) (map[*report.Activity][]*report.Share, error) {
		shares := make(map[*report.Activity][]*report.Share, len(activities))
		var all []*report.Share
		for _, a := range activities {
			shares[a] = a.Packages
			all = append(all, a.Packages...)
		}
		together(ctx, all)
		return shares, nil
	})
}

// Accounts are the live services of the pair (A19), newest first unless asked
// otherwise.
func (r dealerActivityType) Accounts(ctx context.Context, a *report.Activity, first *int, after *string, last *int, before *string,
	filter *model.HubServiceFilter, orderBy *model.HubServiceOrder,
) (*model.HubServiceConnection, error) {
	return load(ctx, a, asked(ctx), func(ctx context.Context, activities []*report.Activity) (map[*report.Activity]*model.HubServiceConnection, error) {
		q := r.DB.Read(ctx).Service.Query().Where(report.Accounts).Where(r.keptServices(ctx, filter)...)
		pages, err := pagesFor(ctx, q, companyServices(service.FieldConnectionID, orderBy), activities,
			func(a *report.Activity) string { return a.Connection.ID }, seen, slice{first, after, last, before})
		if filter == nil {
			for a, page := range pages { // the figures know, without counting rows
				page.Count = func(context.Context) (int, error) { return a.ActiveAccountCount, nil }
			}
		}
		return pages, err
	})
}

// Package is the package of the share.
func (r shareType) Package(ctx context.Context, s *report.Share) (*ent.ServicePackage, error) {
	return loadOne(ctx, s, "package", func(s *report.Share) string { return s.PackageID },
		func(ctx context.Context, ids []string) ([]*ent.ServicePackage, error) {
			return r.DB.Read(ctx).ServicePackage.Query().Where(servicepackage.IDIn(ids...)).All(viewer.System(ctx))
		}, func(p *ent.ServicePackage) string { return p.ID })
}

// MonthlyFee is for who may see money.
func (r shareType) MonthlyFee(ctx context.Context, s *report.Share) (*model.Money, error) {
	return r.finances(ctx, s.ResellerID, s.MonthlyFee, s.Currency), nil
}
