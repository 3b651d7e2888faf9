package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"partnerhub/internal/server"
)

// served is a bench of a server in this process.
type served struct {
	bench
	stop func()
}

// serving runs the server in this process until the test ends, and returns a
// bench of it. Nothing of either is left afterwards.
func serving(t *testing.T) *served {
	t.Helper()
	leftBefore := goleak.IgnoreCurrent()
	ctx, stop := context.WithCancel(context.Background())
	path := filepath.Join(t.TempDir(), "hub.db")
	if err := fill(ctx, path, cast{companies: 2, people: 2}); err != nil {
		t.Fatal(err)
	}
	c := server.DefaultConfig()
	c.Addr, c.DatabaseURL, c.MailURL = "127.0.0.1:0", "sqlite://"+path, "dir://"+t.TempDir()
	c.Limits.SocketsPerPerson = 1000
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, c, server.Options{Log: slog.New(slog.DiscardHandler), OnReady: func(addr string) { ready <- addr }})
	}()
	b := &served{bench: bench{server: &process{path: path}}, stop: stop}
	select {
	case b.server.addr = <-ready:
	case err := <-ended:
		t.Fatalf("the server did not start: %v", err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
		goleak.VerifyNone(t, leftBefore)
	})
	text, err := os.ReadFile(rosterOf(path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b.roster); err != nil {
		t.Fatal(err)
	}
	return b
}

// Sockets come and go, in any way they can, and nothing is left: neither while
// the server runs nor after it.
func TestSockets_ComeAndGo(t *testing.T) {
	b := serving(t)
	once, err := b.crowd(10, 0)
	if err != nil {
		t.Fatal(err)
	}
	leave(once)
	running := goleak.IgnoreCurrent() // the server's own, its connections to the database among them
	for range 3 {
		clients, err := b.crowd(60, 20)
		if err != nil {
			t.Fatal(err)
		}
		leave(clients[:30])
		for _, c := range clients[30:] { // without a word
			_ = c.conn.Close()
			<-c.closed
		}
	}
	// The database and the timers of the server may start what they need.
	if err := goleak.Find(running, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener")); err != nil {
		t.Error(err)
	}
}

// All sockets are closed with 1012 when the server stops.
func TestSockets_Drain(t *testing.T) {
	b := serving(t)
	clients, err := b.crowd(50, 25)
	if err != nil {
		t.Fatal(err)
	}
	b.stop()
	for i, c := range clients {
		if <-c.closed; c.code != 1012 {
			t.Errorf("socket %d was closed with %d", i, c.code)
		}
	}
}

// A session that expires closes its sockets with 4403 within a second, also
// where nothing happens; those of others stay.
func TestSockets_Expiry(t *testing.T) {
	b := serving(t)
	pool, err := sql.Open("sqlite3", "file:"+b.server.path+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	watch := func(token string) (*client, error) {
		c, err := connect(b.server.addr, token)
		if err == nil {
			err = c.subscribe(b.roster[0].ID)
		}
		return c, err
	}
	var dying *client
	var ends time.Time
	for life := time.Second; ; life *= 2 { // until it is long enough to connect
		ends = time.Now().Add(life).UTC().Truncate(time.Microsecond)
		if _, err := pool.ExecContext(t.Context(), "UPDATE sessions SET expires_at = ? WHERE id = (SELECT min(id) FROM sessions)", ends); err != nil {
			t.Fatal(err)
		}
		if dying, err = watch(b.roster[0].Tokens[0]); err == nil {
			break
		}
		if life > patience {
			t.Fatal(err)
		}
	}
	staying, err := watch(b.roster[0].Tokens[1])
	if err != nil {
		t.Fatal(err)
	}
	go dying.follow()
	go staying.follow()
	<-dying.closed
	if late := time.Since(ends); dying.code != 4403 || late < 0 || late > 10*time.Second {
		t.Errorf("closed with %d, %s after the end", dying.code, late)
	}
	select {
	case <-staying.closed:
		t.Errorf("another session was closed with %d", staying.code)
	default:
	}
	leave([]*client{staying})
}
