package lifecycle_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/hub"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/simcard"
	"partnerhub/internal/authz"
	"partnerhub/internal/calendar"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// start is where the test clock stands at first.
var start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// fixture is a database with a dealer that has one active reseller, and one
// package that includes the Ajax SIM.
type fixture struct {
	testing.TB
	db *store.DB

	dealer, reseller *ent.Company
	connection       *ent.Connection
	pkg              *ent.ServicePackage
	place            *ent.Object
	count            int
	statements       atomic.Int64 // run so far
}

func newFixture(t testing.TB, zone *time.Location) *fixture {
	t.Helper()
	f := &fixture{TB: t}
	db, err := store.Open(f.system(), store.Options{
		URL: database.URL(t), Zone: zone, TestClock: &start,
		OnStatement: func(context.Context, string) { f.statements.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	f.db = db
	f.write(func(tx *store.Tx) {
		f.dealer = f.company(tx, "Night Watch")
		f.dealer = tx.Company.UpdateOne(f.dealer).SetDealerSince(tx.Now).SaveX(f.system())
		f.reseller = f.resellerOf(tx, "Central Station", "EUR")
		f.connection = f.connect(tx, f.reseller, connection.StatusACTIVE)
		f.pkg = f.packageOf(tx, "AJAX_SIM", 0, true, "EUR")
		f.place = tx.Object.Create().SetCompanyID(f.dealer.ID).SetName("Villa").SetNameKey("villa").
			SetSearchKey("villa").SetCreatedAt(tx.Now).SaveX(f.system())
		for _, p := range people {
			tx.User.Create().SetID(p.UserID).SetEmail(p.UserID + "@example.org").SetName(p.UserID).
				SetNameKey(p.UserID).SetPasswordHash("x").SetCreatedAt(tx.Now).SaveX(f.system())
		}
	})
	return f
}

// system is the context in which the test itself reads and writes.
func (f *fixture) system() context.Context { return viewer.System(f.Context()) }

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

func (f *fixture) resellerOf(tx *store.Tx, name, currency string) *ent.Company {
	c := tx.Company.UpdateOne(f.company(tx, name)).SetResellerSince(tx.Now).SetCurrency(currency).SaveX(f.system())
	tx.Ledger.Create().SetResellerID(c.ID).SetChargedThrough(calendar.MonthOf(tx.Now, tx.Zone).Prev().String()).ExecX(f.system())
	return c
}

func (f *fixture) connect(tx *store.Tx, reseller *ent.Company, s connection.Status) *ent.Connection {
	return tx.Connection.Create().SetDealerID(f.dealer.ID).SetResellerID(reseller.ID).SetStatus(s).
		SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(f.system())
}

func (f *fixture) packageOf(tx *store.Tx, code string, trialDays int, includesSIM bool, currencies ...string) *ent.ServicePackage {
	p := tx.ServicePackage.Create().SetCode(code).SetNames(map[string]string{"en": code}).SetTrialDays(trialDays).
		SetIncludesSim(includesSIM).SetCreatedAt(tx.Now).SaveX(f.system())
	for _, c := range currencies {
		tx.PackagePrice.Create().SetPackageID(p.ID).SetCurrency(c).SetAmount(500).SetValidFrom(tx.Now).SaveX(f.system())
	}
	return p
}

// hub adds a hub with an Ajax SIM.
func (f *fixture) hub() *ent.Hub {
	f.Helper()
	h := f.bareHub()
	f.write(func(tx *store.Tx) {
		tx.SIMCard.Create().SetHubID(h.ID).SetIccid("89480100" + h.SerialNumber).SetIsAjax(true).SaveX(f.system())
	})
	return h
}

// bareHub adds a hub without a card.
func (f *fixture) bareHub() (h *ent.Hub) {
	f.Helper()
	f.count++
	f.write(func(tx *store.Tx) {
		number := fmt.Sprintf("%08d", f.count)
		h = tx.Hub.Create().SetCompanyID(f.dealer.ID).SetObjectID(f.place.ID).SetSerialNumber(number).
			SetName("Hub " + number).SetSearchKey("hub " + number).SetCreatedAt(tx.Now).SaveX(f.system())
	})
	return h
}

// Roles that a person may stand in to a hub. "stranger" works for a company
// that has nothing to do with it; "invited" has not accepted yet.
var people = map[string]viewer.Viewer{
	"owner":            {UserID: "usr_owner"},
	"senior":           {UserID: "usr_senior"},
	"manager":          {UserID: "usr_manager"},
	"installer":        {UserID: "usr_installer"},
	"operator":         {UserID: "usr_operator", Operator: true},
	"reseller manager": {UserID: "usr_reseller"},
	"stranger":         {UserID: "usr_stranger"},
	"invited":          {UserID: "usr_invited"},
	"signed out":       {UserID: "usr_nobody"},
}

// as returns the context in which somebody asks.
func (f *fixture) as(who string) context.Context {
	f.Helper()
	v, ok := people[who]
	if !ok {
		f.Fatalf("there is no %q", who)
	}
	in := func(companyID string, role viewer.Role) viewer.Membership {
		return viewer.Membership{CompanyID: companyID, Role: role, Rights: authz.Rights(false).Of(role)}
	}
	switch who {
	case "owner":
		v.Memberships = []viewer.Membership{in(f.dealer.ID, viewer.Owner)}
	case "senior":
		v.Memberships = []viewer.Membership{in(f.dealer.ID, viewer.SeniorServiceManager)}
	case "manager":
		v.Memberships = []viewer.Membership{in(f.dealer.ID, viewer.ServiceManager)}
	case "installer":
		v.Memberships = []viewer.Membership{in(f.dealer.ID, viewer.Installer)}
	case "reseller manager":
		v.Memberships = []viewer.Membership{in(f.reseller.ID, viewer.ServiceManager)}
	case "stranger":
		v.Memberships = []viewer.Membership{in("co_elsewhere", viewer.Owner)}
	case "invited":
		v.Memberships = []viewer.Membership{in(f.dealer.ID, viewer.Owner)}
		v.Memberships[0].Invited = true
	case "signed out":
		v = viewer.Viewer{}
	}
	return viewer.With(f.Context(), v)
}

// ask takes a step as somebody.
func (f *fixture) ask(who string, step serviceevent.Action, h *ent.Hub) (*ent.Service, error) {
	f.Helper()
	ctx, in := f.as(who), lifecycle.Step{HubID: h.ID}
	switch step {
	case serviceevent.ActionACTIVATE:
		return lifecycle.Activate(ctx, f.db, lifecycle.Activation{HubID: h.ID})
	case serviceevent.ActionDEACTIVATE:
		return lifecycle.Deactivate(ctx, f.db, in)
	case serviceevent.ActionSUSPEND:
		return lifecycle.Suspend(ctx, f.db, in)
	case serviceevent.ActionRESUME:
		return lifecycle.Resume(ctx, f.db, lifecycle.Resumption{HubID: h.ID})
	case serviceevent.ActionSTOP:
		return lifecycle.Stop(ctx, f.db, in)
	}
	f.Fatalf("nobody can ask for %s", step)
	return nil, nil
}

// must is ask for what has to go through.
func (f *fixture) must(who string, step serviceevent.Action, h *ent.Hub) *ent.Service {
	f.Helper()
	s, err := f.ask(who, step, h)
	if err != nil {
		f.Fatalf("%s %s: %v", who, step, err)
	}
	return s
}

// code is the code of a refusal, "" where nothing was refused.
func (f *fixture) code(err error) errs.Code {
	f.Helper()
	if err == nil {
		return ""
	}
	list := errs.Refusals(err)
	if len(list) == 0 {
		f.Fatalf("not a refusal: %v", err)
	}
	return list[0].Code
}

// service returns a service as it is now.
func (f *fixture) service(id string) *ent.Service {
	f.Helper()
	return f.db.Read(f.system()).Service.GetX(f.system(), id)
}

// newest returns the hub's last service as it is now, nil where it had none.
func (f *fixture) newest(h *ent.Hub) *ent.Service {
	f.Helper()
	s, err := f.db.Read(f.system()).Service.Query().Where(service.HubID(h.ID)).Order(ent.Desc(service.FieldID)).First(f.system())
	if err != nil && !ent.IsNotFound(err) {
		f.Fatal(err)
	}
	return s
}

// card returns the hub's card as it is now.
func (f *fixture) card(h *ent.Hub) *ent.SIMCard {
	f.Helper()
	return f.db.Read(f.system()).SIMCard.Query().Where(simcard.HubID(h.ID)).OnlyX(f.system())
}

// version returns the number of the hub's last change.
func (f *fixture) version(h *ent.Hub) int64 {
	f.Helper()
	return f.db.Read(f.system()).Hub.Query().Where(hub.ID(h.ID)).OnlyX(f.system()).Version
}

// standing returns what the rules know of the hub now.
func (f *fixture) standing(h *ent.Hub) *lifecycle.Standing {
	f.Helper()
	all, err := lifecycle.Stand(f.system(), f.db.Read(f.system()), f.db.Clock.Now(), []*ent.Hub{h})
	if err != nil {
		f.Fatal(err)
	}
	return all[h]
}

// market returns what the dealer can choose from now.
func (f *fixture) market() *lifecycle.Market {
	f.Helper()
	all, err := lifecycle.Markets(f.system(), f.db.Read(f.system()), f.db.Clock.Now(), []string{f.dealer.ID})
	if err != nil {
		f.Fatal(err)
	}
	return all[f.dealer.ID]
}

// events returns the history of a service, oldest first.
func (f *fixture) events(s *ent.Service) []*ent.ServiceEvent {
	f.Helper()
	return f.db.Read(f.system()).ServiceEvent.Query().Where(serviceevent.ServiceID(s.ID)).Order(ent.Asc(serviceevent.FieldID)).AllX(f.system())
}

func (f *fixture) endDue() int {
	f.Helper()
	n, err := lifecycle.EndDue(f.system(), f.db)
	if err != nil {
		f.Fatal(err)
	}
	return n
}
