package scenario_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/client"
	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// walks takes the steps one after the other on a hub.
func (f *firm) walks(h *world.Hub, steps ...string) {
	f.Helper()
	for _, step := range steps {
		f.OK(f.takes(f.dealer.Owner, step, h))
	}
}

// Wherever a connection breaks: with the cursor of the last event seen, the
// stream goes on with the next one. Nothing is missed, nothing comes twice.
// (D7, A49)
func TestTiles_Resume(t *testing.T) {
	f := newFirm(t)
	villa, shop := f.dealer.Hub("Villa"), f.dealer.Hub("Shop")
	whole := f.dealer.Owner.Tiles(companyScope(f.dealer), "")
	cursors := []string{
		tells(f.World, whole, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE", "SNAPSHOT Shop ACTIVATION_REQUIRED SIM_INACTIVE ."),
	}
	f.walks(villa, "Activate", "Deactivate", "Resume")
	f.walks(shop, "Activate", "Stop")
	for range 5 {
		cursors = append(cursors, whole.Next().Text("cursor"))
	}
	for i, after := range cursors[:5] {
		s := f.dealer.Owner.Tiles(companyScope(f.dealer), after)
		for j := i + 1; j <= 5; j++ {
			e := s.Next()
			f.Equal(e.Text("kind"), "REPLAY")
			f.Equal(e.Text("cursor"), cursors[j])
			f.Equal(e.Get("isCaughtUp"), j == 5)
		}
		s.Close()
	}

	// The hub of an event is as it is now, the step as it was then. A stream
	// with nothing to replay waits.
	s := f.dealer.Owner.Tiles(companyScope(f.dealer), cursors[3])
	tells(f.World, s,
		"REPLAY Shop ACTIVATION_REQUIRED from ACTIVATION_REQUIRED by ACTIVATE SIM_INACTIVE",
		"REPLAY Shop ACTIVATION_REQUIRED from ACTIVATED by STOP SIM_INACTIVE .")
	waiting := f.dealer.Owner.Tiles(companyScope(f.dealer), cursors[5])
	waiting.Quiet()
	f.walks(villa, "Suspend")
	for _, s := range []*world.Stream{whole, s} {
		tells(f.World, s, "CHANGE Villa SUSPENDED from ACTIVATED by SUSPEND SIM_INACTIVE .")
	}
	e := waiting.Next() // nothing has told the test when this one had begun
	f.Equal(e.Text("kind") == "CHANGE" || e.Text("kind") == "REPLAY", true)
	f.Equal(e.Text("action"), "SUSPEND")

	// A cursor is a place in every stream of the installation.
	tells(f.World, f.dealer.Owner.Tiles(world.Vars{"objectId": shop.ObjectID}, cursors[2]),
		"REPLAY Shop ACTIVATION_REQUIRED from ACTIVATION_REQUIRED by ACTIVATE SIM_INACTIVE",
		"REPLAY Shop ACTIVATION_REQUIRED from ACTIVATED by STOP SIM_INACTIVE .")
	f.dealer.Owner.Connections(f.dealer.ID, cursors[2]).Quiet()
}

// Whoever has not seen a snapshot to its end gets it anew. (A49)
func TestTiles_SnapshotRestarts(t *testing.T) {
	f := newFirm(t)
	f.dealer.Hub("A")
	f.dealer.Hub("B")
	whole := []string{"SNAPSHOT A ACTIVATION_REQUIRED SIM_INACTIVE", "SNAPSHOT B ACTIVATION_REQUIRED SIM_INACTIVE ."}
	first := tells(f.World, f.dealer.Owner.Tiles(companyScope(f.dealer), ""), whole[0])
	last := tells(f.World, f.dealer.Owner.Tiles(companyScope(f.dealer), first), whole...)
	f.dealer.Owner.Tiles(companyScope(f.dealer), last).Quiet()
}

// Where there is nothing, the stream says so, and begins with what comes. (A49)
func TestTiles_Empty(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	object := c.Object("Villa")
	streams := []*world.Stream{
		c.Owner.Tiles(companyScope(c), ""), c.Owner.Tiles(world.Vars{"objectId": object}, ""),
	}
	for i, s := range streams {
		e := s.Next()
		w.Equal(told(e), "SNAPSHOT nothing .")
		w.Equal(e.Get("hub"), nil)
		w.Equal(e.Text("occurredAt"), "2026-01-15T12:00:00Z")
		streams = append(streams, c.Owner.Tiles([]world.Vars{companyScope(c), {"objectId": object}}[i], e.Text("cursor")))
	}
	tells(w, c.Owner.Tiles(world.Vars{"hubIds": []string{}}, ""), "SNAPSHOT nothing .")
	c.HubAt(object, "First", true)
	for _, s := range streams {
		if got := told(s.Next()); strings.TrimPrefix(strings.TrimPrefix(got, "CHANGE"), "REPLAY") != " First ACTIVATION_REQUIRED SIM_INACTIVE ." {
			t.Errorf("the first hub is told as %q", got)
		}
	}
}

// A query gives the place from which to subscribe: what it showed is not sent
// again, and what came after is not missed, however much happens meanwhile.
// (D6, A49)
func TestTiles_Handover(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	f.walks(villa, "Activate")
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			for _, step := range []string{"Suspend", "Resume"} {
				select {
				case <-stop:
					return
				default:
					f.takes(f.dealer.Owner, step, villa)
				}
			}
		}
	}()
	for range 10 {
		a := f.OK(f.dealer.Owner.Query(`query($id: ID!) { hub(id: $id) { tile { version } } streamCursor }`, world.Vars{"id": villa.ID}))
		version := a.Int("hub.tile.version")
		s := f.dealer.Owner.Subscribe("hubTileChanged", `subscription($scope: HubScope!, $after: String) {
			hubTileChanged(scope: $scope, after: $after) { kind previousTile action hub { tile { version } } } }`,
			world.Vars{"scope": world.Vars{"hubIds": []string{villa.ID}}, "after": a.Text("streamCursor")})
		for range 5 {
			version++ // each change adds one; the hub of an event is as it is now
			e := s.Next()
			want := []string{"RESUME", "SUSPEND"}[version%2] // the second one is that of the activation
			if e.Text("action") != want || e.Int("hub.tile.version") < version || e.Text("kind") == "SNAPSHOT" {
				t.Fatalf("after version %d came %v, want %s", version-1, e.Data, want)
			}
		}
		s.Close()
	}
	close(stop)
	<-stopped
}

// Streams outlive the server: they break with 1012, and go on with their
// cursor when it is back. (A49)
func TestTiles_ServerRestart(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	s := f.dealer.Owner.Tiles(companyScope(f.dealer), "")
	cursor := tells(f.World, s, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	followed, breaks := make(chan string, 100), make(chan struct{}, 100)
	follower := client.Follower{
		Query:     `subscription($id: ID!, $after: String) { hubTileChanged(scope: {companyId: $id}, after: $after) { cursor kind action } }`,
		Variables: world.Vars{"id": f.dealer.ID, "after": cursor}, CursorPath: "hubTileChanged.cursor", FirstWait: 10 * time.Millisecond,
		OnBreak: func(error, time.Duration) error { breaks <- struct{}{}; return nil },
	}
	ended := make(chan error, 1)
	go func() {
		ended <- follower.Run(ctx, f.dealer.Owner.Client, func(data json.RawMessage) error {
			var e struct{ HubTileChanged struct{ Action string } }
			err := json.Unmarshal(data, &e)
			followed <- e.HubTileChanged.Action
			return err
		})
	}()
	f.walks(villa, "Activate")
	f.Equal(<-followed, "ACTIVATE")
	cursor = tells(f.World, s, "CHANGE Villa ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE .")
	f.walks(villa, "Suspend") // and nobody is sure to have seen it
	f.Restart()
	f.walks(villa, "Resume")

	tells(f.World, f.dealer.Owner.Tiles(companyScope(f.dealer), cursor),
		"REPLAY Villa ACTIVATED from ACTIVATED by SUSPEND STAR SIM_ACTIVE",
		"REPLAY Villa ACTIVATED from SUSPENDED by RESUME STAR SIM_ACTIVE .")
	<-breaks
	for _, want := range []string{"SUSPEND", "RESUME"} {
		f.Equal(<-followed, want)
	}
	f.Equal(s.End(), "1012")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the follower ended with %v", err)
	}
}

// A reader that is too slow skips what it cannot follow, and gets the present
// state instead; the others do not notice. (A49)
func TestTiles_SlowReader(t *testing.T) {
	f := newFirm(t, func(c *server.Config) {
		c.Limits.StreamBehind, c.Limits.SocketQueue, c.Limits.SocketWriteTime = 20, 1, time.Minute
	})
	object := f.dealer.Object("Hall")
	var items []world.Vars
	for i := range 99 {
		items = append(items, world.Vars{"object": world.Vars{"id": object}, "serialNumber": fmt.Sprintf("00C%05X", i), "name": fmt.Sprint(strings.Repeat("long ", 30), i)})
	}
	f.OK(f.dealer.Owner.Mutate("hubProvision", world.Vars{"companyId": f.dealer.ID, "items": items}, `results { hub { id } }`))
	hub := f.dealer.HubAt(object, "0", false)
	scope := world.Vars{"hubIds": []string{hub.ID}}

	slow := *f.dealer.Owner
	slow.Client = narrow(f.World, slow.Email)
	s := slow.Subscribe("hubTileChanged", `subscription($scope: HubScope!) { hubTileChanged(scope: $scope) {
		kind isCaughtUp hub { name object { hubs(first: 100) { nodes { id a: name b: name c: name d: name e: name f: name g: name h: name } } } } } }`, world.Vars{"scope": scope})
	f.Equal(s.Next().Text("kind"), "SNAPSHOT")
	quick := f.dealer.Owner.Tiles(scope, "")
	quick.Next()
	const changes = 150
	for i := 1; i <= changes; i++ {
		f.OK(f.dealer.Owner.Mutate("hubUpdate", world.Vars{"hubId": hub.ID, "name": fmt.Sprint(i)}, `hub { id }`))
		e := quick.Next()
		f.Equal(e.Text("kind"), "CHANGE")
		f.Equal(e.Text("hub.name"), fmt.Sprint(i))
	}
	missed := changes
	for e := s.Next(); e.Text("kind") == "CHANGE"; e = s.Next() { // what was on its way
		if missed--; missed == 0 {
			t.Fatal("the reader was not slow enough")
		}
	}
	if missed <= 20 || missed == changes {
		t.Errorf("of %d changes the slow reader missed %d", changes, missed)
	}
	s.Quiet()
	f.OK(f.dealer.Owner.Mutate("hubUpdate", world.Vars{"hubId": hub.ID, "name": "Done"}, `hub { id }`))
	e := s.Next()
	f.Equal(e.Text("kind"), "CHANGE")
	f.Equal(e.Text("hub.name"), "Done")
}

// narrow signs somebody in with a client whose connections are full at once
// when it does not read.
func narrow(w *world.World, email string) *client.Client {
	w.Helper()
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		}
		return conn, err
	}}
	w.Cleanup(transport.CloseIdleConnections)
	c := client.New(w.URL, client.WithHTTPClient(&http.Client{Transport: transport}))
	var out struct{ UserSignIn struct{ SessionToken string } }
	err := c.Do(w.Context(), `mutation($input: UserSignInInput!) { userSignIn(input: $input) { sessionToken } }`,
		world.Vars{"input": world.Vars{"email": email, "password": world.Password}}, &out)
	if err != nil {
		w.Fatal(err)
	}
	return c.WithToken(out.UserSignIn.SessionToken)
}
