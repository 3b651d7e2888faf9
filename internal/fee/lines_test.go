package fee_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"pgregory.net/rapid"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/calendar"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// zones are those whose months begin in odd ways too.
var zones = []string{"UTC", "Europe/Warsaw", "America/Asuncion", "Pacific/Apia", "Pacific/Kiritimati"}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// Whatever a hub lived through, in whatever zone: a month is paid from the
// first instant that pays when one looks at each. (A39 A40 A14)
func TestFirstPaying_looksAtEveryInstant(t *testing.T) {
	locations := make([]*time.Location, len(zones))
	for i, name := range zones {
		locations[i] = location(t, name)
	}
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom(locations).Draw(r, "zone")
		m := fee.MonthIn(calendar.Month{Year: 2023, Month: time.Month(rapid.IntRange(1, 12).Draw(r, "month"))}, zone)
		for range 5 {
			for i, p := range drawLives(r, m.Start.AddDate(0, -1, 3), zone) {
				want, pays := p.firstPaying(m)
				if got, ok := fee.FirstPaying(p.life("svc"), m); ok != pays || pays && !got.Equal(want) {
					r.Fatalf("life %d pays at %v, %v; want %v, %v: %+v", i, got, ok, want, pays, p)
				}
			}
		}
	})
}

// fixture is a database with two dealers and two packages whose prices change.
type fixture struct {
	testing.TB
	db       *store.DB
	dealers  [2]*ent.Company
	packages [2]*ent.ServicePackage
	hubs     int
}

func newFixture(t testing.TB, zone *time.Location) *fixture {
	t.Helper()
	clock, first := s, fee.MonthIn(march.Month, zone).Start
	f := &fixture{TB: t}
	db, err := store.Open(f.system(), store.Options{URL: database.URL(t), Zone: zone, TestClock: &clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f.db = db
	f.write(func(tx *store.Tx) {
		f.dealers = [2]*ent.Company{f.company(tx), f.company(tx)}
		for i := range f.packages {
			f.packages[i] = tx.ServicePackage.Create().SetCode(fmt.Sprintf("P%d-%d", i, time.Now().UnixNano())).
				SetNames(map[string]string{"en": "x"}).SetCreatedAt(tx.Now).SaveX(f.system())
			for n, at := range []time.Time{first.AddDate(0, 0, -40), first.AddDate(0, 0, -7-i), first, first.Add(tick), day(4 + i), day(25)} {
				tx.PackagePrice.Create().SetPackageID(f.packages[i].ID).SetCurrency("EUR").
					SetAmount(int64(100*i + 10*n)).SetValidFrom(at).ExecX(f.system())
			}
		}
	})
	return f
}

func (f *fixture) system() context.Context { return viewer.System(f.Context()) }

func (f *fixture) write(fn func(*store.Tx)) {
	f.Helper()
	_, err := store.Do(f.system(), f.db, func(tx *store.Tx) (struct{}, error) { fn(tx); return struct{}{}, nil })
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) company(tx *store.Tx) *ent.Company {
	return tx.Company.Create().SetName("x").SetNameKey("x").SetCountry("PL").SetContactEmail("a@example.org").
		SetCreatedAt(tx.Now).SaveX(f.system())
}

// reseller adds one with connections to both dealers.
func (f *fixture) reseller(tx *store.Tx) (connections [2]*ent.Connection) {
	c := f.company(tx)
	for i, d := range f.dealers {
		connections[i] = tx.Connection.Create().SetDealerID(d.ID).SetResellerID(c.ID).SetStatus(connection.StatusACTIVE).
			SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(f.system())
	}
	return connections
}

// relive writes the lives of a hub into the database.
func (f *fixture) relive(tx *store.Tx, connections [2]*ent.Connection, lives []past) {
	f.hubs++
	number := fmt.Sprintf("%08d-%d", f.hubs, time.Now().UnixNano())
	place := tx.Object.Create().SetCompanyID(f.dealers[0].ID).SetName("x").SetNameKey("x").SetSearchKey("x").SetCreatedAt(s).SaveX(f.system())
	h := tx.Hub.Create().SetCompanyID(f.dealers[0].ID).SetObjectID(place.ID).SetSerialNumber(number).SetName("x").
		SetSearchKey("x").SetCreatedAt(s).SaveX(f.system())
	for _, p := range lives {
		con := connections[p.dealer]
		sv := tx.Service.Create().SetHubID(h.ID).SetSerialNumber(number).SetPackageID(f.packages[p.pkg].ID).
			SetDealerID(con.DealerID).SetResellerID(*con.ResellerID).SetConnectionID(con.ID).SetStatus(p.status).
			SetActivatedAt(p.from).SetNillableTrialEndsAt(p.trial).SetNillableEndsAt(p.ends).SetUpdatedAt(p.from).SaveX(f.system())
		for _, e := range p.steps {
			tx.ServiceEvent.Create().SetServiceID(sv.ID).SetAction(e.action).SetOccurredAt(e.at).
				SetTile(serviceevent.TileACTIVATED).ExecX(f.system())
		}
	}
}

// line is a row of [fee.Lines], less its key.
type line struct {
	serviceID string
	amount    int64
}

func (f *fixture) lines(span fee.Span) map[fee.Key]line {
	f.Helper()
	query, args := fee.Lines(f.db.Dialect(), span)
	rows, err := f.db.Read(f.system()).QueryContext(f.system(), "SELECT serial_number, package_id, service_id, amount FROM ("+query+") AS line", args...)
	if err != nil {
		f.Fatal(err)
	}
	defer rows.Close()
	found := map[fee.Key]line{}
	for rows.Next() {
		k, l := fee.Key{ResellerID: span.ResellerID}, line{}
		if err := rows.Scan(&k.SerialNumber, &k.PackageID, &l.serviceID, &l.amount); err != nil {
			f.Fatal(err)
		}
		if _, twice := found[k]; twice {
			f.Fatalf("%v is charged twice", k)
		}
		found[k] = l
	}
	if err := rows.Err(); err != nil {
		f.Fatal(err)
	}
	return found
}

// want is what the rules in Go say of the same history.
func (f *fixture) want(lives map[fee.Key][]fee.Life, m fee.Month) map[fee.Key]line {
	found := map[fee.Key]line{}
	for k, of := range lives {
		at, by, ok := fee.Due(of, m)
		if !ok {
			continue
		}
		p := f.db.Read(f.system()).ServicePackage.GetX(f.system(), k.PackageID)
		if amount, _ := fee.PriceAt(p.QueryPrices().AllX(f.system()), "EUR", at); amount > 0 {
			found[k] = line{by.ServiceID, amount}
		}
	}
	return found
}

// The SQL of the monthly run finds what the rules in Go find, on whatever
// history, whole and in parts. (A2 A3 A26 A39 A40 A41)
func TestLines_areTheRules(t *testing.T) {
	for _, name := range []string{"Europe/Warsaw", "America/Asuncion"} {
		t.Run(name, func(t *testing.T) {
			zone := location(t, name)
			f := newFixture(t, zone)
			rapid.Check(t, func(r *rapid.T) {
				m := fee.MonthIn(calendar.Month{Year: 2026, Month: time.March}, zone)
				var connections [2]*ent.Connection
				f.write(func(tx *store.Tx) {
					connections = f.reseller(tx)
					for range rapid.IntRange(1, 6).Draw(r, "hubs") {
						f.relive(tx, connections, drawLives(r, m.Start.AddDate(0, -1, 3), zone))
					}
				})
				f.agree(r, *connections[0].ResellerID, m)
			})
		})
	}
}

// agree holds the SQL of a month, and of the one after, against the rules.
func (f *fixture) agree(r *rapid.T, resellerID string, m fee.Month) {
	reader := f.db.Read(f.system())
	for _, m := range []fee.Month{m, fee.MonthIn(m.Next(), f.db.Zone)} {
		span := fee.Span{ResellerID: resellerID, Currency: "EUR", Month: m}
		var keys []fee.Key
		for _, sv := range reader.Service.Query().Where(service.ResellerID(resellerID)).AllX(f.system()) {
			keys = append(keys, fee.KeyOf(sv))
		}
		lives, err := fee.Lives(f.system(), reader, m.Start, keys...)
		if err != nil {
			r.Fatal(err)
		}
		want, got := f.want(lives, m), f.lines(span)
		if !maps.Equal(got, want) {
			r.Fatalf("%s: SQL finds %v, the rules %v in %+v", m, got, want, lives)
		}
		middle := keys[rapid.IntRange(0, len(keys)-1).Draw(r, "middle")].SerialNumber
		first, second := span, span
		first.Through, second.After = middle, middle
		parts := f.lines(first)
		maps.Copy(parts, f.lines(second))
		if !maps.Equal(parts, want) {
			r.Fatalf("%s: in two parts SQL finds %v, whole %v", m, parts, want)
		}
	}
}

// A currency without any price yet is charged by the first that came, and one
// that never had any not at all. (A44)
func TestLines_otherCurrency(t *testing.T) {
	f := newFixture(t, time.UTC)
	var connections [2]*ent.Connection
	f.write(func(tx *store.Tx) {
		connections = f.reseller(tx)
		f.relive(tx, connections, []past{{from: s.Add(-tick), status: "ACTIVE"}})
		for d, amount := range map[int]int64{20: 70, 22: 90} {
			tx.PackagePrice.Create().SetPackageID(f.packages[0].ID).SetCurrency("PLN").SetAmount(amount).SetValidFrom(day(d)).ExecX(f.system())
		}
	})
	for currency, want := range map[string]int64{"PLN": 70, "EUR": 20, "CZK": 0} {
		got := f.lines(fee.Span{ResellerID: *connections[0].ResellerID, Currency: currency, Month: march})
		var sum int64
		for _, l := range got {
			sum += l.amount
		}
		if sum != want || len(got) > 1 || want == 0 && len(got) != 0 {
			t.Errorf("in %s: %v, want %d", currency, got, want)
		}
	}
}

// What lived and ended in months gone by is not looked at again: accounts that
// live and those that ended since are found by an index of their own, and so
// are pauses. Of a part of the accounts only that part is looked at.
func TestLines_useTheirIndexes(t *testing.T) {
	f := newFixture(t, time.UTC)
	if f.db.Dialect() != dialect.SQLite {
		t.Skip("the plan is SQLite's")
	}
	f.plans(fee.Span{}, "service_account (reseller_id=? AND serial_number>?)", "service_ended (reseller_id=? AND ends_at>?)")
	for _, part := range []fee.Span{{After: "1", Through: "2"}, {Through: "2"}} {
		f.plans(part, "service_account (reseller_id=? AND serial_number>? AND serial_number<?)",
			"service_key (reseller_id=? AND serial_number>? AND serial_number<?)")
	}
}

// plans checks how SQLite finds the lines of a span.
func (f *fixture) plans(s fee.Span, uses ...string) {
	f.Helper()
	s.ResellerID, s.Currency, s.Month = "r", "EUR", march
	query, args := fee.Lines(f.db.Dialect(), s)
	rows, err := f.db.Read(f.system()).QueryContext(f.system(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		f.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			f.Fatal(err)
		}
		fmt.Fprintln(&plan, detail)
		if strings.HasPrefix(detail, "SCAN services") || strings.HasPrefix(detail, "SCAN service_events") || strings.HasPrefix(detail, "SCAN package_prices") {
			f.Errorf("a whole table is read: %s", detail)
		}
	}
	if err := rows.Err(); err != nil {
		f.Fatal(err)
	}
	for _, use := range append(uses, "service_event_pause (service_id=? AND occurred_at<?)", "package_id=? AND currency=? AND valid_from<?") {
		if !strings.Contains(plan.String(), use) {
			f.Errorf("the plan has no %s:\n%s", use, &plan)
		}
	}
	f.Logf("plan:\n%s", &plan)
}
