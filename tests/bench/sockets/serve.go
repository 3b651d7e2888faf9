package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"partnerhub/internal/server"
)

// state is what the server's process takes.
type state struct {
	RSS        int64 // bytes, as the system counts them
	Heap       int64 // bytes of what lives, after a collection
	Stacks     int64 // bytes of goroutines' stacks
	Goroutines int
	CPU        time.Duration // since the start, user and system
}

// serve runs the server until SIGTERM. Its limits are the usual ones, but for
// the sockets of a person. It answers each line on its input: "stats" and
// "settled", after memory was given back, with its state, and any other, a
// path, with a profile of its heap there.
func serve(ctx context.Context, path string) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	c := server.DefaultConfig()
	c.Addr, c.DatabaseURL = "127.0.0.1:0", "sqlite://"+path
	c.MailURL = "dir://" + filepath.Dir(path)
	c.RateLimit, c.Limits.SocketsPerPerson = 0, 1_000_000
	return server.Run(ctx, c, server.Options{
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		OnReady: func(addr string) {
			fmt.Println(addr)
			go answer()
		},
	})
}

func answer() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		switch line := lines.Text(); line {
		case "settled":
			for range 3 { // stacks shrink by half each time
				runtime.GC()
			}
			debug.FreeOSMemory()
			fallthrough
		case "stats":
			text, err := json.Marshal(look())
			if err != nil {
				panic(err)
			}
			fmt.Println(string(text))
		default:
			fmt.Println(profile(line))
		}
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGTERM) // whoever measures is gone
}

// profile writes profiles of the heap and of the goroutines beside each other.
func profile(path string) error {
	var errs []error
	for _, name := range []string{"heap", "goroutine"} {
		f, err := os.Create(path + "." + name)
		if err != nil {
			return err
		}
		errs = append(errs, pprof.Lookup(name).WriteTo(f, 0), f.Close())
	}
	return errors.Join(errs...)
}

func look() state {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return state{
		RSS: resident(), Heap: int64(m.HeapAlloc), Stacks: int64(m.StackInuse), Goroutines: runtime.NumGoroutine(),
		CPU: time.Duration(u.Utime.Nano() + u.Stime.Nano()),
	}
}

// resident is the memory that the process has, 0 where the system does not say.
func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// process is the server's.
type process struct {
	cmd  *exec.Cmd
	in   io.Writer
	out  *bufio.Scanner
	addr string
	path string // of the database
}

// child is this program, for one part.
func child(ctx context.Context, part, path string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], "-part", part, "-db", path)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// start starts a server and waits until it answers.
func start(ctx context.Context, path string) (*process, error) {
	p := &process{cmd: child(ctx, "serve", path), path: path}
	p.cmd.Stdout = nil
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.out = bufio.NewScanner(out)
	if !p.out.Scan() {
		return nil, errors.New("the server did not start")
	}
	p.addr = p.out.Text()
	return p, nil
}

// ask has the server answer a line.
func (p *process) ask(line string) (string, error) {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return "", err
	}
	if !p.out.Scan() {
		return "", errors.New("the server is gone")
	}
	return p.out.Text(), nil
}

// state asks what the server takes; word is "stats" or "settled".
func (p *process) state(word string) (s state, err error) {
	text, err := p.ask(word)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

// stop asks the server to stop, waits until it has, and returns how long that
// took.
func (p *process) stop() (time.Duration, error) {
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, err
	}
	err := p.cmd.Wait()
	return time.Since(began), err
}

func (p *process) kill() { _ = p.cmd.Process.Kill() }
