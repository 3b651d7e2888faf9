package object_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/object"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// bench is a database with a dealer, and its owner at work.
type bench struct {
	*testing.T
	ctx     context.Context // as the owner
	db      *store.DB
	company *ent.Company
}

func newBench(t *testing.T) *bench {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	b := &bench{T: t, db: db}
	b.ctx, b.company = b.hire("Night Watch", viewer.Owner)
	return b
}

// hire registers a dealer with one person of a role, and returns that person's
// context.
func (b *bench) hire(name string, role viewer.Role) (context.Context, *ent.Company) {
	b.Helper()
	var c *ent.Company
	var u *ent.User
	b.write(func(ctx context.Context, tx *store.Tx) {
		c = tx.Company.Create().SetName(name).SetNameKey(store.Fold(name)).SetCountry("PL").
			SetContactEmail("office@example.org").SetDealerSince(tx.Now).SetCreatedAt(tx.Now).SaveX(ctx)
		u = tx.User.Create().SetEmail(string(role) + c.ID + "@example.org").SetName("A").SetNameKey("a").
			SetPasswordHash("x").SetCreatedAt(tx.Now).SaveX(ctx)
	})
	return viewer.With(b.Context(), viewer.Viewer{UserID: u.ID, Memberships: []viewer.Membership{
		{EmployeeID: "emp_1", CompanyID: c.ID, Role: role, Dealer: true, Rights: authz.Rights(false).Of(role)},
	}}), c
}

// write changes the database as the system.
func (b *bench) write(fn func(context.Context, *store.Tx)) {
	b.Helper()
	ctx := viewer.System(b.Context())
	_, err := store.Do(ctx, b.db, func(tx *store.Tx) (int, error) { fn(ctx, tx); return 0, nil })
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) object(name string) *ent.Object {
	b.Helper()
	return must(b.ctx, b, object.Create, object.Creation{CompanyID: b.company.ID, Name: name})
}

var numbers int

// hub adds a hub with an Ajax SIM.
func (b *bench) hub(o *ent.Object, name string) *ent.Hub {
	b.Helper()
	numbers++
	return must(b.ctx, b, object.AddHub, object.HubAddition{
		ObjectID: o.ID, Name: name, SerialNumber: fmt.Sprintf("00A%05d", numbers),
		Sim: &object.SIM{Iccid: fmt.Sprintf("89480100000000%05d", numbers), IsAjaxSim: true},
	})
}

// serve puts a service of a state on a hub.
func (b *bench) serve(h *ent.Hub, status service.Status) {
	b.Helper()
	b.write(func(ctx context.Context, tx *store.Tx) {
		reseller := tx.Company.Create().SetName("R").SetNameKey("r").SetCountry("PL").SetContactEmail("r@example.org").
			SetResellerSince(tx.Now).SetCreatedAt(tx.Now).SaveX(ctx)
		link := tx.Connection.Create().SetDealerID(h.CompanyID).SetResellerID(reseller.ID).SetStatus("ACTIVE").
			SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(ctx)
		pkg := tx.ServicePackage.Create().SetCode(h.ID).SetNames(map[string]string{"en": "P"}).SetCreatedAt(tx.Now).SaveX(ctx)
		tx.Service.Create().SetHubID(h.ID).SetSerialNumber(h.SerialNumber).SetPackageID(pkg.ID).SetDealerID(h.CompanyID).SetResellerID(reseller.ID).
			SetConnectionID(link.ID).SetStatus(status).SetActivatedAt(tx.Now).SetUpdatedAt(tx.Now).SaveX(ctx)
	})
}

// must runs a command that is to succeed.
func must[I, R any](ctx context.Context, b *bench, command func(context.Context, *store.DB, I) (R, error), in I) R {
	b.Helper()
	r, err := command(ctx, b.db, in)
	if err != nil {
		b.Fatalf("refused: %v", err)
	}
	return r
}

// refused runs a command that is to be refused, with these errors and paths.
func refused[I, R any](ctx context.Context, b *bench, command func(context.Context, *store.DB, I) (R, error), in I, want ...*errs.Error) errs.List {
	b.Helper()
	_, err := command(ctx, b.db, in)
	got := errs.Refusals(err)
	same := func(g, w *errs.Error) bool { return errors.Is(g, w) && slices.Equal(g.Path, w.Path) }
	if !slices.EqualFunc(got, want, same) {
		b.Errorf("got %v, want %v", err, want)
	}
	return got
}

// entries are the actions that the log has about a thing, oldest first.
func (b *bench) entries(subjectID string) []string {
	b.Helper()
	ctx := viewer.System(b.Context())
	var actions []string
	for _, a := range b.db.Read(ctx).Activity.Query().Order(ent.Asc("position")).AllX(ctx) {
		if a.SubjectID == subjectID {
			actions = append(actions, a.Action)
		}
	}
	return actions
}
