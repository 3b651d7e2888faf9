package graph

import (
	"context"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/lifecycle"
)

// Services are, past ones included, what runs on a dealer's hubs, for all of
// its people, or what a reseller is billed, for those who see its Services
// module. Newest first unless asked otherwise.
func (r companyType) Services(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.HubServiceFilter, orderBy *model.HubServiceOrder,
) (*model.HubServiceConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.HubServiceConnection, error) {
		kept := r.keptServices(ctx, filter)
		s := slice{first, after, last, before}
		resellers := map[string]bool{}
		for _, c := range companies {
			resellers[c.ID] = c.ResellerSince != nil
		}
		own := func(id string) bool { return !resellers[id] && seesInside(ctx, id) }
		all, err := pagesFor(ctx, r.DB.Read(ctx).Service.Query().Where(kept...), companyServices(service.FieldDealerID, orderBy), companies, companyID, own, s)
		if err != nil {
			return nil, err
		}
		billed := func(id string) bool {
			return resellers[id] && authz.CanRead(ctx, authz.ViewServicesModule, id)
		}
		bills, err := pagesFor(ctx, r.DB.Read(ctx).Service.Query().Where(kept...), companyServices(service.FieldResellerID, orderBy), companies, companyID, billed, s)
		if err != nil {
			return nil, err
		}
		for c, page := range bills {
			if resellers[c.ID] {
				all[c] = page
			}
		}
		return all, nil
	})
}

// never stands in lists for an end that is not known.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

func companyServices(owner string, by *model.HubServiceOrder) list[ent.Service] {
	o := order[ent.Service]{name: "activated", desc: true} // ids grow with time
	if by != nil {
		switch by.Field {
		case model.HubServiceOrderFieldEndsAt:
			o = order[ent.Service]{name: "ends", column: "end_or_never", kind: byTime, expr: endOrNever, value: func(s *ent.Service) any {
				if s.EndsAt == nil {
					return never
				}
				return *s.EndsAt
			}}
		case model.HubServiceOrderFieldUpdatedAt:
			o = order[ent.Service]{name: "updated", column: service.FieldUpdatedAt, kind: byTime, value: func(s *ent.Service) any { return s.UpdatedAt }}
		case model.HubServiceOrderFieldActivatedAt:
		}
		o.desc = by.Direction == model.OrderDirectionDesc
	}
	return list[ent.Service]{
		owner: owner,
		ownerOf: func(s *ent.Service) string {
			switch owner {
			case service.FieldDealerID:
				return s.DealerID
			case service.FieldConnectionID:
				return s.ConnectionID
			}
			return s.ResellerID
		},
		idOf:  func(s *ent.Service) string { return s.ID },
		order: o,
	}
}

// endOrNever is the column of the end, with [never] where there is none.
func endOrNever(s *sql.Selector) string {
	literal := "'9999-12-31 00:00:00+00:00'"
	if s.Dialect() == dialect.Postgres {
		literal = "timestamptz " + literal
	}
	return "coalesce(" + s.C(service.FieldEndsAt) + ", " + literal + ")"
}

// keptServices are the predicates of a filter. Without one, all are kept.
func (r *Resolver) keptServices(ctx context.Context, filter *model.HubServiceFilter) (kept []predicate.Service) {
	if filter == nil {
		return nil
	}
	if filter.Status != nil {
		kept = append(kept, service.StatusIn(filter.Status...))
	}
	if filter.IsTrial != nil {
		kept = append(kept, lifecycle.TrialAt(r.DB.ReadAt(ctx), *filter.IsTrial))
	}
	if filter.TrialLastMonth != nil {
		kept = append(kept, service.TrialEndsAtIn(r.endsOf(filter.TrialLastMonth)...))
	}
	if filter.DealerID != nil {
		kept = append(kept, service.DealerIDIn(filter.DealerID...))
	}
	if filter.ResellerID != nil {
		kept = append(kept, service.ResellerIDIn(filter.ResellerID...))
	}
	if filter.PackageID != nil {
		kept = append(kept, service.PackageIDIn(filter.PackageID...))
	}
	if filter.Country != nil {
		kept = append(kept, service.HasDealerWith(company.CountryIn(filter.Country...)))
	}
	if filter.EndedWithinDays != nil {
		kept = append(kept, service.StatusEQ(service.StatusENDED), livedAtMost(*filter.EndedWithinDays))
	}
	kept = append(kept, between(filter.ActivatedAt, service.ActivatedAtGTE, service.ActivatedAtLT)...)
	kept = append(kept, between(filter.EndsAt, service.EndsAtGTE, service.EndsAtLT)...)
	return append(kept, between(filter.UpdatedAt, service.UpdatedAtGTE, service.UpdatedAtLT)...)
}

// endsOf are the first instants after months.
func (r *Resolver) endsOf(months []*calendar.Month) []time.Time {
	ends := make([]time.Time, len(months))
	for i, m := range months {
		ends[i] = calendar.Start(m.Next(), r.DB.Zone)
	}
	return ends
}

// livedAtMost keeps the services whose whole life took so many days of 24 hours.
func livedAtMost(days int) predicate.Service {
	return func(s *sql.Selector) {
		from, to := s.C(service.FieldActivatedAt), s.C(service.FieldEndsAt)
		s.Where(sql.P(func(b *sql.Builder) {
			if b.Dialect() == dialect.Postgres {
				b.WriteString(to + " - " + from + " <= interval '1 day' * ").Arg(days)
				return
			}
			// Days of SQLite are fractions: half a millisecond of slack keeps
			// their rounding from moving the limit.
			b.WriteString("julianday(" + to + ") - julianday(" + from + ") - 0.0000000058 <= ").Arg(days)
		}))
	}
}

// between is what a filter of instants keeps of a column.
func between[P any](at *model.DateTimeFilter, from, before func(time.Time) P) (kept []P) {
	if at == nil {
		return nil
	}
	if at.Gte != nil {
		kept = append(kept, from(*at.Gte))
	}
	if at.Lt != nil {
		kept = append(kept, before(*at.Lt))
	}
	return kept
}
