package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	objects "partnerhub/internal/object"
	"partnerhub/internal/store"
	"partnerhub/internal/tile"
	"partnerhub/internal/viewer"
)

// Object is the object with the id, if the viewer may see it.
func (r query) Object(ctx context.Context, id string) (*ent.Object, error) {
	return visible(r.DB.Read(ctx).Object.Query().Where(object.ID(id)).Only(ctx))
}

// ObjectCreate adds an object to what a company looks after.
func (r mutation) ObjectCreate(ctx context.Context, in objects.Creation) (*model.ObjectCreatePayload, error) {
	o, err := objects.Create(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ObjectCreatePayload{Object: o}, err)
}

// ObjectUpdate changes an object.
func (r mutation) ObjectUpdate(ctx context.Context, in objects.Update) (*model.ObjectUpdatePayload, error) {
	o, err := objects.Edit(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ObjectUpdatePayload{Object: o}, err)
}

// ObjectDelete deletes an object with its hubs.
func (r mutation) ObjectDelete(ctx context.Context, in objects.Deletion) (*model.ObjectDeletePayload, error) {
	_, err := objects.Delete(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ObjectDeletePayload{DeletedObjectID: &in.ObjectID}, err)
}

// seesInside reports whether the viewer sees all of what a company looks
// after: its people of any role and the operator do (A52, A53). A reseller sees
// names alone, of what it bills (A50).
func seesInside(ctx context.Context, companyID string) bool {
	return authz.CanRead(ctx, authz.ManageObjects, companyID)
}

// Objects are what a company looks after (R75), for those who see all of it:
// the filter goes over more than names. Oldest first unless asked otherwise.
func (r companyType) Objects(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.SecurityObjectFilter, orderBy *model.SecurityObjectOrder,
) (*model.SecurityObjectConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.SecurityObjectConnection, error) {
		q := r.DB.Read(ctx).Object.Query().Where(keptObjects(filter)...)
		may := func(id string) bool { return seesInside(ctx, id) }
		return pagesFor(ctx, q, companyObjects(orderBy), companies, companyID, may, slice{first, after, last, before})
	})
}

func companyObjects(by *model.SecurityObjectOrder) list[ent.Object] {
	o := order[ent.Object]{name: "created"} // ids grow with time
	if by != nil {
		if by.Field == model.SecurityObjectOrderFieldName {
			o = order[ent.Object]{
				name: "name", column: object.FieldNameKey,
				value: func(o *ent.Object) any { return o.NameKey },
			}
		}
		o.desc = by.Direction == model.OrderDirectionDesc
	}
	return list[ent.Object]{
		owner:   object.FieldCompanyID,
		ownerOf: func(o *ent.Object) string { return o.CompanyID },
		idOf:    objectID,
		order:   o,
	}
}

func objectID(o *ent.Object) string { return o.ID }

// keptObjects are the predicates of a filter. Without one, all are kept.
func keptObjects(filter *model.SecurityObjectFilter) (kept []predicate.Object) {
	if filter == nil {
		return nil
	}
	if filter.Search != nil {
		kept = append(kept, object.SearchKeyContains(store.Pattern(store.Fold(*filter.Search))))
	}
	if filter.Tile != nil {
		kept = append(kept, object.HasHubsWith(hub.RemovedAtIsNil(), tile.Showing(filter.Tile...)))
	}
	kept = append(kept, between(filter.CreatedAt, object.CreatedAtGTE, object.CreatedAtLT)...)
	if own := filter.Reference; own != nil {
		if own.Eq != nil {
			kept = append(kept, object.Reference(*own.Eq))
		}
		if own.In != nil {
			kept = append(kept, object.ReferenceIn(own.In...))
		}
		if own.Contains != nil {
			kept = append(kept, object.ReferenceNotNil(), object.ReferenceKeyContains(store.Pattern(store.Fold(*own.Contains))))
		}
	}
	return kept
}

// Address is for those who see all of the object.
func (r objectType) Address(ctx context.Context, o *ent.Object) (*string, error) {
	if !seesInside(ctx, o.CompanyID) {
		return nil, nil
	}
	return o.Address, nil
}

// Reference is for those who see all of the object.
func (r objectType) Reference(ctx context.Context, o *ent.Object) (*string, error) {
	if !seesInside(ctx, o.CompanyID) {
		return nil, nil
	}
	return o.Reference, nil
}

// Company looks after the object.
func (r objectType) Company(ctx context.Context, o *ent.Object) (*ent.Company, error) {
	return loadOne(ctx, o, "company", func(o *ent.Object) string { return o.CompanyID }, r.companiesByID, companyID)
}

// Hubs are the hubs of the object, oldest first: the device list (R76). A
// reseller sees those it bills.
func (r objectType) Hubs(ctx context.Context, o *ent.Object, first *int, after *string, last *int, before *string) (*model.HubConnection, error) {
	return load(ctx, o, asked(ctx), func(ctx context.Context, parents []*ent.Object) (map[*ent.Object]*model.HubConnection, error) {
		anyone := func(string) bool { return true } // the policy of hubs says who sees which
		return pagesFor(ctx, r.DB.Read(ctx).Hub.Query(), objectHubs, parents, objectID, anyone, slice{first, after, last, before})
	})
}

var objectHubs = list[ent.Hub]{
	owner:   hub.FieldObjectID,
	ownerOf: func(h *ent.Hub) string { return h.ObjectID },
	idOf:    hubID,
	order:   order[ent.Hub]{name: "created"},
}

func hubID(h *ent.Hub) string { return h.ID }

// objectsByID finds neighbours of what the viewer sees: their names are the
// viewer's to see too, also when they are deleted (A45, A50).
func (r *Resolver) objectsByID(ctx context.Context, ids []string) ([]*ent.Object, error) {
	return r.DB.Read(ctx).Object.Query().Where(object.IDIn(ids...)).All(viewer.System(ctx))
}
