package tally_test

import (
	"fmt"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
)

// accounts adds services that run, past all rules, and counts them.
func (w *world) accounts(reseller, dealers, each int) {
	w.Helper()
	for d := range dealers {
		w.write(func(tx *store.Tx) {
			c := tx.Company.Create().SetName("Watch").SetNameKey("watch").SetCountry("PL").SetContactEmail("a@example.org").
				SetDealerSince(tx.Now).SetCreatedAt(tx.Now).SaveX(w.system())
			con := w.contracts[[2]string{w.dealers[0].ID, w.resellers[reseller].ID}]
			hubs, services := make([]*ent.HubCreate, each), make([]*ent.ServiceCreate, each)
			for i := range each {
				number := fmt.Sprintf("%d-%d-%d-%d", w.worlds, reseller, d, i)
				hubs[i] = tx.Hub.Create().SetID("hub_" + number).SetCompanyID(w.dealers[0].ID).SetObjectID(w.places[0].ID).
					SetSerialNumber(number).SetName("Hub").SetSearchKey("hub").SetCreatedAt(tx.Now)
				services[i] = tx.Service.Create().SetHubID("hub_" + number).SetPackageID(w.packages[i%2].ID).SetDealerID(c.ID).
					SetResellerID(w.resellers[reseller].ID).SetConnectionID(con.ID).SetSerialNumber(number).
					SetStatus(service.StatusACTIVE).SetActivatedAt(tx.Now).SetUpdatedAt(tx.Now)
			}
			tx.Hub.CreateBulk(hubs...).ExecX(w.system())
			tx.Service.CreateBulk(services...).ExecX(w.system())
		})
	}
	w.write(func(tx *store.Tx) {
		if err := tally.Recount(w.system(), tx, w.resellers[reseller].ID); err != nil {
			w.Fatal(err)
		}
	})
}

// A dashboard of 100,000 accounts with 200 dealers reads what one of 1,000
// reads: the same statements, and the same rows for each dealer and package.
func TestRead_costsTheSameWithManyAccounts(t *testing.T) {
	w := newWorld(t, "UTC", time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC))
	const dealers = 200
	for reseller, each := range []int{5, 500} {
		w.accounts(reseller, dealers, each)
	}
	type cost struct {
		statements int64
		rows       int
	}
	var costs [2]cost
	for i, reseller := range w.resellers {
		reader := w.db.Read(w.system())
		before, began := w.statements.Load(), time.Now()
		found, err := tally.Read(w.system(), reader, tally.Scope{ResellerIDs: []string{reseller.ID}}, w.db.Clock.Now(), w.db.Zone)
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		costs[i] = cost{w.statements.Load() - before, w.rows(reseller)}
		sum := tally.Total(found)
		t.Logf("%d accounts, %d dealers: %d statements, %d rows of counters, %s", sum.Accounts, dealers, costs[i].statements, costs[i].rows, took)
		if len(found) != 2*dealers || sum.NextLines != sum.Accounts {
			t.Errorf("%d shares, %+v", len(found), sum)
		}
	}
	if costs[0] != costs[1] {
		t.Errorf("few accounts cost %+v, many %+v", costs[0], costs[1])
	}
}

// rows is how many rows of counters a reseller has.
func (w *world) rows(reseller *ent.Company) (n int) {
	for _, table := range []string{"tallies", "trial_tallies", "month_tallies"} {
		var count int
		w.one("SELECT count(*) FROM "+table+" WHERE reseller_id = $1", []any{reseller.ID}, &count)
		n += count
	}
	return n
}
