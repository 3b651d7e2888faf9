package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/servicepackage"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// Who sees a service may know its neighbours, also when they are deleted
// (A45): what of them is not for everybody, their own fields keep.

// Hub is the hub of the service.
func (r serviceType) Hub(ctx context.Context, s *ent.Service) (*ent.Hub, error) {
	return loadOne(ctx, s, "hub", func(s *ent.Service) string { return s.HubID },
		func(ctx context.Context, ids []string) ([]*ent.Hub, error) {
			return r.DB.Read(ctx).Hub.Query().Where(hub.IDIn(ids...)).All(viewer.System(ctx))
		}, func(h *ent.Hub) string { return h.ID })
}

// Package is the package of the service.
func (r serviceType) Package(ctx context.Context, s *ent.Service) (*ent.ServicePackage, error) {
	return loadOne(ctx, s, "package", func(s *ent.Service) string { return s.PackageID },
		func(ctx context.Context, ids []string) ([]*ent.ServicePackage, error) {
			return r.DB.Read(ctx).ServicePackage.Query().Where(servicepackage.IDIn(ids...)).All(viewer.System(ctx))
		}, func(p *ent.ServicePackage) string { return p.ID })
}

// Reseller is billed for the service.
func (r serviceType) Reseller(ctx context.Context, s *ent.Service) (*ent.Company, error) {
	return loadOne(ctx, s, "reseller", func(s *ent.Service) string { return s.ResellerID }, r.companiesByID, companyID)
}

// Dealer activated the service.
func (r serviceType) Dealer(ctx context.Context, s *ent.Service) (*ent.Company, error) {
	return loadOne(ctx, s, "dealer", func(s *ent.Service) string { return s.DealerID }, r.companiesByID, companyID)
}

// MonthlyFee is for who may see the reseller's money: a dealer never is (A9).
func (r serviceType) MonthlyFee(ctx context.Context, s *ent.Service) (*model.Money, error) {
	return load(ctx, s, "monthlyFee", r.monthlyFees)
}

func (r *Resolver) monthlyFees(ctx context.Context, services []*ent.Service) (map[*ent.Service]*model.Money, error) {
	var shown []*ent.Service
	for _, s := range services {
		if authz.CanRead(ctx, authz.ViewFinances, s.ResellerID) {
			shown = append(shown, s)
		}
	}
	if len(shown) == 0 {
		return nil, nil
	}
	found, err := tally.Fees(ctx, r.DB.Read(ctx), shown, r.DB.ReadAt(ctx), r.DB.Zone)
	if err != nil {
		return nil, err
	}
	fees := make(map[*ent.Service]*model.Money, len(shown))
	for _, s := range shown {
		if f, ok := found[s.ID]; ok {
			fees[s] = amount(ctx, f.Minor, f.Currency)
		}
	}
	return fees, nil
}

// IsTrial tells whether the account is on its free days now.
func (r serviceType) IsTrial(ctx context.Context, s *ent.Service) (bool, error) {
	return lifecycle.OnTrial(s, r.DB.ReadAt(ctx)), nil
}

// TrialLastMonth is the month before the trial's end.
func (r serviceType) TrialLastMonth(_ context.Context, s *ent.Service) (*calendar.Month, error) {
	if s.TrialEndsAt == nil {
		return nil, nil
	}
	return new(calendar.MonthOf(*s.TrialEndsAt, r.DB.Zone).Prev()), nil
}

// Reason is for everybody who sees the service: dealer and reseller.
func (r serviceType) Reason(_ context.Context, s *ent.Service) (*string, error) { return s.Reason, nil }

// Events are the service's history, newest first.
func (r serviceType) Events(ctx context.Context, s *ent.Service, first *int, after *string, last *int, before *string) (*model.ServiceEventConnection, error) {
	return load(ctx, s, asked(ctx), func(ctx context.Context, services []*ent.Service) (map[*ent.Service]*model.ServiceEventConnection, error) {
		return pagesFor(ctx, r.DB.Read(ctx).ServiceEvent.Query(), serviceHistory, services,
			func(s *ent.Service) string { return s.ID }, seen, slice{first, after, last, before})
	})
}

// seen is the right to lists that go with the thing they belong to.
func seen(string) bool { return true }
