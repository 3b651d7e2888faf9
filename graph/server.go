package graph

import (
	"context"

	"partnerhub/graph/model"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/i18n"
	"partnerhub/internal/rate"
)

// Info is what the server tells about itself besides its clock.
type Info struct {
	Version    string
	SupportURL string // "" tells nothing
	Limits     model.ServerLimits
	MaxNodes   int // ids that `nodes` takes
}

// ServerInfo tells clients what to plan with. Open to everybody.
func (r query) ServerInfo(ctx context.Context) (*model.ServerInfo, error) { return r.serverInfo(ctx) }

// RateLimit tells how the caller stands after this request; nil where nothing
// is counted. Open to everybody.
func (r query) RateLimit(ctx context.Context) (*model.RateLimit, error) {
	s, counted := rate.From(ctx)
	if !counted {
		return nil, nil
	}
	return &model.RateLimit{Limit: s.Limit, Cost: s.Cost, Remaining: s.Remaining, ResetAt: s.FullAt}, nil
}

// ClockAdvance moves the test clock and does what falls due on the way.
func (r mutation) ClockAdvance(ctx context.Context, in billing.ClockAdvance) (*model.ClockAdvancePayload, error) {
	payload, err := &model.ClockAdvancePayload{}, billing.AdvanceClock(ctx, r.DB, in)
	if err == nil {
		payload.ServerInfo, err = r.serverInfo(ctx)
	}
	return answer(ctx, r.Resolver, payload, err)
}

func (r *Resolver) serverInfo(ctx context.Context) (*model.ServerInfo, error) {
	now := r.DB.Clock.Now()
	info := &model.ServerInfo{
		Version:         r.Info.Version,
		BillingTimeZone: r.DB.Zone.String(),
		Now:             now,
		IsTestClock:     r.DB.Clock.IsTest(),
		NextMonthAt:     calendar.NextBoundary(now, r.DB.Zone),
		Limits:          &r.Info.Limits,
	}
	for _, l := range i18n.Languages {
		info.Languages = append(info.Languages, string(l))
	}
	if r.Info.SupportURL != "" {
		info.SupportURL = &r.Info.SupportURL
	}
	last, err := billing.LastCharged(ctx, r.DB.Read(ctx))
	if err != nil {
		return nil, err
	}
	if !last.IsZero() {
		info.LastClosedMonth = &last
	}
	return info, nil
}
