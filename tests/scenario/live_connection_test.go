package scenario_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"partnerhub/tests/world"
)

// linked says an event of a stream of connections in words: its kind, both
// sides, the status, the number, and "." where the reader is up to date.
func linked(e world.Answer) string {
	if e.Get("connectionId") == nil {
		return strings.TrimSpace(e.Text("kind") + " nothing " + dot(e))
	}
	words := []string{e.Text("kind")}
	if e.Get("connection") == nil {
		words = append(words, "gone")
	} else {
		words = append(words, e.Text("connection.dealer.name"), e.Text("connection.reseller.name"), e.Text("connection.status"), e.Text("connection.dealerNumber"))
	}
	return strings.Join(strings.Fields(strings.Join(append(words, dot(e)), " ")), " ")
}

func tellsLinks(w *world.World, s *world.Stream, want ...string) (cursor string) {
	w.Helper()
	for _, want := range want {
		e := s.Next()
		if got := linked(e); got != want {
			w.Fatalf("an event\n got %q\nwant %q", got, want)
		}
		cursor = e.Text("cursor")
	}
	return cursor
}

// Every step of a connection reaches both sides at once, in order: the dealer
// sees the approval in its app, and the reseller's Your dealers tab follows. A
// request that is withdrawn has no connection in its event. (R47, A24 A49)
func TestConnections_EveryStep(t *testing.T) {
	w := world.New(t)
	dealer, reseller, third := w.Dealer("Watch"), w.Reseller("Station"), w.Reseller("Third")
	manager := reseller.Employee("SERVICE_MANAGER")
	streams := []*world.Stream{dealer.Owner.Connections(dealer.ID, ""), manager.Connections(reseller.ID, "")}
	foreign := third.Owner.Connections(third.ID, "")
	for _, s := range append(streams, foreign) {
		tellsLinks(w, s, "SNAPSHOT nothing .")
	}
	id := ""
	version := 0
	step := func(want string, do func() world.Answer) {
		t.Helper()
		a := w.OK(do())
		id = cmp.Or(a.Text("connection.id"), id)
		version++
		for _, s := range streams {
			e := s.Next()
			w.Equal(linked(e), "CHANGE "+want+" .")
			w.Equal(e.Text("connectionId"), id)
			if e.Get("connection") != nil {
				w.Equal(e.Int("connection.version"), version)
			}
		}
	}
	does := func(field string, more ...world.Vars) func() world.Answer {
		return func() world.Answer {
			input := world.Vars{"connectionId": id}
			for _, m := range more {
				for name, value := range m {
					input[name] = value
				}
			}
			return manager.Mutate(field, input, `connection { id }`)
		}
	}
	request := func() world.Answer {
		return dealer.Owner.Mutate("connectionRequest", world.Vars{"dealerId": dealer.ID, "reseller": world.Vars{"id": reseller.ID}}, `connection { id }`)
	}
	step("Watch Station PENDING", request)
	step("gone", func() world.Answer {
		return dealer.Owner.Mutate("connectionCancel", world.Vars{"connectionId": id}, `cancelledConnectionId`)
	})
	version = 0
	before := w.OK(dealer.Owner.Query(`{ streamCursor }`)).Text("streamCursor")
	a := w.OK(request())
	id = a.Text("connection.id")
	for _, s := range streams {
		e := s.Next()
		w.Equal(linked(e), "CHANGE Watch Station PENDING .")
		version = e.Int("connection.version")
	}
	step("Watch Station REJECTED", does("connectionReject"))
	step("Watch Station ACTIVE N7", does("connectionApprove", world.Vars{"dealerNumber": "N7"}))
	step("Watch Station ACTIVE N8", does("connectionDealerNumberUpdate", world.Vars{"dealerNumber": "N8"}))
	step("Watch Station SUSPENDED N8", does("connectionSuspend"))
	step("Watch Station ACTIVE N8", does("connectionResume"))
	for _, s := range append(streams, foreign) {
		s.Quiet()
	}

	// Whoever comes back gets what was missed; whoever comes first, what is.
	replay := []string{"REPLAY Watch Station ACTIVE N8", "REPLAY Watch Station ACTIVE N8", "REPLAY Watch Station ACTIVE N8",
		"REPLAY Watch Station ACTIVE N8", "REPLAY Watch Station ACTIVE N8", "REPLAY Watch Station ACTIVE N8 ."}
	tellsLinks(w, dealer.Owner.Connections(dealer.ID, before), replay...)
	dealer.Requests(third)
	tellsLinks(w, foreign, "CHANGE Watch Third PENDING .")
	last := tellsLinks(w, dealer.Owner.Connections(dealer.ID, ""), "SNAPSHOT Watch Station ACTIVE N8", "SNAPSHOT Watch Third PENDING .")
	dealer.Owner.Connections(dealer.ID, last).Quiet()
	tellsLinks(w, manager.Connections(reseller.ID, ""), "SNAPSHOT Watch Station ACTIVE N8 .")
}

// Owner and managers of either side watch its connections, and the platform
// operator; nobody else does. (A49 A52 A53)
func TestConnections_WhoAsks(t *testing.T) {
	f := newFirm(t)
	for _, c := range []*world.Company{f.dealer, f.reseller} {
		for _, p := range []*world.Person{c.Owner, c.Employee("SENIOR_SERVICE_MANAGER"), c.Employee("SERVICE_MANAGER"), f.Operator()} {
			f.Equal(p.Connections(c.ID, "").Next().Text("connection.id"), f.connection)
		}
		f.Equal(c.Employee("INSTALLER").Connections(c.ID, "").End(), "FORBIDDEN")
	}
	f.Equal(f.dealer.Owner.Connections(f.reseller.ID, "").End(), "FORBIDDEN")
	f.Equal(f.reseller.Owner.Connections(f.dealer.ID, "").End(), "FORBIDDEN")
	f.Equal(f.Person("Nobody").Connections(f.dealer.ID, "").End(), "FORBIDDEN")
	f.Equal(f.dealer.Owner.Connections("co_0", "").End(), "FORBIDDEN")
	f.Equal(f.Operator().Connections("co_0", "").End(), "FORBIDDEN")
}

// A client that wakes up without a socket asks what changed: each hub once, as
// it is now, in pages, and then goes on with the stream. (A49)
func TestHubTileChanges(t *testing.T) {
	f := newFirm(t)
	start := cursorOf(f.World, f.dealer.Owner)
	ask := func(after string, first int, want string) string {
		t.Helper()
		a := f.OK(f.dealer.Owner.Query(changesDocument, world.Vars{"scope": companyScope(f.dealer), "after": after, "first": first}))
		var said []string
		for _, e := range a.List("hubTileChanges.events") {
			said = append(said, told(world.Answer{Data: e}))
		}
		if a.Get("hubTileChanges.hasMore") == true {
			said = append(said, "more")
		}
		f.Equal(strings.Join(said, ", "), want)
		f.Equal(a.Get("hubTileChanges.isSnapshot"), false)
		return a.Text("hubTileChanges.cursor")
	}
	ask(start, 10, "")
	hubs := map[string]*world.Hub{}
	for _, name := range []string{"A", "B", "C"} {
		hubs[name] = f.dealer.Hub(name)
	}
	f.walks(hubs["A"], "Activate", "Suspend")
	f.walks(hubs["B"], "Activate")
	f.OK(f.dealer.Owner.Mutate("hubRemove", world.Vars{"hubId": hubs["C"].ID}, `removedHubId`))
	const a, b, c = "REPLAY A SUSPENDED from ACTIVATED by SUSPEND SIM_INACTIVE", "REPLAY B ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE", "REPLAY gone from ACTIVATION_REQUIRED"
	ask(start, 10, fmt.Sprintf("%s, %s, %s .", a, b, c))
	two := ask(start, 2, a+", "+b+", more")
	rest := ask(two, 2, c+" .")
	ask(rest, 2, "")
	tells(f.World, f.dealer.Owner.Tiles(companyScope(f.dealer), two), c+" .")
	s := f.dealer.Owner.Tiles(companyScope(f.dealer), rest)
	f.walks(hubs["B"], "Stop")
	e := s.Next()
	f.Equal(e.Text("action"), "STOP")
}
