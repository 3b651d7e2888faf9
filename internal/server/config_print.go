package server

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"
)

// Print writes everything in force, one `name = value` a line, without secrets.
// The names are those of the flags, and each value could be given to its flag;
// only *** stands for a password.
func (c Config) Print(w io.Writer) error {
	out := bufio.NewWriter(w)
	for _, s := range settings {
		if s.show != nil {
			fmt.Fprintf(out, "%s = %s\n", s.flag, s.shown(&c))
		}
	}
	for _, l := range limits {
		fmt.Fprintf(out, "limit %s = %s\n", l.name, l.show(&c.Limits))
	}
	return out.Flush()
}

// shown is the value in force, or the word for none.
func (s setting) shown(c *Config) string {
	if v := s.show(c); v != "" {
		return v
	}
	return s.nothing
}

const helpHead = `Partner Hub: the API behind dealers, resellers and the services of their hubs.

Usage: partnerhub [flags]

Without flags it serves http://127.0.0.1:8080 from the database file hub.db.
A flag wins over the environment variable next to it.

Flags:
`

const helpLimits = `
Limits, set by -limit NAME=VALUE or HUB_LIMITS=NAME=VALUE,NAME=VALUE:
`

const helpTail = `
Times are written as 10s or 2m, sizes as 1000, 256KiB or 8MiB.
`

func printHelp(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprint(out, helpHead)
	c := DefaultConfig()
	for _, s := range settings {
		fmt.Fprintf(out, "  %s\n", strings.TrimSpace("-"+s.flag+" "+s.value))
		fmt.Fprintf(out, "      %s\n", s.meaning)
		var notes []string
		if s.env != "" {
			notes = append(notes, s.env)
		}
		if s.show != nil {
			notes = append(notes, "default "+s.shown(&c))
		}
		if len(notes) > 0 {
			fmt.Fprintf(out, "      %s\n", strings.Join(notes, ", "))
		}
	}
	fmt.Fprint(out, helpLimits)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, l := range limits {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", l.name, l.show(&c.Limits), l.meaning)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprint(out, helpTail)
	return out.Flush()
}

var (
	passwordInUser  = regexp.MustCompile(`^((?:postgres(?:ql)?|smtps?)://[^:/?]*):[^/?]*@`)
	passwordInQuery = regexp.MustCompile(`(?i)([?&][^=&]*password[^=&]*)=[^&]*`)
)

// withoutPassword returns a URL that was found sound with *** in place of the
// passwords in it.
func withoutPassword(url string) string {
	url = passwordInUser.ReplaceAllString(url, "$1:***@")
	return passwordInQuery.ReplaceAllString(url, "$1=***")
}
