package scenario_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// behindProxy lets a test speak from any network.
func behindProxy(c *server.Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}

// unhurried gives operations time: a password's hash takes the time of a core,
// and tries at one account take turns.
func unhurried(c *server.Config) { c.Limits.OperationTime = time.Minute }

const wrongPassword = "wrong horse battery"

// enters tries to sign in from a network, and returns the code of the refusal,
// "" where there was none.
func enters(w *world.World, network, email, password string) string {
	w.Helper()
	_, text := post(w, "", fmt.Sprintf(`mutation { userSignIn(input: {email: %q, password: %q}) { userErrors { code } } }`, email, password),
		"X-Forwarded-For", network)
	var body struct {
		Data struct {
			UserSignIn struct{ UserErrors []struct{ Code string } }
		}
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		w.Fatal(err)
	}
	if list := body.Data.UserSignIn.UserErrors; len(list) > 0 {
		return list[0].Code
	}
	return ""
}

// Who guesses a password is refused after ten tries, were they at the same
// moment, aliases of one request, or before a restart; right or wrong, known or
// unknown does not matter then. The owner signs in from anywhere else.
func TestSignIn_Guessed(t *testing.T) {
	w := world.New(t, behindProxy, unhurried)
	w.SignUp("Jan", "jan@people.example")
	const guesser, office = "192.0.2.7", "198.51.100.1"
	for _, email := range []string{"jan@people.example", "nobody@people.example"} {
		var mu sync.Mutex
		codes := map[string]int{}
		var all sync.WaitGroup
		for i := range 14 {
			all.Go(func() {
				code := enters(w, guesser, strings.ToUpper(email), fmt.Sprint("guess number ", i))
				mu.Lock()
				defer mu.Unlock()
				codes[code]++
			})
		}
		all.Wait()
		if codes["BAD_CREDENTIALS"] != 10 || codes["TOO_MANY_ATTEMPTS"] != 4 {
			t.Errorf("%s: %v", email, codes)
		}
	}
	w.Equal(enters(w, guesser, "jan@people.example", world.Password), "TOO_MANY_ATTEMPTS")
	w.Restart()
	w.Equal(enters(w, guesser, "jan@people.example", world.Password), "TOO_MANY_ATTEMPTS")
	w.Equal(enters(w, office, "jan@people.example", world.Password), "")
	w.Equal(enters(w, guesser, "eve@people.example", world.Password), "BAD_CREDENTIALS")

	_, text := post(w, "", `mutation { userSignIn(input: {email: "jan@people.example", password: "x"}) { userErrors { message path } } }`,
		"X-Forwarded-For", guesser, "Accept-Language", "pl")
	if !strings.Contains(text, `"Zbyt wiele prób. Spróbuj ponownie za 6 minut."`) || !strings.Contains(text, `"path":[]`) {
		t.Error(text)
	}
}

// Tries that one request makes by aliases count each, and so do those of
// somebody who is signed in, on a socket.
func TestSignIn_GuessedByAliases(t *testing.T) {
	w := world.New(t, unhurried)
	w.SignUp("Jan", "jan@people.example")
	eve := w.Person("Eve")
	var document strings.Builder
	document.WriteString("mutation {")
	for i := range 12 {
		fmt.Fprintf(&document, ` t%d: userSignIn(input: {email: "jan@people.example", password: "guess number %d"}) { userErrors { code } }`, i, i)
	}
	document.WriteString("}")
	socket := dial(w, eve)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stream, err := socket.Subscribe(ctx, document.String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if wrong, tooMany := strings.Count(string(answer), "BAD_CREDENTIALS"), strings.Count(string(answer), "TOO_MANY_ATTEMPTS"); wrong != 10 || tooMany != 2 {
		t.Errorf("%d wrong, %d too many: %s", wrong, tooMany, answer)
	}
	w.Refused(signIn(w, "jan@people.example", world.Password), "TOO_MANY_ATTEMPTS")
}

// Who knows the password signs in as often as he likes, at the same moment too.
func TestSignIn_Often(t *testing.T) {
	w := world.New(t, unhurried)
	w.SignUp("Jan", "jan@people.example")
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() { w.OK(signIn(w, "jan@people.example", world.Password)) })
	}
	all.Wait()
}

// Nobody floods a mailbox: after six mails to an address somebody has to wait,
// whether there is an account or not, and whichever mail is asked for.
func TestMails_Flood(t *testing.T) {
	w := world.New(t)
	w.SignUp("Jan", "jan@people.example") // a mail
	ask := func(field, email string) world.Answer {
		return w.Mutate(field, world.Vars{"email": email}, `isAccepted`)
	}
	for i := range 6 {
		w.OK(ask([]string{"userPasswordResetRequest", "userEmailVerificationResend"}[i%2], "nobody@people.example"))
		if i > 0 {
			w.OK(ask("userPasswordResetRequest", "JAN@people.example"))
		}
	}
	for _, field := range []string{"userPasswordResetRequest", "userEmailVerificationResend"} {
		known := w.Refused(ask(field, "jan@people.example"), "TOO_MANY_ATTEMPTS")
		unknown := w.Refused(ask(field, "nobody@people.example"), "TOO_MANY_ATTEMPTS")
		w.Equal(fmt.Sprint(unknown.Data), fmt.Sprint(known.Data))
	}
	w.Refused(signUp(w, "en", "jan@people.example", "Eve"), "TOO_MANY_ATTEMPTS")
	w.Refused(signUp(w, "en", "nobody@people.example", "Eve"), "TOO_MANY_ATTEMPTS")
	w.OK(ask("userPasswordResetRequest", "eve@people.example"))
	w.Letters("jan@people.example", 6)
	noLetter(w, "jan@people.example", 6)
	w.OK(reset(w, w.Code("jan@people.example"), newPassword)) // the last mail still helps its owner
}

// Codes are not guessed either; a good one costs nothing.
func TestCodes_Guessed(t *testing.T) {
	w := world.New(t, behindProxy)
	w.Unconfirmed("Jan", "jan@people.example")
	code := w.Code("jan@people.example")
	verify := func(network, token string) string {
		_, text := post(w, "", fmt.Sprintf(`mutation { userEmailVerify(input: {token: %q}) { userErrors { code } } }`, token), "X-Forwarded-For", network)
		return text
	}
	for i := range 50 {
		if text := verify("192.0.2.7", fmt.Sprint("7Q2F-9ZKD-", i)); !strings.Contains(text, "TOKEN_EXPIRED") {
			t.Fatal(text)
		}
	}
	for _, token := range []string{"7Q2F-9ZKD-X0WM-4T6B", code} {
		if text := verify("192.0.2.7", token); !strings.Contains(text, "TOO_MANY_ATTEMPTS") {
			t.Error(text)
		}
	}
	w.Refused(w.Mutate("userPasswordReset", world.Vars{"token": "7Q2F-9ZKD-X0WM-4T6B", "password": newPassword}, `user { id }`), "TOKEN_EXPIRED input.token")
	if text := verify("192.0.2.8", code); !strings.Contains(text, `"userErrors":[]`) {
		t.Error(text)
	}
}

// Whoever has got hold of a session does not guess the password with it; the
// person's other sessions are not touched.
func TestUserPasswordUpdate_Guessed(t *testing.T) {
	w := world.New(t)
	jan := w.Person("Jan")
	phone := *jan
	phone.SignIn()
	update := func(p *world.Person, current string) world.Answer {
		return p.Mutate("userPasswordUpdate", world.Vars{"currentPassword": current, "password": newPassword}, `user { id }`)
	}
	for range 10 {
		w.Refused(update(&phone, wrongPassword), "BAD_CREDENTIALS input.currentPassword")
	}
	w.Refused(update(&phone, world.Password), "TOO_MANY_ATTEMPTS")
	w.OK(update(jan, world.Password))
}

// An owner learns of a few addresses that they have no account, and not of
// many; adding people who have one costs none of that. (A61 R23)
func TestEmployeeAdd_LookUps(t *testing.T) {
	w := world.New(t)
	company, other := w.Company("Night Watch"), w.Company("Day Watch")
	jan := w.Person("Jan")
	add := func(c *world.Company, email string) world.Answer {
		return c.Owner.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": email, "role": "INSTALLER"}, `employee { id }`)
	}
	w.OK(add(company, jan.Email))
	var mu sync.Mutex
	var codes []string
	var all sync.WaitGroup
	for i := range 22 {
		all.Go(func() {
			a := add(company, fmt.Sprintf("nobody%d@people.example", i))
			mu.Lock()
			defer mu.Unlock()
			codes = append(codes, a.Codes()...)
		})
	}
	all.Wait()
	slices.Sort(codes)
	if len(codes) != 22 || codes[19] != "ACCOUNT_REQUIRED input.email" || codes[20] != "TOO_MANY_ATTEMPTS" {
		t.Error(codes)
	}
	w.Refused(add(company, w.Person("Eve").Email), "TOO_MANY_ATTEMPTS")
	w.Refused(add(other, "nobody@people.example"), "ACCOUNT_REQUIRED input.email")
}

// Nobody is flooded with invitations.
func TestEmployeeInvitationResend_Flood(t *testing.T) {
	w := world.New(t)
	company, jan := w.Company("Night Watch"), w.Person("Jan")
	a := w.OK(company.Owner.Mutate("employeeAdd", world.Vars{"companyId": company.ID, "email": jan.Email, "role": "INSTALLER"}, `employee { id }`))
	resend := func() world.Answer {
		return company.Owner.Mutate("employeeInvitationResend", world.Vars{"employeeId": a.Text("employee.id")}, `employee { id }`)
	}
	for range 9 {
		w.OK(resend())
	}
	w.Refused(resend(), "TOO_MANY_ATTEMPTS")
	w.Letters(jan.Email, 11)
	noLetter(w, jan.Email, 11)
}

// Easy passwords are refused wherever one is set, with the field named.
func TestPassword_Easy(t *testing.T) {
	w := world.New(t)
	a := w.Refused(w.Mutate("userSignUp", world.Vars{"email": "jan@people.example", "password": "P@ssw0rd2026", "name": "Jan"}, `email`), "INVALID input.password")
	w.Equal(a.Text("userErrors.0.message"), "This password is too easy to guess. Choose one that nobody would think of.")
	jan := w.SignUp("Jan Kowalski", "jan@people.example")
	a = w.Refused(jan.Speaks("pl").Mutate("userPasswordUpdate", world.Vars{"currentPassword": world.Password, "password": "kowalski1990"}, `user { id }`), "INVALID input.password")
	w.Equal(a.Text("userErrors.0.message"), "To hasło łatwo odgadnąć. Wybierz takie, na które nikt nie wpadnie.")
	code := resetCode(w, "jan@people.example", 1)
	w.Refused(reset(w, code, "jan.kowalski!"), "INVALID input.password")
	w.OK(reset(w, code, newPassword))
}

// A token that was never one of ours is refused by its checksum, without a
// look into the database.
func TestToken_Checksum(t *testing.T) {
	w := world.New(t)
	good := token(w, w.Person("Jan"))
	damaged := []byte(good)
	damaged[10] ^= 1
	for _, c := range []struct {
		token  string
		looked bool
	}{
		{string(damaged), false},
		{good[:len(good)-1], false},
		{"hubp_" + good[5:], false},
		{"hubs_" + strings.Repeat("a", 49), false},
		{strings.Repeat("x", 8000), false},
		{good, true},
	} {
		heard := w.Statements(func() {
			if answer, _ := post(w, c.token, `{ __typename }`); answer.StatusCode != http.StatusOK {
				t.Error(answer.Status)
			}
		})
		if (len(heard) > 0) != c.looked {
			t.Errorf("%.20s…: %d statements", c.token, len(heard))
		}
	}
}
