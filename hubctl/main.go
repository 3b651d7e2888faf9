// Command hubctl is Partner Hub on the command line: hubctl NOUN VERB.
//
// What is asked for goes to stdout, talk to stderr. It exits with 0 when it is
// done, 1 when it failed, 2 when it was called wrongly and 130 when it was
// interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // billing time zones, also where the system has none

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// exit is an error of a command that was called rightly.
type exit struct {
	code int
	err  error
}

// Error returns the sentence to print.
func (e exit) Error() string { return e.err.Error() }

// Unwrap gives what went wrong.
func (e exit) Unwrap() error { return e.err }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := root().ExecuteContext(ctx)
	code := codeOf(ctx, err)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hubctl:", err)
		if code == exitUsage {
			fmt.Fprintln(os.Stderr, "hubctl: --help tells more")
		}
	}
	os.Exit(code)
}

// codeOf is the exit code of what a command ended with. What does not come
// from the work of a command comes from reading the command line.
func codeOf(ctx context.Context, err error) int {
	var failed exit
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		return exitInterrupted
	case errors.As(err, &failed):
		return failed.code
	}
	return exitUsage
}

// root is hubctl with all its nouns.
func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "hubctl",
		Short:         "Partner Hub on the command line",
		SilenceErrors: true, // main prints them
		SilenceUsage:  true,
	}
	c.AddCommand(verifyCommand())
	return c
}
