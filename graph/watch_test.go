package graph

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"partnerhub/ent"
	entry "partnerhub/ent/activity"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/live"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// yard is a database with companies, objects and hubs, and the resolvers that
// watch them. Its people may do what the test says they may.
type yard struct {
	*testing.T
	*Resolver
	system     context.Context
	statements atomic.Int64

	mu     sync.Mutex
	people map[string]viewer.Viewer // as they are now
	names  map[string]string        // of hubs, by id
	hubs   map[string]*ent.Hub      // by name
	count  int
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y := &yard{
		T: t, system: viewer.System(Loading(context.Background(), PageSizes{Default: 20, Max: 100})),
		people: map[string]viewer.Viewer{}, names: map[string]string{}, hubs: map[string]*ent.Hub{},
	}
	db, err := store.Open(y.system, store.Options{
		URL:         database.URL(t),
		OnStatement: func(context.Context, string) { y.statements.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	y.Resolver = &Resolver{DB: db, Broker: live.NewBroker(), MaxBehind: 1000, Fresh: y.fresh}
	db.OnCommit(y.Broker.Wake)
	return y
}

// fresh returns a context in which the same person asks, as of now.
func (y *yard) fresh(ctx context.Context) (context.Context, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return viewer.With(ctx, y.people[viewer.From(ctx).UserID]), nil
}

// as returns a context in which somebody who works for the companies asks. It
// ends with the test.
func (y *yard) as(id string, companies ...string) context.Context {
	y.Helper()
	v := viewer.Viewer{UserID: id}
	for _, c := range companies {
		v.Memberships = append(v.Memberships, viewer.Membership{CompanyID: c, Role: viewer.Installer, Rights: authz.Rights(false).Of(viewer.Installer)})
	}
	y.mu.Lock()
	y.people[id] = v
	y.mu.Unlock()
	return viewer.With(Loading(y.Context(), PageSizes{Default: 20, Max: 100}), v)
}

func (y *yard) company(name string) string {
	y.Helper()
	var id string
	fill(y.system, y.T, y.DB, func(tx *store.Tx) error {
		c, err := tx.Company.Create().SetName(name).SetNameKey(name).SetCountry("PL").SetContactEmail("x@y.z").SetCreatedAt(tx.Now).Save(y.system)
		id = c.ID
		return err
	})
	return id
}

func (y *yard) object(company string) string {
	y.Helper()
	var id string
	fill(y.system, y.T, y.DB, func(tx *store.Tx) error {
		o, err := tx.Object.Create().SetCompanyID(company).SetName("O").SetNameKey("o").SetSearchKey("o").SetCreatedAt(tx.Now).Save(y.system)
		id = o.ID
		return err
	})
	return id
}

// add puts hubs at an object, without a word in the log.
func (y *yard) add(company, object string, names ...string) (ids []string) {
	y.Helper()
	fill(y.system, y.T, y.DB, func(tx *store.Tx) error {
		for _, name := range names {
			y.count++
			h, err := tx.Hub.Create().SetCompanyID(company).SetObjectID(object).SetName(name).SetSearchKey(name).
				SetSerialNumber(fmt.Sprintf("%08X", y.count)).SetCreatedAt(tx.Now).Save(y.system)
			if err != nil {
				return err
			}
			y.names[h.ID], y.hubs[name] = name, h.Unwrap()
			ids = append(ids, h.ID)
		}
		return nil
	})
	return ids
}

// change tells the log of a company that hubs changed, in one transaction.
func (y *yard) change(company string, names ...string) {
	y.Helper()
	fill(y.system, y.T, y.DB, func(tx *store.Tx) error { return y.log(tx, company, names...) })
}

func (y *yard) log(tx *store.Tx, company string, names ...string) error {
	for _, name := range names {
		h, err := tx.Hub.Get(y.system, y.hubs[name].ID)
		if err != nil {
			return err
		}
		err = activity.Record(y.system, tx, activity.Entry{
			Action: "hubUpdate", SubjectID: h.ID, Words: map[string]string{"hub": name}, Companies: []string{company},
			HubID: h.ID, ObjectID: h.ObjectID, PreviousTile: serviceevent.TileSUSPENDED,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// move puts a hub at another object, and tells the log.
func (y *yard) move(company, name, object string) {
	y.Helper()
	fill(y.system, y.T, y.DB, func(tx *store.Tx) error {
		if err := y.log(tx, company, name); err != nil {
			return err
		}
		return tx.Hub.UpdateOneID(y.hubs[name].ID).SetObjectID(object).Exec(y.system)
	})
}

// watch starts a stream of tiles.
func (y *yard) watch(ctx context.Context, scope model.HubScope, after string) <-chan *model.HubTileEvent {
	y.Helper()
	events, err := subscription{Resolver: y.Resolver}.HubTileChanged(ctx, scope, given(after))
	if err != nil {
		y.Fatal(err)
	}
	return events
}

func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func ofCompany(id string) model.HubScope { return model.HubScope{CompanyID: &id} }
func ofObject(id string) model.HubScope  { return model.HubScope{ObjectID: &id} }

// next waits for an event and returns it in words, such as "CHANGE a ." where
// the dot says that the reader is up to date, with its cursor.
func (y *yard) next(events <-chan *model.HubTileEvent) (said, cursor string) {
	y.Helper()
	select {
	case e, ok := <-events:
		if !ok {
			return "END", ""
		}
		return y.say(e), e.Cursor
	case <-time.After(10 * time.Second):
		y.Fatal("no event")
		return "", ""
	}
}

func (y *yard) say(e *model.HubTileEvent) string {
	said := string(e.Kind)
	if e.HubID != nil {
		said += " " + y.names[*e.HubID]
	}
	if e.IsCaughtUp {
		said += " ."
	}
	return said
}

// expects reads the events, and returns the cursor of the last one.
func (y *yard) expects(events <-chan *model.HubTileEvent, want ...string) (cursor string) {
	y.Helper()
	for _, w := range want {
		var got string
		if got, cursor = y.next(events); got != w {
			y.Fatalf("event %q, want %q", got, w)
		}
	}
	return cursor
}

// numbered returns n names: those of hubs, in order.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint("h", i)
	}
	return names
}

// A large company is told of page by page: each hub once, in the order of
// their ids, the last of them marked. (A49)
func TestWatch_snapshotOfManyPages(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	for _, n := range []int{0, 1, pageOfStream - 1, pageOfStream, pageOfStream + 1, 2*pageOfStream + 50} {
		o := y.object(c)
		y.add(c, o, numbered(n)...)
		events := y.watch(y.as("usr_1", c), ofObject(o), "")
		if n == 0 {
			y.expects(events, "SNAPSHOT .")
			continue
		}
		for i := range n - 1 {
			cursor := y.expects(events, fmt.Sprint("SNAPSHOT h", i))
			if p, err := live.ParseCursor(cursor); err != nil || p.Unfinished == "" {
				t.Fatalf("of %d, the cursor of h%d is that of a finished snapshot", n, i)
			}
			if i == pageOfStream+20 {
				again := y.watch(y.as("usr_1", c), ofObject(o), cursor)
				y.expects(again, "SNAPSHOT h0", "SNAPSHOT h1")
			}
		}
		cursor := y.expects(events, fmt.Sprintf("SNAPSHOT h%d .", n-1))
		again := y.watch(y.as("usr_1", c), ofObject(o), cursor)
		y.change(c, "h0")
		y.expects(events, "CHANGE h0 .")
		y.expects(again, "CHANGE h0 .")
	}
}

// What was missed is told page by page, and then what happens. (A49)
func TestWatch_replayOfManyPages(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	o := y.object(c)
	y.add(c, o, "a", "b", "c")
	cursor := y.expects(y.watch(y.as("usr_1", c), ofCompany(c), ""), "SNAPSHOT a", "SNAPSHOT b", "SNAPSHOT c .")
	for _, n := range []int{1, pageOfStream, pageOfStream + 1, 2*pageOfStream + 50} {
		for range n {
			y.change(c, "b")
		}
		events := y.watch(y.as("usr_1", c), ofCompany(c), cursor)
		seen := map[string]bool{}
		for i := range n {
			said, at := y.next(events)
			want := "REPLAY b"
			if i == n-1 {
				want += " ."
			}
			if said != want || seen[at] {
				t.Fatalf("of %d, event %d is %q at %q, want %q at a place of its own", n, i, said, at, want)
			}
			seen[at] = true
		}
		y.change(c, "a", "c")
		cursor = y.expects(events, "CHANGE a .", "CHANGE c .")
	}
}

// A reader that falls too far behind gets the present state, and goes on from
// there. (A49)
func TestWatch_slowReader(t *testing.T) {
	y := newYard(t)
	y.MaxBehind = 20
	c := y.company("Night Watch")
	y.add(c, y.object(c), "a", "b")
	events := y.watch(y.as("usr_1", c), ofCompany(c), "")
	y.expects(events, "SNAPSHOT a", "SNAPSHOT b .")

	y.change(c, strings.Fields(strings.Repeat("a ", 20))...) // as many as are borne
	for range 20 {
		y.expects(events, "CHANGE a .")
	}
	y.change(c, strings.Fields(strings.Repeat("a ", 21))...)
	y.expects(events, "SNAPSHOT a", "SNAPSHOT b .")
	y.change(c, "b")
	y.expects(events, "CHANGE b .")
}

// A page of the log is not taken for all there is to be behind.
func TestWatch_slowReaderOverPages(t *testing.T) {
	y := newYard(t)
	y.MaxBehind = 2 * pageOfStream
	c := y.company("Night Watch")
	y.add(c, y.object(c), "a", "b")
	events := y.watch(y.as("usr_1", c), ofCompany(c), "")
	y.expects(events, "SNAPSHOT a", "SNAPSHOT b .")
	y.change(c, strings.Fields(strings.Repeat("a ", 2*pageOfStream))...)
	for range 2 * pageOfStream {
		y.expects(events, "CHANGE a .")
	}
	y.change(c, strings.Fields(strings.Repeat("a ", 2*pageOfStream+1))...)
	y.expects(events, "SNAPSHOT a", "SNAPSHOT b .")

	// Replaying has no such bound: a good cursor gets all that it missed.
	cursor, err := query{Resolver: y.Resolver}.StreamCursor(y.system)
	if err != nil {
		t.Fatal(err)
	}
	y.change(c, strings.Fields(strings.Repeat("b ", 5*pageOfStream))...)
	events = y.watch(y.as("usr_1", c), ofCompany(c), cursor)
	for range 5*pageOfStream - 1 {
		y.expects(events, "REPLAY b")
	}
	y.expects(events, "REPLAY b .")
}

// A hub that is moved elsewhere is told of once more, and one that comes from
// elsewhere from then on.
func TestWatch_objectMoves(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	o, elsewhere := y.object(c), y.object(c)
	y.add(c, o, "a")
	y.add(c, elsewhere, "b")
	ctx := y.as("usr_1", c)
	events := y.watch(ctx, ofObject(o), "")
	cursor := y.expects(events, "SNAPSHOT a .")

	y.change(c, "b")
	y.move(c, "a", elsewhere)
	y.expects(events, "CHANGE a .") // the reader is behind b's change before b comes
	y.change(c, "a")
	y.move(c, "b", o)
	y.change(c, "b")
	y.expects(events, "CHANGE b .", "CHANGE b .")

	// Later it is no longer known where b was when it first changed.
	y.expects(y.watch(ctx, ofObject(o), cursor), "REPLAY b", "REPLAY a", "REPLAY b", "REPLAY b .")
}

// A stream tells of the hubs in the log of their own company, whoever else has
// an entry about them. (A50)
func TestWatch_foreignLogs(t *testing.T) {
	y := newYard(t)
	dealer, reseller := y.company("Night Watch"), y.company("Central Station")
	ids := append(y.add(dealer, y.object(dealer), "a"), y.add(reseller, y.object(reseller), "own")...)
	both := y.as("usr_1", dealer, reseller)
	streams := []<-chan *model.HubTileEvent{
		y.watch(both, ofCompany(reseller), ""), y.watch(both, model.HubScope{HubIds: ids}, ""),
	}
	y.expects(streams[0], "SNAPSHOT own .")
	y.expects(streams[1], "SNAPSHOT a", "SNAPSHOT own .")

	y.change(reseller, "a") // as an entry of the payer's log may be about a hub that it pays for
	y.change(dealer, "a")
	y.change(reseller, "own")
	y.expects(streams[0], "CHANGE own .")
	y.expects(streams[1], "CHANGE a .", "CHANGE own .")
}

// The log answers for 7 days, by the age of the first entry that was missed:
// a quiet installation answers for longer. (A49)
func TestWatch_age(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	id := y.add(c, y.object(c), "a")[0]
	for i, days := range []int{30, 8, 6} {
		fill(y.system, t, y.DB, func(tx *store.Tx) error {
			return tx.Activity.Create().SetPosition(int64(i + 1)).SetCompanyID(c).SetAction("hubUpdate").SetSubjectID(id).SetHubID(id).
				SetOccurredAt(tx.Now).SetRecordedAt(time.Now().Add(-time.Duration(days) * 24 * time.Hour)).Exec(y.system)
		})
	}
	for position, want := range map[int64]string{0: "SNAPSHOT a .", 1: "SNAPSHOT a .", 2: "REPLAY a .", 4: "SNAPSHOT a ."} {
		y.expects(y.watch(y.as("usr_1", c), ofCompany(c), live.Cursor{Position: position}.String()), want)
	}
	events := y.watch(y.as("usr_1", c), ofCompany(c), live.Cursor{Position: 3}.String())
	y.change(c, "a")
	y.expects(events, "CHANGE a .")
}

// The instant of a snapshot's event is that of the hub's last change.
func TestWatch_snapshotTellsWhen(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	y.add(c, y.object(c), "silent", "told")
	y.change(c, "told", "told")
	last, err := y.DB.Read(y.system).Activity.Query().Order(ent.Desc(entry.FieldPosition)).First(y.system)
	if err != nil {
		t.Fatal(err)
	}
	events := y.watch(y.as("usr_1", c), ofCompany(c), "")
	for _, want := range []time.Time{y.hubs["silent"].CreatedAt, last.OccurredAt} {
		if e := <-events; !e.OccurredAt.Equal(want) {
			t.Errorf("%s changed at %s, want %s", y.names[*e.HubID], e.OccurredAt, want)
		}
	}
}

// However long the log and however many hubs: a wake-up takes the same few
// statements, and they find their rows by an index.
func TestWatch_statements(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	o := y.object(c)
	y.add(c, o, numbered(300)...)
	y.change(c, numbered(300)...)
	events := y.watch(y.as("usr_1", c), ofObject(o), "")
	for range 300 {
		y.next(events)
	}
	before := y.statements.Load()
	y.change(c, "h7")
	wrote := y.statements.Load() // of the change itself; the watcher may have begun
	y.expects(events, "CHANGE h7 .")
	if n := y.statements.Load() - before; n > 15 {
		t.Errorf("a change and its event took %d statements, %d of them by the change itself at most", n, wrote-before)
	}
}

// Garbage for a cursor is refused alike for an object that exists and for one
// that does not. (A34, A49)
func TestHubTileChanged_garbageTellsNotWhatExists(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	stranger := y.as("usr_2")
	for _, id := range []string{y.object(c), "obj_unknown"} {
		_, err := subscription{Resolver: y.Resolver}.HubTileChanged(stranger, ofObject(id), given("!"))
		if !errors.Is(err, errBadCursor) {
			t.Errorf("watching %s: %v", id, err)
		}
	}
}
