package tally_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

const tick = time.Microsecond

// world is two resellers, one of each currency, three dealers connected to
// both, two packages, and hubs that go from dealer to dealer.
type world struct {
	testing.TB
	db         *store.DB
	statements atomic.Int64

	resellers [2]*ent.Company
	dealers   [3]*ent.Company
	contracts map[[2]string]*ent.Connection // by dealer and reseller
	packages  [2]*ent.ServicePackage
	places    [3]*ent.Object
	worlds    int
}

func newWorld(t testing.TB, zoneName string, start time.Time) *world {
	t.Helper()
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{TB: t}
	w.db, err = store.Open(w.system(), store.Options{
		URL: database.URL(t), Zone: zone, TestClock: &start,
		OnStatement: func(context.Context, string) { w.statements.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.write(func(tx *store.Tx) {
		tx.User.Create().SetID("usr_boss").SetEmail("boss@example.org").SetName("Boss").SetNameKey("boss").
			SetPasswordHash("x").SetCreatedAt(tx.Now).ExecX(w.system())
	})
	w.populate()
	return w
}

// populate makes new companies and packages.
func (w *world) populate() {
	w.Helper()
	w.worlds++
	w.contracts = map[[2]string]*ent.Connection{}
	w.write(func(tx *store.Tx) {
		company := func(name string) *ent.Company {
			return tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("a@example.org").
				SetCreatedAt(tx.Now).SaveX(w.system())
		}
		for i, currency := range []string{"EUR", "PLN"} {
			w.resellers[i] = tx.Company.UpdateOne(company("Station")).SetResellerSince(tx.Now).SetCurrency(currency).SaveX(w.system())
			before := calendar.MonthOf(tx.Now, tx.Zone).Prev()
			tx.Ledger.Create().SetResellerID(w.resellers[i].ID).SetChargedThrough(before.String()).ExecX(w.system())
		}
		for i := range w.dealers {
			w.dealers[i] = tx.Company.UpdateOne(company("Watch")).SetDealerSince(tx.Now).SaveX(w.system())
			w.places[i] = tx.Object.Create().SetCompanyID(w.dealers[i].ID).SetName("Villa").SetNameKey("villa").
				SetSearchKey("villa").SetCreatedAt(tx.Now).SaveX(w.system())
			for _, r := range w.resellers {
				w.contracts[[2]string{w.dealers[i].ID, r.ID}] = tx.Connection.Create().SetDealerID(w.dealers[i].ID).SetResellerID(r.ID).
					SetStatus(connection.StatusACTIVE).SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(w.system())
			}
		}
		for i, trialDays := range []int{0, 10} {
			w.packages[i] = tx.ServicePackage.Create().SetCode(fmt.Sprintf("P%d-%d", w.worlds, i)).SetTrialDays(trialDays).
				SetNames(map[string]string{"en": "x"}).SetCreatedAt(tx.Now).SaveX(w.system())
			for n, currency := range []string{"EUR", "PLN"} {
				tx.PackagePrice.Create().SetPackageID(w.packages[i].ID).SetCurrency(currency).
					SetAmount(int64(500 + 100*i + 1000*n)).SetValidFrom(tx.Now).ExecX(w.system())
			}
		}
	})
}

// hub adds a hub with an Ajax SIM to a dealer. A hub that comes from another
// dealer keeps its serial number.
func (w *world) hub(dealer int, number string) (h *ent.Hub) {
	w.Helper()
	w.write(func(tx *store.Tx) {
		h = tx.Hub.Create().SetCompanyID(w.dealers[dealer].ID).SetObjectID(w.places[dealer].ID).SetSerialNumber(number).
			SetName("Hub").SetSearchKey("hub").SetCreatedAt(tx.Now).SaveX(w.system())
		tx.SIMCard.Create().SetHubID(h.ID).SetIccid(h.ID).SetIsAjax(true).ExecX(w.system())
	})
	return h
}

// move takes a hub without services from its dealer and gives it to another.
func (w *world) move(h *ent.Hub, dealer int) *ent.Hub {
	w.Helper()
	w.write(func(tx *store.Tx) { tx.Hub.UpdateOneID(h.ID).SetRemovedAt(tx.Now).ExecX(w.system()) })
	return w.hub(dealer, h.SerialNumber)
}

// lives reports whether a service lives on the hub.
func (w *world) lives(h *ent.Hub) bool {
	return w.db.Read(w.system()).Service.Query().Where(service.HubID(h.ID), service.StatusNEQ(service.StatusENDED)).ExistX(w.system())
}

// system is the context in which the test itself reads and writes.
func (w *world) system() context.Context { return viewer.System(w.Context()) }

// boss is the context of somebody who owns all dealers, and runs the platform.
func (w *world) boss() context.Context {
	v := viewer.Viewer{UserID: "usr_boss", Operator: true}
	for _, d := range w.dealers {
		v.Memberships = append(v.Memberships, viewer.Membership{
			CompanyID: d.ID, Role: viewer.Owner, Rights: authz.Rights(false).Of(viewer.Owner),
		})
	}
	return viewer.With(w.Context(), v)
}

// write changes the database past all rules.
func (w *world) write(fn func(*store.Tx)) {
	w.Helper()
	_, err := store.Do(w.system(), w.db, func(tx *store.Tx) (struct{}, error) { fn(tx); return struct{}{}, nil })
	if err != nil {
		w.Fatal(err)
	}
}

// one reads the one row of a query.
func (w *world) one(query string, args []any, into ...any) {
	w.Helper()
	rows, err := w.db.Read(w.system()).QueryContext(w.system(), query, args...)
	if err != nil {
		w.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			w.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		w.Fatal(err)
	}
}
