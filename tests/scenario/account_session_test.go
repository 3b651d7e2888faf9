package scenario_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

// Signing in takes the address in any case and the right password, and tells
// nothing else. (R113 R124)
func TestUserSignIn(t *testing.T) {
	w := world.New(t)
	jan := w.SignUp("Jan", "jan@people.example")
	a := w.OK(signIn(w, " JAN@People.Example", world.Password))
	w.Equal(a.Text("viewer.id"), jan.ID)
	if ends, err := time.Parse(time.RFC3339, a.Text("expiresAt")); err != nil || time.Until(ends) < 89*24*time.Hour || time.Until(ends) > 91*24*time.Hour {
		t.Errorf("the session ends at %v, %v", ends, err)
	}
	if token := a.Text("sessionToken"); !strings.HasPrefix(token, "hubs_") || len(token) != 54 {
		t.Errorf("token %q", token)
	}
	wrong := w.Refused(signIn(w, "jan@people.example", "Correct horse battery"), "BAD_CREDENTIALS")
	nobody := w.Refused(signIn(w, "nobody@people.example", world.Password), "BAD_CREDENTIALS")
	w.Equal(fmt.Sprint(nobody.Data), fmt.Sprint(wrong.Data))
	w.Refused(signIn(w, "jan", ""), "INVALID input.email", "REQUIRED input.password")
	w.Refused(signIn(w, "jan@people.example", strings.Repeat("x", 1001)), "INVALID input.password")
	a = w.Nobody().Speaks("pl").Mutate("userSignIn", world.Vars{"email": "jan@people.example", "password": "x"}, `viewer { id }`)
	w.Equal(a.Text("userErrors.0.message"), "Adres e-mail lub hasło są nieprawidłowe.")
}

// The answer to a sign-in shows all that its person may see, and signs nobody
// in for the fields beside it.
func TestUserSignIn_Answer(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	a := w.Query(`mutation($in: UserSignInInput!) {
		userSignIn(input: $in) { viewer { id email emailVerifiedAt sessions { isCurrent }
			employments { totalCount nodes { role company { name viewerCan { manageCompany } employees { totalCount } } } } } userErrors { code } }
		userUpdate(input: {name: "Eve"}) { user { id } }
	}`, world.Vars{"in": world.Vars{"email": company.Owner.Email, "password": world.Password}})
	w.Fails(a, "UNAUTHENTICATED")
	if len(a.Errors.List) != 1 || a.Errors.List[0].PathString() != "userUpdate" {
		t.Errorf("errors: %v", a.Errors)
	}
	w.Equal(a.Text("userSignIn.viewer.id"), company.Owner.ID)
	w.Equal(a.Text("userSignIn.viewer.email"), company.Owner.Email)
	w.Equal(a.Int("userSignIn.viewer.employments.totalCount"), 1)
	w.Equal(a.Text("userSignIn.viewer.employments.nodes.0.role"), "OWNER")
	w.Equal(a.Get("userSignIn.viewer.employments.nodes.0.company.viewerCan.manageCompany"), true)
	w.Equal(a.Int("userSignIn.viewer.employments.nodes.0.company.employees.totalCount"), 1)
	w.Equal(len(a.List("userSignIn.viewer.sessions")), 2)
	w.Equal(a.Get("userSignIn.viewer.sessions.0.isCurrent"), true)
	w.Equal(a.Get("userSignIn.viewer.sessions.1.isCurrent"), false)
	w.Equal(w.OK(company.Owner.Query(`{ viewer { name } }`)).Text("viewer.name"), company.Owner.Name)
}

// Sessions and codes last over a restart, and do not follow the clock of the
// business. (A47)
func TestSession_Clock(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	code := resetCode(w, jan.Email, 1)
	w.Advance("2028-01-01T00:00:00Z")
	w.Restart()
	w.Equal(w.OK(jan.Query(`{ viewer { id } }`)).Text("viewer.id"), jan.ID)
	w.OK(reset(w, code, newPassword))
}

// A person sees the own sessions, newest first, and can end any of them; those
// of others are as if they did not exist. (A34)
func TestSession(t *testing.T) {
	w := world.New(t)
	jan, eve := w.Person("Jan"), w.Person("Eve")
	a := w.OK(w.Mutate("userSignIn", world.Vars{"email": jan.Email, "password": world.Password, "deviceName": " Phone "}, `sessionToken`))
	phone := w.Holder(a.Text("sessionToken"))
	const ask = `{ viewer { sessions { id deviceName createdAt lastUsedAt isCurrent } } }`
	a = w.OK(jan.Query(ask))
	w.Equal(len(a.List("viewer.sessions")), 2)
	w.Equal(a.Text("viewer.sessions.0.deviceName"), "Phone")
	w.Equal(a.Get("viewer.sessions.0.isCurrent"), false)
	w.Equal(a.Get("viewer.sessions.1.isCurrent"), true)
	if used, err := time.Parse(time.RFC3339, a.Text("viewer.sessions.0.lastUsedAt")); err != nil || !used.Equal(used.Truncate(time.Hour)) {
		t.Errorf("last used at %v, %v", used, err)
	}
	ids := a.Texts("viewer.sessions", "id")

	// Others see nothing of it, on no path.
	revoke := func(p *world.Person, id string) world.Answer {
		return p.Mutate("sessionRevoke", world.Vars{"sessionId": id}, `revokedSessionId`)
	}
	foreign := w.Refused(revoke(eve, ids[0]), "NOT_FOUND input.sessionId")
	unknown := w.Refused(revoke(eve, "ses_0"), "NOT_FOUND input.sessionId")
	w.Equal(fmt.Sprint(foreign.Data), fmt.Sprint(unknown.Data))
	for _, p := range []*world.Person{eve, w.Operator()} {
		a = w.OK(p.Query(`query($s: ID!, $u: ID!) { session: node(id: $s) { id } user: node(id: $u) { ... on User { sessions { id } emailVerifiedAt } } }`,
			world.Vars{"s": ids[0], "u": jan.ID}))
		w.Equal(a.Get("session"), nil)
		w.Equal(len(a.List("user.sessions")), 0)
		w.Equal(a.Get("user.emailVerifiedAt"), nil)
	}
	w.Equal(w.OK(jan.Query(`query($s: ID!) { node(id: $s) { ... on Session { deviceName } } }`, world.Vars{"s": ids[0]})).Text("node.deviceName"), "Phone")

	w.Equal(w.OK(revoke(jan, ids[0])).Text("revokedSessionId"), ids[0])
	w.Equal(w.OK(phone.Query(`{ viewer { id } }`)).Get("viewer"), nil)
	w.Fails(phone.Query(`{ nodes(ids: []) { id } }`), "UNAUTHENTICATED")
	w.Refused(revoke(jan, ids[0]), "NOT_FOUND input.sessionId")
	w.Equal(w.OK(revoke(jan, ids[1])).Text("revokedSessionId"), ids[1]) // the own one
	w.Equal(w.OK(jan.Query(`{ viewer { id } }`)).Get("viewer"), nil)
}

// closes waits for a socket to be closed by the server, and returns the code.
func closes(w *world.World, s *client.Socket) (code int) {
	w.Helper()
	w.Within(time.Minute, "the socket is closed", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		stream, err := s.Subscribe(ctx, `{ __typename }`, nil)
		if err == nil {
			_, err = stream.Next(ctx)
		}
		closed := &client.CloseError{}
		if errors.As(err, &closed) {
			code = closed.Code
		}
		return code != 0
	})
	return code
}

// dial opens a socket that lives, and closes it after the test.
func dial(w *world.World, p *world.Person) *client.Socket {
	w.Helper()
	s, err := p.Client.Dial(context.Background())
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	alive(w, s)
	return s
}

// alive fails the test unless a socket answers as somebody.
func alive(w *world.World, s *client.Socket) {
	w.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stream, err := s.Subscribe(ctx, `{ viewer { id } }`, nil)
	var answer json.RawMessage
	if err == nil {
		answer, err = stream.Next(ctx)
	}
	if err != nil || !strings.Contains(string(answer), "usr_") {
		w.Fatalf("the socket answers %s, %v", answer, err)
	}
}

// Signing out ends the session of the request and closes its sockets; the
// other sessions of the person go on, unless all are to end.
func TestUserSignOut(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	phone, desk := *jan, *jan
	phone.SignIn()
	desk.SignIn()
	signOut := func(p *world.Person, everywhere bool) world.Answer {
		return p.Mutate("userSignOut", world.Vars{"everywhere": everywhere}, `isSignedOut`)
	}
	here, there := dial(w, &phone), dial(w, jan)
	w.Equal(w.OK(signOut(&phone, false)).Get("isSignedOut"), true)
	w.Equal(closes(w, here), 4403)
	w.Fails(signOut(&phone, false), "UNAUTHENTICATED")
	alive(w, there)
	w.OK(signOut(&desk, true))
	w.Equal(closes(w, there), 4403)
	for _, p := range []*world.Person{jan, &phone, &desk} {
		w.Equal(w.OK(p.Query(`{ viewer { id } }`)).Get("viewer"), nil)
	}
	jan.SignIn()
	w.Equal(len(w.OK(jan.Query(`{ viewer { sessions { id } } }`)).List("viewer.sessions")), 1)
	if _, err := phone.Client.Dial(context.Background()); err == nil {
		t.Error("a dead session opened a socket")
	}
}

// The live streams of a session end with it within a second, however it ends;
// those of the person's other sessions go on.
func TestSession_Streams(t *testing.T) {
	w := world.New(t)
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	owner := dealer.Owner
	ways := map[string]func(phone *world.Person) world.Answer{
		"sign-out": func(phone *world.Person) world.Answer {
			return phone.Mutate("userSignOut", world.Vars{}, `isSignedOut`)
		},
		"revocation": func(phone *world.Person) world.Answer {
			id := w.OK(phone.Query(`{ viewer { sessions { id } } }`)).Text("viewer.sessions.0.id")
			return owner.Mutate("sessionRevoke", world.Vars{"sessionId": id}, `revokedSessionId`)
		},
		"another password": func(*world.Person) world.Answer {
			return owner.Mutate("userPasswordUpdate", world.Vars{"currentPassword": world.Password, "password": world.Password}, `user { id }`)
		},
	}
	stays := owner.Connections(dealer.ID, "")
	stays.Next() // nothing yet
	fastest := time.Minute
	for name, end := range ways {
		phone := *owner
		phone.SignIn()
		tiles, connections := phone.Tiles(world.Vars{"companyId": dealer.ID}, ""), phone.Connections(dealer.ID, "")
		tiles.Next()
		connections.Next()
		w.OK(end(&phone))
		begun := time.Now()
		if got := tiles.End() + " " + connections.End(); got != "4403 4403" {
			t.Errorf("after %s the streams end with %s", name, got)
		}
		fastest = min(fastest, time.Since(begun))
	}
	if fastest > time.Second { // a busy machine may hold up one of them, but not each
		t.Errorf("the streams end in %v at the earliest", fastest)
	}
	dealer.Requests(reseller)
	w.Equal(stays.Next().Text("connection.status"), "PENDING")
}
