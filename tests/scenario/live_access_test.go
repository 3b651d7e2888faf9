package scenario_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

// soon is how soon a stream is to end after its reader has lost the right to
// it. A second is promised; tests that run side by side on a busy machine get
// tenfold.
const soon = 10 * time.Second

// endsSoon does something, and fails the test unless the stream ends because of
// it soon, in the way wanted.
func endsSoon(w *world.World, s *world.Stream, want string, do func()) {
	w.Helper()
	do()
	from := time.Now()
	w.Equal(s.End(), want)
	if took := time.Since(from); took > soon {
		w.Errorf("the stream ended after %s", took)
	}
}

// Who works for a company watches its hubs, whatever the role; the platform
// operator watches all. Everybody else is refused, alike for what is foreign
// and for what does not exist; so is the reseller that bills the hub. (A34 A49
// A50 A52 A53)
func TestTiles_WhoAsks(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	f.walks(villa, "Activate")
	invited := f.Person("Invited")
	invitation := f.OK(f.dealer.Owner.Mutate("employeeAdd", world.Vars{"companyId": f.dealer.ID, "email": invited.Email, "role": "INSTALLER"}, `employee { id }`))

	scopes := []world.Vars{companyScope(f.dealer), {"objectId": villa.ObjectID}, {"hubIds": []string{villa.ID}}}
	may := []*world.Person{f.dealer.Owner, f.Operator()}
	for _, role := range world.Roles {
		may = append(may, f.dealer.Employee(role))
	}
	for _, p := range may {
		for _, scope := range scopes {
			tells(f.World, p.Tiles(scope, ""), "SNAPSHOT Villa ACTIVATED STAR SIM_ACTIVE .")
		}
	}
	stranger := f.Dealer("Other").Owner
	for _, p := range []*world.Person{f.reseller.Owner, stranger, invited, f.Person("Nobody")} {
		for _, scope := range scopes {
			f.Equal(p.Tiles(scope, "").End(), "FORBIDDEN")
			f.Fails(p.Query(changesDocument, world.Vars{"scope": scope, "after": cursorOf(f.World, p)}), "FORBIDDEN")
		}
	}
	for _, scope := range []world.Vars{
		{"companyId": "co_0"}, {"objectId": "obj_0"}, {"hubIds": []string{"hub_0"}}, {"hubIds": []string{villa.ID, "hub_0"}},
	} {
		for _, p := range []*world.Person{f.dealer.Owner, stranger, f.Operator()} {
			f.Equal(p.Tiles(scope, "").End(), "FORBIDDEN")
		}
	}
	f.OK(invited.Mutate("employeeInvitationAccept", world.Vars{"employeeId": invitation.Text("employee.id")}, `employee { id }`))
	tells(f.World, invited.Tiles(companyScope(f.dealer), ""), "SNAPSHOT Villa ACTIVATED STAR SIM_ACTIVE .")
}

// What only a programmer can put right. (A49)
func TestTiles_BadInput(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	many := make([]string, 501)
	for i := range many {
		many[i] = c.ID
	}
	for _, scope := range []world.Vars{{}, {"companyId": c.ID, "objectId": c.ID}, {"companyId": nil}, {"hubIds": many}} {
		w.Equal(c.Owner.Tiles(scope, "").End(), "BAD_USER_INPUT")
		w.Fails(c.Owner.Query(changesDocument, world.Vars{"scope": scope, "after": cursorOf(w, c.Owner)}), "BAD_USER_INPUT")
	}
	for _, garbage := range []string{"garbage", "====", cursorOf(w, c.Owner) + "A"} {
		w.Equal(c.Owner.Tiles(companyScope(c), garbage).End(), "BAD_USER_INPUT")
		w.Equal(c.Owner.Connections(c.ID, garbage).End(), "BAD_USER_INPUT")
		w.Fails(c.Owner.Query(changesDocument, world.Vars{"scope": companyScope(c), "after": garbage}), "BAD_USER_INPUT")
	}
	w.Fails(c.Owner.Query(changesDocument, world.Vars{"scope": companyScope(c), "after": cursorOf(w, c.Owner), "first": 501}), "BAD_USER_INPUT")

	// A stream is nothing for a POST.
	text, err := json.Marshal(world.Vars{"query": `subscription { connectionChanged(companyId: "` + c.ID + `") { kind } }`})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.Owner.Client.Raw(t.Context(), http.MethodPost, "/graphql", http.Header{"Content-Type": {"application/json"}}, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode < 400 {
		t.Errorf("a subscription by POST was answered %d", answer.StatusCode)
	}
}

// Whoever is removed from a company sees no more of it, within a second: each
// stream of it ends, the socket and what else runs on it goes on. (R18, A49)
func TestStreams_RoleLost(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	other := f.Dealer("Second Job")
	person := f.Person("Ewa")
	first, second := f.dealer.Employs(person, "SERVICE_MANAGER"), other.Employs(person, "SERVICE_MANAGER")
	socket := person.Socket()
	tiles, links := socket.Tiles(companyScope(f.dealer), ""), socket.Connections(f.dealer.ID, "")
	elsewhere := socket.Connections(other.ID, "")
	for _, s := range []*world.Stream{tiles, links, elsewhere} {
		s.Next()
	}

	// Of a manager becomes an installer: the hubs stay, the connections go.
	endsSoon(f.World, links, "FORBIDDEN", func() {
		f.OK(f.dealer.Owner.Mutate("employeeRoleUpdate", world.Vars{"employeeId": first, "role": "INSTALLER"}, `employee { role }`))
	})
	f.walks(villa, "Activate")
	tells(f.World, tiles, "CHANGE Villa ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE .")

	// Removed: nothing of what happens afterwards is told.
	endsSoon(f.World, tiles, "FORBIDDEN", func() {
		f.OK(f.dealer.Owner.Mutate("employeeRemove", world.Vars{"employeeId": first}, `removedEmployeeId`))
		f.walks(villa, "Stop")
	})
	f.Equal(socket.Tiles(companyScope(f.dealer), "").End(), "FORBIDDEN")

	// The rest of the socket goes on.
	other.Requests(f.reseller)
	f.Equal(elsewhere.Next().Text("connection.status"), "PENDING")
	f.Equal(socket.Subscribe("viewer", `{ viewer { id } }`, nil).Next().Text("id"), person.ID)
	endsSoon(f.World, elsewhere, "FORBIDDEN", func() {
		f.OK(other.Owner.Mutate("employeeRemove", world.Vars{"employeeId": second}, `removedEmployeeId`))
	})
}

// No change that was made after the removal reaches who was removed, however
// close the two are. (R18)
func TestStreams_RoleLostAtTheSameMoment(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	person := f.Person("Ewa")
	for range 8 {
		id := f.dealer.Employs(person, "INSTALLER")
		s := person.Tiles(companyScope(f.dealer), "")
		s.Next()
		f.OK(f.dealer.Owner.Mutate("employeeRemove", world.Vars{"employeeId": id}, `removedEmployeeId`))
		f.walks(villa, "Activate", "Stop")
		if e, end := s.NextOrEnd(); end != "FORBIDDEN" {
			t.Fatalf("after the removal came %v, %q", e.Data, end)
		}
	}
}

// What is deleted can no longer be watched, by nobody. (A45 A49)
func TestStreams_Deleted(t *testing.T) {
	w := world.New(t)
	c := w.Dealer("Night Watch")
	villa, shop := c.Hub("Villa"), c.Hub("Shop")
	object := c.Owner.Tiles(world.Vars{"objectId": villa.ObjectID}, "")
	named := c.Owner.Tiles(world.Vars{"hubIds": []string{villa.ID, shop.ID}}, "")
	company, operator := c.Owner.Tiles(companyScope(c), ""), w.Operator().Tiles(companyScope(c), "")
	links := w.Operator().Connections(c.ID, "")
	tells(w, object, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")
	cursor := tells(w, named, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE", "SNAPSHOT Shop ACTIVATION_REQUIRED SIM_INACTIVE .")
	for _, s := range []*world.Stream{company, company, operator, operator, links} {
		s.Next()
	}

	endsSoon(w, object, "FORBIDDEN", func() {
		w.OK(c.Owner.Mutate("objectDelete", world.Vars{"objectId": villa.ObjectID}, `deletedObjectId`))
	})
	for _, s := range []*world.Stream{named, company, operator} {
		tells(w, s, "CHANGE gone from ACTIVATION_REQUIRED .")
	}
	w.Equal(c.Owner.Tiles(world.Vars{"objectId": villa.ObjectID}, cursor).End(), "FORBIDDEN")
	w.Equal(c.Owner.Tiles(world.Vars{"hubIds": []string{villa.ID, shop.ID}}, "").End(), "FORBIDDEN")
	tells(w, c.Owner.Tiles(world.Vars{"hubIds": []string{villa.ID, shop.ID}}, cursor), "REPLAY gone from ACTIVATION_REQUIRED .")

	w.OK(c.Owner.Mutate("companyDelete", world.Vars{"companyId": c.ID, "confirmName": c.Name}, `deletedCompanyId`))
	for _, s := range []*world.Stream{named, company, operator, links} {
		endsSoon(w, s, "FORBIDDEN", func() {})
	}
}

// Signing out closes the sockets of that session with 4403, within a second
// and also where nothing happens; the person's other sessions go on. (A49)
func TestStreams_SignOut(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	person := f.dealer.Employee("INSTALLER")
	desk, phone := *person, *person
	phone.SignIn()
	atDesk, onPhone := desk.Tiles(companyScope(f.dealer), ""), phone.Tiles(companyScope(f.dealer), "")
	for _, s := range []*world.Stream{atDesk, onPhone} {
		tells(f.World, s, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")
	}
	endsSoon(f.World, onPhone, "4403", func() {
		f.OK(phone.Mutate("userSignOut", world.Vars{}, `isSignedOut`))
	})
	f.walks(villa, "Activate")
	tells(f.World, atDesk, "CHANGE Villa ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE .")
	endsSoon(f.World, atDesk, "4403", func() {
		f.OK(desk.Mutate("userSignOut", world.Vars{"everywhere": true}, `isSignedOut`))
	})

	// Without credentials, or with dead ones, there is no socket at all.
	for _, p := range []*world.Person{&desk, f.Nobody()} {
		closed := &client.CloseError{}
		if _, err := p.Client.Dial(t.Context()); !errors.As(err, &closed) || closed.Code != 4403 {
			t.Errorf("a socket is refused with %v", err)
		}
	}
}

const changesDocument = `query($scope: HubScope!, $after: String!, $first: Int) {
	hubTileChanges(scope: $scope, after: $after, first: $first) {
		cursor hasMore isSnapshot
		events { cursor kind hubId previousTile action isCaughtUp hub { name statusIcons tile { kind } } } } }`

// cursorOf returns the newest place of the streams.
func cursorOf(w *world.World, p *world.Person) string {
	w.Helper()
	return w.OK(p.Query(`{ streamCursor }`)).Text("streamCursor")
}
