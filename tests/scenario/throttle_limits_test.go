package scenario_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// limited returns a change that sets limits in the words of the flag.
func limited(t *testing.T, values string) func(*server.Config) {
	t.Helper()
	parsed, err := server.ParseConfig([]string{"-limit", values}, func(string) string { return "" }, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *server.Config) { c.Limits.Tries = parsed.Limits.Tries }
}

// Each limit of what may be tried is what -limit says: two tries are let
// through and the third is refused, with the time that it says, until one more.
func TestTries_Limits(t *testing.T) {
	for limit, begin := range map[string]func(w *world.World) func(i int) world.Answer{
		"sign-in-pair": func(w *world.World) func(int) world.Answer {
			return func(int) world.Answer { return signIn(w, "nobody@people.example", wrongPassword) }
		},
		"sign-in-network": func(w *world.World) func(int) world.Answer {
			return func(i int) world.Answer { return signIn(w, fmt.Sprintf("nobody%d@people.example", i), wrongPassword) }
		},
		"password-change": func(w *world.World) func(int) world.Answer {
			jan := w.Person("Jan")
			return func(int) world.Answer {
				return jan.Mutate("userPasswordUpdate", world.Vars{"currentPassword": wrongPassword, "password": newPassword}, `user { id }`)
			}
		},
		"codes": func(w *world.World) func(int) world.Answer {
			return func(i int) world.Answer {
				field := []string{"userEmailVerify", "userPasswordReset"}[i%2]
				input := world.Vars{"token": "7Q2F-9ZKD-X0WM-4T6B"}
				if field == "userPasswordReset" {
					input["password"] = newPassword
				}
				return w.Mutate(field, input, `user { id }`)
			}
		},
		"mails-to": func(w *world.World) func(int) world.Answer {
			return func(i int) world.Answer {
				switch i {
				case 0:
					return w.Mutate("userPasswordResetRequest", world.Vars{"email": "jan@people.example"}, `isAccepted`)
				case 1:
					return w.Mutate("userEmailVerificationResend", world.Vars{"email": "jan@people.example"}, `isAccepted`)
				default:
					return signUp(w, "en", "jan@people.example", "Jan")
				}
			}
		},
		"mails-from": func(w *world.World) func(int) world.Answer {
			return func(i int) world.Answer { return signUp(w, "en", fmt.Sprintf("jan%d@people.example", i), "Jan") }
		},
		"invitations-to": func(w *world.World) func(int) world.Answer {
			companies := []*world.Company{w.Company("Night Watch"), w.Company("Day Watch"), w.Company("Dawn Watch")}
			jan := w.Person("Jan")
			return func(i int) world.Answer { return employs(companies[i], jan.Email) }
		},
		"invitations-by": func(w *world.World) func(int) world.Answer {
			company := w.Company("Night Watch")
			people := []*world.Person{w.Person("Jan"), w.Person("Eve"), w.Person("Ada")}
			return func(i int) world.Answer { return employs(company, people[i].Email) }
		},
		"look-ups": func(w *world.World) func(int) world.Answer {
			company := w.Company("Night Watch")
			return func(i int) world.Answer { return employs(company, fmt.Sprintf("nobody%d@people.example", i)) }
		},
	} {
		t.Run(limit, func(t *testing.T) {
			w := world.New(t, unhurried, limited(t, limit+"=2,"+limit+"-every=90h"))
			try := begin(w)
			for i := range 2 {
				if codes := fmt.Sprint(try(i).Codes()); strings.Contains(codes, "TOO_MANY_ATTEMPTS") {
					t.Fatalf("try %d: %s", i+1, codes)
				}
			}
			a := w.Refused(try(2), "TOO_MANY_ATTEMPTS")
			var minutes int
			sentence := a.Text("userErrors.0.message")
			if _, err := fmt.Sscanf(sentence, "Too many tries. Try again in %d minutes.", &minutes); err != nil || minutes > 90*60 || minutes < 89*60 {
				t.Errorf("told %q, want about %d minutes", sentence, 90*60)
			}
		})
	}
}

// An account is slowed from the try on that -limit says, by as much, and is
// still not refused.
func TestTries_LimitOfAccount(t *testing.T) {
	const delay = 400 * time.Millisecond
	w := world.New(t, behindProxy, unhurried, limited(t, "sign-in-account=1,sign-in-account-every=1h,sign-in-account-slow=400ms,sign-in-account-slow-most=800ms"))
	for i, least := range []time.Duration{0, delay, 2 * delay, 2 * delay} {
		begun := time.Now()
		w.Equal(enters(w, fmt.Sprint("198.51.100.", i), "jan@people.example", wrongPassword), "BAD_CREDENTIALS")
		if took := time.Since(begun); took < least {
			t.Errorf("try %d took %v, want a delay of %v", i+1, took, least)
		}
	}
}

// They hold on a socket and for server-sent events as they do for a request.
func TestTries_LimitsOfStreams(t *testing.T) {
	w := world.New(t, unhurried, limited(t, "sign-in-pair=2"))
	stream, err := dial(w, w.Person("Eve")).Subscribe(t.Context(), `mutation {
		a: userSignIn(input: {email: "jan@people.example", password: "wrong"}) { userErrors { code } }
		b: userSignIn(input: {email: "jan@people.example", password: "wrong"}) { userErrors { code } }
		c: userSignIn(input: {email: "jan@people.example", password: "wrong"}) { userErrors { code } } }`, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Next(t.Context())
	if n := strings.Count(string(answer), "TOO_MANY_ATTEMPTS"); err != nil || n != 1 {
		t.Errorf("%s, %v", answer, err)
	}
	_, text := post(w, "", `mutation { userSignIn(input: {email: "jan@people.example", password: "wrong"}) { userErrors { code } } }`,
		"Accept", "text/event-stream")
	if !strings.Contains(text, "TOO_MANY_ATTEMPTS") {
		t.Error(text)
	}
}

// employs invites who has the address to a company.
func employs(c *world.Company, email string) world.Answer {
	return c.Owner.Mutate("employeeAdd", world.Vars{"companyId": c.ID, "email": email, "role": "INSTALLER"}, `employee { id }`)
}
