package scenario_test

import (
	"fmt"
	"testing"
	"time"

	"partnerhub/tests/world"
)

// The events of somebody's streams are paid by the person: more than half of a
// budget's worth comes more slowly, but whole and in order. Meanwhile the person
// can ask, and nobody else waits.
func TestStreams_Paced(t *testing.T) {
	const (
		points, hubs, streams = 6000, 10, 24
		step                  = 12 // points: 10, the field, and its hub
	)
	f := newFirm(t)
	for i := range hubs {
		f.dealer.Hub(fmt.Sprint("Hub ", i))
	}
	ann, bob := f.dealer.Owner, f.dealer.Employee("SERVICE_MANAGER")
	renamed := f.dealer.Hub("Old")
	f.Restart(withBudget(points))
	const document = `subscription($scope: HubScope!) { hubTileChanged(scope: $scope) { kind isCaughtUp hub { name } } }`
	begun := time.Now()
	socket := ann.Socket()
	list := make([]*world.Stream, streams)
	for i := range list {
		list[i] = socket.Subscribe("hubTileChanged", document, world.Vars{"scope": companyScope(f.dealer)})
	}
	beside := bob.Subscribe("hubTileChanged", document, world.Vars{"scope": companyScope(f.dealer)})
	for _, s := range append(list, beside) {
		f.OK(ann.Query(cheap))
		names := map[string]bool{}
		for n := range hubs + 1 {
			e := s.Next()
			f.Equal(e.Text("kind"), "SNAPSHOT")
			f.Equal(e.Get("isCaughtUp"), n == hubs)
			names[e.Text("hub.name")] = true
		}
		f.Equal(len(names), hubs+1)
	}
	// Half of what a minute brings was there, and half comes in.
	const least = (streams*(hubs+1)*step - points/2) * time.Minute / (points / 2)
	if took := time.Since(begun); took < least {
		t.Errorf("%d streams took %v, which is to be %v at least", streams, took, least)
	}
	f.OK(bob.Mutate("hubUpdate", world.Vars{"hubId": renamed.ID, "name": "New"}, `hub { id }`))
	for _, s := range append(list, beside) {
		e := s.Next()
		f.Equal(e.Text("kind")+" "+e.Text("hub.name"), "CHANGE New")
	}
}
