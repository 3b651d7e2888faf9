package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/simcard"
	"partnerhub/graph/model"
	"partnerhub/internal/store"
	"partnerhub/internal/tile"
)

// Hubs are the hubs of all of a company's objects, for those who see all of
// them: the filter goes over more than names. Oldest first unless asked
// otherwise.
func (r companyType) Hubs(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.HubFilter, orderBy *model.HubOrder,
) (*model.HubConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.HubConnection, error) {
		q := r.DB.Read(ctx).Hub.Query().Where(keptHubs(filter)...)
		may := func(id string) bool { return seesInside(ctx, id) }
		return pagesFor(ctx, q, companyHubs(orderBy), companies, companyID, may, slice{first, after, last, before})
	})
}

func companyHubs(by *model.HubOrder) list[ent.Hub] {
	o := order[ent.Hub]{name: "created"} // ids grow with time
	if by != nil {
		if by.Field == model.HubOrderFieldName {
			// The folded name stands before the serial number in this column.
			o = order[ent.Hub]{name: "name", column: hub.FieldSearchKey, value: func(h *ent.Hub) any { return h.SearchKey }}
		}
		o.desc = by.Direction == model.OrderDirectionDesc
	}
	return list[ent.Hub]{
		owner:   hub.FieldCompanyID,
		ownerOf: func(h *ent.Hub) string { return h.CompanyID },
		idOf:    hubID,
		order:   o,
	}
}

// keptHubs are the predicates of a filter. Without one, all are kept.
func keptHubs(filter *model.HubFilter) (kept []predicate.Hub) {
	if filter == nil {
		return nil
	}
	if filter.Search != nil {
		kept = append(kept, hub.SearchKeyContains(store.Pattern(store.Fold(*filter.Search))))
	}
	kept = append(kept, keptSerialNumbers(filter.SerialNumber)...)
	if filter.Tile != nil {
		kept = append(kept, tile.Showing(filter.Tile...))
	}
	if filter.HasAjaxSim != nil {
		kept = append(kept, wanted(*filter.HasAjaxSim, hub.HasSimWith(simcard.IsAjax(true))))
	}
	if filter.HasService != nil {
		kept = append(kept, wanted(*filter.HasService, hub.HasServicesWith(service.StatusNEQ(service.StatusENDED))))
	}
	if filter.ObjectID != nil {
		kept = append(kept, hub.ObjectIDIn(filter.ObjectID...), hub.HasObjectWith(object.DeletedAtIsNil()))
	}
	if filter.Country != nil {
		kept = append(kept, hub.HasCompanyWith(company.CountryIn(filter.Country...)))
	}
	return append(kept, between(filter.CreatedAt, hub.CreatedAtGTE, hub.CreatedAtLT)...)
}

func keptSerialNumbers(filter *model.StringFilter) (kept []predicate.Hub) {
	if filter == nil {
		return nil
	}
	if filter.Eq != nil {
		kept = append(kept, hub.SerialNumber(*filter.Eq))
	}
	if filter.In != nil {
		kept = append(kept, hub.SerialNumberIn(filter.In...))
	}
	if filter.Contains != nil {
		kept = append(kept, hub.SerialNumberContainsFold(store.Pattern(*filter.Contains))) // letters and digits of ASCII
	}
	return kept
}

// wanted is the predicate, or its opposite where it is not wanted.
func wanted(yes bool, p predicate.Hub) predicate.Hub {
	if yes {
		return p
	}
	return hub.Not(p)
}
