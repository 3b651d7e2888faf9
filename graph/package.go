package graph

import (
	"context"
	"maps"
	"slices"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/packageprice"
	"partnerhub/ent/servicepackage"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/fee"
	"partnerhub/internal/i18n"
	"partnerhub/internal/offer"
	"partnerhub/internal/viewer"
)

// ServicePackageSave creates or changes a package.
func (r mutation) ServicePackageSave(ctx context.Context, in offer.Package) (*model.ServicePackageSavePayload, error) {
	p, err := offer.Save(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ServicePackageSavePayload{ServicePackage: p}, err)
}

// ServicePackages are those on sale, or all that ever were, the oldest first.
func (r query) ServicePackages(ctx context.Context, first *int, after *string, last *int, before *string, includeArchived bool,
) (*model.ServicePackageConnection, error) {
	q := r.DB.Read(ctx).ServicePackage.Query()
	if !includeArchived {
		q.Where(servicepackage.ArchivedAtIsNil())
	}
	byAge := list[ent.ServicePackage]{
		idOf:  func(p *ent.ServicePackage) string { return p.ID },
		order: order[ent.ServicePackage]{name: "created"}, // ids grow with time
	}
	return pageOf(ctx, q, byAge, slice{first, after, last, before}, q.Clone().Count)
}

// Name is in the language of the request.
func (r packageType) Name(ctx context.Context, p *ent.ServicePackage) (string, error) {
	return offer.Name(p, i18n.From(ctx)), nil
}

// MonthlyFee is what an account costs a month from now on. It is for those who
// may see the finances of a reseller, in its currency (A9): that of the first
// of them, unless another is asked for. The operator sees it in any, and
// without asking where the package has only one.
func (r packageType) MonthlyFee(ctx context.Context, p *ent.ServicePackage, currency *string) (*model.Money, error) {
	return load(ctx, p, asked(ctx), func(ctx context.Context, packages []*ent.ServicePackage) (map[*ent.ServicePackage]*model.Money, error) {
		operator := viewer.From(ctx).Operator
		own, err := r.ownCurrencies(ctx)
		if err != nil || len(own) == 0 && !operator {
			return nil, err
		}
		priced, err := r.priced(ctx, packages)
		if err != nil {
			return nil, err
		}
		fees := make(map[*ent.ServicePackage]*model.Money, len(packages))
		for _, p := range packages {
			seen := own
			if operator {
				seen = currenciesOf(priced[p.ID])
			}
			in := ""
			switch {
			case currency != nil && slices.Contains(seen, *currency):
				in = *currency
			case currency == nil && (len(seen) == 1 || !operator):
				in = seen[0]
			}
			if minor, ok := fee.InForce(priced[p.ID].Edges.Prices, in, r.DB.ReadAt(ctx)); ok {
				fees[p] = amount(ctx, minor, in)
			}
		}
		return fees, nil
	})
}

// ownCurrencies are those of the resellers whose finances the viewer may see
// as one of their people, the first reseller's first.
func (r packageType) ownCurrencies(ctx context.Context) ([]string, error) {
	v := viewer.From(ctx)
	resellers := v.Companies(func(m viewer.Membership) bool { return m.Reseller && authz.Has(m, authz.ViewFinances) })
	if len(resellers) == 0 {
		return nil, nil
	}
	found, err := r.DB.Read(ctx).Company.Query().
		Where(company.IDIn(resellers...), company.CurrencyNotNil()).Order(company.ByID()).All(ctx)
	currencies := make([]string, len(found))
	for i, c := range found {
		currencies[i] = *c.Currency
	}
	return currencies, err
}

// priced reads the packages once more, with their prices: those have a rule of
// their own, so they are never read along.
func (r packageType) priced(ctx context.Context, packages []*ent.ServicePackage) (map[string]*ent.ServicePackage, error) {
	ids := make([]string, len(packages))
	for i, p := range packages {
		ids[i] = p.ID
	}
	found, err := r.DB.Read(ctx).ServicePackage.Query().Where(servicepackage.IDIn(ids...)).
		WithPrices(func(q *ent.PackagePriceQuery) { q.Order(packageprice.ByValidFrom(), packageprice.ByID()) }).
		All(viewer.System(ctx))
	priced := make(map[string]*ent.ServicePackage, len(found))
	for _, p := range found {
		priced[p.ID] = p
	}
	return priced, err
}

func currenciesOf(p *ent.ServicePackage) (currencies []string) {
	for _, price := range p.Edges.Prices {
		if !slices.Contains(currencies, price.Currency) {
			currencies = append(currencies, price.Currency)
		}
	}
	return currencies
}

// Names are for the operator.
func (r packageType) Names(ctx context.Context, p *ent.ServicePackage) ([]*model.LocalizedText, error) {
	if !viewer.From(ctx).Operator {
		return nil, nil
	}
	names := make([]*model.LocalizedText, 0, len(p.Names))
	for _, l := range slices.Sorted(maps.Keys(p.Names)) {
		names = append(names, &model.LocalizedText{Language: l, Text: p.Names[l]})
	}
	return names, nil
}

// Prices are for the operator, in the order in which they came.
func (r packageType) Prices(ctx context.Context, p *ent.ServicePackage) ([]*model.PackagePrice, error) {
	if !viewer.From(ctx).Operator {
		return nil, nil
	}
	return load(ctx, p, "prices", func(ctx context.Context, packages []*ent.ServicePackage) (map[*ent.ServicePackage][]*model.PackagePrice, error) {
		priced, err := r.priced(ctx, packages)
		if err != nil {
			return nil, err
		}
		prices := make(map[*ent.ServicePackage][]*model.PackagePrice, len(packages))
		for _, p := range packages {
			for _, price := range priced[p.ID].Edges.Prices {
				prices[p] = append(prices[p], &model.PackagePrice{
					MonthlyFee: amount(ctx, price.Amount, price.Currency), ValidFrom: price.ValidFrom,
				})
			}
		}
		return prices, nil
	})
}
