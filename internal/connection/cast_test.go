package connection

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/connection"
	"partnerhub/ent/mail"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// cast is an empty database on which dealers and resellers act.
type cast struct {
	*testing.T
	db      *store.DB
	counted int
}

// system sees and does everything.
var system = viewer.System(context.Background())

// noon is when everything happens.
var noon = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func newCast(t *testing.T) *cast {
	t.Helper()
	db, err := store.Open(system, store.Options{URL: database.URL(t), TestClock: &noon, PublicURL: "http://hub.example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &cast{T: t, db: db}
}

// company is registered with an owner who speaks the language. kind is
// "dealer", "reseller" or "" for neither.
func (c *cast) company(name, kind, language string) *ent.Company {
	c.Helper()
	c.counted++
	email := fmt.Sprintf("office%d@example.pl", c.counted)
	made, err := store.Do(system, c.db, func(tx *store.Tx) (*ent.Company, error) {
		create := tx.Company.Create().SetName(name).SetNameKey(store.Fold(name)).SetCountry("PL").SetContactEmail(email).SetCreatedAt(tx.Now)
		switch kind {
		case "dealer":
			create.SetDealerSince(tx.Now)
		case "reseller":
			create.SetResellerSince(tx.Now).SetResellerEmail(email).SetCurrency("EUR")
		}
		made, err := create.Save(system)
		if err != nil {
			return nil, err
		}
		owner, err := tx.User.Create().SetEmail("owner-" + email).SetName(name).SetNameKey(store.Fold(name)).
			SetLanguage(language).SetPasswordHash("-").SetCreatedAt(tx.Now).Save(system)
		if err != nil {
			return nil, err
		}
		return made, tx.Employee.Create().SetCompanyID(made.ID).SetUserID(owner.ID).SetRole("OWNER").
			SetStatus("ACTIVE").SetInvitedAt(tx.Now).SetJoinedAt(tx.Now).Exec(system)
	})
	if err != nil {
		c.Fatal(err)
	}
	return made
}

// member is somebody's membership of a company.
func member(company *ent.Company, role viewer.Role) viewer.Membership {
	return viewer.Membership{CompanyID: company.ID, Role: role, Rights: authz.Rights(false).Of(role)}
}

// as is a context in which a new person with these memberships asks.
func (c *cast) as(memberships ...viewer.Membership) context.Context {
	c.Helper()
	return asks(c.who(memberships...))
}

// who is a new person with these memberships.
func (c *cast) who(memberships ...viewer.Membership) viewer.Viewer {
	c.Helper()
	return viewer.Viewer{UserID: c.person(), Memberships: memberships}
}

// asks is a context in which somebody asks.
func asks(v viewer.Viewer) context.Context { return viewer.With(context.Background(), v) }

// person opens an account.
func (c *cast) person() string {
	c.Helper()
	c.counted++
	made, err := store.Do(system, c.db, func(tx *store.Tx) (*ent.User, error) {
		return tx.User.Create().SetEmail(fmt.Sprintf("p%d@example.pl", c.counted)).SetName("P").SetNameKey("p").
			SetPasswordHash("-").SetCreatedAt(tx.Now).Save(system)
	})
	if err != nil {
		c.Fatal(err)
	}
	return made.ID
}

// link is a connection in a state, long ago.
func (c *cast) link(dealer, reseller *ent.Company, status connection.Status) *ent.Connection {
	c.Helper()
	made, err := store.Do(system, c.db, func(tx *store.Tx) (*ent.Connection, error) {
		return tx.Connection.Create().SetDealerID(dealer.ID).SetResellerID(reseller.ID).SetStatus(status).
			SetRequestedAt(tx.Now.Add(-time.Hour)).SetStatusChangedAt(tx.Now.Add(-time.Hour)).Save(system)
	})
	if err != nil {
		c.Fatal(err)
	}
	return made
}

// now returns a connection as it is, nil when it is gone.
func (c *cast) now(id string) *ent.Connection {
	c.Helper()
	found, err := c.db.Read(system).Connection.Query().Where(connection.ID(id)).All(system)
	if err != nil {
		c.Fatal(err)
	}
	if len(found) == 0 {
		return nil
	}
	return found[0]
}

// logs returns how a connection's entries read: action and company, in order.
func (c *cast) logs(id string) []string {
	c.Helper()
	entries, err := c.db.Read(system).Activity.Query().Where(activity.ConnectionID(id)).Order(ent.Asc(activity.FieldPosition)).All(system)
	if err != nil {
		c.Fatal(err)
	}
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Action+" "+*e.CompanyID)
	}
	return list
}

// letters returns the subjects of the mails to an address, oldest first.
func (c *cast) letters(to string) []string {
	c.Helper()
	found, err := c.db.Read(system).Mail.Query().Where(mail.Recipient(to)).Order(ent.Asc(mail.FieldID)).All(system)
	if err != nil {
		c.Fatal(err)
	}
	list := []string{}
	for _, m := range found {
		list = append(list, m.Subject)
	}
	return list
}

// effects counts everything that a command may write.
func (c *cast) effects() int {
	c.Helper()
	r := c.db.Read(system)
	return r.Activity.Query().CountX(system) + r.Mail.Query().CountX(system) +
		r.Connection.Query().CountX(system) + r.IdempotencyKey.Query().CountX(system)
}

// refused checks that an error is exactly want, at the path.
func (c *cast) refused(err error, want *errs.Error, path ...string) *errs.Error {
	c.Helper()
	list := errs.Refusals(err)
	if len(list) != 1 || !errors.Is(err, want) || !slices.Equal(list[0].Path, path) {
		c.Fatalf("%v, want %v at %q", err, want, path)
	}
	return list[0]
}

func (c *cast) ok(err error) {
	c.Helper()
	if err != nil {
		c.Fatal(err)
	}
}

func (c *cast) equal(got, want any) {
	c.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.Errorf("got %v, want %v", got, want)
	}
}

// remove makes the pair of a connection free again.
func (c *cast) remove(id string) {
	c.Helper()
	_, err := store.Do(system, c.db, func(tx *store.Tx) (int, error) {
		return tx.Connection.Delete().Where(connection.ID(id)).Exec(system)
	})
	c.ok(err)
}
