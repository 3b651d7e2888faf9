// Package property_test compares the product with a small model of the
// decisions, driven by random commands of random people at random times.
package property_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/property/model"
)

// place is a billing zone with the time at which its runs begin.
type place struct {
	zone  string
	start time.Time
}

// places are the zones of a run: one with summer time and a leap year to come,
// one whose clocks are put forward at the midnight of a 1st, which so does not
// exist, and one that is 14 hours ahead.
var places = []place{
	{"Europe/Warsaw", time.Date(2024, 1, 30, 12, 0, 0, 0, time.UTC)},
	{"America/Asuncion", time.Date(2023, 9, 12, 3, 30, 0, 0, time.UTC)},
	{"Pacific/Kiritimati", time.Date(2026, 12, 31, 9, 59, 59, 999_999_000, time.UTC)},
}

// template is a database with the cast of a place, to be copied for each run,
// and the ids that the product gave to the cast.
type template struct {
	place
	number int // of the place
	dir    string
	file   string
	ids    []string
}

// scratch is where databases are kept: in memory where the system can.
func scratch(t testing.TB) string {
	t.Helper()
	base := "/dev/shm"
	if _, err := os.Stat(base); err != nil {
		base = os.TempDir()
	}
	dir, err := os.MkdirTemp(base, "property")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// play is one run: a database and its model, side by side.
type play struct {
	fatal func(format string, args ...any)
	log   func(format string, args ...any)
	place place
	file  string
	db    *store.DB
	w     *model.World

	ids     []string // of the cast, where it was played before
	playing bool     // the cast is being played for the first time
	cast    cast

	bookings int // how many keys of bookings there were
}

// prepare plays the cast, to be remembered by each run.
func prepare(t testing.TB, number int) *template {
	t.Helper()
	at := places[number]
	tp := &template{place: at, number: number, dir: scratch(t)}
	tp.file = filepath.Join(tp.dir, "template.db")
	p := &play{fatal: t.Fatalf, log: func(string, ...any) {}, place: at, file: tp.file, playing: true}
	p.open()
	p.setUp()
	p.close()
	tp.ids = p.ids
	return tp
}

// begin begins a run where the cast was left.
func (tp *template) begin(t testing.TB, r *rapid.T, seed uint64) *play {
	fatal := func(format string, args ...any) {
		r.Helper()
		r.Fatalf("%s\nSEED=%d comes to it again", fmt.Sprintf(format, args...), seed)
	}
	p := &play{fatal: fatal, log: r.Logf, place: tp.place, file: filepath.Join(tp.dir, "hub.db"), ids: tp.ids}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(p.file + suffix)
	}
	for range tp.number { // so that one seed is another run in each place
		rapid.Uint64().Draw(r, "place")
	}
	copyFile(t, tp.file, p.file)
	p.setUp()
	p.open()
	return p
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(out, in); err == nil {
		err = out.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the database as a server does, its test clock where time stands.
func (p *play) open() {
	now := p.place.start
	if p.w != nil {
		now = p.w.Now
	}
	zone, err := time.LoadLocation(p.place.zone)
	if err != nil {
		p.fatal("%v", err)
	}
	p.db, err = store.Open(context.Background(), store.Options{
		URL: "sqlite://" + p.file, Zone: zone, TestClock: &now, Countries: []string{"PL"},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		p.fatal("open: %v", err)
	}
}

func (p *play) close() {
	if p.db == nil {
		return
	}
	if err := p.db.Close(); err != nil {
		p.fatal("close: %v", err)
	}
	p.db = nil
}

// restart is a server that ends and another that begins.
func (p *play) restart() {
	p.close()
	p.open()
}

// system is the context in which the test itself reads.
func system() context.Context { return viewer.System(context.Background()) }

// roles are the words of the product for the model's roles.
var roles = map[model.Role]viewer.Role{
	model.Invited: viewer.Owner, model.Installer: viewer.Installer, model.Manager: viewer.ServiceManager,
	model.Senior: viewer.SeniorServiceManager, model.Owner: viewer.Owner,
}

// as is the context in which a person asks.
func as(who *model.Person) context.Context { return within(context.Background(), who) }

// within is the same with all else that is in a context.
func within(ctx context.Context, who *model.Person) context.Context {
	v := viewer.Viewer{UserID: who.ID, Operator: who.Operator, Verified: true}
	if who.Company != nil {
		v.Memberships = []viewer.Membership{{
			EmployeeID: "emp_" + who.ID, CompanyID: who.Company.ID, Role: roles[who.Role], Invited: who.Role == model.Invited,
			Dealer: who.Company.Dealer, Reseller: who.Company.Account != nil, Rights: authz.Rights(false).Of(roles[who.Role]),
		}}
	}
	return viewer.With(ctx, v)
}

// code is the code of the first refusal, "" for none. Anything but a refusal
// is a fault of the product.
func (p *play) code(err error) string {
	if err == nil {
		return ""
	}
	list := errs.Refusals(err)
	if len(list) == 0 {
		p.fatal("not a refusal: %v", err)
	}
	return string(list[0].Code)
}

// do has the product do what the model has judged: the answers must be the
// same, and so must be the thing that an earlier key stands for.
func (p *play) do(o model.Outcome, command func() (id string, err error)) {
	if p.db == nil { // the cast is remembered
		o.Do(p.ids[0])
		p.ids = p.ids[1:]
		return
	}
	id, err := command()
	switch got := p.code(err); {
	case got != o.Code:
		p.fatal("answered %q (%v), the model says %q", got, err, o.Code)
	case got == "" && o.Same != "" && id != o.Same:
		p.fatal("repeated, it answered with %s, at first with %s", id, o.Same)
	}
	if o.Do != nil {
		o.Do(id)
	}
	if p.playing {
		p.ids = append(p.ids, id)
	}
}
