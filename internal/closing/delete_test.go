package closing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/closing"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// house is a database with a dealer and its reseller, in which no calendar runs.
type house struct {
	testing.TB
	db               *store.DB
	dealer, reseller *ent.Company
	connection       *ent.Connection
	pkg              *ent.ServicePackage
	place            *ent.Object
	hubs             int
}

func newHouse(t testing.TB) *house {
	t.Helper()
	now := time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	db, err := store.Open(t.Context(), store.Options{URL: database.URL(t), TestClock: &now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &house{TB: t, db: db}
	h.write(func(ctx context.Context, tx *store.Tx) {
		h.dealer = h.company(ctx, tx, "Night Watch").Update().SetDealerSince(now).SaveX(ctx).Unwrap()
	})
	h.write(func(ctx context.Context, tx *store.Tx) {
		h.reseller = h.company(ctx, tx, "Station").Update().SetResellerSince(now).SetResellerEmail("a@b.example").SetCurrency("EUR").SaveX(ctx).Unwrap()
		h.connection = tx.Connection.Create().SetDealerID(h.dealer.ID).SetResellerID(h.reseller.ID).SetStatus(connection.StatusACTIVE).
			SetDealerNumber("7").SetRequestedAt(now).SetStatusChangedAt(now).SaveX(ctx).Unwrap()
		h.pkg = tx.ServicePackage.Create().SetCode("A").SetNames(map[string]string{"en": "A"}).SetCreatedAt(now).SaveX(ctx).Unwrap()
		h.place = tx.Object.Create().SetCompanyID(h.dealer.ID).SetName("Villa").SetNameKey("villa").SetSearchKey("villa").SetCreatedAt(now).SaveX(ctx).Unwrap()
	})
	return h
}

// write changes the database past all rules.
func (h *house) write(fn func(context.Context, *store.Tx)) {
	h.Helper()
	ctx := viewer.System(h.Context())
	if _, err := store.Do(ctx, h.db, func(tx *store.Tx) (int, error) { fn(ctx, tx); return 0, nil }); err != nil {
		h.Fatal(err)
	}
}

// company registers a company whose owner has its name.
func (h *house) company(ctx context.Context, tx *store.Tx, name string) *ent.Company {
	c := tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("a@b.example").SetCreatedAt(tx.Now).SaveX(ctx)
	u := tx.User.Create().SetID("usr_" + name).SetEmail(name + "@people.example").SetName(name).SetNameKey(name).SetPasswordHash("x").SetCreatedAt(tx.Now).SaveX(ctx)
	tx.Employee.Create().SetCompanyID(c.ID).SetUserID(u.ID).SetRole(employee.RoleOWNER).SetStatus(employee.StatusACTIVE).SetInvitedAt(tx.Now).SaveX(ctx)
	return c
}

// serves adds a hub with a service that lives; change sets what is otherwise.
func (h *house) serves(change func(*ent.ServiceCreate)) (s *ent.Service) {
	h.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) {
		h.hubs++
		number := fmt.Sprintf("%08d", h.hubs)
		one := tx.Hub.Create().SetCompanyID(h.dealer.ID).SetObjectID(h.place.ID).SetSerialNumber(number).SetName(number).SetSearchKey(number).SetCreatedAt(tx.Now).SaveX(ctx)
		tx.SIMCard.Create().SetHubID(one.ID).SetIccid(number).SetIsAjax(true).SetIsActive(true).SaveX(ctx)
		create := tx.Service.Create().SetHubID(one.ID).SetSerialNumber(one.SerialNumber).SetPackageID(h.pkg.ID).SetDealerID(h.dealer.ID).SetResellerID(h.reseller.ID).
			SetConnectionID(h.connection.ID).SetStatus(service.StatusACTIVE).SetActivatedAt(tx.Now).SetUpdatedAt(tx.Now)
		change(create)
		s = create.SaveX(ctx).Unwrap()
	})
	return s
}

// deletes deletes a company as its owner.
func (h *house) deletes(c *ent.Company) error {
	ctx := viewer.With(h.Context(), viewer.Viewer{UserID: "usr_" + c.Name, Memberships: []viewer.Membership{
		{CompanyID: c.ID, Role: viewer.Owner, Rights: authz.Rights(false).Of(viewer.Owner)},
	}})
	_, err := closing.Delete(ctx, h.db, closing.Deletion{CompanyID: c.ID, ConfirmName: c.Name})
	return err
}

func (h *house) blockers(c *ent.Company) errs.List {
	h.Helper()
	lists, err := closing.Blockers(h.Context(), h.db.View(h.Context()), h.dealer, h.reseller)
	if err != nil {
		h.Fatal(err)
	}
	return lists[c]
}

// A service whose pending end has passed is in nobody's way, and is ended at
// its boundary before the company goes, though no calendar ran. (R108 A46)
func TestDelete_endsWhatIsDue(t *testing.T) {
	h := newHouse(t)
	boundary := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	s := h.serves(func(c *ent.ServiceCreate) { c.SetStatus(service.StatusEXPIRING).SetEndsAt(boundary) })
	for _, c := range []*ent.Company{h.dealer, h.reseller} {
		if err := h.deletes(c); !errors.Is(err, closing.ErrServicesActive) && !errors.Is(err, closing.ErrServicesBilled) {
			t.Errorf("%s before the end: %v", c.Name, err)
		}
	}
	h.db.Clock.Set(boundary.Add(time.Hour))
	if list := h.blockers(h.dealer); len(list) > 0 {
		t.Errorf("after the end: %v", list)
	}
	for _, c := range []*ent.Company{h.reseller, h.dealer} {
		if err := h.deletes(c); err != nil {
			t.Errorf("%s after the end: %v", c.Name, err)
		}
	}
	ctx := viewer.System(t.Context())
	r := h.db.Read(ctx)
	if s = r.Service.GetX(ctx, s.ID); s.Status != service.StatusENDED || !s.EndsAt.Equal(boundary) {
		t.Errorf("the service is %v", s)
	}
	if n := r.Hub.Query().Where(hub.RemovedAtIsNil()).CountX(ctx) + r.SIMCard.Query().CountX(ctx) +
		r.Connection.Query().Where(connection.DeletedAtIsNil()).CountX(ctx); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	gone := r.Activity.Query().Where(activity.Action("companyDelete"), activity.HubID(s.HubID)).OnlyX(ctx)
	if *gone.CompanyID != h.dealer.ID || *gone.PreviousTile != "ACTIVATION_REQUIRED" || *gone.ActorID != "usr_Night Watch" {
		t.Errorf("of the hub the log tells %v", gone)
	}
}

// All services are counted; twenty of the hubs, the oldest services first, are
// named. (A10)
func TestBlockers_namesTwentyHubs(t *testing.T) {
	h := newHouse(t)
	var first string
	for i := range 23 {
		s := h.serves(func(c *ent.ServiceCreate) {
			if i == 5 {
				c.SetStatus(service.StatusENDED).SetEndsAt(h.db.Clock.Now())
			}
		})
		if i == 0 {
			first = s.HubID
		}
	}
	for _, c := range []*ent.Company{h.dealer, h.reseller} {
		list := h.blockers(c)
		if len(list) != 1 {
			t.Fatalf("%s: %v", c.Name, list)
		}
		found, _ := list[0].Detail.(errs.Services)
		if found.Count != 22 || list[0].Args["count"] != 22 || len(found.HubIDs) != 20 || found.HubIDs[0] != first {
			t.Errorf("%s: %d services, %d hubs", c.Name, found.Count, len(found.HubIDs))
		}
	}
}

// A month that is over and not booked yet is in the way of its reseller, if
// there is a fee for it: the run is late. (A45 A46)
func TestBlockers_lateRun(t *testing.T) {
	h := newHouse(t)
	h.write(func(ctx context.Context, tx *store.Tx) {
		tx.Ledger.Create().SetResellerID(h.reseller.ID).SetChargedThrough("2025-12").ExecX(ctx)
		tx.PackagePrice.Create().SetPackageID(h.pkg.ID).SetCurrency("EUR").SetAmount(500).SetValidFrom(tx.Now).ExecX(ctx)
	})
	h.serves(func(c *ent.ServiceCreate) {
		c.SetStatus(service.StatusENDED).SetEndsAt(h.db.Clock.Now().Add(time.Hour))
	})
	h.db.Clock.Set(time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC))
	if err := h.deletes(h.reseller); !errors.Is(err, closing.ErrNextCharge) {
		t.Errorf("before the run: %v", err)
	}
	h.write(func(ctx context.Context, tx *store.Tx) {
		tx.Ledger.Update().SetChargedThrough("2026-01").ExecX(ctx)
	})
	if err := h.deletes(h.reseller); err != nil {
		t.Errorf("after it: %v", err)
	}
}
