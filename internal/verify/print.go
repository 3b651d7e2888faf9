package verify

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Print writes the report for people, one line a check: what holds, over how
// many rows, and of what does not hold the rows, by their ids.
func (r Report) Print(w io.Writer) error {
	for _, c := range r.Results {
		if _, err := fmt.Fprintln(w, c.line()); err != nil {
			return err
		}
	}
	return nil
}

// Broken returns the lines of the checks that do not hold.
func (r Report) Broken() []string {
	var lines []string
	for _, c := range r.Results {
		if c.Broken > 0 {
			lines = append(lines, c.line())
		}
	}
	return lines
}

func (c Result) line() string {
	number := "-"
	if c.Invariant > 0 {
		number = fmt.Sprint(c.Invariant)
	}
	p := message.NewPrinter(language.English) // 12,345
	if c.Broken == 0 {
		return p.Sprintf("ok     %2s  %s (%d %s)", number, c.Says, c.Rows, c.Things)
	}
	named := make([]string, len(c.Findings))
	for i, f := range c.Findings {
		named[i] = f.ID + " " + f.Problem
	}
	if rest := c.Broken - int64(len(c.Findings)); rest > 0 {
		named = append(named, p.Sprintf("and %d more", rest))
	}
	return p.Sprintf("BROKEN %2s  %s (%d %s): ", number, c.Says, c.Rows, c.Things) + strings.Join(named, "; ")
}
