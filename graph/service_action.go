package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/lifecycle"
)

// market is what the company of a hub can activate with.
func (r *Resolver) market(ctx context.Context, h *ent.Hub) (*lifecycle.Market, error) {
	return load(ctx, h, "market", func(ctx context.Context, hubs []*ent.Hub) (map[*ent.Hub]*lifecycle.Market, error) {
		var owners []string
		seen := map[string]bool{}
		for _, h := range hubs {
			if !seen[h.CompanyID] {
				seen[h.CompanyID] = true
				owners = append(owners, h.CompanyID)
			}
		}
		all, err := lifecycle.Markets(ctx, r.DB.Read(ctx), r.DB.ReadAt(ctx), owners)
		if err != nil {
			return nil, err
		}
		markets := make(map[*ent.Hub]*lifecycle.Market, len(hubs))
		for _, h := range hubs {
			markets[h] = all[h.CompanyID]
			together(ctx, markets[h].Packages)
			together(ctx, markets[h].Connections)
		}
		return markets, nil
	})
}

// actionTexts are the ids of the buttons' labels.
var actionTexts = map[serviceevent.Action]string{
	serviceevent.ActionACTIVATE:   "actionActivate",
	serviceevent.ActionDEACTIVATE: "actionDeactivate",
	serviceevent.ActionSUSPEND:    "actionSuspend",
	serviceevent.ActionRESUME:     "actionResume",
	serviceevent.ActionSTOP:       "actionStop",
}

// ServiceActions tell for each step what its command would answer the viewer
// now, by the command's own rules.
func (r hubType) ServiceActions(ctx context.Context, h *ent.Hub) ([]*model.ServiceActionOption, error) {
	options := []*model.ServiceActionOption{}
	if !seesWhole(ctx, h) {
		return options, nil
	}
	s, err := r.standing(ctx, h)
	if err != nil {
		return nil, err
	}
	m, err := r.market(ctx, h)
	if err != nil {
		return nil, err
	}
	for _, step := range lifecycle.Steps {
		o := &model.ServiceActionOption{Action: step, Label: i18n.Text(i18n.From(ctx), actionTexts[step], nil)}
		if refusals := s.Refusals(ctx, step, m, lifecycle.Choice{}); len(refusals) > 0 {
			o.Refusal, err = r.foretold(ctx, s, refusals[0])
			if err != nil {
				return nil, err
			}
		} else {
			o.IsAvailable, o.EffectiveAt = true, new(s.EffectiveAt(step, r.DB.Zone))
		}
		options = append(options, o)
	}
	return options, nil
}

// ActivationOptions are the content of the activation screen. Looking at it
// changes nothing (R84).
func (r hubType) ActivationOptions(ctx context.Context, h *ent.Hub) (*model.ActivationOptions, error) {
	if !seesWhole(ctx, h) {
		return &model.ActivationOptions{}, nil
	}
	s, err := r.standing(ctx, h)
	if err != nil {
		return nil, err
	}
	m, err := r.market(ctx, h)
	if err != nil {
		return nil, err
	}
	o := &model.ActivationOptions{
		Packages:              m.Packages,
		PreselectedPackage:    m.Package(),
		Connections:           m.Connections,
		PreselectedConnection: m.Connection(),
	}
	for _, refusal := range s.Refusals(ctx, serviceevent.ActionACTIVATE, m, lifecycle.Choice{}) {
		blocker, err := r.foretold(ctx, s, refusal)
		if err != nil {
			return nil, err
		}
		o.Blockers = append(o.Blockers, blocker)
	}
	return o, nil
}

// foretold is userError for a refusal that nobody has run into yet. What it is
// about was read already, for all hubs of the list at once.
func (r *Resolver) foretold(ctx context.Context, s *lifecycle.Standing, e *errs.Error) (model.UserError, error) {
	d, ok := e.Detail.(errs.State)
	if !ok {
		return r.userError(ctx, e)
	}
	var subject model.Node = s.Hub
	if d.SubjectID != s.Hub.ID {
		subject = s.Service
	}
	return stateError(ctx, e, d, subject), nil
}
