package report_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/report"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// dealers of the reseller, each with accounts of the same two packages.
const dealers = 200

// station is a reseller with so many accounts, half of them on trial, and what
// the database was asked.
type station struct {
	testing.TB
	db         *store.DB
	reseller   *ent.Company
	statements []string
}

func newStation(t testing.TB, accounts int) *station {
	t.Helper()
	s, now := &station{TB: t}, time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)
	ctx := viewer.System(context.Background())
	db, err := store.Open(ctx, store.Options{
		URL: database.URL(t), TestClock: &now,
		OnStatement: func(_ context.Context, query string) { s.statements = append(s.statements, query) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s.db = db
	_, err = store.Do(ctx, db, func(tx *store.Tx) (struct{}, error) { return struct{}{}, s.fill(ctx, tx, accounts/dealers/2) })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fill writes each accounts of each dealer and package, past all rules.
func (s *station) fill(ctx context.Context, tx *store.Tx, each int) error {
	company := func(name string) *ent.CompanyCreate {
		return tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("a@example.org").SetCreatedAt(tx.Now)
	}
	s.reseller = company("Central Station").SetResellerSince(tx.Now).SetCurrency("EUR").SaveX(ctx)
	tx.Ledger.Create().SetResellerID(s.reseller.ID).SetChargedThrough("2025-12").SetFirstActivatedAt(tx.Now).ExecX(ctx)
	var packages []string
	for _, code := range []string{"AJAX_SIM", "AJAX_PLUS"} {
		p := tx.ServicePackage.Create().SetCode(code).SetNames(map[string]string{"en": code}).SetCreatedAt(tx.Now).SaveX(ctx)
		tx.PackagePrice.Create().SetPackageID(p.ID).SetCurrency("EUR").SetAmount(500).SetValidFrom(tx.Now.AddDate(0, -2, 0)).ExecX(ctx)
		packages = append(packages, p.ID)
	}
	trialEnd := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for d := range dealers {
		dealer := company(fmt.Sprint("Dealer ", d)).SetDealerSince(tx.Now).SaveX(ctx)
		link := tx.Connection.Create().SetDealerID(dealer.ID).SetResellerID(s.reseller.ID).SetStatus(connection.StatusACTIVE).
			SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(ctx)
		place := tx.Object.Create().SetCompanyID(dealer.ID).SetName("Villa").SetNameKey("villa").SetSearchKey("villa").SetCreatedAt(tx.Now).SaveX(ctx)
		for p, pkg := range packages {
			tx.Tally.Create().SetResellerID(s.reseller.ID).SetDealerID(dealer.ID).SetPackageID(pkg).SetLive(each).SetRunning(each).ExecX(ctx)
			var ends any
			if p == 1 {
				ends = trialEnd
				tx.TrialTally.Create().SetResellerID(s.reseller.ID).SetDealerID(dealer.ID).SetPackageID(pkg).SetTrialEndsAt(trialEnd).
					SetLive(each).SetRunning(each).ExecX(ctx)
			}
			const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) `
			serial := fmt.Sprintf("%03d-%d-", d, p)
			if _, err := tx.Client().ExecContext(ctx, numbers+`INSERT INTO hubs (id, serial_number, name, search_key, created_at, company_id, object_id)
				SELECT 'hub_' || $2 || i, $2 || i, 'Hub', 'hub', $3, $4, $5 FROM n`,
				each, serial, tx.Now, dealer.ID, place.ID); err != nil {
				return err
			}
			if _, err := tx.Client().ExecContext(ctx, numbers+`INSERT INTO services (id, serial_number, status, activated_at, trial_ends_at, updated_at,
				hub_id, package_id, dealer_id, reseller_id, connection_id)
				SELECT 'svc_' || $2 || i, $2 || i, 'ACTIVE', $3, $4, $5, 'hub_' || $2 || i, $6, $7, $8, $9 FROM n`,
				each, serial, trialEnd.AddDate(0, -2, 0), ends, tx.Now, pkg, dealer.ID, s.reseller.ID, link.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// reads reads the Dashboard, all its rows included.
func (s *station) reads(ctx context.Context) (*report.Overview, []*report.Activity, int64) {
	s.Helper()
	s.statements = nil
	ctx, end := s.db.Reading(viewer.With(ctx, viewer.Viewer{UserID: "usr_operator", Operator: true}))
	defer end()
	found, err := report.Overviews(ctx, s.db.View(ctx), []*ent.Company{s.reseller})
	if err != nil {
		s.Fatal(err)
	}
	all := []*report.Overview{found[s.reseller]}
	rows, err := report.Dealers(ctx, s.db.View(ctx), all, nil)
	if err != nil {
		s.Fatal(err)
	}
	charges, err := report.NextCharges(ctx, s.db.View(ctx), all)
	if err != nil {
		s.Fatal(err)
	}
	return all[0], rows[all[0]], charges[all[0]].Amount
}

var from = regexp.MustCompile("(?i)(?:FROM|JOIN) [`\"]?(\\w+)")

// tables are those that the statements name, each with its number of rows.
func (s *station) tables() map[string]int {
	s.Helper()
	counts := map[string]int{}
	for _, text := range s.statements {
		for _, m := range from.FindAllStringSubmatch(text, -1) {
			counts[m[1]] = 0
		}
	}
	for name := range counts {
		rows, err := s.db.Read(s.Context()).QueryContext(s.Context(), "SELECT count(*) FROM "+name)
		if err != nil {
			s.Fatal(err)
		}
		var n int
		if rows.Next(); rows.Scan(&n) != nil {
			s.Fatalf("count %s", name)
		}
		counts[name] = n
		_ = rows.Close()
	}
	return counts
}

// A Dashboard of 100,000 accounts reads what one of 800 does: the same
// statements, over tables that have the same rows in both. None of them is one
// that grows with accounts or with history. (R58 R59)
func TestDashboard_readsTheSameOfManyAccounts(t *testing.T) {
	few, many := newStation(t, 800), newStation(t, 100_000)
	for s, accounts := range map[*station]int{few: 800, many: 100_000} {
		o, rows, next := s.reads(t.Context())
		if o.ActiveAccountCount != accounts || o.ActiveDealerCount != dealers || len(rows) != dealers {
			t.Errorf("%d accounts of %d dealers in %d rows, want %d of %d", o.ActiveAccountCount, o.ActiveDealerCount, len(rows), accounts, dealers)
		}
		if want := int64(accounts) / 2 * 500; o.MonthlyFee != want || next != want {
			t.Errorf("a fee of %d and a charge of %d, want %d", o.MonthlyFee, next, want)
		}
	}
	if !slices.Equal(few.statements, many.statements) {
		t.Errorf("the statements differ:\n%s\n\n%s", strings.Join(few.statements, "\n"), strings.Join(many.statements, "\n"))
	}
	t.Logf("%d statements", len(many.statements))
	fewRows, manyRows := few.tables(), many.tables()
	for name, n := range manyRows {
		if slices.Contains([]string{"services", "hubs", "service_events", "charge_lines", "transactions", "activities"}, name) {
			t.Errorf("the Dashboard reads %s", name)
		}
		if n != fewRows[name] {
			t.Errorf("%s has %d rows with many accounts, %d with few", name, n, fewRows[name])
		}
	}
	t.Logf("over %v", manyRows)
}

// While the monthly run is late, the next charge is of the month that waits for
// it, judged by the history. (A18 A46)
func TestNextCharges_lateRun(t *testing.T) {
	s, ctx := newStation(t, 800), viewer.System(t.Context())
	_, err := store.Do(ctx, s.db, func(tx *store.Tx) (struct{}, error) {
		return struct{}{}, tx.Ledger.Update().SetChargedThrough("2025-11").Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := report.Overviews(ctx, s.db.View(ctx), []*ent.Company{s.reseller})
	if err != nil {
		t.Fatal(err)
	}
	o := found[s.reseller]
	charges, err := report.NextCharges(ctx, s.db.View(ctx), []*report.Overview{o})
	if err != nil {
		t.Fatal(err)
	}
	if c := charges[o]; c.Month.String() != "2025-12" || c.Amount != 400*500 || c.Count != 400 || c.IsBooked {
		t.Errorf("the next charge is %+v, want 400 fees of December", c)
	}
}

// BenchmarkDashboard is the Dashboard of 200 dealers, each with two packages,
// by the number of accounts behind it.
func BenchmarkDashboard(b *testing.B) {
	for _, accounts := range []int{800, 8000, 100_000} {
		b.Run(fmt.Sprint("accounts=", accounts), func(b *testing.B) {
			s := newStation(b, accounts)
			for b.Loop() {
				s.reads(b.Context())
			}
		})
	}
}
