package graph

import (
	"context"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/i18n"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/tile"
)

// seesWhole reports whether the viewer sees tile and steps of a hub. A reseller
// that bills it does not, and of a removed one nobody does (A45, A50).
func seesWhole(ctx context.Context, h *ent.Hub) bool {
	return h.RemovedAt == nil && seesInside(ctx, h.CompanyID)
}

// standing is what the rules know of a hub.
func (r *Resolver) standing(ctx context.Context, h *ent.Hub) (*lifecycle.Standing, error) {
	return load(ctx, h, "standing", func(ctx context.Context, hubs []*ent.Hub) (map[*ent.Hub]*lifecycle.Standing, error) {
		standings, err := lifecycle.Stand(ctx, r.DB.Read(ctx), r.DB.ReadAt(ctx), hubs)
		if err != nil {
			return nil, err
		}
		var services []*ent.Service
		for _, h := range hubs {
			if s := standings[h].Service; s != nil {
				services = append(services, s)
			}
		}
		together(ctx, services) // refusals may name them
		return standings, nil
	})
}

// Tile is what stands under the hub.
func (r hubType) Tile(ctx context.Context, h *ent.Hub) (*model.ServiceTile, error) {
	if !seesWhole(ctx, h) {
		kind := serviceevent.TileUNAVAILABLE
		return &model.ServiceTile{Kind: kind, Label: i18n.Text(i18n.From(ctx), tileTexts[kind], nil)}, nil
	}
	s, err := r.standing(ctx, h)
	if err != nil {
		return nil, err
	}
	kind := s.Tile()
	t := &model.ServiceTile{
		Kind:    kind,
		Label:   i18n.Text(i18n.From(ctx), tileTexts[kind], nil),
		Hint:    i18n.Text(i18n.From(ctx), tileHint(kind, s), nil),
		Version: h.Version,
	}
	if kind == serviceevent.TileEXPIRES_SOON {
		t.ExpiresAt = s.Service.EndsAt
	}
	return t, nil
}

// tileTexts are the ids of the labels of tiles.
var tileTexts = map[serviceevent.Tile]string{
	serviceevent.TileACTIVATION_REQUIRED: "tileActivationRequired",
	serviceevent.TileACTIVATED:           "tileActivated",
	serviceevent.TileEXPIRES_SOON:        "tileExpiresSoon",
	serviceevent.TileSUSPENDED:           "tileSuspended",
	serviceevent.TileUNAVAILABLE:         "tileUnavailable",
}

// tileHint is the id of the longer text: on an unavailable tile it says why.
func tileHint(kind serviceevent.Tile, s *lifecycle.Standing) string {
	switch {
	case kind != serviceevent.TileUNAVAILABLE:
		return tileTexts[kind] + "Hint"
	case !s.IsDealers():
		return "tileUnavailableNotDealerHint"
	default:
		return "tileUnavailableNoSimHint"
	}
}

// StatusIcons are the star and the SIM's (A13, A56).
func (r hubType) StatusIcons(ctx context.Context, h *ent.Hub) ([]tile.Icon, error) {
	if !seesWhole(ctx, h) {
		return []tile.Icon{}, nil
	}
	s, err := r.standing(ctx, h)
	if err != nil {
		return nil, err
	}
	status := tile.None
	if s.Service != nil {
		status = s.Service.Status
	}
	return tile.Icons(status, s.SIM != nil, s.SIM != nil && s.SIM.IsActive), nil
}

// Service is the living one, for the dealer and the reseller that is billed.
func (r hubType) Service(ctx context.Context, h *ent.Hub) (*ent.Service, error) {
	return loadOne(ctx, h, "service", func(h *ent.Hub) string { return h.ID },
		func(ctx context.Context, ids []string) ([]*ent.Service, error) {
			return r.DB.Read(ctx).Service.Query().Where(service.HubIDIn(ids...), service.StatusNEQ(service.StatusENDED)).All(ctx)
		}, func(s *ent.Service) string { return s.HubID })
}

// Services are past and present ones, newest first: the dealer's all, a
// reseller's those billed to it (A50).
func (r hubType) Services(ctx context.Context, h *ent.Hub, first *int, after *string, last *int, before *string) (*model.HubServiceConnection, error) {
	return load(ctx, h, asked(ctx), func(ctx context.Context, hubs []*ent.Hub) (map[*ent.Hub]*model.HubServiceConnection, error) {
		return pagesFor(ctx, r.DB.Read(ctx).Service.Query(), hubServices, hubs,
			func(h *ent.Hub) string { return h.ID }, seen, slice{first, after, last, before})
	})
}

// hubServices is newest first: one follows the end of the other, whatever the
// clocks of the servers say that gave them their ids.
var hubServices = list[ent.Service]{
	owner:   service.FieldHubID,
	ownerOf: func(s *ent.Service) string { return s.HubID },
	idOf:    func(s *ent.Service) string { return s.ID },
	order: order[ent.Service]{
		name: "activated at", column: service.FieldActivatedAt, kind: byTime, desc: true,
		value: func(s *ent.Service) any { return s.ActivatedAt },
	},
}
