// Package world lets a test speak of dealers, resellers and hubs: each world is
// a real server of its own, on a real database, spoken to through the public
// API alone.
//
//	w := world.New(t)
//	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
//	w.Package("AJAX_SIM")
//	dealer.Connects(reseller)
//	villa := dealer.Hub("Villa 7")
//	w.OK(dealer.Owner.Mutate("serviceActivate", world.Vars{"hubId": villa.ID}, `hub { tile { kind } }`))
package world

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"partnerhub/internal/client"
	"partnerhub/internal/server"
	"partnerhub/internal/verify"
	"partnerhub/tests/database"
)

// Start is where the test clock of a world stands at first.
var Start = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// OperatorEmail is the address of the platform operator.
const OperatorEmail = "operator@platform.example"

// Vars are the variables of a document, or the fields of an input.
type Vars = map[string]any

// World is a running server with the people who use it.
type World struct {
	testing.TB
	URL    string         // of the server
	Anyone *client.Client // not signed in

	config     server.Config
	mails      string // directory of the .eml files
	stop       func() error
	operator   *Person
	resellers  []*Company // whose forecasts are compared with what is booked
	mu         sync.Mutex
	statements []string // SQL since the last call of Statements
	people     int
}

// New starts a server with an empty database, a test clock at [Start], mails
// that can be read, and patience. change sets whatever else the test needs.
// Tests on worlds of their own run side by side.
func New(t testing.TB, change ...func(*server.Config)) *World {
	t.Helper()
	sideBySide(t)
	dir := t.TempDir()
	w := &World{TB: t, mails: filepath.Join(dir, "mails"), config: server.DefaultConfig()}
	clock := Start
	w.config.Addr = "127.0.0.1:0"
	w.config.DatabaseURL = database.URL(t)
	w.config.MailURL = "dir://" + w.mails
	w.config.OperatorEmail = OperatorEmail
	w.config.TestClock = &clock
	w.config.RateLimit = 0 // a test asks in a second what people ask in an hour; those of the rate set it
	// Tests run side by side, and on machines with other things to do.
	l := &w.config.Limits
	l.HeaderTime, l.BodyTime, l.OperationTime, l.SocketInitTime, l.SocketWriteTime = patience, patience, patience, patience, patience
	for _, c := range change {
		c(&w.config)
	}
	w.start()
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
		w.verify(t)
	})
	return w
}

// verify looks whether the test has left a database in which every invariant
// holds.
func (w *World) verify(t testing.TB) {
	t.Helper()
	report, err := verify.Database(context.Background(), w.config.DatabaseURL, verify.Options{})
	if err != nil {
		t.Errorf("the database cannot be verified: %v", err)
	}
	for _, line := range report.Broken() {
		t.Error(line)
	}
}

// parallel are the tests that run side by side already: a test may have
// several worlds, and may say so only once.
var parallel sync.Map

func sideBySide(t testing.TB) {
	if _, again := parallel.LoadOrStore(t, true); again {
		return
	}
	if t, ok := t.(*testing.T); ok {
		t.Parallel()
	}
}

// InZone has months begin in a time zone.
func InZone(t testing.TB, name string) func(*server.Config) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *server.Config) { c.BillingTimeZone, c.BillingTimeZoneSet = zone, true }
}

func (w *World) start() {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, w.config, server.Options{
			Log:         slog.New(slog.NewTextHandler(logWriter{w.TB}, &slog.HandlerOptions{Level: slog.LevelWarn})),
			OnReady:     func(addr string) { ready <- addr },
			OnStatement: w.hear,
		})
	}()
	select {
	case addr := <-ready:
		w.config.Addr = addr // a restart is found at the same place
		w.URL = "http://" + addr
	case err := <-ended:
		cancel()
		w.Fatalf("the server did not start: %v", err)
	}
	if w.Anyone == nil {
		w.Anyone = client.New(w.URL) // and every person's: a restart knows all idle connections
	}
	w.stop = sync.OnceValue(func() error {
		w.Anyone.CloseIdleConnections()
		cancel()
		return <-ended
	})
}

// Beside starts another server on the same database, which has the same people:
// [Person.At] asks it. change sets what is otherwise there.
func (w *World) Beside(change ...func(*server.Config)) *World {
	w.Helper()
	other := &World{TB: w.TB, mails: w.mails, config: w.config}
	other.config.Addr = "127.0.0.1:0"
	for _, c := range change {
		c(&other.config)
	}
	other.start()
	w.Cleanup(func() {
		if err := other.stop(); err != nil {
			w.Errorf("the other server did not stop cleanly: %v", err)
		}
	})
	return other
}

// Restart stops the server and starts it again on the same database. change
// sets what is otherwise the second time.
func (w *World) Restart(change ...func(*server.Config)) {
	w.Helper()
	if err := w.stop(); err != nil {
		w.Fatalf("the server did not stop cleanly: %v", err)
	}
	for _, c := range change {
		c(&w.config)
	}
	w.start()
}

// Statements returns the SQL statements that the server runs during do, which
// only reads. The server's jobs run beside it, so they are those of the quietest
// of some tries.
func (w *World) Statements(do func()) []string {
	var least []string
	for try := range 5 {
		w.mu.Lock()
		w.statements = nil
		w.mu.Unlock()
		do()
		w.mu.Lock()
		if heard := w.statements; try == 0 || len(heard) < len(least) {
			least = heard
		}
		w.mu.Unlock()
	}
	return least
}

func (w *World) hear(_ context.Context, query string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements = append(w.statements, query)
}

// Within waits until holds is true, at most so long.
func (w *World) Within(d time.Duration, what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(d); !holds(); {
		if time.Now().After(end) {
			w.Fatalf("not within %s: %s", d, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// Equal fails the test unless both are equal.
func (w *World) Equal(got, want any) {
	w.Helper()
	if got != want {
		w.Errorf("got %v, want %v", got, want)
	}
}

// logWriter puts what the server logs into the test's output.
type logWriter struct{ t testing.TB }

func (l logWriter) Write(p []byte) (int, error) {
	defer func() { _ = recover() }() // a line after the end of the test is nobody's
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// Lavish lets requests cost what they like: for tests that ask for everything
// at once, and often.
func Lavish(c *server.Config) { c.Limits.Cost, c.RateLimit = 10_000_000, 0 }
