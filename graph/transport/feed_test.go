package transport_test

import (
	"runtime"
	"testing"

	"partnerhub/tests/peer"
)

// While nothing happens, a subscription holds no goroutine, and its socket one.
// However it ends, its resolver is told so.
func TestFeed_Idle(t *testing.T) {
	s := serve(t, nil)
	const sockets = 20
	before := runtime.NumGoroutine()
	peers := make([]*peer.Peer, sockets)
	for i := range peers {
		peers[i] = s.join("")
		peers[i].Plays(subscribeTo("silent"), `> {"type":"subscribe","id":"g","payload":{"query":"subscription { silent { n } }"}}`, "silent")
	}
	s.eventually("all streams are open", func() bool { return s.schema.streams.Load() == 2*sockets })
	s.eventually("each socket has one goroutine", func() bool { return runtime.NumGoroutine() <= before+sockets })
	peers[0].Plays("> "+completeF, subscribeTo("silent"), "> "+completeF, "silent")
	s.eventually("what was completed is over", func() bool { return s.schema.streams.Load() == 2*sockets-1 })
	_ = peers[1].Conn.Close()
	s.eventually("what was on a socket that went is over", func() bool { return s.schema.streams.Load() == 2*sockets-3 })
	s.revoke(errRefused)
	peers[2].Plays(`> {"type":"subscribe","id":"h","payload":{"query":"{ who }"}}`, "x 4403")
	s.eventually("what was on a socket that was closed is over", func() bool { return s.schema.streams.Load() == 2*sockets-5 })
}
