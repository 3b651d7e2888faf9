// Package verify looks at a whole database and tells whether the rules hold
// that must hold after every command, whatever happened to the server: that
// money adds up, that nothing lives on what is deleted, that cards follow
// services, that every step is in the log.
//
// It judges from the rows alone, with rules of its own that are written down
// once more here: a fault in a command is not to be found by the same fault.
// All checks read one moment, a row at a time, so that memory does not grow
// with the database.
package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Options say how much is told.
type Options struct {
	// Rows is how many broken rows of a check are named; the rest is counted.
	// 0 is [DefaultRows].
	Rows int

	// Progress, where it is set, is called when a check begins and every few
	// thousand rows of it.
	Progress func(Progress)
}

// DefaultRows is how many broken rows of a check are named unless it is said.
const DefaultRows = 10

// Progress is how far a verification has come.
type Progress struct {
	Check, Checks int    // 1 is the first
	Says          string // what is looked at
	Rows          int64  // looked at so far
}

// Report is the result of all checks, in their order.
type Report struct {
	At      time.Time `json:"at"` // by the clock of the business
	Results []Result  `json:"checks"`
}

// Result is what one check found.
type Result struct {
	Name      string    `json:"name"`      // for programs
	Invariant int       `json:"invariant"` // number of the rule in the list of invariants; 0 is one beside it
	Says      string    `json:"says"`      // what must hold
	Things    string    `json:"things"`    // what was looked at, in the plural
	Rows      int64     `json:"rows"`      // how many of them
	Broken    int64     `json:"broken"`    // how often it does not hold
	Findings  []Finding `json:"findings"`  // the first of those
}

// Finding is a row for which a rule does not hold.
type Finding struct {
	ID      string `json:"id"`
	Problem string `json:"problem"`
}

// MarshalJSON writes the report, beginning with whether every rule holds.
func (r Report) MarshalJSON() ([]byte, error) {
	type report Report
	return json.Marshal(struct {
		Holds bool `json:"holds"`
		report
	}{r.OK(), report(r)})
}

// OK reports whether every rule holds.
func (r Report) OK() bool {
	for _, c := range r.Results {
		if c.Broken > 0 {
			return false
		}
	}
	return true
}

// ErrURL refuses what is no address of a database.
var ErrURL = store.ErrURL

// errStirred tells that a server began to use a file that was being read.
var errStirred = errors.New("the database was changed while it was read")

// Database verifies the database at a URL, sqlite://PATH or postgres://…, and
// changes nothing there. A server may run on it meanwhile.
//
// It fails with [ErrURL], where there is no such database, and where it
// cannot be read.
func Database(ctx context.Context, databaseURL string, o Options) (Report, error) {
	for {
		r, err := database(ctx, databaseURL, o)
		if !errors.Is(err, errStirred) {
			return r, err
		}
	}
}

func database(ctx context.Context, databaseURL string, o Options) (Report, error) {
	db, err := store.OpenReadOnly(ctx, databaseURL)
	if err != nil {
		return Report{}, err
	}
	defer db.Close()
	r, err := Run(ctx, db, o)
	if db.Stirred() {
		return Report{}, errStirred
	}
	return r, err
}

// Run verifies an open database, at one moment of it. A database of another
// version than this program gets no further than that.
func Run(ctx context.Context, db *store.DB, o Options) (Report, error) {
	ctx, done := db.Reading(viewer.System(ctx))
	defer done()
	if o.Rows == 0 {
		o.Rows = DefaultRows
	}
	r := Report{At: db.Clock.Now()}
	for n, c := range checks {
		i := &inspection{
			db: db, c: db.Read(ctx), now: r.At, options: o, at: Progress{Check: n + 1, Checks: len(checks), Says: c.says},
			result: Result{Name: c.name, Invariant: c.invariant, Says: c.says, Things: c.things, Findings: []Finding{}},
		}
		i.tell()
		if err := c.look(ctx, i); err != nil {
			return r, fmt.Errorf("%s: %w", c.says, err)
		}
		r.Results = append(r.Results, i.result)
		if n == 0 && i.result.Broken > 0 {
			break // the rows of another version cannot be judged
		}
	}
	return r, nil
}

// check is a rule with the way to look whether it holds.
type check struct {
	name      string
	invariant int
	says      string
	things    string
	look      func(ctx context.Context, i *inspection) error
}

// inspection is one check at work.
type inspection struct {
	db      *store.DB
	c       *ent.Client // of the one moment
	now     time.Time
	options Options
	at      Progress
	result  Result
}

// often is how many rows are looked at between two words of progress.
const often = 4096

func (i *inspection) tell() {
	if i.options.Progress != nil {
		i.at.Rows = i.result.Rows
		i.options.Progress(i.at)
	}
}

// broken notes that the rule does not hold for a row.
func (i *inspection) broken(id, format string, args ...any) {
	i.result.Broken++
	if len(i.result.Findings) < i.options.Rows {
		i.result.Findings = append(i.result.Findings, Finding{id, fmt.Sprintf(format, args...)})
	}
}

// each reads a query a row at a time into the places of into, and calls judge
// after each: on PostgreSQL no other query can run before the last row.
func (i *inspection) each(ctx context.Context, query string, into []any, judge func()) error {
	return i.extra(ctx, query, into, func() {
		i.count()
		judge()
	})
}

// count notes that one more row was looked at.
func (i *inspection) count() {
	if i.result.Rows++; i.result.Rows%often == 0 {
		i.tell()
	}
}

// extra is each for rows that do not count as looked at.
func (i *inspection) extra(ctx context.Context, query string, into []any, judge func()) error {
	rows, err := i.c.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		judge()
	}
	return rows.Err()
}
