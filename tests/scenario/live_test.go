package scenario_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"partnerhub/tests/world"
)

// told says an event of a stream of tiles in words: its kind, the hub, its tile
// now and before, the step, the icons, and "." where the reader is up to date.
func told(e world.Answer) string {
	if e.Get("hubId") == nil {
		return strings.TrimSpace(e.Text("kind") + " nothing " + dot(e))
	}
	words := []string{e.Text("kind"), cmp.Or(e.Text("hub.name"), "gone"), e.Text("hub.tile.kind")}
	if before := e.Text("previousTile"); before != "" {
		words = append(words, "from "+before)
	}
	if step := e.Text("action"); step != "" {
		words = append(words, "by "+step)
	}
	words = append(words, e.Texts("hub.statusIcons", "")...)
	return strings.Join(strings.Fields(strings.Join(append(words, dot(e)), " ")), " ")
}

func dot(e world.Answer) string {
	if e.Get("isCaughtUp") == true {
		return "."
	}
	return ""
}

// tells fails the test unless these are the next events of a stream of tiles,
// each as [told] says it, and returns the cursor of the last one.
func tells(w *world.World, s *world.Stream, want ...string) (cursor string) {
	w.Helper()
	for _, want := range want {
		e := s.Next()
		if got := told(e); got != want {
			w.Fatalf("an event\n got %q\nwant %q", got, want)
		}
		cursor = e.Text("cursor")
	}
	return cursor
}

func companyScope(c *world.Company) world.Vars { return world.Vars{"companyId": c.ID} }

// Every step of a service reaches whoever watches the hub, once and in order,
// with the tile before and after, the step, the star and the SIM: the steps of
// people and that of the calendar. (R85 R112, D4 D7, A13 A49 A63)
func TestTiles_EveryStep(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	streams := map[string]*world.Stream{
		"company": f.dealer.Owner.Tiles(companyScope(f.dealer), ""),
		"object":  f.dealer.Employee("INSTALLER").Tiles(world.Vars{"objectId": villa.ObjectID}, ""),
		"hubs":    f.dealer.Employee("SERVICE_MANAGER").Tiles(world.Vars{"hubIds": []string{villa.ID}}, ""),
	}
	for _, s := range streams {
		tells(f.World, s, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")
	}
	version := 1
	step := func(do func(), want string) {
		t.Helper()
		do()
		version++
		for name, s := range streams {
			e := s.Next()
			if got := told(e); got != "CHANGE Villa "+want+" ." {
				t.Fatalf("the %s stream tells\n     %q\nwant %q", name, got, want)
			}
			f.Equal(e.Int("hub.tile.version"), version)
			f.Equal(e.Get("hub.sim.isActive"), strings.Contains(want, "SIM_ACTIVE"))
			f.Equal(e.Get("hub.tile.kind"), f.dealer.Owner.Tile(villa))
		}
	}
	take := func(step string) func() {
		return func() { f.Helper(); f.OK(f.takes(f.dealer.Owner, step, villa)) }
	}
	advance := func(to string) func() { return func() { f.Helper(); f.Advance(to) } }

	step(take("Activate"), "ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE")
	step(take("Deactivate"), "EXPIRES_SOON from ACTIVATED by DEACTIVATE STAR SIM_ACTIVE")
	step(take("Resume"), "ACTIVATED from EXPIRES_SOON by RESUME STAR SIM_ACTIVE")
	step(take("Suspend"), "SUSPENDED from ACTIVATED by SUSPEND SIM_INACTIVE")
	step(take("Resume"), "ACTIVATED from SUSPENDED by RESUME STAR SIM_ACTIVE")
	step(take("Deactivate"), "EXPIRES_SOON from ACTIVATED by DEACTIVATE STAR SIM_ACTIVE")
	step(take("Stop"), "ACTIVATION_REQUIRED from EXPIRES_SOON by STOP SIM_INACTIVE")
	step(take("Activate"), "ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE")
	step(take("Deactivate"), "EXPIRES_SOON from ACTIVATED by DEACTIVATE STAR SIM_ACTIVE")
	step(advance("2026-02-01T00:00:00Z"), "ACTIVATION_REQUIRED from EXPIRES_SOON by EXPIRE SIM_INACTIVE")
	step(take("Activate"), "ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE")
	step(take("Deactivate"), "EXPIRES_SOON from ACTIVATED by DEACTIVATE STAR SIM_ACTIVE")
	step(take("Suspend"), "SUSPENDED from EXPIRES_SOON by SUSPEND SIM_INACTIVE")
	step(advance("2026-03-01T00:00:00Z"), "ACTIVATION_REQUIRED from SUSPENDED by EXPIRE SIM_INACTIVE")
	for _, s := range streams {
		s.Quiet()
	}
}

// What is refused, and what changes nothing, is told to nobody.
func TestTiles_OnlyEffects(t *testing.T) {
	f := newFirm(t)
	villa := f.dealer.Hub("Villa")
	s := f.dealer.Owner.Tiles(companyScope(f.dealer), "")
	tells(f.World, s, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")
	f.Refused(f.takes(f.dealer.Owner, "Stop", villa), "INVALID_STATE")
	f.Refused(f.takes(f.reseller.Owner, "Activate", villa), "NOT_FOUND")
	f.OK(f.dealer.Owner.Mutate("hubUpdate", world.Vars{"hubId": villa.ID, "name": "Villa"}, `hub { id }`))
	s.Quiet()
}

// Hubs come, change and go: by themselves, in bulk, and with their cards. One
// that is gone has no hub in its event. (A57 A62)
func TestTiles_Hubs(t *testing.T) {
	f := newFirm(t)
	owner := f.dealer.Owner
	s := owner.Tiles(companyScope(f.dealer), "")
	tells(f.World, s, "SNAPSHOT nothing .")

	bare := f.dealer.HubWithoutSIM("Bare")
	tells(f.World, s, "CHANGE Bare UNAVAILABLE .")
	f.OK(owner.Mutate("hubSimInstall", world.Vars{"hubId": bare.ID, "sim": world.Vars{"iccid": "8948000000000999999", "isAjaxSim": true}}, `hub { id }`))
	tells(f.World, s, "CHANGE Bare ACTIVATION_REQUIRED from UNAVAILABLE SIM_INACTIVE .")
	f.OK(owner.Mutate("hubUpdate", world.Vars{"hubId": bare.ID, "name": "Dressed"}, `hub { id }`))
	tells(f.World, s, "CHANGE Dressed ACTIVATION_REQUIRED from ACTIVATION_REQUIRED SIM_INACTIVE .")

	other := f.dealer.HubWithoutSIM("Other")
	tells(f.World, s, "CHANGE Other UNAVAILABLE .")
	f.OK(owner.Mutate("hubConfigurationTransfer", world.Vars{"fromHubId": bare.ID, "toHubId": other.ID}, `hub { id }`))
	seen := map[string]bool{}
	for e := s.Next(); ; e = s.Next() {
		if seen[e.Text("hubId")] = true; e.Text("hubId") == other.ID {
			f.Equal(e.Text("hub.name"), "Dressed")
			break
		}
	}

	f.OK(owner.Mutate("hubRemove", world.Vars{"hubId": bare.ID}, `removedHubId`))
	gone := nextAbout(s, bare)
	for told(gone) != "CHANGE gone from ACTIVATION_REQUIRED ." {
		if gone.Get("hub") == nil {
			t.Fatalf("the removal is told as %q", told(gone))
		}
		gone = nextAbout(s, bare)
	}

	f.OK(owner.Mutate("hubProvision", world.Vars{"companyId": f.dealer.ID, "items": []world.Vars{
		{"object": world.Vars{"id": other.ObjectID}, "serialNumber": "00B00001", "name": "Bulk", "sim": world.Vars{"iccid": "8948000000000888888", "isAjaxSim": true}, "activation": world.Vars{}},
	}}, `results { hub { id } }`))
	last := ""
	for last != "ACTIVATED" {
		e := s.Next()
		f.Equal(e.Text("hub.name"), "Bulk")
		last = e.Text("hub.tile.kind")
	}
}

// nextAbout returns the next event about a hub.
func nextAbout(s *world.Stream, h *world.Hub) world.Answer {
	for {
		if e := s.Next(); e.Text("hubId") == h.ID {
			return e
		}
	}
}

// With its enrolment as a dealer, each of a company's hubs can be activated at
// once, and each screen shows it.
func TestTiles_Enrolment(t *testing.T) {
	w := world.New(t)
	c := w.Company("Night Watch")
	c.Hub("A")
	c.HubWithoutSIM("B")
	c.Hub("C")
	s := c.Owner.Tiles(companyScope(c), "")
	tells(w, s, "SNAPSHOT A UNAVAILABLE SIM_INACTIVE", "SNAPSHOT B UNAVAILABLE", "SNAPSHOT C UNAVAILABLE SIM_INACTIVE .")
	w.OK(c.Owner.Mutate("companyDealerEnroll", world.Vars{"companyId": c.ID, "registrationNumber": "KRS 0000123456", "acceptsTerms": true}, `company { id }`))
	tells(w, s, "CHANGE A ACTIVATION_REQUIRED from UNAVAILABLE SIM_INACTIVE .", "CHANGE C ACTIVATION_REQUIRED from UNAVAILABLE SIM_INACTIVE .")
	s.Quiet()
}

// A hub that is put at another object leaves the screen of the first one with
// one more event, and comes to that of the other.
func TestTiles_Move(t *testing.T) {
	f := newFirm(t)
	villa, shop := f.dealer.Hub("Villa"), f.dealer.Hub("Shop")
	from := f.dealer.Owner.Tiles(world.Vars{"objectId": villa.ObjectID}, "")
	to := f.dealer.Owner.Tiles(world.Vars{"objectId": shop.ObjectID}, "")
	tells(f.World, from, "SNAPSHOT Villa ACTIVATION_REQUIRED SIM_INACTIVE .")
	tells(f.World, to, "SNAPSHOT Shop ACTIVATION_REQUIRED SIM_INACTIVE .")
	f.OK(f.dealer.Owner.Mutate("hubUpdate", world.Vars{"hubId": villa.ID, "objectId": shop.ObjectID}, `hub { id }`))
	for _, s := range []*world.Stream{from, to} {
		tells(f.World, s, "CHANGE Villa ACTIVATION_REQUIRED from ACTIVATION_REQUIRED SIM_INACTIVE .")
	}
	f.OK(f.takes(f.dealer.Owner, "Activate", villa))
	tells(f.World, to, "CHANGE Villa ACTIVATED from ACTIVATION_REQUIRED by ACTIVATE STAR SIM_ACTIVE .")
	from.Quiet()
}

// Fifty watchers of every role each get every change once, all in the same
// order, however many commands run at the same moment; and the story of each
// hub hangs together. (R85 R112, A49)
func TestTiles_ManyWatchers(t *testing.T) {
	f := newFirm(t)
	hubs := make([]*world.Hub, 3)
	for i := range hubs {
		hubs[i] = f.dealer.Hub(fmt.Sprint("H", i))
	}
	people := []*world.Person{f.dealer.Owner}
	for _, role := range world.Roles {
		people = append(people, f.dealer.Employee(role))
	}
	streams := make([]*world.Stream, 50)
	for i := range streams {
		streams[i] = people[i%len(people)].Tiles(companyScope(f.dealer), "")
		for range hubs {
			streams[i].Next()
		}
	}
	steps := []string{"Activate", "Suspend", "Resume", "Deactivate", "Resume", "Stop"}
	var all sync.WaitGroup
	for _, h := range hubs {
		all.Go(func() {
			for _, step := range steps {
				if codes := f.takes(f.dealer.Owner, step, h).Codes(); len(codes) > 0 {
					t.Errorf("%s: %v", step, codes)
				}
			}
		})
	}
	all.Wait()
	var first []string
	for i, s := range streams {
		var order []string
		of := map[string][]string{}
		for range len(hubs) * len(steps) {
			e := s.Next()
			f.Equal(e.Text("kind"), "CHANGE")
			order = append(order, e.Text("cursor"))
			of[e.Text("hubId")] = append(of[e.Text("hubId")], e.Text("action"))
		}
		if i == 0 {
			first = order
			if len(slices.Compact(slices.Sorted(slices.Values(order)))) != len(order) {
				t.Errorf("a change was told twice: %q", order)
			}
		}
		if !slices.Equal(order, first) {
			t.Errorf("watcher %d saw\n     %q\nthe first one\n     %q", i, order, first)
		}
		for _, h := range hubs {
			if got := strings.Join(of[h.ID], " "); got != "ACTIVATE SUSPEND RESUME DEACTIVATE RESUME STOP" {
				t.Errorf("watcher %d saw the steps %s", i, got)
			}
		}
	}
	for _, s := range streams[:4] {
		s.Quiet()
	}
}
