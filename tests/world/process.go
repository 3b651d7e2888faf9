package world

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"partnerhub/internal/server"
)

// Process is the server of a world as a process of its own, which can be killed
// at any moment.
type Process struct {
	w       *World
	binary  string
	command *exec.Cmd
	ended   chan struct{} // closed once it is dead
	said    output        // by the log of all starts
}

// output is what a process writes, to be read beside it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the output.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// AtOnePlace has the server listen at an address that a process can have again
// as soon as one before it is dead: no outgoing connection is given such a port.
func AtOnePlace(t testing.TB) func(*server.Config) {
	t.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", addr)
		if err == nil {
			_ = l.Close()
			return func(c *server.Config) { c.Addr = addr }
		}
	}
	t.Fatal("no port is free")
	return nil
}

// Process ends the server within the test and starts the built binary on the
// same database, at the same address, which [AtOnePlace] chose. Of the
// configuration it gets addresses and clock.
func (w *World) Process(binary string) *Process {
	w.Helper()
	if err := w.stop(); err != nil {
		w.Fatalf("the server did not stop cleanly: %v", err)
	}
	p := &Process{w: w, binary: binary}
	p.Start()
	return p
}

// Start starts the process again, and waits until it serves.
func (p *Process) Start() {
	p.w.Helper()
	c := p.w.config
	p.command = exec.CommandContext(context.Background(), p.binary, "-addr", c.Addr, "-database-url", c.DatabaseURL, "-mail-url", c.MailURL,
		"-operator-email", c.OperatorEmail, "-test-clock", c.TestClock.Format(time.RFC3339Nano))
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "HUB_") {
			p.command.Env = append(p.command.Env, v)
		}
	}
	p.command.Stderr = &p.said
	if err := p.command.Start(); err != nil {
		p.w.Fatalf("start the server: %v", err)
	}
	ended := make(chan struct{})
	p.ended = ended
	go func(c *exec.Cmd) { defer close(ended); _ = c.Wait() }(p.command)
	p.w.stop = sync.OnceValue(p.terminate)
	p.w.Within(time.Minute, "the process serves", func() bool {
		select {
		case <-ended:
			p.w.Fatalf("the server ended: %s", p.said.String())
		default:
		}
		return answers("http://" + c.Addr + "/readyz")
	})
}

// answers reports whether a URL is answered with 200.
func answers(url string) bool {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	a, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = a.Body.Close()
	return a.StatusCode == http.StatusOK
}

// Kill ends the process as a power cut does, and returns when it is dead.
func (p *Process) Kill() {
	p.w.Helper()
	p.w.stop = func() error { return nil }
	p.end(syscall.SIGKILL)
}

// terminate ends the process in good order.
func (p *Process) terminate() error {
	p.end(syscall.SIGTERM)
	if !p.command.ProcessState.Success() {
		return fmt.Errorf("%s: %s", p.command.ProcessState, p.said.String())
	}
	return nil
}

func (p *Process) end(s syscall.Signal) {
	_ = p.command.Process.Signal(s)
	<-p.ended
	p.w.Anyone.CloseIdleConnections()
}
