package scenario_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"partnerhub/internal/server"
	"partnerhub/tests/peer"
	"partnerhub/tests/world"
)

// A person has so many sockets at a server, however many sessions; one more is
// closed with 1013, until one goes. Others are not concerned.
func TestSocket_PerPerson(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.SocketsPerPerson = 2 })
	anna, jan := w.Person("Anna"), w.Person("Jan")
	desk, phone := tokenOf(w, anna), tokenOf(w, anna)
	first := joins(t, w, desk)
	joins(t, w, phone)
	meets(t, w, desk).Plays("> INIT", "x 1013")
	meets(t, w, phone).Plays("> INIT", "x 1013")
	joins(t, w, tokenOf(w, jan))
	_ = first.Conn.Close()
	w.Within(peer.Patience, "there is room for another socket", func() bool {
		s, err := anna.Client.Dial(t.Context())
		if err == nil {
			_ = s.Close()
		}
		return err == nil
	})
}

// A socket runs so many operations at a time. One more is an error that says
// when to try again; the socket and the others go on.
func TestSocket_Operations(t *testing.T) {
	w := world.New(t, func(c *server.Config) { c.Limits.SocketOperations = 3 })
	c := w.Dealer("Night Watch")
	p := joins(t, w, tokenOf(w, c.Owner))
	for i := range 3 {
		p.Plays(watchTiles(fmt.Sprint("w", i), c), fmt.Sprintf(`< {"type":"next","id":"w%d"}`, i))
	}
	p.Plays(askWho, `< {"type":"error","id":"1","payload":[{"extensions":{"code":"RATE_LIMITED","retryAfter":1}}]}`, "silent",
		`> {"type":"complete","id":"w1"}`)
	w.Within(peer.Patience, "the one that was given up has ended", func() bool {
		p.Plays(askWho)
		m, err := p.Receives()
		if err != nil {
			t.Fatal(err)
		}
		return m["type"] == "next"
	})
	p.Plays(completed, "silent")
}

// The server pings; who does not answer is dropped, who does stays.
func TestSocket_Death(t *testing.T) {
	w := world.New(t, func(c *server.Config) {
		c.Limits.SocketPing, c.Limits.SocketDeadAfter = 100*time.Millisecond, 3*time.Second
	})
	token := tokenOf(w, w.Person("Anna"))
	alive, dead := joins(t, w, token), joins(t, w, token)
	pings := make(chan struct{}, 1000)
	answer := alive.Conn.PingHandler()
	alive.Conn.SetPingHandler(func(data string) error {
		pings <- struct{}{}
		return answer(data)
	})
	reading := make(chan error, 1)
	go func() {
		_, err := alive.Receives()
		reading <- err
	}()
	dead.Conn.SetPingHandler(func(string) error { return nil })
	if _, err := dead.Receives(); err == nil || websocket.IsCloseError(err, websocket.CloseNormalClosure, 1012, 4400) {
		t.Errorf("a dead client got %v, want a cut connection", err)
	}
	for range 3 {
		<-pings
	}
	select {
	case err := <-reading:
		t.Errorf("a client that answers was dropped: %v", err)
	default:
	}
}

// stalls opens a socket that asks for much and reads none of it.
func stalls(t *testing.T, w *world.World, token string, c *world.Company) *peer.Peer {
	t.Helper()
	d := websocket.Dialer{Subprotocols: speaks, NetDialContext: peer.Narrow(4 << 10)}
	p, _, err := peer.Dial(t, d, w.URL+"/graphql", nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Token = token
	p.Plays("> INIT", "< ACK", watchTiles("w", c))
	for i := range 2 {
		p.Sends(websocket.TextMessage, fmt.Sprintf(`{"type":"subscribe","id":"%d","payload":{"query":"{ __schema { types { description fields { name description } } } }"}}`, i))
	}
	return p
}

// dropped waits until the server has cut the connection of a peer that gives
// signs of life, but does not read.
func dropped(p *peer.Peer) bool {
	for end := time.Now().Add(peer.Patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if p.Conn.WriteControl(websocket.PongMessage, nil, time.Now().Add(time.Second)) != nil {
			return true
		}
	}
	return false
}

// Readers that stop reading are dropped, and cost the others nothing: they get
// each change meanwhile.
func TestSocket_StalledReaders(t *testing.T) {
	w := world.New(t, func(c *server.Config) {
		c.Limits.SocketWriteTime, c.Limits.SocketQueue = time.Second, 8<<10
	})
	c := w.Dealer("Night Watch")
	hub := c.Hub("Villa")
	tiles := c.Owner.Tiles(world.Vars{"companyId": c.ID}, "")
	tiles.Next()
	token := tokenOf(w, c.Owner)
	var stalled []*peer.Peer
	for range 5 {
		stalled = append(stalled, stalls(t, w, token, c))
	}
	for i := range 10 {
		w.OK(c.Owner.Mutate("hubUpdate", world.Vars{"hubId": hub.ID, "name": fmt.Sprint("Change ", i)}, `hub { id }`))
		w.Equal(tiles.Next().Text("hub.name"), fmt.Sprint("Change ", i))
	}
	for _, p := range stalled {
		if !dropped(p) {
			t.Fatal("a stalled reader is not dropped")
		}
	}
	w.OK(c.Owner.Mutate("hubUpdate", world.Vars{"hubId": hub.ID, "name": "Done"}, `hub { id }`))
	w.Equal(tiles.Next().Text("hub.name"), "Done")
}

// A flood of pings, of either kind, is answered by one socket's reader, and by
// nobody else.
func TestSocket_PingFlood(t *testing.T) {
	w := world.New(t)
	token := tokenOf(w, w.Person("Anna"))
	p := joins(t, w, token)
	p.Writes(strings.Repeat(frame(final|ping, "x"), 2000), strings.Repeat(frame(final|text, `{"type":"ping"}`), 200))
	for range 200 {
		p.Plays(`< {"type":"pong"}`)
	}
	joins(t, w, token).Plays(askWho, `< {"type":"next"}`, completed)
}

// The guard weighs what comes over a socket as it does what comes by POST, and
// an attack ends its own operation alone.
func TestSocket_Guarded(t *testing.T) {
	w := world.New(t)
	p := joins(t, w, tokenOf(w, w.Person("Anna")))
	for _, document := range []string{
		"{" + strings.Repeat("a{", 2000), strings.Repeat("{ viewer ", 500),
		"{ " + strings.Repeat("viewer { id } ", 1000) + "}",
		"query A { ...F } fragment F on Query { ...F }",
	} {
		p.Plays(`> {"type":"subscribe","id":"1","payload":{"query":"`+document+`"}}`, `< {"type":"error","id":"1"}`, "silent")
	}
}
