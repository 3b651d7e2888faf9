// Command run runs a command while a private PostgreSQL runs, whose address it
// finds in HUB_TEST_POSTGRES:
//
//	go run ./tests/postgres/run go test ./...
//
// Nothing there outlives the command, so the server does not wait for the disk.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"partnerhub/tests/postgres"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./tests/postgres/run COMMAND [ARGUMENT…]")
		os.Exit(2)
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(command []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	server, err := postgres.Start(ctx, "fsync=off", "full_page_writes=off", "max_connections=400", "shared_buffers=256MB")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Remove()) }()
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Env = append(os.Environ(), "HUB_TEST_POSTGRES="+server.URL)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	return c.Run()
}
