package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"partnerhub/internal/verify"
)

// defaultDatabase is where a server without settings keeps its database.
const defaultDatabase = "sqlite://hub.db"

// errBroken is the end of a verification that found something.
var errBroken = errors.New("not every rule holds")

func verifyCommand() *cobra.Command {
	var databaseURL string
	var asJSON bool
	var rows uint
	c := &cobra.Command{
		Use:   "verify",
		Short: "Check that every invariant of a database holds",
		Long: `Verify reads a whole database, at one moment, and tells of each rule that must
hold at any time whether it does: that balances add up, that no fee is charged
twice, that cards follow services, that every step is in the log. One line a
rule; what is broken is named by its ids. Nothing is written, and a server may
run meanwhile. It takes the database itself, not a server: no account is needed.

Exit codes: 0 every rule holds, 1 one is broken or the database cannot be read,
2 wrong usage.`,
		Example: `  hubctl verify
  hubctl verify --database-url sqlite:///var/lib/hub/hub.db --json
  HUB_DATABASE_URL=postgres://hub@db/hub hubctl verify`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if databaseURL == "" {
				databaseURL = os.Getenv("HUB_DATABASE_URL")
			}
			if databaseURL == "" {
				databaseURL = defaultDatabase
			}
			options, done := verify.Options{Rows: int(rows)}, func() {}
			if isTerminal(os.Stderr) {
				options.Progress, done = progress(os.Stderr)
			}
			report, err := verify.Database(c.Context(), databaseURL, options)
			done()
			switch {
			case errors.Is(err, verify.ErrURL):
				return exit{exitUsage, err}
			case err != nil:
				return exit{exitFailed, err}
			}
			return show(c, report, asJSON)
		},
	}
	c.Flags().StringVar(&databaseURL, "database-url", "", "sqlite://PATH or postgres://… (default $HUB_DATABASE_URL or "+defaultDatabase+")")
	c.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	c.Flags().UintVar(&rows, "rows", verify.DefaultRows, "how many broken rows of a rule to name; the rest is counted")
	return c
}

// show prints the report to stdout.
func show(c *cobra.Command, report verify.Report, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(c.OutOrStdout())
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(report); err != nil {
			return exit{exitFailed, err}
		}
	} else if err := report.Print(c.OutOrStdout()); err != nil {
		return exit{exitFailed, err}
	}
	if !report.OK() {
		return exit{exitFailed, errBroken}
	}
	return nil
}

// isTerminal reports whether somebody reads along.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// progress tells how far a verification has come once it lasts longer than a
// second, on one line that is wiped by done.
func progress(f *os.File) (tell func(verify.Progress), done func()) {
	next := time.Now().Add(time.Second)
	told := false
	p := message.NewPrinter(language.English)
	tell = func(at verify.Progress) {
		if now := time.Now(); now.After(next) {
			next, told = now.Add(200*time.Millisecond), true
			fmt.Fprint(f, "\r\x1b[K", p.Sprintf("%d of %d: %s, %d rows", at.Check, at.Checks, at.Says, at.Rows))
		}
	}
	return tell, func() {
		if told {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}
