package lifecycle

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Deactivate lets the services of a hub run to the end of the month (R87,
// R88). They end at its last instant unless they are resumed.
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer],
// [ErrOff], [ErrAlreadyExpiring] or [ErrPaused], and changes nothing when it
// fails.
func Deactivate(ctx context.Context, db *store.DB, in Step) (*ent.Service, error) {
	return take(ctx, db, serviceevent.ActionDEACTIVATE, in)
}

// Suspend pauses the services of a hub at once, the Ajax SIM included. A
// pending end stays. Only the side that paused may resume (A5, A7).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer],
// [ErrOff] or [ErrAlreadyPaused].
func Suspend(ctx context.Context, db *store.DB, in Step) (*ent.Service, error) {
	return take(ctx, db, serviceevent.ActionSUSPEND, in)
}

// Resume takes a pause back or, where nothing is paused, a pending end (A5,
// R96).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer],
// [ErrOver] (also when the pending end has just passed, A15),
// [ErrNotResumable] or [ErrSuspendedByOther].
func Resume(ctx context.Context, db *store.DB, in Resumption) (*ent.Service, error) {
	return take(ctx, db, serviceevent.ActionRESUME, Step{HubID: in.HubID, IdempotencyKey: in.IdempotencyKey})
}

// Stop ends the services of a hub at once; an Ajax SIM stops working with them
// (R103, R104, R105). A pending end and a trial are forfeited (A3).
//
// It fails with [authz.ErrNotFound], [authz.ErrForbidden], [ErrNotADealer] or
// [ErrOff].
func Stop(ctx context.Context, db *store.DB, in Step) (*ent.Service, error) {
	return take(ctx, db, serviceevent.ActionSTOP, in)
}

// operations are the names of the mutations: keys and logs go by them.
var operations = map[serviceevent.Action]string{
	serviceevent.ActionACTIVATE:   "serviceActivate",
	serviceevent.ActionDEACTIVATE: "serviceDeactivate",
	serviceevent.ActionSUSPEND:    "serviceSuspend",
	serviceevent.ActionRESUME:     "serviceResume",
	serviceevent.ActionSTOP:       "serviceStop",
	serviceevent.ActionEXPIRE:     "serviceExpire",
}

// take is every step of a living service that a person asks for.
func take(ctx context.Context, db *store.DB, step serviceevent.Action, in Step) (*ent.Service, error) {
	var wrong errs.List
	reason := form.Optional(&wrong, in.Reason, form.LinesUpTo(form.MaxReason), "reason")
	key := idempotency.New(operations[step], in.IdempotencyKey, in)
	wrong.Add(key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return do(ctx, db, func(tx *store.Tx) (*ent.Service, error) {
		billed, err := holdLiving(ctx, tx, in.HubID, step)
		if err != nil {
			return nil, err
		}
		s, err := standForUpdate(ctx, tx, in.HubID)
		if err != nil {
			return nil, err
		}
		if err := s.right(ctx, step); err != nil {
			return nil, err
		}
		if err := billed.isOf(s, step); err != nil {
			return nil, err
		}
		return once(ctx, tx, key, func() (*ent.Service, error) {
			if refusals := s.obstacles(ctx, step, nil, Choice{}); len(refusals) > 0 {
				return nil, refusals[0]
			}
			return s.move(ctx, tx, event{step, s.Now, reason})
		})
	})
}

// once runs fn unless an earlier call with the key had its effect: then the
// answer is the same service, as it is now (A33, A48).
func once(ctx context.Context, tx *store.Tx, key idempotency.Key, fn func() (*ent.Service, error)) (*ent.Service, error) {
	id, err := key.Earlier(ctx, tx)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return tx.Service.Get(viewer.System(ctx), id)
	}
	s, err := fn()
	if err != nil {
		return nil, err
	}
	return s, key.Keep(ctx, tx, s.ID)
}

// overdue ends a transaction that met a service whose pending end has passed,
// so that it is ended in a transaction of its own.
type overdue struct{ hubID string }

// Error is never shown: [do] takes care of it.
func (o overdue) Error() string { return "the pending end has passed on " + o.hubID }

// do is [store.Do] for a command that reads the service of a hub. One whose
// pending end has passed is ended first, with its end at the boundary, whether
// the command is then refused or not (A46).
func do[T any](ctx context.Context, db *store.DB, fn func(*store.Tx) (T, error)) (T, error) {
	for {
		v, err := store.Do(ctx, db, fn)
		due, ok := errors.AsType[overdue](err)
		if !ok {
			return v, err
		}
		if _, err := EndDue(ctx, db, service.HubID(due.hubID)); err != nil {
			return v, err
		}
	}
}

// standForUpdate returns the standing of a hub, locked until the transaction
// ends. It fails with [authz.ErrNotFound] for a hub that the viewer does not
// see (A34), and with [overdue].
func standForUpdate(ctx context.Context, tx *store.Tx, hubID string) (*Standing, error) {
	h, err := store.Lock(tx, tx.Hub.Query().Where(hub.ID(hubID))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound.On("hubId")
	}
	if err != nil {
		return nil, fmt.Errorf("read a hub: %w", err)
	}
	standings, err := Stand(ctx, tx.Client(), tx.Now, []*ent.Hub{h})
	if err != nil {
		return nil, err
	}
	s := standings[h]
	if s.Service != nil {
		s.Now = notBefore(s.Service, s.Now)
	}
	if s.overdue() {
		return nil, overdue{hubID}
	}
	return s, nil
}
