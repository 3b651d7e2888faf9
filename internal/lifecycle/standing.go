package lifecycle

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/tile"
	"partnerhub/internal/viewer"
)

// Standing is all that the rules of a step know of a hub, at one instant.
type Standing struct {
	Hub     *ent.Hub
	Company *ent.Company // that looks after the hub
	SIM     *ent.SIMCard // nil: the hub has no card
	Service *ent.Service // that lives on the hub; nil: none
	Now     time.Time
}

// Stand returns the standing of each hub, in a number of statements that does
// not depend on how many there are. It reads as the system: who may see what
// of it is for the caller to say.
func Stand(ctx context.Context, c *ent.Client, now time.Time, hubs []*ent.Hub) (map[*ent.Hub]*Standing, error) {
	ctx = viewer.System(ctx)
	ids, owners := make([]string, len(hubs)), make([]string, 0, 1)
	seen := map[string]bool{}
	for i, h := range hubs {
		ids[i] = h.ID
		if !seen[h.CompanyID] {
			seen[h.CompanyID] = true
			owners = append(owners, h.CompanyID)
		}
	}
	companies, err := c.Company.Query().Where(company.IDIn(owners...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the companies of hubs: %w", err)
	}
	cards, err := c.SIMCard.Query().Where(simcard.HubIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the cards of hubs: %w", err)
	}
	services, err := c.Service.Query().Where(service.HubIDIn(ids...), service.StatusNEQ(service.StatusENDED)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the services of hubs: %w", err)
	}
	companyByID := byID(companies, func(c *ent.Company) string { return c.ID })
	cardByHub := byID(cards, func(s *ent.SIMCard) string { return s.HubID })
	serviceByHub := byID(services, func(s *ent.Service) string { return s.HubID })
	standings := make(map[*ent.Hub]*Standing, len(hubs))
	for _, h := range hubs {
		standings[h] = &Standing{
			Hub: h, Company: companyByID[h.CompanyID], SIM: cardByHub[h.ID], Service: serviceByHub[h.ID], Now: now,
		}
	}
	return standings, nil
}

func byID[T any](things []*T, id func(*T) string) map[string]*T {
	m := make(map[string]*T, len(things))
	for _, t := range things {
		m[id(t)] = t
	}
	return m
}

// Tile returns what stands under the hub.
func (s *Standing) Tile() serviceevent.Tile { return s.tileIn(stateOf(s.Service)) }

func (s *Standing) tileIn(at state) serviceevent.Tile {
	return tile.Of(at.status, s.HasAjaxSIM(), s.IsDealers())
}

// HasAjaxSIM reports whether an Ajax SIM is in the hub (R74).
func (s *Standing) HasAjaxSIM() bool { return s.SIM != nil && s.SIM.IsAjax }

// IsDealers reports whether the hub's company is enrolled as a dealer.
func (s *Standing) IsDealers() bool { return s.Company != nil && s.Company.DealerSince != nil }

// state is where the hub stands for the rules: a service whose pending end has
// passed is over, also where the calendar has not come to it yet (A46).
func (s *Standing) state() state {
	if s.overdue() {
		return off
	}
	return stateOf(s.Service)
}

// overdue reports whether the calendar's step is due.
func (s *Standing) overdue() bool {
	return s.Service != nil && s.Service.EndsAt != nil && !s.Service.EndsAt.After(s.Now)
}
