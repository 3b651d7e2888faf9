// Command attack measures what each attack of tests/attack costs a server with
// the demo cast: the processor time that its process takes, and how far its
// memory grows beyond what it sends.
//
//	go run ./tests/bench/attack [-only slow-body] [-doc docs/security.md]
//
// The server is a process of its own, built without the race detector; the
// figures are the system's, from /proc. Time is over for all requests of an
// attack together, which are often hundreds.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"partnerhub/tests/attack"
)

// Bounds of an attack, unless it is known as a heavy one.
const (
	mostCPU    = 250 * time.Millisecond
	mostMemory = 16 << 20
)

// wait is how long the server waits for headers, bodies and first messages.
const wait = time.Second

func main() {
	log.SetFlags(0)
	only := flag.String("only", "", "the attacks to measure, with commas between; all when empty")
	doc := flag.String("doc", "", "file to write the table into")
	flag.Parse()
	if err := run(context.Background(), *only, *doc); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, only, doc string) error {
	dir, err := os.MkdirTemp("", "bench-attack")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "partnerhub")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Stdout, build.Stderr = os.Stdout, os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the server: %w", err)
	}
	played := filepath.Join(dir, "played")
	target, err := play(ctx, binary, played)
	if err != nil {
		return err
	}
	var table strings.Builder
	fmt.Fprintf(&table, "%s, %d cores, %s\n\n", time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	table.WriteString("| Attack | What is sent | What happens | What stops it | CPU ms | Memory KB |\n|---|---|---|---|---|---|\n")
	failed := 0
	for _, a := range attack.All() {
		if only != "" && !slices.Contains(strings.Split(only, ","), a.Name) {
			continue
		}
		cost, err := measure(ctx, binary, played, filepath.Join(dir, a.Name), target, a)
		if err != nil {
			failed++
			fmt.Printf("%s: %v\n", a.Name, err)
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", a.Name, a.Sends, a.Happens, a.Stops, cost)
		table.WriteString(row)
		fmt.Print(row)
	}
	if doc != "" {
		if err := write(doc, table.String()); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d attacks failed or cost too much", failed)
	}
	return nil
}

// cost is what an attack took.
type cost struct {
	cpu    time.Duration
	memory int64 // bytes that the process grew by, at most
	heavy  bool
}

func (c cost) String() string {
	mark := ""
	if c.heavy {
		mark = " *"
	}
	return fmt.Sprintf("%d%s | %d", c.cpu.Milliseconds(), mark, c.memory>>10)
}

// play makes a database with the demo cast, and signs in. The servers that are
// attacked start from it, since one that has just hashed passwords has memory to
// spare, in which an attack would not show.
func play(ctx context.Context, binary, dir string) (*attack.Target, error) {
	p, err := start(ctx, binary, dir, "-demo")
	if err != nil {
		return nil, err
	}
	defer p.stop()
	target, err := attack.Aim(ctx, p.addr, "olga@nightwatch.example", "demo-partner-hub", wait)
	if err != nil {
		return nil, err
	}
	target.Close()
	return target, nil
}

// measure runs the attack against a fresh server.
func measure(ctx context.Context, binary, played, dir string, someone *attack.Target, a attack.Attack) (cost, error) {
	c := cost{heavy: a.Heavy}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	if err := os.CopyFS(dir, os.DirFS(played)); err != nil {
		return c, err
	}
	p, err := start(ctx, binary, dir)
	if err != nil {
		return c, err
	}
	defer p.stop()
	target := someone.At(p.addr)
	defer target.Close()
	for range 20 { // warm up
		if err := target.Alive(ctx); err != nil {
			return c, err
		}
	}
	if err := p.resetPeak(); err != nil {
		return c, err
	}
	before, err := p.state()
	if err != nil {
		return c, err
	}
	failure := a.Run(ctx, target)
	after, err := p.state()
	if err != nil {
		return c, err
	}
	c.cpu, c.memory = after.cpu-before.cpu, max(0, after.peak-before.resident)
	if failure != nil {
		return c, failure
	}
	if err := target.Alive(ctx); err != nil {
		return c, err
	}
	if !a.Heavy && (c.cpu > mostCPU || c.memory > mostMemory+a.Answer) {
		return c, fmt.Errorf("%v and %d KB are too much", c.cpu, c.memory>>10)
	}
	return c, nil
}

// process is the server's.
type process struct {
	cmd  *exec.Cmd
	addr string
	said bytes.Buffer
}

// start serves the database in a directory at a free port.
func start(ctx context.Context, binary, dir string, more ...string) (*process, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &process{addr: l.Addr().String()}
	_ = l.Close()
	p.cmd = exec.CommandContext(ctx, binary, append(more, "-addr", p.addr, "-database-url", "sqlite://"+filepath.Join(dir, "hub.db"),
		"-mail-url", "dir://"+filepath.Join(dir, "mails"), "-rate-limit", "0",
		"-limit", fmt.Sprintf("header-time=%s,body-time=%s,socket-init-time=%s", wait, wait, wait))...)
	p.cmd.Stdout, p.cmd.Stderr = io.Discard, &p.said
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+"/readyz", http.NoBody)
		if err != nil {
			return nil, err
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		if time.Now().After(end) {
			p.stop()
			return nil, fmt.Errorf("the server did not start: %s", p.said.String())
		}
	}
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// state is what a process has taken.
type state struct {
	cpu            time.Duration
	resident, peak int64 // bytes
}

func (p *process) file(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}

// resetPeak has the system forget the most memory that the process had so far.
func (p *process) resetPeak() error { return os.WriteFile(p.file("clear_refs"), []byte("5"), 0) }

func (p *process) state() (s state, err error) {
	stat, err := os.ReadFile(p.file("stat"))
	if err != nil {
		return s, err
	}
	// Behind the name in brackets; user and system time are the 14th and 15th
	// field of all, in hundredths of a second.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return s, err
	}
	s.cpu = time.Duration(user+system) * 10 * time.Millisecond
	status, err := os.ReadFile(p.file("status"))
	if err != nil {
		return s, err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		var kb int64
		switch name {
		case "VmHWM", "VmRSS":
			if _, err := fmt.Sscan(value, &kb); err != nil {
				return s, err
			}
		}
		switch name {
		case "VmHWM":
			s.peak = kb << 10
		case "VmRSS":
			s.resident = kb << 10
		}
	}
	return s, nil
}

// write puts the table between its marks in a document.
func write(path, table string) error {
	const begin, end = "<!-- attacks -->\n", "<!-- /attacks -->"
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s has no place for the table", path)
	}
	return os.WriteFile(path, []byte(head+begin+"\n"+table+"\n"+end+tail), 0o644)
}
