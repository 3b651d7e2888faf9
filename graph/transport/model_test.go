package transport_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"partnerhub/tests/peer"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"
)

// Whatever a client does in whatever order: what comes back belongs to an
// operation that it has running, in order, and nothing comes after its end.
func TestWebSocket_Model(t *testing.T) {
	s := serve(t, nil)
	rapid.Check(t, func(rt *rapid.T) {
		c := &modelClient{Peer: s.join(""), Fatalf: rt.Fatalf, active: map[string]*run{}}
		defer func() { _ = c.Conn.Close() }()
		ids := rapid.SampledFrom([]string{"a", "b", "c", "d"})
		rt.Repeat(map[string]func(*rapid.T){
			"subscribe": func(rt *rapid.T) {
				c.subscribe(ids.Draw(rt, "id"), rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))).Draw(rt, "kind"))
			},
			"complete": func(rt *rapid.T) { c.complete(ids.Draw(rt, "id")) },
			"wait":     func(*rapid.T) { c.catchUp() },
		})
		c.catchUp()
	})
}

// kinds are operations, and how many results each has; -1 is an error.
var kinds = map[string]int{
	"{ %s: hello }":                            1,
	"mutation { %s: add(n: 1) }":               1,
	"subscription { %s: count(to: 20) { n } }": 20,
	"subscription { %s: feed { n } }":          0,
	"subscription { %s: refused { n } }":       -1,
	"{ %s: nobody }":                           -1,
}

// run is one operation as the client sees it.
type run struct {
	alias   string // tells its results from those of an earlier one with its id
	results int    // still to come
	fails   bool
	endless bool
	left    bool // the client has sent complete, but may not know the effect yet
}

type modelClient struct {
	*peer.Peer
	Fatalf func(string, ...any)
	active map[string]*run
	count  int
}

func (c *modelClient) subscribe(id, kind string) {
	if c.active[id] != nil {
		return // in use as far as the client knows: 4409, or not if it is just over
	}
	c.count++
	r := &run{alias: fmt.Sprintf("r%d", c.count), results: kinds[kind]}
	r.fails, r.endless = r.results < 0, r.results == 0
	c.active[id] = r
	c.Sends(websocket.TextMessage, fmt.Sprintf(`{"type":"subscribe","id":%q,"payload":{"query":%q}}`, id, fmt.Sprintf(kind, r.alias)))
}

func (c *modelClient) complete(id string) {
	c.Sends(websocket.TextMessage, fmt.Sprintf(`{"type":"complete","id":%q}`, id))
	if r := c.active[id]; r != nil {
		r.left = true
	}
}

// catchUp reads all that was sent up to now. After it the client knows that
// nothing more comes for what it has left.
func (c *modelClient) catchUp() {
	c.Sends(websocket.TextMessage, `{"type":"ping"}`)
	for {
		m, err := c.Receives()
		if err != nil {
			c.Fatalf("%v", err)
		}
		if m["type"] == "pong" {
			break
		}
		c.take(m)
	}
	maps.DeleteFunc(c.active, func(_ string, r *run) bool { return r.left })
}

func (c *modelClient) take(m map[string]any) {
	id, _ := m["id"].(string)
	r := c.active[id]
	if r == nil {
		c.Fatalf("%v is for nothing that runs", m)
	}
	switch m["type"] {
	case "next":
		data := m["payload"].(map[string]any)["data"].(map[string]any)
		if _, ok := data[r.alias]; !ok || r.fails || r.results == 0 {
			c.Fatalf("%v is no result of %+v", m, r)
		}
		r.results--
	case "error":
		if !r.fails {
			c.Fatalf("%v for %+v", m, r)
		}
		delete(c.active, id)
	case "complete":
		if r.fails || r.endless || r.results > 0 {
			c.Fatalf("%v for %+v", m, r)
		}
		delete(c.active, id)
	default:
		c.Fatalf("%v", m)
	}
}
