package scenario_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

// signUp opens an account as somebody with a language.
func signUp(w *world.World, language, email, name string) world.Answer {
	w.Helper()
	return w.Nobody().Speaks(language).Mutate("userSignUp", world.Vars{"email": email, "password": world.Password, "name": name}, `email`)
}

// signIn tries to sign in.
func signIn(w *world.World, email, password string) world.Answer {
	w.Helper()
	return w.Mutate("userSignIn", world.Vars{"email": email, "password": password}, `sessionToken expiresAt viewer { id }`)
}

// noLetter fails the test if a letter above the n-th was posted to an address
// until now: the outbox sends in order, so one to somebody else comes last.
func noLetter(w *world.World, to string, n int) {
	w.Helper()
	marker := "marker" + strings.ReplaceAll(to, "@", ".") + "@people.example"
	before := len(w.Mails(marker))
	w.OK(w.Mutate("userSignUp", world.Vars{"email": marker, "password": world.Password, "name": "Marker"}, `email`))
	w.Letters(marker, before+1)
	if got := len(w.Mails(to)); got != n {
		w.Errorf("%d letters to %s, want %d", got, to, n)
	}
}

// Opening a PRO account: the address is confirmed with the code from a mail,
// which stands alone on a line. (A31)
func TestUserSignUp(t *testing.T) {
	w := world.New(t)
	a := w.OK(signUp(w, "en", "  Jan.Kowalski@People.Example ", " Jan Kowalski "))
	w.Equal(a.Text("email"), "jan.kowalski@people.example")
	letter := w.Letters("jan.kowalski@people.example", 1)[0]
	w.Equal(letter.Subject, "Confirm your email address")
	code := w.Code("jan.kowalski@people.example")
	if !regexp.MustCompile(`^[0-9A-Z]{4}(-[0-9A-Z]{4}){3}$`).MatchString(code) || !strings.Contains(letter.Text, w.URL+"/#verify="+code) {
		t.Errorf("the letter with the code %q: %s", code, letter.Text)
	}
	a = w.OK(w.Mutate("userEmailVerify", world.Vars{"token": code}, `user { email name language isOperator emailVerifiedAt sessions { id } }`))
	w.Equal(a.Text("user.email"), "jan.kowalski@people.example")
	w.Equal(a.Text("user.name"), "Jan Kowalski")
	w.Equal(a.Text("user.language"), "en")
	w.Equal(a.Get("user.isOperator"), false)
	if a.Text("user.emailVerifiedAt") == "" {
		t.Error("the address is not confirmed")
	}
	w.Equal(w.OK(w.Query(`{ viewer { id } }`)).Get("viewer"), nil) // a code signs nobody in
	w.Equal(len(w.Mails("jan.kowalski@people.example")), 1)
}

// Mails come in the language of the request, or in the one that was chosen.
func TestUserSignUp_Language(t *testing.T) {
	w := world.New(t)
	w.OK(signUp(w, "pl-PL,pl;q=0.9,en;q=0.5", "jan@people.example", "Jan"))
	w.Equal(w.Letters("jan@people.example", 1)[0].Subject, "Potwierdź swój adres e-mail")
	w.OK(w.Nobody().Speaks("pl").Mutate("userSignUp", world.Vars{
		"email": "john@people.example", "password": world.Password, "name": "John", "language": "en-gb",
	}, `email`))
	w.Equal(w.Letters("john@people.example", 1)[0].Subject, "Confirm your email address")
	a := w.OK(signIn(w, "john@people.example", world.Password))
	w.Equal(w.OK(w.Holder(a.Text("sessionToken")).Query(`{ viewer { language } }`)).Text("viewer.language"), "en-GB")
}

// All wrong fields are told at once, each with its path and in the language of
// the request (A54), and nothing happens.
func TestUserSignUp_Wrong(t *testing.T) {
	w := world.New(t)
	for _, c := range []struct {
		email, password, name, language string
		want                            []string
	}{
		{"", "", "", "", []string{"REQUIRED input.email", "REQUIRED input.password", "REQUIRED input.name"}},
		{" ", "123456789", " ", "polski", []string{"REQUIRED input.email", "INVALID input.password", "REQUIRED input.name", "INVALID input.language"}},
		{"Jan <jan@people.example>", strings.Repeat("x", 1001), "a\nb", "pl", []string{"INVALID input.email", "INVALID input.password", "INVALID input.name"}},
		{"jan@people.example", world.Password, strings.Repeat("ż", 201), "pl", []string{"INVALID input.name"}},
	} {
		w.Refused(w.Mutate("userSignUp", world.Vars{
			"email": c.email, "password": c.password, "name": c.name, "language": c.language,
		}, `email`), c.want...)
	}
	a := w.Nobody().Speaks("pl").Mutate("userSignUp", world.Vars{"email": "jan@people.example", "password": "short", "name": "Jan"}, `email`)
	w.Equal(a.Text("userErrors.0.message"), "Wybierz hasło o długości co najmniej 10 znaków.")
	w.Equal(a.Get("email"), nil)
	noLetter(w, "jan@people.example", 0)
	w.Refused(signIn(w, "jan@people.example", world.Password), "BAD_CREDENTIALS")
}

// Whoever signs up with an address that has an account gets the same answer;
// only the mail tells, to whom the address belongs. (A61)
func TestUserSignUp_Taken(t *testing.T) {
	w := world.New(t)
	jan := w.SignUp("Jan", "jan@people.example")
	free := w.OK(signUp(w, "en", "eve@people.example", "Eve"))
	taken := w.OK(w.Mutate("userSignUp", world.Vars{"email": "JAN@people.example", "password": "another password", "name": "Eve"}, `email`))
	w.Equal(free.Text("email"), "eve@people.example")
	w.Equal(taken.Text("email"), "jan@people.example")
	w.Equal(w.Letters("jan@people.example", 2)[1].Subject, "You already have a PRO account")
	w.Refused(signIn(w, "jan@people.example", "another password"), "BAD_CREDENTIALS")
	a := w.OK(jan.Query(`{ viewer { id name } }`))
	w.Equal(a.Text("viewer.id"), jan.ID)
	w.Equal(a.Text("viewer.name"), "Jan")
}

// Many sign up with one address at the same moment: one account, and all get
// the same answer.
func TestUserSignUp_AtTheSameMoment(t *testing.T) {
	w := world.New(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() { w.Refused(signUp(w, "en", "jan@people.example", "Jan")) }) // with no error
	}
	all.Wait()
	confirm, taken := 0, 0
	for _, m := range w.Letters("jan@people.example", 6) {
		switch m.Subject {
		case "Confirm your email address":
			confirm++
		case "You already have a PRO account":
			taken++
		}
	}
	w.Equal(confirm, 1)
	w.Equal(taken, 5)
	w.OK(signIn(w, "jan@people.example", world.Password))
}

// A code works once, and a newer one takes its place.
func TestUserEmailVerify(t *testing.T) {
	w := world.New(t)
	verify := func(code string) world.Answer {
		return w.Mutate("userEmailVerify", world.Vars{"token": code}, `user { id }`)
	}
	resend := func(email string) world.Answer {
		return w.Mutate("userEmailVerificationResend", world.Vars{"email": email}, `isAccepted`)
	}
	jan := w.Unconfirmed("Jan", "jan@people.example")
	first := w.Code("jan@people.example")
	w.Equal(w.OK(resend(" Jan@People.Example")).Get("isAccepted"), true)
	w.Letters("jan@people.example", 2)
	second := w.Code("jan@people.example")

	w.Refused(verify(first), "TOKEN_EXPIRED input.token")
	w.Refused(verify(""), "REQUIRED input.token")
	w.Refused(verify("7Q2F-9ZKD-X0WM-4T6B"), "TOKEN_EXPIRED input.token")
	w.Refused(verify(strings.Repeat("7", 101)), "INVALID input.token")
	w.Equal(w.OK(jan.Query(`{ viewer { emailVerifiedAt } }`)).Get("viewer.emailVerifiedAt"), nil)
	w.Equal(w.OK(verify(strings.ToLower(strings.ReplaceAll(second, "-", " ")))).Text("user.id"), jan.ID)
	w.Refused(verify(second), "TOKEN_EXPIRED input.token")
	if w.OK(jan.Query(`{ viewer { emailVerifiedAt } }`)).Text("viewer.emailVerifiedAt") == "" {
		t.Error("the address is not confirmed")
	}

	// Nothing tells whether the address has an account, or is confirmed.
	w.Equal(w.OK(resend("nobody@people.example")).Get("isAccepted"), true)
	w.Equal(w.OK(resend("jan@people.example")).Get("isAccepted"), true)
	w.Refused(resend("nobody"), "INVALID input.email")
	noLetter(w, "nobody@people.example", 0)
	noLetter(w, "jan@people.example", 2)
}

// Without a confirmed address a person can sign in, but neither register a
// company nor accept an invitation (A31). Whoever signs up with somebody else's
// address does not inherit that person's invitations.
func TestUserUnconfirmed(t *testing.T) {
	w := world.New(t)
	company := w.Company("Night Watch")
	eve := w.Unconfirmed("Eve", "jan@people.example")
	create := world.Vars{"name": "Day Watch", "country": "PL", "contact": world.Vars{"email": "office@day.example"}}
	w.Refused(eve.Mutate("companyCreate", create, `company { id }`), "EMAIL_NOT_VERIFIED")
	a := w.OK(company.Owner.Mutate("employeeAdd", world.Vars{"companyId": company.ID, "email": eve.Email, "role": "INSTALLER"}, `employee { id }`))
	accept := world.Vars{"employeeId": a.Text("employee.id")}
	w.Refused(eve.Mutate("employeeInvitationAccept", accept, `employee { id }`), "EMAIL_NOT_VERIFIED")
	w.OK(w.Mutate("userEmailVerify", world.Vars{"token": w.Code(eve.Email)}, `user { id }`))
	w.OK(eve.Mutate("employeeInvitationAccept", accept, `employee { id }`))
	w.OK(eve.Mutate("companyCreate", create, `company { id }`))
}

// The platform operator is who has confirmed the configured address. (A32)
func TestUserOperator(t *testing.T) {
	w := world.New(t)
	const ask = `{ viewer { isOperator } }`
	operator := w.Unconfirmed("Operator", strings.ToUpper(world.OperatorEmail))
	w.Equal(w.OK(operator.Query(ask)).Get("viewer.isOperator"), false)
	w.OK(w.Mutate("userEmailVerify", world.Vars{"token": w.Code(world.OperatorEmail)}, `user { id }`))
	w.Equal(w.OK(operator.Query(ask)).Get("viewer.isOperator"), true)
	w.Equal(w.OK(w.Person("Jan").Query(ask)).Get("viewer.isOperator"), false)
}
