package graph

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/store"
)

// A server whose clock is behind another's, or was set back since, gives ids
// that are lower than those there are. What happened to a hub is told in its
// order all the same, and so is each service on it. (A59)
func TestHistory_clockSetBack(t *testing.T) {
	ctx, db := shelf(t)
	var hubID string
	fill(ctx, t, db, func(tx *store.Tx) error {
		c := tx.Company.Create().SetName("C").SetNameKey("c").SetCountry("PL").SetContactEmail("x@y.z").SetCreatedAt(tx.Now).SaveX(ctx)
		pkg := tx.ServicePackage.Create().SetCode("P").SetNames(map[string]string{"en": "P"}).SetCreatedAt(tx.Now).SaveX(ctx)
		link := tx.Connection.Create().SetDealerID(c.ID).SetResellerID(c.ID).SetStatus("ACTIVE").SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(ctx)
		o := tx.Object.Create().SetCompanyID(c.ID).SetName("O").SetNameKey("o").SetSearchKey("o").SetCreatedAt(tx.Now).SaveX(ctx)
		h := tx.Hub.Create().SetCompanyID(c.ID).SetObjectID(o.ID).SetName("H").SetSearchKey("h").SetSerialNumber("0").SetCreatedAt(tx.Now).SaveX(ctx)
		hubID = h.ID
		for i, status := range []service.Status{service.StatusENDED, service.StatusENDED, service.StatusACTIVE} {
			at := tx.Now.Add(time.Duration(i) * time.Microsecond)
			s := tx.Service.Create().SetID(fmt.Sprint("svc_", 9-i)).SetHubID(h.ID).SetSerialNumber("0").SetPackageID(pkg.ID).SetDealerID(c.ID).
				SetResellerID(c.ID).SetConnectionID(link.ID).SetStatus(status).SetActivatedAt(at).SetEndsAt(at).SetUpdatedAt(at).SaveX(ctx)
			for step, action := range []serviceevent.Action{serviceevent.ActionACTIVATE, serviceevent.ActionSUSPEND, serviceevent.ActionRESUME} {
				tx.ServiceEvent.Create().SetID(fmt.Sprint("evt_", i, 9-step)).SetServiceID(s.ID).SetAction(action).SetTile("ACTIVATED").
					SetOccurredAt(at.Add(time.Duration(step) * time.Microsecond)).ExecX(ctx)
			}
		}
		return nil
	})
	found, err := pages(ctx, db.Read(ctx).Service.Query(), hubServices, []string{hubID}, slice{})
	if err != nil {
		t.Fatal(err)
	}
	var services []string
	for _, s := range found[hubID].Nodes() {
		services = append(services, s.ID)
	}
	if want := []string{"svc_7", "svc_8", "svc_9"}; !slices.Equal(services, want) {
		t.Errorf("services %v, newest first %v", services, want)
	}
	histories, err := pages(ctx, db.Read(ctx).ServiceEvent.Query(), serviceHistory, services, slice{first: new(2)})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range services {
		var steps []serviceevent.Action
		for _, e := range histories[id].Nodes() {
			steps = append(steps, e.Action)
		}
		if want := []serviceevent.Action{serviceevent.ActionRESUME, serviceevent.ActionSUSPEND}; !slices.Equal(steps, want) {
			t.Errorf("%s: %v, newest first %v", id, steps, want)
		}
		readInPages(t, "the history of "+id, id, serviceHistory, historyOf(db, services))
	}
}

func historyOf(db *store.DB, services []string) func(slice) (map[string]*model.ServiceEventConnection, error) {
	return func(s slice) (map[string]*model.ServiceEventConnection, error) {
		ctx := asSystem()
		return pages(ctx, db.Read(ctx).ServiceEvent.Query(), serviceHistory, services, s)
	}
}
