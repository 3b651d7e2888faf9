// Command sockets measures the WebSocket transport of a real server: what an
// idle socket with one subscription takes of memory, how fast sockets come, what
// the delivery of a change costs, whether readers that stall slow the others,
// whether sockets that come and go leave anything, and how soon all are closed
// when the server stops.
//
//	go run ./tests/bench/sockets -idle 10000 -watching 1000
//
// The server is a process of its own, so that memory and CPU are its alone.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	_ "time/tzdata"
)

// size says how much there is.
type size struct {
	idle     int // sockets in all, each with one subscription
	watching int // of them, those that watch the company in which things change
	changes  int
	stalled  int    // readers that do not read
	churn    int    // sockets that come and go
	profiles string // directory for profiles of the server; "" for none
}

func main() {
	log.SetFlags(0)
	var s size
	flag.IntVar(&s.idle, "idle", 10_000, "sockets with one subscription each")
	flag.IntVar(&s.watching, "watching", 1000, "of them, those that watch what changes")
	flag.IntVar(&s.changes, "changes", 20, "changes to deliver")
	flag.IntVar(&s.stalled, "stalled", 20, "readers that stop reading")
	flag.IntVar(&s.churn, "churn", 1000, "sockets that come and go")
	flag.StringVar(&s.profiles, "profiles", "", "directory to write the server's profiles to")
	part := flag.String("part", "", "run one part on the database at -db: fill or serve")
	path := flag.String("db", "", "the database of a part")
	flag.Parse()
	if err := manyFiles(); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	run := func() error { return measure(ctx, s) }
	switch *part {
	case "fill":
		run = func() error { return fill(ctx, *path, cast{companies: 20, people: 5}) }
	case "serve":
		run = func() error { return serve(ctx, *path) }
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// manyFiles lets the process have as many sockets as the system permits.
func manyFiles() error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("look how many files may be open: %w", err)
	}
	l.Cur = l.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("have %d files open: %w", l.Max, err)
	}
	return nil
}

// measure fills a database, starts a server on it, and takes one figure after
// the other.
func measure(ctx context.Context, s size) error {
	dir, err := os.MkdirTemp("", "bench-sockets")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "hub.db")
	fmt.Printf("%s, %d cores, load %s, %s\n\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), load(), runtime.Version())
	if err := child(ctx, "fill", path).Run(); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	server, err := start(ctx, path)
	if err != nil {
		return err
	}
	defer server.kill()
	b := &bench{size: s, server: server}
	if err := b.signIn(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{b.memory, b.delivery, b.stalling, b.comeAndGo, b.drain} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// load is that of the machine, over the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}
