package lifecycle_test

import (
	"sync"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

// A repeated call is answered with the same service, as it is by then; with
// other input the key is refused, and a refused call does not use it up.
// (R92 R111, A33 A48)
func TestActivate_idempotencyKey(t *testing.T) {
	f := newFixture(t, nil)
	h, key, ctx := f.hub(), "k1", f.as("installer")
	call := lifecycle.Activation{HubID: h.ID, IdempotencyKey: &key}
	f.write(func(tx *store.Tx) {
		tx.Connection.UpdateOne(f.connection).SetStatus(connection.StatusSUSPENDED).ExecX(f.system())
	})
	if _, err := lifecycle.Activate(ctx, f.db, call); f.code(err) != errs.ConnectionSuspended {
		t.Fatal(err)
	}
	f.write(func(tx *store.Tx) {
		tx.Connection.UpdateOne(f.connection).SetStatus(connection.StatusACTIVE).ExecX(f.system())
	})
	s, err := lifecycle.Activate(ctx, f.db, call)
	if err != nil {
		t.Fatal(err)
	}
	again := func(status service.Status) {
		t.Helper()
		version := f.version(h)
		r, err := lifecycle.Activate(ctx, f.db, call)
		if err != nil || r.ID != s.ID || r.Status != status || f.version(h) != version {
			t.Errorf("repeated: %v, %v", r, err)
		}
	}
	again(service.StatusACTIVE)
	f.must("installer", deactivate, h)
	again(service.StatusEXPIRING)
	// The pending end passes: the answer is of the present, the end is booked.
	day := start.Add(23 * time.Hour)
	f.write(func(tx *store.Tx) { tx.Service.UpdateOneID(s.ID).SetEndsAt(day).ExecX(f.system()) })
	f.db.Clock.Set(day)
	again2, err := lifecycle.Activate(ctx, f.db, call)
	if err != nil || again2.Status != service.StatusENDED {
		t.Errorf("after the end: %v, %v", again2, err)
	}
	if _, err := lifecycle.Activate(f.as("owner"), f.db, call); err != nil {
		t.Errorf("the key of another person: %v", err)
	}
	other := lifecycle.Activation{HubID: f.hub().ID, IdempotencyKey: &key}
	if _, err := lifecycle.Activate(ctx, f.db, other); f.code(err) != errs.IdempotencyMismatch {
		t.Errorf("other input: %v", err)
	}
	empty := ""
	if _, err := lifecycle.Activate(ctx, f.db, lifecycle.Activation{HubID: "hub_none", IdempotencyKey: &empty}); f.code(err) != errs.Invalid {
		t.Errorf("an empty key: %v", err)
	}
	step := lifecycle.Step{HubID: h.ID, IdempotencyKey: &key} // a key belongs to its operation
	first, err := lifecycle.Stop(ctx, f.db, step)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := lifecycle.Stop(ctx, f.db, step); err != nil || r.ID != first.ID {
		t.Errorf("stopped again: %v, %v", r, err)
	}
	if _, err := lifecycle.Stop(ctx, f.db, lifecycle.Step{HubID: h.ID}); f.code(err) != errs.InvalidState {
		t.Errorf("stopped without the key: %v", err)
	}
}

// Of twenty people who activate one hub at the same moment one does; with one
// key all get the same answer. (A1 A48)
func TestActivate_atTheSameMoment(t *testing.T) {
	f := newFixture(t, nil)
	for _, key := range []*string{nil, new("k")} {
		h := f.hub()
		ctx := f.as("installer")
		errors, services := make([]error, 20), make([]*ent.Service, 20)
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				services[i], errors[i] = lifecycle.Activate(ctx, f.db, lifecycle.Activation{HubID: h.ID, IdempotencyKey: key})
			})
		}
		all.Wait()
		won := 0
		for i, err := range errors {
			switch {
			case err == nil:
				won++
				if services[i].ID != f.newest(h).ID {
					t.Errorf("answered %v", services[i])
				}
			case f.code(err) != errs.InvalidState:
				t.Errorf("refused with %v", err)
			}
		}
		if want := map[bool]int{true: 1, false: 20}[key == nil]; won != want {
			t.Errorf("%d went through, want %d", won, want)
		}
		if n := f.db.Read(f.system()).Service.Query().Where(service.HubID(h.ID)).CountX(f.system()); n != 1 || f.version(h) != 2 {
			t.Errorf("%d services, version %d", n, f.version(h))
		}
	}
}
