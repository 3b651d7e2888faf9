package object_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/object"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

func TestAddHub_fieldsAtFaultAllAtOnce(t *testing.T) {
	b := newBench(t)
	refused(b.ctx, b, object.AddHub, object.HubAddition{ObjectID: "obj_none", SerialNumber: "A", Sim: &object.SIM{Iccid: "12"}},
		object.ErrSerialNumber.On("serialNumber"), form.ErrRequired.On("name"), object.ErrICCID.On("sim", "iccid"))
}

// A40: both numbers are unique among present hubs of the whole platform; only
// who sees the other hub is told which it is.
func TestAddHub_numbersAreUniqueOnThePlatform(t *testing.T) {
	b := newBench(t)
	first := must(b.ctx, b, object.AddHub, object.HubAddition{
		ObjectID: b.object("Villa").ID, SerialNumber: "00A1", Name: "Hub", Sim: &object.SIM{Iccid: "894801000000000000", IsAjaxSim: true},
	})
	in := object.HubAddition{SerialNumber: "00-a1", Name: "Hub", Sim: &object.SIM{Iccid: "8948 0100 0000 0000 00"}}
	in.ObjectID = b.object("Shop").ID
	got := refused(b.ctx, b, object.AddHub, in, object.ErrSerialNumberTaken.On("serialNumber"), object.ErrICCIDTaken.On("sim", "iccid"))
	for _, e := range got {
		if e.Detail != (errs.Existing{ID: first.ID}) {
			t.Errorf("%v tells of %v", e, e.Detail)
		}
	}
	stranger, other := b.hire("Other", viewer.Owner)
	in.ObjectID = must(stranger, b, object.Create, object.Creation{CompanyID: other.ID, Name: "Villa"}).ID
	got = refused(stranger, b, object.AddHub, in, object.ErrSerialNumberTaken.On("serialNumber"), object.ErrICCIDTaken.On("sim", "iccid"))
	if got[1].Detail != nil {
		t.Errorf("tells a stranger which hub has the card: %v", got[1].Detail)
	}
	must(b.ctx, b, object.RemoveHub, object.HubRef{HubID: first.ID})
	must(stranger, b, object.AddHub, in)
}

func TestAddHub_oneOfManyGetsTheSerialNumber(t *testing.T) {
	b := newBench(t)
	o := b.object("Villa")
	results := make([]error, 20)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			_, results[i] = object.AddHub(b.ctx, b.db, object.HubAddition{ObjectID: o.ID, SerialNumber: "00A1", Name: "Hub"})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !object.ErrSerialNumberTaken.Is(errs.Refusals(err)[0]) {
			t.Errorf("refused: %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d hubs were added", won)
	}
}

func TestAddHub_again(t *testing.T) {
	b := newBench(t)
	in := object.HubAddition{ObjectID: b.object("Villa").ID, SerialNumber: "00A1", Name: "Hub", IdempotencyKey: text("k")}
	first := must(b.ctx, b, object.AddHub, in)
	if again := must(b.ctx, b, object.AddHub, in); again.ID != first.ID {
		t.Errorf("a second hub: %v", again)
	}
	must(b.ctx, b, object.RemoveHub, object.HubRef{HubID: first.ID})
	refused(b.ctx, b, object.AddHub, in, authz.ErrNotFound)
}

// tells returns what the log tells streams about the last change of a hub.
func (b *bench) tells(h *ent.Hub) *ent.Activity {
	b.Helper()
	ctx := viewer.System(b.Context())
	return b.db.Read(ctx).Activity.Query().Where(activity.HubID(h.ID)).Order(ent.Desc(activity.FieldPosition)).FirstX(ctx)
}

func (b *bench) read(h *ent.Hub) *ent.Hub {
	b.Helper()
	ctx := viewer.System(b.Context())
	return b.db.Read(ctx).Hub.Query().Where(hub.ID(h.ID)).WithSim().OnlyX(ctx)
}

func TestEditHub(t *testing.T) {
	b := newBench(t)
	villa, shop := b.object("Villa"), b.object("Shop")
	h := b.hub(villa, "Hub")
	if e := b.tells(h); e.Action != "hubAdd" || e.PreviousTile != nil || *e.ObjectID != villa.ID {
		t.Errorf("told %v", e)
	}
	must(b.ctx, b, object.EditHub, object.HubUpdate{HubID: h.ID, Name: set("Hub"), ObjectID: set(villa.ID)})
	if got := b.read(h); got.Version != 1 {
		t.Errorf("version %d without a change", got.Version)
	}
	b.serve(h, service.StatusACTIVE) // it may be renamed and moved all the same
	after := must(b.ctx, b, object.EditHub, object.HubUpdate{HubID: h.ID, Name: set("Żółw"), ObjectID: set(shop.ID)})
	if after.Name != "Żółw" || after.ObjectID != shop.ID || after.Version != 2 || after.SearchKey != "zolw\n"+store.Fold(h.SerialNumber) {
		t.Errorf("changed to %+v", after)
	}
	if e := b.tells(h); e.Action != "hubUpdate" || *e.PreviousTile != "ACTIVATED" || *e.ObjectID != villa.ID || e.Words["hub"] != "Żółw" {
		t.Errorf("told %v", e)
	}
	stranger, other := b.hire("Other", viewer.Owner)
	foreign := must(stranger, b, object.Create, object.Creation{CompanyID: other.ID, Name: "Villa"})
	refused(b.ctx, b, object.EditHub, object.HubUpdate{HubID: h.ID, ObjectID: set(foreign.ID)}, authz.ErrNotFound.On("objectId"))
	refused(b.ctx, b, object.EditHub, object.HubUpdate{HubID: h.ID, ObjectID: null, Name: null}, form.ErrRequired.On("name"), form.ErrRequired.On("objectId"))
	refused(b.ctx, b, object.EditHub, object.HubUpdate{HubID: "hub_none", ObjectID: set(shop.ID)}, authz.ErrNotFound.On("hubId"))

	// One person may work for two companies: a hub does not change between them.
	both := viewer.With(t.Context(), viewer.Viewer{
		UserID:      viewer.From(b.ctx).UserID,
		Memberships: slices.Concat(viewer.From(b.ctx).Memberships, viewer.From(stranger).Memberships),
	})
	refused(both, b, object.EditHub, object.HubUpdate{HubID: h.ID, ObjectID: set(foreign.ID)}, authz.ErrNotFound.On("objectId"))
}

func TestRemoveHub(t *testing.T) {
	b := newBench(t)
	h := b.hub(b.object("Villa"), "Hub")
	b.serve(h, service.StatusENDED)
	must(b.ctx, b, object.RemoveHub, object.HubRef{HubID: h.ID})
	if got := b.read(h); got.RemovedAt == nil || got.Version != 2 || got.Edges.Sim != nil {
		t.Errorf("left as %+v with the card %v", got, got.Edges.Sim)
	}
	if e := b.tells(h); e.Action != "hubRemove" || *e.PreviousTile != serviceevent.TileACTIVATION_REQUIRED.String() {
		t.Errorf("told %v", e)
	}
	refused(b.ctx, b, object.RemoveHub, object.HubRef{HubID: h.ID}, authz.ErrNotFound.On("hubId"))
	refused(b.ctx, b, object.EditHub, object.HubUpdate{HubID: h.ID, Name: set("X")}, authz.ErrNotFound.On("hubId"))
	refused(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: "894801000000000000"}}, authz.ErrNotFound.On("hubId"))
}

// A10, for every state in which a service lives.
func TestCommands_areRefusedWhileServicesLive(t *testing.T) {
	for _, status := range []service.Status{service.StatusACTIVE, service.StatusEXPIRING, service.StatusSUSPENDED} {
		t.Run(string(status), func(t *testing.T) {
			b := newBench(t)
			o := b.object("Villa")
			live, quiet, lively := b.hub(o, "Live"), b.hub(o, "Quiet"), b.hub(o, "Lively")
			b.serve(live, status)
			b.serve(lively, status)
			refused(b.ctx, b, object.RemoveHub, object.HubRef{HubID: live.ID}, object.ErrServicesActive.On("hubId"))
			refused(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: live.ID, Sim: object.SIM{Iccid: "894801000000000000"}},
				object.ErrServicesActive.On("hubId"))
			refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: live.ID, ToHubID: quiet.ID},
				object.ErrServicesActive.On("fromHubId"))
			refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: quiet.ID, ToHubID: live.ID},
				object.ErrServicesActive.On("toHubId"))
			got := refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: live.ID, ToHubID: lively.ID}, object.ErrServicesActive)
			if d := got[0].Detail.(errs.Services); d.Count != 2 || !slices.Equal(d.HubIDs, []string{live.ID, lively.ID}) {
				t.Errorf("tells of %v", d)
			}
			blockers, err := object.Blockers(b.ctx, b.db.Read(b.ctx), []*ent.Hub{live, quiet})
			if err != nil || len(blockers) != 1 || !object.ErrServicesActive.Is(blockers[live]) {
				t.Errorf("blockers %v, %v", blockers, err)
			}
			if n := b.db.Read(b.ctx).Activity.Query().Where(activity.ActionNotIn("objectCreate", "hubAdd")).CountX(b.ctx); n > 0 {
				t.Errorf("%d entries tell of refused commands", n)
			}
		})
	}
}

func TestInstallSIM(t *testing.T) {
	b := newBench(t)
	o := b.object("Villa")
	h, other := b.hub(o, "Hub"), b.hub(o, "Other")
	before, taken := b.read(h).Edges.Sim, b.read(other).Edges.Sim
	must(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: before.Iccid, IsAjaxSim: true}})
	if got := b.read(h); got.Version != 1 || got.Edges.Sim.ID != before.ID {
		t.Errorf("the same card made it %+v", got)
	}
	refused(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: taken.Iccid}}, object.ErrICCIDTaken.On("sim", "iccid"))
	refused(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: "x"}}, object.ErrICCID.On("sim", "iccid"))

	must(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: before.Iccid}})
	if got := b.read(h); got.Version != 2 || got.Edges.Sim.IsAjax {
		t.Errorf("a card of somebody else's made it %+v with %v", got, got.Edges.Sim)
	}
	if e := b.tells(h); e.Action != "hubSimInstall" || *e.PreviousTile != "ACTIVATION_REQUIRED" {
		t.Errorf("told %v", e)
	}
	must(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: "894801000000000999", IsAjaxSim: true}})
	if e := b.tells(h); *e.PreviousTile != "UNAVAILABLE" {
		t.Errorf("told %v", e)
	}
	if n := b.db.Read(b.ctx).SIMCard.Query().Where(simcard.HubID(h.ID)).CountX(b.ctx); n != 1 {
		t.Errorf("%d cards are in the hub", n)
	}
	must(b.ctx, b, object.InstallSIM, object.SIMInstallation{HubID: other.ID, Sim: object.SIM{Iccid: before.Iccid, IsAjaxSim: true}})
}

// A57: name and settings move, nothing else does.
func TestTransferConfiguration(t *testing.T) {
	b := newBench(t)
	from, to := b.hub(b.object("Villa"), "Old hub"), b.hub(b.object("Shop"), "New hub")
	fromCard, toCard := b.read(from).Edges.Sim.ID, b.read(to).Edges.Sim.ID
	b.serve(from, service.StatusENDED)
	settings := map[string]string{"arming": "night"}
	b.write(func(ctx context.Context, tx *store.Tx) {
		tx.Hub.UpdateOneID(from.ID).SetSettings(settings).ExecX(ctx)
		tx.Hub.UpdateOneID(to.ID).SetSettings(map[string]string{"siren": "loud"}).ExecX(ctx)
	})
	refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: from.ID, ToHubID: from.ID}, object.ErrSameHub.On("toHubId"))
	stranger, other := b.hire("Other", viewer.Owner)
	foreign := must(stranger, b, object.AddHub, object.HubAddition{
		ObjectID: must(stranger, b, object.Create, object.Creation{CompanyID: other.ID, Name: "X"}).ID, SerialNumber: "FFFF", Name: "X"})
	refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: from.ID, ToHubID: foreign.ID}, authz.ErrNotFound.On("toHubId"))
	refused(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: foreign.ID, ToHubID: to.ID}, authz.ErrNotFound.On("fromHubId"))

	if got := must(b.ctx, b, object.TransferConfiguration, object.Transfer{FromHubID: from.ID, ToHubID: to.ID}); got.ID != to.ID || got.Name != "Old hub" {
		t.Errorf("answered %v", got)
	}
	left, gained := b.read(from), b.read(to)
	if left.Name != from.SerialNumber || len(left.Settings) != 0 || left.Version != 2 || left.Edges.Sim.ID != fromCard || left.ObjectID != from.ObjectID {
		t.Errorf("the first is left as %+v", left)
	}
	if gained.Name != "Old hub" || gained.Settings["arming"] != "night" || len(gained.Settings) != 1 || gained.Version != 2 ||
		gained.Edges.Sim.ID != toCard || gained.ObjectID != to.ObjectID {
		t.Errorf("the other is %+v", gained)
	}
	if n := b.db.Read(b.ctx).Service.Query().Where(service.HubID(from.ID)).CountX(viewer.System(b.ctx)); n != 1 {
		t.Errorf("%d services are left on the first", n)
	}
	for _, h := range []*ent.Hub{from, to} {
		if e := b.tells(h); e.Action != "hubConfigurationTransfer" || e.Words["source"] != "Old hub" || e.Words["target"] != "New hub" {
			t.Errorf("told %v", e)
		}
	}
}
