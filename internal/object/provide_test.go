package object_test

import (
	"context"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/internal/errs"
	objects "partnerhub/internal/object"
	"partnerhub/internal/store"
)

// An object that is deleted while a hub is provisioned to it by its own number
// gets no hub any more: the hub comes to a new object of that number.
func TestProvide_objectJustDeleted(t *testing.T) {
	b := newBench(t)
	number := "K-7"
	old := must(b.ctx, b, objects.Create, objects.Creation{CompanyID: b.company.ID, Name: "Villa", Reference: &number})
	provide := func() (*ent.Hub, error) {
		var wrong errs.List
		p := objects.CheckPlacement(&wrong, objects.Ref{Create: &objects.Draft{Name: "Villa", Reference: &number}}, "00A00001", "Hub", nil)
		if err := wrong.Err(); err != nil {
			return nil, err
		}
		return store.Do(b.ctx, b.db, func(tx *store.Tx) (*ent.Hub, error) {
			c, err := objects.ForUpdate(b.ctx, tx, b.company.ID)
			if err != nil {
				return nil, err
			}
			h, _, err := p.Provide(b.ctx, tx, c)
			return h, err
		})
	}
	var added *ent.Hub
	done := make(chan error, 1)
	b.write(func(ctx context.Context, tx *store.Tx) {
		store.Lock(tx, tx.Object.Query().Where(object.ID(old.ID))).OnlyX(ctx)
		go func() {
			var err error
			added, err = provide()
			done <- err
		}()
		select { // until it waits for this transaction
		case err := <-done:
			done <- err
		case <-time.After(300 * time.Millisecond):
		}
		tx.Object.UpdateOneID(old.ID).SetDeletedAt(tx.Now).ExecX(ctx)
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.write(func(ctx context.Context, tx *store.Tx) {
		place := tx.Hub.Query().Where(hub.ID(added.ID)).QueryObject().OnlyX(ctx)
		if place.ID == old.ID || place.DeletedAt != nil {
			t.Error("a hub stands at a deleted object")
		}
	})
}
