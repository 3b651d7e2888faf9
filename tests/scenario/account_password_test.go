package scenario_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"partnerhub/tests/world"
)

const newPassword = "staple of a new battery"

// reset sets a new password with a code.
func reset(w *world.World, code, password string) world.Answer {
	w.Helper()
	return w.Mutate("userPasswordReset", world.Vars{"token": code, "password": password}, `user { id email }`)
}

// resetCode asks for a new password for an address that has got n letters, and
// returns the code from the mail.
func resetCode(w *world.World, email string, n int) string {
	w.Helper()
	w.Equal(w.OK(w.Mutate("userPasswordResetRequest", world.Vars{"email": email}, `isAccepted`)).Get("isAccepted"), true)
	w.Letters(email, n+1)
	return w.Code(email)
}

// Who forgot the password sets a new one with a code from a mail. Every
// session ends, and a mail tells of it.
func TestUserPasswordReset(t *testing.T) {
	w := world.New(t)
	jan := w.SignUp("Jan", "jan@people.example")
	socket := dial(w, jan)
	replaced := resetCode(w, "JAN@People.Example", 1)
	code := resetCode(w, "jan@people.example", 2)
	letter := w.Letters("jan@people.example", 3)[2]
	if letter.Subject != "Set a new password" || !strings.Contains(letter.Text, "/#reset="+code) || !strings.Contains(letter.Text, "1 hour") {
		t.Errorf("the letter with the code: %q: %s", letter.Subject, letter.Text)
	}

	w.Refused(reset(w, replaced, newPassword), "TOKEN_EXPIRED input.token")
	w.Refused(reset(w, "7Q2F-9ZKD-X0WM-4T6B", newPassword), "TOKEN_EXPIRED input.token")
	w.Refused(reset(w, "", "short"), "REQUIRED input.token", "INVALID input.password")
	w.Refused(reset(w, code, "short"), "INVALID input.password") // and the code is good still
	w.Refused(w.Mutate("userEmailVerify", world.Vars{"token": code}, `user { id }`), "TOKEN_EXPIRED input.token")
	alive(w, socket)

	a := w.OK(reset(w, strings.ToLower(code), newPassword))
	w.Equal(a.Text("user.id"), jan.ID)
	w.Equal(a.Text("user.email"), "jan@people.example")
	w.Equal(closes(w, socket), 4403)
	w.Equal(w.OK(jan.Query(`{ viewer { id } }`)).Get("viewer"), nil)
	w.Refused(reset(w, code, newPassword), "TOKEN_EXPIRED input.token")
	w.Refused(signIn(w, "jan@people.example", world.Password), "BAD_CREDENTIALS")
	w.OK(signIn(w, "jan@people.example", newPassword))
	w.Equal(w.Letters("jan@people.example", 4)[3].Subject, "Your password has been changed")
	noLetter(w, "jan@people.example", 4)
}

// Whether the address has an account is told by nothing. (A61)
func TestUserPasswordReset_Unknown(t *testing.T) {
	w := world.New(t)
	w.SignUp("Jan", "jan@people.example")
	ask := func(email string) world.Answer {
		return w.Mutate("userPasswordResetRequest", world.Vars{"email": email}, `isAccepted`)
	}
	w.Equal(fmt.Sprint(w.OK(ask("nobody@people.example")).Data), fmt.Sprint(w.OK(ask("jan@people.example")).Data))
	w.Refused(ask("nobody"), "INVALID input.email")
	w.Refused(ask(""), "REQUIRED input.email")
	noLetter(w, "nobody@people.example", 0)
}

// A code that came by mail confirms the address too: whoever had signed up
// with it before is out. (A31)
func TestUserPasswordReset_Confirms(t *testing.T) {
	w := world.New(t)
	eve := w.Unconfirmed("Eve", "jan@people.example")
	w.Letters("jan@people.example", 1)
	verification := w.Code("jan@people.example")
	w.OK(reset(w, resetCode(w, "jan@people.example", 1), newPassword))
	w.Equal(w.OK(eve.Query(`{ viewer { id } }`)).Get("viewer"), nil)
	jan := w.Holder(w.OK(signIn(w, "jan@people.example", newPassword)).Text("sessionToken"))
	if w.OK(jan.Query(`{ viewer { emailVerifiedAt } }`)).Text("viewer.emailVerifiedAt") == "" {
		t.Error("the address is not confirmed")
	}
	w.Refused(w.Mutate("userEmailVerify", world.Vars{"token": verification}, `user { id }`), "TOKEN_EXPIRED")
}

// Of many who use a code at the same moment one sets the password.
func TestUserPasswordReset_AtTheSameMoment(t *testing.T) {
	w := world.New(t)
	w.SignUp("Jan", "jan@people.example")
	code := resetCode(w, "jan@people.example", 1)
	var set atomic.Pointer[string]
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			password := fmt.Sprintf("password number %d", i)
			a := reset(w, code, password)
			if len(a.Codes()) == 0 && !set.CompareAndSwap(nil, &password) {
				t.Error("the code worked twice")
			}
		})
	}
	all.Wait()
	w.OK(signIn(w, "jan@people.example", *set.Load()))
	w.Letters("jan@people.example", 3)
	noLetter(w, "jan@people.example", 3)
}

// A person who knows the present password sets another. The other sessions
// end, this one goes on, and a mail tells of it in the person's language.
func TestUserPasswordUpdate(t *testing.T) {
	w := world.New(t)
	jan := w.SignUp("Jan", "jan@people.example")
	w.OK(jan.Mutate("userUpdate", world.Vars{"language": "pl"}, `user { id }`))
	phone := *jan
	phone.SignIn()
	here, there := dial(w, jan), dial(w, &phone)
	code := resetCode(w, "jan@people.example", 1)
	update := func(current, password string) world.Answer {
		return jan.Mutate("userPasswordUpdate", world.Vars{"currentPassword": current, "password": password}, `user { id email }`)
	}
	w.Refused(update("wrong password", newPassword), "BAD_CREDENTIALS input.currentPassword")
	w.Refused(update("", "short"), "REQUIRED input.currentPassword", "INVALID input.password")
	w.Refused(update(world.Password, ""), "REQUIRED input.password")
	alive(w, there)
	w.Equal(w.OK(update(world.Password, newPassword)).Text("user.id"), jan.ID)
	w.Equal(closes(w, there), 4403)
	alive(w, here)
	w.Equal(len(w.OK(jan.Query(`{ viewer { sessions { id } } }`)).List("viewer.sessions")), 1)
	w.Refused(reset(w, code, world.Password), "TOKEN_EXPIRED input.token")
	w.Refused(signIn(w, "jan@people.example", world.Password), "BAD_CREDENTIALS")
	w.OK(signIn(w, "jan@people.example", newPassword))
	w.Equal(w.Letters("jan@people.example", 3)[2].Subject, "Twoje hasło zostało zmienione")
}
