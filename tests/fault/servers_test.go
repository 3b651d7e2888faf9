package fault

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"

	"partnerhub/internal/client"
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

// tries takes a step of the hub's services at the first server.
func (p *pair) tries(step string) error {
	field := "service" + step
	var data map[string]struct{ UserErrors []struct{ Code string } }
	err := p.dealer.Owner.Client.Do(p.Context(), fmt.Sprintf(`mutation($hub: ID!) { %s(input: {hubId: $hub}) { userErrors { code } } }`, field),
		map[string]any{"hub": p.hub.ID}, &data)
	if err == nil && len(data[field].UserErrors) > 0 {
		err = fmt.Errorf("%s: %v", step, data[field].UserErrors)
	}
	return err
}

func (p *pair) takes(step string) {
	p.Helper()
	if err := p.tries(step); err != nil {
		p.Fatal(err)
	}
}

// follow gives out the actions that a watcher of the dealer's tiles at the other
// server is told of, or SNAPSHOT: it comes back with its cursor whenever the
// stream breaks.
func (p *pair) follow() <-chan string {
	events := make(chan string, 100)
	f := client.Follower{
		Query:      `subscription($scope: HubScope!, $after: String) { hubTileChanged(scope: $scope, after: $after) { cursor kind action } }`,
		Variables:  map[string]any{"scope": map[string]any{"companyId": p.dealer.ID}},
		CursorPath: "hubTileChanged.cursor",
		FirstWait:  50 * time.Millisecond, LongestWait: time.Second,
	}
	go func() {
		err := f.Run(p.Context(), p.dealer.Owner.At(p.other).Client, func(data json.RawMessage) error {
			var e struct{ HubTileChanged struct{ Kind, Action string } }
			if err := json.Unmarshal(data, &e); err != nil {
				return err
			}
			told := e.HubTileChanged.Action
			if told == "" {
				told = e.HubTileChanged.Kind
			}
			events <- told // whether it came as it happened or later, replayed
			return nil
		})
		if p.Context().Err() == nil {
			p.Errorf("the watcher gives up: %v", err)
		}
	}()
	return events
}

// gets waits for the next event.
func (p *pair) gets(events <-chan string, want string) {
	p.Helper()
	select {
	case got := <-events:
		p.Equal(got, want)
	case <-time.After(30 * time.Second):
		p.Fatalf("nothing came where %s should", want)
	}
}

// What is done at one server wakes the streams of the other: by a signal, also
// after its connection was cut, and without one by a look at the log. (R76)
func TestServers_wakeEachOther(t *testing.T) {
	p := newPair(t)
	events := p.follow()
	p.gets(events, "SNAPSHOT")
	p.takes("Suspend")
	p.gets(events, "SUSPEND")
	for range 3 {
		p.does(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND (query LIKE 'LISTEN%' OR query LIKE '%pg_notify%' OR query LIKE '%max(position)%')`)
		p.takes("Resume")
		p.gets(events, "RESUME")
		p.takes("Suspend")
		p.gets(events, "SUSPEND")
	}
	p.takes("Resume")
	p.gets(events, "RESUME")
	silent, err := store.Open(t.Context(), store.Options{URL: p.database.URL + "/postgres", TestClock: &world.Start})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	operator := viewer.With(t.Context(), viewer.Viewer{UserID: p.Operator().ID, Operator: true})
	if _, err := lifecycle.Suspend(operator, silent, lifecycle.Step{HubID: p.hub.ID}); err != nil {
		t.Fatal(err)
	}
	p.gets(events, "SUSPEND")
}

// PostgreSQL ends and comes back: both servers find it again by themselves, and
// the streams of the other tell of what is done then, and of nothing twice.
func TestServers_databaseRestarts(t *testing.T) {
	p := newPair(t)
	events := p.follow()
	p.gets(events, "SNAPSHOT")
	steps := []string{"Suspend", "Resume", "Suspend", "Resume"}
	for i, mode := range []string{"fast", "immediate", "fast", "immediate"} {
		if err := p.database.Stop(mode); err != nil {
			t.Fatal(err)
		}
		if p.tries(steps[i]) == nil {
			t.Error("something was done without a database")
		}
		if err := p.database.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.Within(10*time.Second, "the database is found again", func() bool { return p.tries(steps[i]) == nil })
		p.gets(events, strings.ToUpper(steps[i]))
	}
}
