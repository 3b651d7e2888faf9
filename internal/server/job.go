package server

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"partnerhub/internal/billing"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/identity"
	"partnerhub/internal/mail"
	"partnerhub/internal/sim"
	"partnerhub/internal/store"
	"partnerhub/internal/throttle"
)

// start runs the jobs beside the requests until ctx ends: letters, cards, the
// calendar, and the forgetting of what is too old to matter.
func (s *Server) start(ctx context.Context, group *errgroup.Group, sender mail.Sender) {
	group.Go(func() error {
		letters, stop := s.broker.Watch(mail.Topic)
		defer stop()
		mail.Deliver(ctx, s.db, sender, letters, s.log)
		return nil
	})
	group.Go(func() error {
		cards, stop := s.broker.Watch(sim.Topic)
		defer stop()
		sim.Run(ctx, s.db, sim.Builtin{}, cards, s.log)
		return nil
	})
	group.Go(func() error {
		s.db.Listen(ctx, s.broker.WakeAll)
		return nil
	})
	group.Go(func() error {
		billing.RunCalendar(ctx, s.db)
		return nil
	})
	group.Go(func() error {
		s.sweep(ctx)
		return nil
	})
}

// sweep forgets what is too old to matter, each hour.
func (s *Server) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for ctx.Err() == nil {
		for _, forget := range []func(context.Context, *store.DB) (int, error){idempotency.Sweep, identity.Sweep, throttle.Sweep, mail.Sweep} {
			if _, err := forget(ctx, s.db); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "cannot forget what is old", "error", err)
			}
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}
