package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/predicate"
	"partnerhub/graph/model"
	log "partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/i18n"
)

// Activities are a company's log, newest first, for owner and managers (A52).
func (r companyType) Activities(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.ActivityFilter,
) (*model.ActivityConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.ActivityConnection, error) {
		q := r.DB.Read(ctx).Activity.Query().Where(keptActivities(filter)...)
		may := func(id string) bool { return authz.CanRead(ctx, authz.ViewActivities, id) }
		return pagesFor(ctx, q, companyLog, companies, companyID, may, slice{first, after, last, before})
	})
}

// companyLog is read in the order in which the entries were written: it is
// that of their instants, and tells apart those of one instant (A59).
var companyLog = list[ent.Activity]{
	owner:   activity.FieldCompanyID,
	ownerOf: func(a *ent.Activity) string { return *a.CompanyID }, // those of the platform alone are in no list
	idOf:    func(a *ent.Activity) string { return a.ID },
	order: order[ent.Activity]{
		name: "position", column: activity.FieldPosition, kind: byNumber, desc: true,
		value: func(a *ent.Activity) any { return a.Position },
	},
}

func keptActivities(filter *model.ActivityFilter) (kept []predicate.Activity) {
	if filter == nil {
		return nil
	}
	if filter.Action != nil {
		kept = append(kept, activity.ActionIn(filter.Action...))
	}
	if filter.SubjectID != nil {
		kept = append(kept, activity.SubjectID(*filter.SubjectID))
	}
	if at := filter.OccurredAt; at != nil {
		if at.Gte != nil {
			kept = append(kept, activity.OccurredAtGTE(*at.Gte))
		}
		if at.Lt != nil {
			kept = append(kept, activity.OccurredAtLT(*at.Lt))
		}
	}
	return kept
}

// Actor is the person who did it; a partner's person is there by name only.
func (r activityType) Actor(ctx context.Context, a *ent.Activity) (*ent.User, error) {
	return loadOne(ctx, a, "actor", activityActor, r.usersByID, func(u *ent.User) string { return u.ID })
}

// activityActor is "" where the platform itself acted.
func activityActor(a *ent.Activity) string {
	if a.ActorID == nil {
		return ""
	}
	return *a.ActorID
}

// Subject is the thing it was done to, if it is there and the viewer's to see.
func (r activityType) Subject(ctx context.Context, a *ent.Activity) (model.Node, error) {
	return load(ctx, a, "subject", func(ctx context.Context, entries []*ent.Activity) (map[*ent.Activity]model.Node, error) {
		ids, seen := []string{}, map[string]bool{}
		for _, e := range entries {
			if !seen[e.SubjectID] {
				seen[e.SubjectID] = true
				ids = append(ids, e.SubjectID)
			}
		}
		found, err := r.nodesByID(ctx, ids)
		if err != nil {
			return nil, err
		}
		subjects := make(map[*ent.Activity]model.Node, len(entries))
		for _, e := range entries {
			subjects[e] = found[e.SubjectID]
		}
		return subjects, nil
	})
}

// Summary is a sentence in the language of the request.
func (r activityType) Summary(ctx context.Context, a *ent.Activity) (string, error) {
	return log.Summary(i18n.From(ctx), a.Action, a.Words), nil
}
