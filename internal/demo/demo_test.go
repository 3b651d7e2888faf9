package demo_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	_ "time/tzdata"

	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/demo"
	"partnerhub/internal/identity"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

func open(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{
		URL: database.URL(t), PublicURL: "http://127.0.0.1", Countries: []string{"PL"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// The cast shows every state of a service and of a connection and every role,
// and leaves no letters to people who do not exist.
func TestFill_showsEveryState(t *testing.T) {
	db := open(t)
	present, err := demo.Fill(t.Context(), db, authz.Rights(false), demo.OperatorEmail)
	if err != nil || !present {
		t.Fatalf("present %t, %v", present, err)
	}
	ctx := viewer.System(t.Context())
	c := db.Read(ctx)
	for _, s := range []service.Status{service.StatusACTIVE, service.StatusEXPIRING, service.StatusSUSPENDED, service.StatusENDED} {
		if n := c.Service.Query().Where(service.StatusEQ(s)).CountX(ctx); n == 0 {
			t.Errorf("no service is %s", s)
		}
	}
	for _, s := range []connection.Status{connection.StatusPENDING, connection.StatusACTIVE, connection.StatusSUSPENDED, connection.StatusREJECTED} {
		if n := c.Connection.Query().Where(connection.StatusEQ(s)).CountX(ctx); n == 0 {
			t.Errorf("no connection is %s", s)
		}
	}
	for _, r := range []employee.Role{employee.RoleOWNER, employee.RoleSENIOR_SERVICE_MANAGER, employee.RoleSERVICE_MANAGER, employee.RoleINSTALLER} {
		if n := c.Employee.Query().Where(employee.RoleEQ(r), employee.StatusEQ(employee.StatusACTIVE)).CountX(ctx); n == 0 {
			t.Errorf("nobody is %s", r)
		}
	}
	if c.Employee.Query().Where(employee.StatusEQ(employee.StatusINVITED)).CountX(ctx) == 0 {
		t.Error("nobody is invited")
	}
	if n := c.Mail.Query().CountX(ctx); n != 0 {
		t.Errorf("%d letters are left", n)
	}
	if n := c.Transaction.Query().CountX(ctx); n < 3 {
		t.Errorf("%d transactions in the payment history", n)
	}
	if c.Tally.Query().CountX(ctx) == 0 {
		t.Error("no figures on the Dashboard")
	}
	trials := c.Service.Query().Where(service.TrialEndsAtNotNil()).CountX(ctx)
	if all := c.Service.Query().CountX(ctx); trials == 0 || trials == all {
		t.Errorf("%d of %d services have free days", trials, all)
	}
}

func TestFill_everybodyPrintedCanSignIn(t *testing.T) {
	db := open(t)
	if _, err := demo.Fill(t.Context(), db, authz.Rights(false), demo.OperatorEmail); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := demo.Print(&out, "http://127.0.0.1", demo.OperatorEmail); err != nil {
		t.Fatal(err)
	}
	found := 0
	for word := range strings.FieldsSeq(out.String()) {
		if !strings.Contains(word, "@") {
			continue
		}
		found++
		ctx := viewer.With(context.Background(), viewer.Viewer{})
		if _, err := identity.Enter(ctx, db, identity.SignIn{Email: word, Password: demo.Password}); err != nil {
			t.Errorf("%s cannot sign in: %v", word, err)
		}
	}
	if found < 10 {
		t.Errorf("only %d people are printed", found)
	}
}

func TestFill_leavesOtherPeopleAlone(t *testing.T) {
	db := open(t)
	ctx := viewer.With(t.Context(), viewer.Viewer{})
	if _, err := identity.Register(ctx, db, identity.SignUp{Email: "anna@example.org", Password: "correct horse", Name: "Anna"}); err != nil {
		t.Fatal(err)
	}
	present, err := demo.Fill(t.Context(), db, authz.Rights(false), demo.OperatorEmail)
	if err != nil || present {
		t.Fatalf("present %t, %v", present, err)
	}
	if n := db.Read(ctx).User.Query().CountX(viewer.System(ctx)); n != 1 {
		t.Errorf("%d people", n)
	}
}
