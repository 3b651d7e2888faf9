package billing_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/billing"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// fixture is a database with a dealer that has one reseller, and one package
// at 5.00 a month that includes the Ajax SIM.
type fixture struct {
	testing.TB
	url string
	db  *store.DB

	dealer   *ent.Company
	reseller *ent.Company
	pkg      *ent.ServicePackage
	place    *ent.Object
	count    int
	said     buffer // by the log
}

// buffer is a log that can be read beside its writers.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the log.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// start is where the test clock stands at first where a test does not care.
var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func newFixture(t testing.TB, zone *time.Location, at time.Time) *fixture {
	t.Helper()
	f := &fixture{TB: t, url: database.URL(t)}
	f.open(store.Options{URL: f.url, Zone: zone, TestClock: &at})
	f.people()
	return f
}

// open opens the database.
func (f *fixture) open(o store.Options) {
	f.Helper()
	o.Log = slog.New(slog.NewTextHandler(&f.said, nil))
	db, err := store.Open(f.system(), o)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	f.db = db
}

// people fills an empty database.
func (f *fixture) people() {
	f.Helper()
	f.write(func(tx *store.Tx) {
		f.dealer = tx.Company.UpdateOne(f.company(tx, "Night Watch")).SetDealerSince(tx.Now).SaveX(f.system())
		f.reseller = f.resellerOf(tx, "Central Station", "EUR")
		f.pkg = f.packageOf(tx, "AJAX_SIM", 0, map[string]int64{"EUR": 500})
		f.place = tx.Object.Create().SetCompanyID(f.dealer.ID).SetName("Villa").SetNameKey("villa").
			SetSearchKey("villa").SetCreatedAt(tx.Now).SaveX(f.system())
		for _, id := range []string{"usr_owner", "usr_operator"} {
			tx.User.Create().SetID(id).SetEmail(id + "@example.org").SetName(id).SetNameKey(id).
				SetPasswordHash("x").SetCreatedAt(tx.Now).SaveX(f.system())
		}
	})
}

// in loads a time zone.
func in(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// system is the context in which the test itself reads and writes.
func (f *fixture) system() context.Context { return viewer.System(f.Context()) }

// owner is the context of the dealer's owner.
func (f *fixture) owner() context.Context {
	return viewer.With(f.Context(), viewer.Viewer{UserID: "usr_owner", Memberships: []viewer.Membership{
		{CompanyID: f.dealer.ID, Role: viewer.Owner, Rights: authz.Rights(false).Of(viewer.Owner)},
	}})
}

// operator is the context of the platform operator.
func (f *fixture) operator() context.Context {
	return viewer.With(f.Context(), viewer.Viewer{UserID: "usr_operator", Operator: true})
}

// write changes the database past all rules.
func (f *fixture) write(fn func(*store.Tx)) {
	f.Helper()
	_, err := store.Do(f.system(), f.db, func(tx *store.Tx) (struct{}, error) { fn(tx); return struct{}{}, nil })
	if err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) company(tx *store.Tx, name string) *ent.Company {
	return tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").
		SetContactEmail("a@example.org").SetCreatedAt(tx.Now).SaveX(f.system())
}

// resellerOf adds a reseller that the dealer is connected to.
func (f *fixture) resellerOf(tx *store.Tx, name, currency string) *ent.Company {
	r := tx.Company.UpdateOne(f.company(tx, name)).SetResellerSince(tx.Now).SetCurrency(currency).SaveX(f.system())
	tx.Ledger.Create().SetResellerID(r.ID).SetChargedThrough(calendar.MonthOf(tx.Now, tx.Zone).Prev().String()).ExecX(f.system())
	tx.Connection.Create().SetDealerID(f.dealer.ID).SetResellerID(r.ID).SetStatus(connection.StatusACTIVE).
		SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(f.system())
	return r
}

// second adds another reseller.
func (f *fixture) second() (r *ent.Company) {
	f.Helper()
	f.write(func(tx *store.Tx) { r = f.resellerOf(tx, "Second Station", "EUR") })
	return r
}

// activateWith starts services on a hub with one of several resellers.
func (f *fixture) activateWith(h *ent.Hub, r *ent.Company) {
	f.Helper()
	link := f.db.Read(f.system()).Connection.Query().Where(connection.ResellerID(r.ID)).OnlyIDX(f.system())
	f.must(lifecycle.Activate(f.owner(), f.db, lifecycle.Activation{HubID: h.ID, ConnectionID: &link}))
}

func (f *fixture) packageOf(tx *store.Tx, code string, trialDays int, prices map[string]int64) *ent.ServicePackage {
	p := tx.ServicePackage.Create().SetCode(code).SetNames(map[string]string{"en": code}).SetTrialDays(trialDays).
		SetIncludesSim(true).SetCreatedAt(tx.Now).SaveX(f.system())
	for currency, amount := range prices {
		tx.PackagePrice.Create().SetPackageID(p.ID).SetCurrency(currency).SetAmount(amount).SetValidFrom(tx.Now).SaveX(f.system())
	}
	return p
}

// hub adds a hub with an Ajax SIM.
func (f *fixture) hub() (h *ent.Hub) {
	f.Helper()
	f.count++
	f.write(func(tx *store.Tx) {
		number := fmt.Sprintf("%08d", f.count)
		h = tx.Hub.Create().SetCompanyID(f.dealer.ID).SetObjectID(f.place.ID).SetSerialNumber(number).
			SetName("Hub " + number).SetSearchKey("hub " + number).SetCreatedAt(tx.Now).SaveX(f.system())
		tx.SIMCard.Create().SetHubID(h.ID).SetIccid("89480100" + number).SetIsAjax(true).SaveX(f.system())
	})
	return h
}

// activate starts services on a hub, with the only package and reseller.
func (f *fixture) activate(h *ent.Hub) *ent.Service {
	f.Helper()
	return f.must(lifecycle.Activate(f.owner(), f.db, lifecycle.Activation{HubID: h.ID}))
}

// deactivate lets the services of a hub run to the end of the month.
func (f *fixture) deactivate(h *ent.Hub) {
	f.Helper()
	f.must(lifecycle.Deactivate(f.owner(), f.db, lifecycle.Step{HubID: h.ID}))
}

func (f *fixture) must(s *ent.Service, err error) *ent.Service {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// advance moves the clock as the operator does.
func (f *fixture) advance(to time.Time) {
	f.Helper()
	if err := billing.AdvanceClock(f.operator(), f.db, billing.ClockAdvance{To: to}); err != nil {
		f.Fatal(err)
	}
}

// newest returns the hub's last service as it is now.
func (f *fixture) newest(h *ent.Hub) *ent.Service {
	f.Helper()
	return f.db.Read(f.system()).Service.Query().Where(service.HubID(h.ID)).Order(ent.Desc(service.FieldID)).FirstX(f.system())
}

// refused checks the code of a refusal and the field it is about.
func (f *fixture) refused(err error, code errs.Code, field string) {
	f.Helper()
	list := errs.Refusals(err)
	if len(list) != 1 || list[0].Code != code || fmt.Sprint(list[0].Path) != field {
		f.Errorf("answered %v, want %s on %s", err, code, field)
	}
}
