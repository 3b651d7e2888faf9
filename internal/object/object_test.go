package object_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/object"
	"partnerhub/internal/viewer"
)

func text(s string) *string { return &s }

func set(s string) graphql.Omittable[*string] { return graphql.OmittableOf(&s) }

var null = graphql.OmittableOf[*string](nil)

func TestCreate_fieldsAtFaultAllAtOnce(t *testing.T) {
	b := newBench(t)
	refused(b.ctx, b, object.Create, object.Creation{
		CompanyID: "co_none", Name: " ", Address: text(strings.Repeat("x", 501)), Reference: text("a\x07"), IdempotencyKey: text(""),
	}, form.ErrRequired.On("name"), form.ErrTooLong.On("address"), form.ErrUnprintable.On("reference"),
		errs.New(errs.Invalid, "errorIdempotencyKey").On("idempotencyKey"))
}

func TestCreate_anyCompanyAndEveryRole(t *testing.T) {
	b := newBench(t)
	for _, role := range []viewer.Role{viewer.Owner, viewer.SeniorServiceManager, viewer.ServiceManager, viewer.Installer} {
		ctx, c := b.hire("X", role)
		must(ctx, b, object.Create, object.Creation{CompanyID: c.ID, Name: "Villa"})
	}
}

func TestCreate_referenceIsUniqueWithinTheCompany(t *testing.T) {
	b := newBench(t)
	in := object.Creation{CompanyID: b.company.ID, Name: "Villa", Reference: text(" K-7 ")}
	first := must(b.ctx, b, object.Create, in)
	if *first.Reference != "K-7" {
		t.Errorf("kept as %q", *first.Reference)
	}
	got := refused(b.ctx, b, object.Create, in, object.ErrReferenceTaken.On("reference"))
	if got[0].Detail != (errs.Existing{ID: first.ID}) {
		t.Errorf("tells of %v", got[0].Detail)
	}
	ctx, other := b.hire("Other", viewer.Owner)
	must(ctx, b, object.Create, object.Creation{CompanyID: other.ID, Name: "Villa", Reference: text("K-7")})
	must(b.ctx, b, object.Delete, object.Deletion{ObjectID: first.ID})
	must(b.ctx, b, object.Create, in) // free again
}

func TestEdit(t *testing.T) {
	b := newBench(t)
	o := must(b.ctx, b, object.Create, object.Creation{CompanyID: b.company.ID, Name: "Villa", Address: text("Prosta 1"), Reference: text("K-7")})
	must(b.ctx, b, object.Create, object.Creation{CompanyID: b.company.ID, Name: "Shop", Reference: text("K-8")})

	same := must(b.ctx, b, object.Edit, object.Update{ObjectID: o.ID, Name: set("Villa"), Reference: set("K-7")})
	if same.Name != "Villa" || *same.Address != "Prosta 1" {
		t.Errorf("changed to %+v", same)
	}
	after := must(b.ctx, b, object.Edit, object.Update{ObjectID: o.ID, Name: set("Łódź"), Address: null})
	if after.Name != "Łódź" || after.NameKey != "lodz" || after.Address != nil || after.SearchKey != "lodz" || *after.Reference != "K-7" {
		t.Errorf("changed to %+v", after)
	}
	refused(b.ctx, b, object.Edit, object.Update{ObjectID: o.ID, Name: null}, form.ErrRequired.On("name"))
	refused(b.ctx, b, object.Edit, object.Update{ObjectID: o.ID, Reference: set("K-8")}, object.ErrReferenceTaken.On("reference"))
	refused(b.ctx, b, object.Edit, object.Update{ObjectID: "obj_none", Name: set("X")}, authz.ErrNotFound.On("objectId"))
	if got := b.entries(o.ID); !slices.Equal(got, []string{"objectCreate", "objectUpdate"}) {
		t.Errorf("the log has %v", got)
	}
}

func TestDelete_takesItsHubsAlong(t *testing.T) {
	b := newBench(t)
	o := b.object("Villa")
	h := b.hub(o, "Hub")
	card := b.db.Read(viewer.System(b.ctx)).SIMCard.Query().OnlyX(viewer.System(b.ctx))
	must(b.ctx, b, object.Delete, object.Deletion{ObjectID: o.ID})
	refused(b.ctx, b, object.RemoveHub, object.HubRef{HubID: h.ID}, authz.ErrNotFound.On("hubId"))
	refused(b.ctx, b, object.Delete, object.Deletion{ObjectID: o.ID}, authz.ErrNotFound.On("objectId"))
	refused(b.ctx, b, object.AddHub, object.HubAddition{ObjectID: o.ID, SerialNumber: "ABCD", Name: "H"}, authz.ErrNotFound.On("objectId"))
	if got := b.entries(h.ID); !slices.Equal(got, []string{"hubAdd", "hubRemove"}) {
		t.Errorf("the log has %v", got)
	}
	// Both numbers are free again (A40).
	must(b.ctx, b, object.AddHub, object.HubAddition{
		ObjectID: b.object("Shop").ID, SerialNumber: h.SerialNumber, Name: "Hub", Sim: &object.SIM{Iccid: card.Iccid},
	})
}

// A10: with any living service, and with none other; all hubs are counted, 20
// are named.
func TestDelete_isRefusedWhileServicesLive(t *testing.T) {
	b := newBench(t)
	for _, status := range []service.Status{service.StatusACTIVE, service.StatusEXPIRING, service.StatusSUSPENDED} {
		o := b.object("Villa")
		b.serve(b.hub(o, "Hub"), status)
		refused(b.ctx, b, object.Delete, object.Deletion{ObjectID: o.ID}, object.ErrServicesActive.On("objectId"))
	}
	ended := b.object("Villa")
	b.serve(b.hub(ended, "Hub"), service.StatusENDED)
	must(b.ctx, b, object.Delete, object.Deletion{ObjectID: ended.ID})

	tower := b.object("Tower")
	for range 21 {
		b.serve(b.hub(tower, "Hub"), service.StatusACTIVE)
	}
	got := refused(b.ctx, b, object.Delete, object.Deletion{ObjectID: tower.ID}, object.ErrServicesActive.On("objectId"))
	if d := got[0].Detail.(errs.Services); d.Count != 21 || len(d.HubIDs) != 20 {
		t.Errorf("tells of %d services on %d hubs", d.Count, len(d.HubIDs))
	}
}

// A34: what one may not see does not exist; what one sees without the right is
// forbidden, to the operator too.
func TestCommands_ofStrangersAndTheOperator(t *testing.T) {
	b := newBench(t)
	o := b.object("Villa")
	h, second := b.hub(o, "Hub"), b.hub(o, "Second")
	stranger, _ := b.hire("Other", viewer.Owner)
	operator := viewer.With(t.Context(), viewer.Viewer{UserID: "usr_op", Operator: true})
	nobody := viewer.With(t.Context(), viewer.Viewer{})
	for name, who := range map[string]struct {
		ctx     context.Context
		refusal *errs.Error
	}{
		"stranger": {stranger, authz.ErrNotFound},
		"operator": {operator, authz.ErrForbidden},
		"nobody":   {nobody, authz.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			b, ctx := *b, who.ctx
			b.T = t
			refused(ctx, &b, object.Create, object.Creation{CompanyID: b.company.ID, Name: "X"}, who.refusal.On("companyId"))
			refused(ctx, &b, object.Edit, object.Update{ObjectID: o.ID, Name: set("X")}, who.refusal.On("objectId"))
			refused(ctx, &b, object.Delete, object.Deletion{ObjectID: o.ID}, who.refusal.On("objectId"))
			refused(ctx, &b, object.AddHub, object.HubAddition{ObjectID: o.ID, SerialNumber: "ABCD", Name: "X"}, who.refusal.On("objectId"))
			refused(ctx, &b, object.EditHub, object.HubUpdate{HubID: h.ID, Name: set("X")}, who.refusal.On("hubId"))
			refused(ctx, &b, object.EditHub, object.HubUpdate{HubID: h.ID, ObjectID: set(o.ID)}, who.refusal.On("hubId"))
			refused(ctx, &b, object.RemoveHub, object.HubRef{HubID: h.ID}, who.refusal.On("hubId"))
			refused(ctx, &b, object.InstallSIM, object.SIMInstallation{HubID: h.ID, Sim: object.SIM{Iccid: "894801000000000000"}}, who.refusal.On("hubId"))
			refused(ctx, &b, object.TransferConfiguration, object.Transfer{FromHubID: h.ID, ToHubID: second.ID}, who.refusal.On("fromHubId"))
		})
	}
}

func TestCreate_again(t *testing.T) {
	b := newBench(t)
	in := object.Creation{CompanyID: b.company.ID, Name: "Villa", IdempotencyKey: text("k")}
	first := must(b.ctx, b, object.Create, in)
	must(b.ctx, b, object.Edit, object.Update{ObjectID: first.ID, Name: set("Villa 7")})
	if again := must(b.ctx, b, object.Create, in); again.ID != first.ID || again.Name != "Villa 7" {
		t.Errorf("a second object: %v", again)
	}
	in.Name = "Other"
	refused(b.ctx, b, object.Create, in, errs.New(errs.IdempotencyMismatch, "errorIdempotencyMismatch").On("idempotencyKey"))
}

// 20 calls at the same moment, one object.
func TestCreate_oneOfManyGetsTheReference(t *testing.T) {
	b := newBench(t)
	var wg sync.WaitGroup
	results := make([]error, 20)
	for i := range results {
		wg.Go(func() {
			_, results[i] = object.Create(b.ctx, b.db, object.Creation{CompanyID: b.company.ID, Name: fmt.Sprint("Villa ", i), Reference: text("K-7")})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !object.ErrReferenceTaken.Is(errs.Refusals(err)[0]) {
			t.Errorf("refused: %v", err)
		}
	}
	if won != 1 {
		t.Errorf("%d objects have the number", won)
	}
}
