package fault

import (
	"database/sql"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"

	"partnerhub/internal/lifecycle"
	"partnerhub/internal/server"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/postgres"
	"partnerhub/tests/world"
)

// pair is two servers on one PostgreSQL of their own, with a dealer whose hub
// has services.
type pair struct {
	*world.World
	other    *world.World
	database *postgres.Server
	dealer   *world.Company
	hub      *world.Hub
}

func newPair(t *testing.T) *pair {
	t.Helper()
	database, err := postgres.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := database.Remove(); err != nil {
			t.Errorf("%v: %s", err, database.Log())
		}
	})
	p := &pair{database: database}
	p.World = world.New(t, func(c *server.Config) { c.DatabaseURL = database.URL + "/postgres" })
	p.other = p.Beside()
	p.Package("AJAX_SIM")
	p.dealer = p.Dealer("Night Watch")
	p.dealer.Connects(p.Reseller("Central Station"))
	p.hub = p.dealer.Hub("Villa")
	p.dealer.Activates(p.hub)
	return p
}

// does runs a statement in the database.
func (p *pair) does(statement string) {
	p.Helper()
	pool, err := sql.Open("pgx", p.database.URL+"/postgres")
	if err != nil {
		p.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.ExecContext(p.Context(), statement); err != nil {
		p.Fatal(err)
	}
}

// takes is a step of the hub's services, asked of the first server.
func (p *pair) takes(step string) world.Answer {
	return p.dealer.Owner.Mutate("service"+step, world.Vars{"hubId": p.hub.ID}, `service { id }`)
}

// follower watches the tiles of the dealer at the other server, and comes back
// with its cursor whenever the stream ends.
type follower struct {
	p      *pair
	stream *world.Stream
	cursor string
}

func (p *pair) follow() *follower {
	f := &follower{p: p}
	f.subscribe()
	return f
}

func (f *follower) subscribe() {
	f.stream = f.p.dealer.Owner.At(f.p.other).Tiles(world.Vars{"companyId": f.p.dealer.ID}, f.cursor)
}

// gets waits for the next event.
func (f *follower) gets(want string) {
	f.p.Helper()
	for {
		e, end := f.stream.NextOrEnd()
		if end == "" {
			f.cursor = e.Text("cursor")
			f.p.Equal(e.Text("kind")+" "+e.Text("action"), want)
			return
		}
		f.stream.Close()
		f.subscribe()
	}
}

// What is done at one server wakes the streams of the other: by a signal, also
// after its connection was cut, and without one by a look at the log. (R76)
func TestServers_wakeEachOther(t *testing.T) {
	p := newPair(t)
	f := p.follow()
	f.gets("SNAPSHOT ")
	p.OK(p.takes("Suspend"))
	f.gets("CHANGE SUSPEND")
	for range 3 {
		p.does(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%' OR query LIKE '%max(position)%')`)
		p.OK(p.takes("Resume"))
		f.gets("CHANGE RESUME")
		p.OK(p.takes("Suspend"))
		f.gets("CHANGE SUSPEND")
	}
	p.OK(p.takes("Resume"))
	f.gets("CHANGE RESUME")
	silent, err := store.Open(t.Context(), store.Options{URL: p.database.URL + "/postgres", TestClock: &world.Start})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	operator := viewer.With(t.Context(), viewer.Viewer{UserID: p.Operator().ID, Operator: true})
	if _, err := lifecycle.Suspend(operator, silent, lifecycle.Step{HubID: p.hub.ID}); err != nil {
		t.Fatal(err)
	}
	f.gets("CHANGE SUSPEND")
}
