package lifecycle_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
)

// choose activates with a choice, as the installer.
func (f *fixture) choose(h *ent.Hub, pkg *ent.ServicePackage, con *ent.Connection) (*ent.Service, error) {
	in := lifecycle.Activation{HubID: h.ID}
	if pkg != nil {
		in.PackageID = &pkg.ID
	}
	if con != nil {
		in.ConnectionID = &con.ID
	}
	return lifecycle.Activate(f.as("installer"), f.db, in)
}

// A hub needs an Ajax SIM: no card and another's card do not do. (R74)
func TestActivate_needsAnAjaxSIM(t *testing.T) {
	f := newFixture(t, nil)
	bare, foreign := f.bareHub(), f.bareHub()
	f.write(func(tx *store.Tx) {
		tx.SIMCard.Create().SetHubID(foreign.ID).SetIccid("8900").SetIsAjax(false).SaveX(f.system())
	})
	for _, h := range []*ent.Hub{bare, foreign} {
		if _, err := f.ask("installer", activate, h); f.code(err) != errs.SIMRequired {
			t.Errorf("answered %v", err)
		}
	}
}

// With one package it is chosen beforehand; with several one has to choose; an
// unknown or archived one is refused on its field, and so is any when none is
// on offer. (R79, A35 A43)
func TestActivate_choiceOfPackage(t *testing.T) {
	f := newFixture(t, nil)
	if s := f.must("installer", activate, f.hub()); s.PackageID != f.pkg.ID {
		t.Fatalf("the only package is not preselected: %v", s)
	}
	var old, second *ent.ServicePackage
	f.write(func(tx *store.Tx) {
		old = f.packageOf(tx, "OLD", 0, true, "EUR")
		old = tx.ServicePackage.UpdateOne(old).SetArchivedAt(tx.Now).SaveX(f.system())
	})
	if m := f.market(); m.Package() == nil || m.Package().ID != f.pkg.ID {
		t.Fatal("an archived package is on offer")
	}
	f.write(func(tx *store.Tx) { second = f.packageOf(tx, "SECOND", 0, true, "EUR") })
	h := f.hub()
	_, err := f.choose(h, nil, nil)
	f.refuses(err, errs.PackageRequired, "packageId")
	_, err = f.choose(h, old, nil)
	f.refuses(err, errs.Invalid, "packageId")
	_, err = f.choose(h, &ent.ServicePackage{ID: "pkg_unknown"}, nil)
	f.refuses(err, errs.Invalid, "packageId")
	if f.newest(h) != nil {
		t.Fatal("a refused activation left a service")
	}
	if s, err := f.choose(h, second, nil); err != nil || s.PackageID != second.ID {
		t.Fatalf("the chosen package: %v, %v", s, err)
	}
	f.write(func(tx *store.Tx) { tx.ServicePackage.Update().SetArchivedAt(tx.Now).ExecX(f.system()) })
	_, err = f.choose(f.hub(), nil, nil)
	f.refuses(err, errs.PackageRequired, "packageId")
	if !lifecycle.ErrNoPackage.Is(err) {
		t.Errorf("nothing to choose from: %v", err)
	}
}

// refuses checks code and path of a refusal.
func (f *fixture) refuses(err error, code errs.Code, path ...string) {
	f.Helper()
	if f.code(err) != code || !slices.Equal(errs.Refusals(err)[0].Path, append([]string{"input"}, path...)) {
		f.Errorf("answered %v, want %s on %q", err, code, path)
	}
}

// One active connection is chosen beforehand, of several one has to choose; a
// suspended one is told apart from none. Connections of other dealers do not
// exist. (R33 R42 R54 R80 R81, A34 A36)
func TestActivate_choiceOfReseller(t *testing.T) {
	f := newFixture(t, nil)
	var second, foreign *ent.Connection
	f.write(func(tx *store.Tx) {
		second = f.connect(tx, f.resellerOf(tx, "Second Station", "EUR"), connection.StatusPENDING)
		other := f.company(tx, "Another dealer")
		foreign = tx.Connection.Create().SetDealerID(other.ID).SetResellerID(f.reseller.ID).SetStatus(connection.StatusACTIVE).
			SetRequestedAt(tx.Now).SetStatusChangedAt(tx.Now).SaveX(f.system())
	})
	set := func(first, other connection.Status) {
		f.write(func(tx *store.Tx) {
			tx.Connection.UpdateOne(f.connection).SetStatus(first).ExecX(f.system())
			tx.Connection.UpdateOne(second).SetStatus(other).ExecX(f.system())
		})
	}
	const pending, ok, suspended, rejected = connection.StatusPENDING, connection.StatusACTIVE, connection.StatusSUSPENDED, connection.StatusREJECTED
	for _, c := range []struct {
		first, other connection.Status
		chosen       *ent.Connection
		want         errs.Code // "" goes through
		billed       *string
	}{
		{ok, pending, nil, "", &f.connection.ID},
		{ok, suspended, nil, "", &f.connection.ID},
		{ok, ok, nil, errs.ResellerRequired, nil},
		{ok, ok, second, "", &second.ID},
		{ok, suspended, second, errs.ConnectionSuspended, nil},
		{ok, pending, second, errs.ConnectionNotActive, nil},
		{ok, rejected, second, errs.ConnectionNotActive, nil},
		{suspended, rejected, nil, errs.ConnectionSuspended, nil},
		{suspended, suspended, nil, errs.ConnectionSuspended, nil},
		{pending, rejected, nil, errs.ConnectionNotActive, nil},
		{ok, ok, foreign, errs.NotFound, nil},
		{ok, ok, &ent.Connection{ID: "con_unknown"}, errs.NotFound, nil},
	} {
		set(c.first, c.other)
		s, err := f.choose(f.hub(), nil, c.chosen)
		switch {
		case c.want != "":
			f.refuses(err, c.want, "connectionId")
		case err != nil || s.ConnectionID != *c.billed:
			t.Errorf("%s and %s: %v, %v", c.first, c.other, s, err)
		}
	}
}

// A reseller that is gone cannot be billed. (A45)
func TestActivate_deletedReseller(t *testing.T) {
	f := newFixture(t, nil)
	f.write(func(tx *store.Tx) { tx.Company.UpdateOne(f.reseller).SetDeletedAt(tx.Now).ExecX(f.system()) })
	_, err := f.choose(f.hub(), nil, nil)
	f.refuses(err, errs.ConnectionNotActive, "connectionId")
	_, err = f.choose(f.hub(), nil, f.connection)
	f.refuses(err, errs.NotFound, "connectionId")
}

// A package without a price in the reseller's currency, or with one that does
// not hold yet, cannot be activated. The sentence names no money. (A9 A25)
func TestActivate_needsAPrice(t *testing.T) {
	f := newFixture(t, nil)
	var later *ent.ServicePackage
	f.write(func(tx *store.Tx) {
		later = f.packageOf(tx, "LATER", 0, true, "PLN")
		tx.PackagePrice.Create().SetPackageID(later.ID).SetCurrency("EUR").SetAmount(1).SetValidFrom(tx.Now.Add(time.Hour)).SaveX(f.system())
	})
	h := f.hub()
	_, err := f.choose(h, later, nil)
	f.refuses(err, errs.NoPriceInCurrency, "packageId")
	if strings.Contains(err.Error(), "EUR") {
		t.Errorf("the refusal tells money: %v", err)
	}
	f.db.Clock.Set(start.Add(time.Hour))
	if _, err := f.choose(h, later, nil); err != nil {
		t.Fatal(err)
	}
}

// The first of several refusals is the answer, in the order of A35; the screen
// tells all of them.
func TestActivate_orderOfRefusals(t *testing.T) {
	f := newFixture(t, nil)
	f.write(func(tx *store.Tx) {
		f.packageOf(tx, "SECOND", 0, true, "EUR")
		tx.Connection.UpdateOne(f.connection).SetStatus(connection.StatusSUSPENDED).ExecX(f.system())
		tx.Company.UpdateOne(f.dealer).ClearDealerSince().ExecX(f.system())
	})
	h := f.bareHub()
	want := []errs.Code{errs.NotADealer, errs.SIMRequired, errs.PackageRequired, errs.ConnectionSuspended}
	var told []errs.Code
	for _, e := range f.standing(h).Refusals(f.as("installer"), activate, f.market(), lifecycle.Choice{}) {
		told = append(told, e.Code)
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
	steps := []func(tx *store.Tx){
		func(tx *store.Tx) { tx.Company.UpdateOne(f.dealer).SetDealerSince(tx.Now).ExecX(f.system()) },
		func(tx *store.Tx) {
			tx.SIMCard.Create().SetHubID(h.ID).SetIccid("8901").SetIsAjax(true).SaveX(f.system())
		},
		func(tx *store.Tx) { tx.ServicePackage.UpdateOne(f.pkg).SetArchivedAt(tx.Now).ExecX(f.system()) },
		func(tx *store.Tx) {
			tx.Connection.UpdateOne(f.connection).SetStatus(connection.StatusACTIVE).ExecX(f.system())
		},
	}
	for i, mend := range steps {
		if _, err := f.ask("installer", activate, h); f.code(err) != want[i] {
			t.Fatalf("refused with %v, want %s", err, want[i])
		}
		f.write(mend)
	}
	f.must("installer", activate, h)
	if _, err := f.ask("installer", activate, h); f.code(err) != errs.InvalidState {
		t.Fatalf("a second time: %v", err)
	}
}

// A package that includes no SIM leaves the card alone. (R105)
func TestActivate_packageWithoutSIM(t *testing.T) {
	f := newFixture(t, nil)
	var bare *ent.ServicePackage
	f.write(func(tx *store.Tx) { bare = f.packageOf(tx, "BARE", 0, false, "EUR") })
	h := f.hub()
	if _, err := f.choose(h, bare, nil); err != nil {
		t.Fatal(err)
	}
	for _, step := range []func(){
		func() {}, func() { f.must("owner", suspend, h) }, func() { f.must("owner", resume, h) }, func() { f.must("owner", stop, h) },
	} {
		if step(); f.card(h).IsActive {
			t.Fatal("the card was switched on")
		}
	}
}

// A reseller that is billed for a hub sees it, but of the dealer's connections
// with others it learns nothing by naming one: each is as if it did not exist.
// (A34)
func TestActivate_otherConnectionsAreHiddenFromTheBilledReseller(t *testing.T) {
	f := newFixture(t, time.UTC)
	h := f.hub()
	f.must("owner", serviceevent.ActionACTIVATE, h)
	var other *ent.Connection
	f.write(func(tx *store.Tx) {
		other = f.connect(tx, f.resellerOf(tx, "Second Station", "EUR"), connection.StatusACTIVE)
	})
	for id, want := range map[string]string{
		other.ID:        "NOT_FOUND connectionId",
		"con_unknown":   "NOT_FOUND connectionId",
		f.connection.ID: "FORBIDDEN hubId",
	} {
		_, err := lifecycle.Activate(f.as("reseller manager"), f.db, lifecycle.Activation{HubID: h.ID, ConnectionID: &id})
		refusals := errs.Refusals(err)
		if len(refusals) != 1 || string(refusals[0].Code)+" "+refusals[0].Path[len(refusals[0].Path)-1] != want {
			t.Errorf("naming %s: %v, want %s", id, err, want)
		}
	}
}
