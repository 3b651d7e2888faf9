package scenario_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/internal/client"
	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// budget is small enough to be spent, and slow enough to stay so: half a point
// a second.
const budget = 30

func withBudget(points int) func(*server.Config) {
	return func(c *server.Config) { c.RateLimit = points }
}

// token starts another session of a person, and returns its secret.
func token(w *world.World, p *world.Person) string {
	w.Helper()
	return w.OK(signIn(w, p.Email, world.Password)).Text("sessionToken")
}

// post asks over HTTP, and returns the whole answer.
func post(w *world.World, token, document string, header ...string) (*http.Response, string) {
	w.Helper()
	body, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		w.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, w.URL+"/graphql", strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	r.Close = true // a restarted server knows no old connections
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer, string(text)
}

const cheap = `{ viewer { id } }` // a point

// spendAll asks until the budget is spent, and returns how often it could.
func spendAll(w *world.World, token string, header ...string) (asked int) {
	w.Helper()
	for range 100 {
		if answer, _ := post(w, token, cheap, header...); answer.StatusCode == http.StatusTooManyRequests {
			return asked
		}
		asked++
	}
	w.Fatalf("asked %d times for %d points", asked, budget)
	return 0
}

// refused asks until that is refused, which takes a few tries where a point has
// come in just now.
func refused(w *world.World, token, document string, header ...string) (*http.Response, string) {
	w.Helper()
	for range 5 {
		if answer, text := post(w, token, document, header...); answer.StatusCode == http.StatusTooManyRequests {
			return answer, text
		}
	}
	w.Fatalf("%s %v is served", document, header)
	return nil, ""
}

func number(w *world.World, answer *http.Response, header string) int {
	w.Helper()
	n, err := strconv.Atoi(answer.Header.Get(header))
	if err != nil {
		w.Errorf("%s: %q", header, answer.Header.Get(header))
	}
	return n
}

// Each answer tells how the caller stands: in headers, and to whoever asks for
// `rateLimit`, signed in or not. Where nothing is counted, nothing is told.
func TestRateLimit(t *testing.T) {
	w := world.New(t, withBudget(server.DefaultConfig().RateLimit))
	jan := w.Person("Jan")
	secret := token(w, jan)
	const ask = `{ viewer { id } rateLimit { limit cost remaining resetAt } }`
	before := time.Now()
	a := w.OK(jan.Query(ask))
	w.Equal(a.Int("rateLimit.limit"), 50000)
	if cost := a.Int("rateLimit.cost"); cost < 1 || cost > 3 {
		t.Errorf("costs %d points", cost)
	}
	if left := a.Int("rateLimit.remaining"); left < 49900 || left >= 50000 {
		t.Errorf("%d points are left", left)
	}
	if full, err := time.Parse(time.RFC3339, a.Text("rateLimit.resetAt")); err != nil || full.Before(before.Add(-time.Second)) || full.After(time.Now().Add(time.Minute)) {
		t.Errorf("the bucket is full at %v, %v", full, err)
	}
	w.Equal(w.OK(w.Query(ask)).Int("rateLimit.limit"), 50000)
	answer, _ := post(w, secret, cheap)
	w.Equal(number(w, answer, "RateLimit-Limit"), 50000)
	if left := number(w, answer, "RateLimit-Remaining"); left < 49900 || left >= 50000 {
		t.Errorf("%d points are left", left)
	}
	if reset := number(w, answer, "RateLimit-Reset"); reset < 0 || reset > 60 {
		t.Errorf("full again in %d s", reset)
	}

	w.Restart(withBudget(0))
	w.Equal(w.OK(jan.Query(ask)).Get("rateLimit"), nil)
	answer, _ = post(w, secret, cheap)
	w.Equal(answer.Header.Get("RateLimit-Limit"), "")
}

// Who has spent the budget gets 429 and is told when to come again, whatever he
// asks and in whichever session; his sockets get an error and stay. Others, and
// he himself a while later, are served.
func TestRateLimit_Spent(t *testing.T) {
	w := world.New(t)
	jan, eve := w.Person("Jan"), w.Person("Eve")
	desk, phone := token(w, jan), token(w, jan)
	w.Restart(withBudget(budget))
	socket := dial(w, jan)
	if n := spendAll(w, desk); n < budget/2 || n > budget+20 {
		t.Errorf("could ask %d times for %d points", n, budget)
	}
	for _, c := range []struct{ document, accept string }{
		{cheap, "application/json"},
		{cheap, "application/graphql-response+json"},
		{`mutation { userUpdate(input: {name: "J"}) { user { id } } }`, "application/json"},
	} {
		answer, text := refused(w, phone, c.document, "Accept", c.accept)
		w.Equal(number(w, answer, "RateLimit-Remaining"), 0)
		var body struct {
			Data   any
			Errors []struct {
				Message    string
				Extensions struct {
					Code, RequestID string
					RetryAfter      int
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil || body.Data != nil || len(body.Errors) != 1 {
			t.Fatalf("%s: %v", text, err)
		}
		e := body.Errors[0]
		wait := number(w, answer, "Retry-After")
		if e.Extensions.Code != "RATE_LIMITED" || e.Extensions.RetryAfter != wait || wait < 1 || wait > 60 || e.Extensions.RequestID == "" {
			t.Errorf("%s, Retry-After %d", text, wait)
		}
	}
	answer, text := post(w, phone, `{ rateLimit { cost remaining } }`) // costs nothing
	if answer.StatusCode != http.StatusOK || !strings.HasPrefix(text, `{"data":{"rateLimit":{"cost":0,"remaining":`) {
		t.Error(text)
	}
	_, text = refused(w, phone, cheap, "Accept-Language", "pl")
	if !strings.Contains(text, "Zbyt wiele żądań. Spróbuj ponownie za ") {
		t.Error(text)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	limited := func() bool {
		stream, err := socket.Subscribe(ctx, cheap, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Next(ctx)
		refusal, _ := err.(*client.Errors)
		return refusal != nil && refusal.Code() == "RATE_LIMITED" && refusal.RetryAfter() >= time.Second
	}
	w.Within(10*time.Second, "an operation of the socket is refused", limited)
	w.OK(eve.Query(cheap))
	w.OK(w.Query(cheap))
	w.Within(30*time.Second, "the socket serves again", func() bool { return !limited() })
}

// Of many at the same moment no more are served than the budget has points for.
func TestRateLimit_AtTheSameMoment(t *testing.T) {
	w := world.New(t)
	secret := token(w, w.Person("Jan"))
	w.Restart(withBudget(budget))
	var served atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	for range 20 {
		all.Go(func() {
			for range 4 {
				if answer, _ := post(w, secret, cheap); answer.StatusCode == http.StatusOK {
					served.Add(1)
				}
			}
		})
	}
	all.Wait()
	most := budget + int64(time.Since(begun).Seconds()/2) + 1
	if n := served.Load(); n < budget || n > most {
		t.Errorf("%d were served, of %d to %d", n, budget, most)
	}
}

// Who is not signed in is counted by address: behind a trusted proxy by the one
// that the proxy tells of, and never by what the client itself has written.
func TestRateLimit_SignedOut(t *testing.T) {
	w := world.New(t)
	w.Restart(withBudget(budget), func(c *server.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	})
	const from = "X-Forwarded-For"
	spendAll(w, "", from, "192.0.2.7")
	refused(w, "", cheap, from, "192.0.2.7")
	refused(w, "", cheap, from, "198.51.100.1, 192.0.2.7") // the first was made up
	for _, other := range []string{"192.0.2.8", "2001:db8:1:2::1"} {
		if answer, text := post(w, "", cheap, from, other); answer.StatusCode != http.StatusOK {
			t.Errorf("from %s: %d %s", other, answer.StatusCode, text)
		}
	}
	spendAll(w, "", from, "2001:db8:1:2::1")
	refused(w, "", cheap, from, "2001:db8:1:2:ffff::9") // another address of the same customer

	w.Restart(func(c *server.Config) { c.TrustedProxies = nil })
	spendAll(w, "", from, "192.0.2.7")
	refused(w, "", cheap, from, "192.0.2.99")
}

// A document that is refused costs a point too.
func TestRateLimit_Refused(t *testing.T) {
	w := world.New(t)
	secret := token(w, w.Person("Jan"))
	w.Restart(withBudget(budget))
	for range budget {
		post(w, secret, `{ nothing }`)
	}
	refused(w, secret, cheap)
}

// To ask for the budget is free, but not with a large document around it; and
// what is large is not even read for somebody who has nothing left.
func TestRateLimit_LargeDocuments(t *testing.T) {
	w := world.New(t)
	secret := token(w, w.Person("Jan"))
	w.Restart(withBudget(budget))
	for range 2 * budget {
		if answer, text := post(w, secret, `{ rateLimit { remaining } }`); answer.StatusCode != http.StatusOK || number(w, answer, "RateLimit-Remaining") != budget {
			t.Fatal(answer.Status, text)
		}
	}
	large := `{ rateLimit { remaining } } #` + strings.Repeat("x", 1000)
	if answer, text := post(w, secret, large); answer.StatusCode != http.StatusOK || number(w, answer, "RateLimit-Remaining") != budget-1 {
		t.Error(answer.Status, answer.Header, text)
	}
	spendAll(w, secret)
	refused(w, secret, large)
	_, text := refused(w, secret, `{ nothing } #`+strings.Repeat("x", 1000))
	if !strings.Contains(text, "retryAfter") {
		t.Error(text)
	}
	if answer, text := post(w, secret, `{ rateLimit { remaining } }`); answer.StatusCode != http.StatusOK {
		t.Error(answer.Status, text)
	}
}
