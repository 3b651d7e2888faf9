//go:build clients

// Package clients tries what clients use against a running server with the
// demo cast: the npm clients graphql-ws and graphql-sse, the audits of GraphQL
// over HTTP, and the page at / in Chromium. `make clients` installs what that
// needs.
package clients

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	_ "time/tzdata"

	"partnerhub/internal/server"
)

// Who of the demo cast signs in.
const (
	email    = "olga@nightwatch.example"
	password = "demo-partner-hub"
)

func TestClients(t *testing.T) {
	install := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	install.Stdout, install.Stderr = os.Stdout, os.Stderr
	if err := install.Run(); err != nil {
		t.Fatalf("npm ci: %v", err)
	}
	suites, err := filepath.Glob("*.test.mjs")
	if err != nil || len(suites) == 0 {
		t.Fatalf("no suites: %v", err)
	}
	for _, suite := range suites {
		t.Run(suite, func(t *testing.T) {
			node := exec.CommandContext(t.Context(), "node", "--test", suite)
			node.Env = append(os.Environ(), "BASE_URL=http://"+serve(t), "EMAIL="+email, "PASSWORD="+password)
			node.Stdout, node.Stderr = os.Stdout, os.Stderr
			if err := node.Run(); err != nil {
				t.Error(err)
			}
		})
	}
}

// serve runs a server with a fresh demo cast until the test ends.
func serve(t *testing.T) (addr string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := server.DefaultConfig()
	c.Addr, c.Demo = "127.0.0.1:0", true
	c.DatabaseURL = "sqlite://" + filepath.Join(t.TempDir(), "hub.db")
	c.MailURL = "dir://" + t.TempDir()
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, c, server.Options{OnReady: func(a string) { ready <- a }})
	}()
	select {
	case addr = <-ready:
	case err := <-ended:
		t.Fatalf("the server did not start: %v", err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
	})
	return addr
}
