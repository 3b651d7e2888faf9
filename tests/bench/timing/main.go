// Command timing measures whether the time of an answer tells if an address has
// an account: it asks a server, in a process of its own, in turns for addresses
// with an account and without, and compares the times.
//
//	go run ./tests/bench/timing -accounts 60
//
// It prints the quartiles of both, and how often an answer for a known address
// takes longer than one for an unknown: 50 % tells nothing. z is the value of
// the rank test; beyond ±3 the difference is no accident.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"partnerhub/internal/server"
)

func main() {
	log.SetFlags(0)
	accounts := flag.Int("accounts", 60, "accounts that are known")
	serves := flag.String("serve", "", "serve on the database in this directory, for the measuring process")
	flag.Parse()
	if err := run(*accounts, *serves); err != nil {
		log.Fatal(err)
	}
}

func run(accounts int, serves string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if serves != "" {
		return serve(ctx, serves)
	}
	return measure(ctx, accounts)
}

// serve runs a server that tells its address on its output.
func serve(ctx context.Context, dir string) error {
	c := server.DefaultConfig()
	c.Addr, c.RateLimit = "127.0.0.1:0", 0
	c.DatabaseURL, c.MailURL = "sqlite://"+filepath.Join(dir, "hub.db"), "dir://"+filepath.Join(dir, "mails")
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	return server.Run(ctx, c, server.Options{
		Log:     slog.New(slog.NewTextHandler(io.Discard, nil)),
		OnReady: func(addr string) { fmt.Println("http://" + addr) },
	})
}

// measure asks in turns, each time from another network.
func measure(ctx context.Context, accounts int) error {
	dir, err := os.MkdirTemp("", "bench-timing")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	child := exec.CommandContext(ctx, os.Args[0], "-serve", dir)
	child.Cancel = func() error { return child.Process.Signal(os.Interrupt) }
	out, err := child.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	defer func() { _ = child.Process.Signal(os.Interrupt); _ = child.Wait() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the server did not start: %w", err)
	}
	a := asker{url: strings.TrimSpace(line)}
	for i := range accounts {
		if _, err := a.ask(ctx, signUp, address("known", i, 0)); err != nil {
			return err
		}
	}
	fmt.Printf("%-10s %30s %30s %8s %6s\n", "", "known: quartiles in ms", "unknown: quartiles in ms", "slower", "z")
	for _, o := range operations {
		known, unknown, err := a.compare(ctx, o, accounts)
		if err != nil {
			return err
		}
		slower, z := ranks(known, unknown)
		fmt.Printf("%-10s %30s %30s %7.1f%% %6.2f\n", o.name, quartiles(known), quartiles(unknown), 100*slower, z)
	}
	return nil
}

// operation is something that is asked for an address by everybody.
type operation struct {
	name     string
	document string
	rounds   int // for one address: below where it would be throttled
}

const signUp = `mutation($e: EmailAddress!) { userSignUp(input: {email: $e, password: "correct horse battery", name: "Jan"}) { userErrors { code } } }`

var operations = []operation{
	{"sign-in", `mutation($e: EmailAddress!) { userSignIn(input: {email: $e, password: "wrong horse battery"}) { userErrors { code } } }`, 5},
	{"sign-up", signUp, 1},
	{"resending", `mutation($e: EmailAddress!) { userEmailVerificationResend(input: {email: $e}) { userErrors { code } } }`, 2},
	{"reset", `mutation($e: EmailAddress!) { userPasswordResetRequest(input: {email: $e}) { userErrors { code } } }`, 2},
}

func address(kind string, i, round int) string {
	return fmt.Sprintf("%s-%d-%d@people.example", kind, i, round)
}

type asker struct {
	url   string
	asked int
}

// compare asks for each address in turn, in a random order of the two kinds.
func (a *asker) compare(ctx context.Context, o operation, accounts int) (known, unknown []time.Duration, err error) {
	for round := range o.rounds {
		for i := range accounts {
			emails := []string{address("known", i, 0), address("unknown-"+o.name, i, round)}
			first := rand.IntN(2)
			for _, which := range []int{first, 1 - first} {
				took, err := a.ask(ctx, o.document, emails[which])
				if err != nil {
					return nil, nil, err
				}
				if which == 0 {
					known = append(known, took)
				} else {
					unknown = append(unknown, took)
				}
			}
		}
	}
	return known, unknown, nil
}

// ask returns how long an answer took.
func (a *asker) ask(ctx context.Context, document, email string) (time.Duration, error) {
	body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]string{"e": email}})
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	a.asked++
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", a.asked>>8&255, a.asked&255))
	begun := time.Now()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(answer.Body)
	took := time.Since(begun)
	_ = answer.Body.Close()
	if err == nil && (answer.StatusCode != http.StatusOK || bytes.Contains(text, []byte("TOO_MANY")) || !bytes.Contains(text, []byte("userErrors"))) {
		err = fmt.Errorf("%s: %s", answer.Status, text)
	}
	return took, err
}

func quartiles(all []time.Duration) string {
	all = slices.Sorted(slices.Values(all))
	at := func(share float64) float64 {
		return float64(all[int(share*float64(len(all)-1))].Microseconds()) / 1000
	}
	return fmt.Sprintf("%.2f  %.2f  %.2f", at(0.25), at(0.5), at(0.75))
}

// ranks returns how often one of a is larger than one of b, and the z of the
// rank test of Mann and Whitney.
func ranks(a, b []time.Duration) (share, z float64) {
	larger := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				larger++
			case x == y:
				larger += 0.5
			}
		}
	}
	n, m := float64(len(a)), float64(len(b))
	return larger / (n * m), (larger - n*m/2) / math.Sqrt(n*m*(n+m+1)/12)
}
