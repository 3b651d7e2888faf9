// Package attack is a list of what somebody may send who wants to hurt the
// server, each with what has to come of it. Its test runs all of them against
// a real server, and tests/bench/attack measures what they cost one.
package attack

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Attack is one way to try it.
type Attack struct {
	Name    string // of the subtest, and in the table of docs/security.md
	Sends   string // what is sent
	Happens string // what comes of it
	Stops   string // the limit or the rule that sees to it; limits by their names

	// Heavy is what is known to take more than others, such as the hash of a
	// password: it is not held against the bound of CPU time.
	Heavy bool

	// Answer is how large the answers are that are asked for, in bytes: memory
	// may be as much more.
	Answer int64

	// Run attacks, and fails unless the answer is what it has to be.
	Run func(ctx context.Context, t *Target) error
}

// All are the attacks of the table, in its order.
func All() []Attack {
	var all []Attack
	for _, list := range [][]Attack{connections, requests, bodies, documents, values, streams} {
		all = append(all, list...)
	}
	return all
}

// Mark stands in what is sent wherever it can. No answer may repeat it.
const Mark = "Zq7secret"

// Target is the server, seen by somebody who is signed in at a dealer.
type Target struct {
	Addr            string // host and port
	Email, Password string
	Token           string
	CompanyID       string
	HubID           string

	// Wait is how long the server takes to give up reading headers or a body;
	// a client waits tenfold.
	Wait time.Duration

	client *http.Client
	mu     sync.Mutex
	heard  strings.Builder // all that was answered
}

// Aim signs in at a server, and finds what can be attacked.
func Aim(ctx context.Context, addr, email, password string, wait time.Duration) (*Target, error) {
	t := &Target{Addr: addr, Email: email, Password: password, Wait: wait, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	r := t.ask(ctx, `mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken } }`,
		vars{"input": vars{"email": email, "password": password}})
	t.Token, _ = r.at("userSignIn", "sessionToken").(string)
	r = t.ask(ctx, `{ viewer { employments(first: 1) { nodes { company { id hubs(first: 1) { nodes { id } } } } } } }`, nil)
	t.CompanyID, _ = r.at("viewer", "employments", "nodes", 0, "company", "id").(string)
	t.HubID, _ = r.at("viewer", "employments", "nodes", 0, "company", "hubs", "nodes", 0, "id").(string)
	if t.Token == "" || t.HubID == "" {
		return nil, fmt.Errorf("cannot sign in and find a hub: %+v", r)
	}
	return t, nil
}

// At is the same person at another server with the same database, without
// signing in again.
func (t *Target) At(addr string) *Target {
	return &Target{
		Addr: addr, Email: t.Email, Password: t.Password, Token: t.Token, CompanyID: t.CompanyID, HubID: t.HubID, Wait: t.Wait,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4}, CheckRedirect: t.client.CheckRedirect},
	}
}

// Close gives the connections back.
func (t *Target) Close() { t.client.CloseIdleConnections() }

// Alive fails unless the server answers as it did before, and has not said
// anything that it should not.
func (t *Target) Alive(ctx context.Context) error {
	r := t.ask(ctx, `query($id: ID!) { company(id: $id) { id } }`, vars{"id": t.CompanyID})
	if r.err != nil || r.at("company", "id") != t.CompanyID {
		return fmt.Errorf("the server does not answer as before: %+v", r)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	heard := t.heard.String()
	t.heard.Reset()
	if i := strings.Index(heard, Mark); i >= 0 {
		return fmt.Errorf("the server repeats what it was sent: …%s…", heard[max(0, i-200):min(len(heard), i+200)])
	}
	return nil
}

type vars = map[string]any

// reply is an answer.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

// request is what is sent by a well-behaved client, as far as HTTP goes. The
// zero value posts JSON.
type request struct {
	method, path, body string
	header             map[string]string
	nobody             bool // without the token
}

func (t *Target) send(ctx context.Context, q request) reply {
	method, path := q.method, q.path
	if method == "" {
		method = http.MethodPost
	}
	if path == "" {
		path = "/graphql"
	}
	r, err := http.NewRequestWithContext(ctx, method, "http://"+t.Addr+path, strings.NewReader(q.body))
	if err != nil {
		return reply{err: err}
	}
	if q.body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	r.Header.Set("Accept", "application/graphql-response+json")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	if !q.nobody && t.Token != "" {
		r.Header.Set("Authorization", "Bearer "+t.Token)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	answer, err := t.client.Do(r)
	if err != nil {
		return reply{err: err}
	}
	return t.read(answer)
}

func (t *Target) read(answer *http.Response) reply {
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 64<<20))
	t.hear(fmt.Sprint(answer.Header), string(body))
	return reply{answer.StatusCode, answer.Header, string(body), err}
}

func (t *Target) hear(parts ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range parts {
		t.heard.WriteString(p[:min(len(p), 1<<20)])
	}
}

// post sends an operation as it stands.
func (t *Target) post(ctx context.Context, body string) reply {
	return t.send(ctx, request{body: body})
}

// ask sends a document with variables.
func (t *Target) ask(ctx context.Context, document string, variables vars) reply {
	body, err := json.Marshal(vars{"query": document, "variables": variables})
	if err != nil {
		return reply{err: err}
	}
	return t.post(ctx, string(body))
}

// at is what stands in the answer's data.
func (r reply) at(path ...any) any {
	var answer struct{ Data any }
	if json.Unmarshal([]byte(r.body), &answer) != nil {
		return nil
	}
	at := answer.Data
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := at.(map[string]any)
			at = m[step]
		case int:
			l, _ := at.([]any)
			if step >= len(l) {
				return nil
			}
			at = l[step]
		}
	}
	return at
}

// codes are those of the answer's errors.
func (r reply) codes() []string {
	var answer struct {
		Errors []struct {
			Extensions struct{ Code string }
		}
	}
	if json.Unmarshal([]byte(r.body), &answer) != nil {
		return nil
	}
	var codes []string
	for _, e := range answer.Errors {
		codes = append(codes, e.Extensions.Code)
	}
	return codes
}

// is fails unless the answer has the status and, "" apart, the first error the
// code. Faults of the server are never right.
func (r reply) is(status int, code string) error {
	if r.err != nil {
		return r.err
	}
	first := ""
	for i, c := range r.codes() {
		if i == 0 {
			first = c
		}
		if c == "INTERNAL_SERVER_ERROR" {
			return fmt.Errorf("the server has failed: %d %.500s", r.status, r.body)
		}
	}
	if r.status != status || first != code {
		return fmt.Errorf("answered %d %s, want %d %s: %.500s", r.status, first, status, code, r.body)
	}
	return nil
}

// isOneOf fails unless the status is one of these.
func (r reply) isOneOf(statuses ...int) error {
	if r.err != nil {
		return r.err
	}
	for _, s := range statuses {
		if r.status == s {
			return nil
		}
	}
	return fmt.Errorf("answered %d, want %v: %.300s", r.status, statuses, r.body)
}

// raw opens a connection of which nothing is known to net/http.
func (t *Target) raw(ctx context.Context) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", t.Addr)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(10*t.Wait + 20*time.Second))
}

// tell sends bytes and returns the answer to them. A connection that is closed
// without one is the status 0.
func (t *Target) tell(ctx context.Context, text string) reply {
	conn, err := t.raw(ctx)
	if err != nil {
		return reply{err: err}
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil && !isClosed(err) {
		return reply{err: err}
	}
	return t.hearFrom(conn)
}

func (t *Target) hearFrom(conn net.Conn) reply {
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		if isClosed(err) {
			return reply{}
		}
		return reply{err: err}
	}
	return t.read(answer)
}

// isClosed reports that the server has closed the connection.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.Contains(err.Error(), "reset by peer") ||
		strings.Contains(err.Error(), "broken pipe")
}

// head is the beginning of a request with a body, and the token.
func (t *Target) head(more string) string {
	return "POST /graphql HTTP/1.1\r\nHost: " + t.Addr + "\r\nContent-Type: application/json\r\nAuthorization: Bearer " + t.Token + "\r\n" + more
}

// drip sends a byte at a time until the server has had enough, and returns its
// answer.
func (t *Target) drip(ctx context.Context, conn net.Conn, text func(i int) string) reply {
	go func() {
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := io.WriteString(conn, text(i)); err != nil {
				return
			}
			time.Sleep(t.Wait / 50)
		}
	}()
	return t.hearFrom(conn)
}

// together runs n of the same at once.
func together(n int, do func(i int) error) error {
	errs := make([]error, n)
	var group sync.WaitGroup
	for i := range n {
		group.Add(1)
		go func() {
			defer group.Done()
			errs[i] = do(i)
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err // the others say the same
		}
	}
	return nil
}

// get is the path of a GET with these parameters.
func get(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return "/graphql?" + v.Encode()
}
