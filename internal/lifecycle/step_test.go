package lifecycle_test

import (
	"slices"
	"testing"

	"partnerhub/ent"
	"partnerhub/ent/serviceevent"
	"partnerhub/internal/errs"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/tile"
)

// Steps, as the tables below name them.
const (
	activate   = serviceevent.ActionACTIVATE
	deactivate = serviceevent.ActionDEACTIVATE
	suspend    = serviceevent.ActionSUSPEND
	resume     = serviceevent.ActionRESUME
	stop       = serviceevent.ActionSTOP
)

// situation is a state of the decisions' table, with the way into it.
type situation struct {
	name  string
	way   []serviceevent.Action
	by    string // who takes the last step of the way; "" is the installer
	tile  serviceevent.Tile
	star  bool
	sim   bool
	opens map[serviceevent.Action]string // what a step of the dealer leads to
}

var situations = []situation{
	{name: "none", tile: serviceevent.TileACTIVATION_REQUIRED,
		opens: map[serviceevent.Action]string{activate: "active"}},
	{name: "ended", way: []serviceevent.Action{activate, stop}, tile: serviceevent.TileACTIVATION_REQUIRED,
		opens: map[serviceevent.Action]string{activate: "active"}},
	{name: "active", way: []serviceevent.Action{activate}, tile: serviceevent.TileACTIVATED, star: true, sim: true,
		opens: map[serviceevent.Action]string{deactivate: "expiring", suspend: "paused", stop: "ended"}},
	{name: "expiring", way: []serviceevent.Action{activate, deactivate}, tile: serviceevent.TileEXPIRES_SOON, star: true, sim: true,
		opens: map[serviceevent.Action]string{suspend: "paused, ending", resume: "active", stop: "ended"}},
	{name: "paused", way: []serviceevent.Action{activate, suspend}, tile: serviceevent.TileSUSPENDED,
		opens: map[serviceevent.Action]string{resume: "active", stop: "ended"}},
	{name: "paused, ending", way: []serviceevent.Action{activate, deactivate, suspend}, tile: serviceevent.TileSUSPENDED,
		opens: map[serviceevent.Action]string{resume: "expiring", stop: "ended"}},
	{name: "paused by the operator", way: []serviceevent.Action{activate, suspend}, by: "operator", tile: serviceevent.TileSUSPENDED,
		opens: map[serviceevent.Action]string{stop: "ended"}},
	{name: "paused by the operator, ending", way: []serviceevent.Action{activate, deactivate, suspend}, by: "operator",
		tile: serviceevent.TileSUSPENDED, opens: map[serviceevent.Action]string{stop: "ended"}},
}

// situationNamed finds a situation; there has to be one.
func situationNamed(name string) situation {
	return situations[slices.IndexFunc(situations, func(s situation) bool { return s.name == name })]
}

// in returns a hub in the situation.
func (f *fixture) in(s situation) *ent.Hub {
	f.Helper()
	h := f.hub()
	for i, step := range s.way {
		who := "installer"
		if i == len(s.way)-1 && s.by != "" {
			who = s.by
		}
		f.must(who, step, h)
	}
	return h
}

// is checks that a hub shows what the table says of a situation.
func (f *fixture) is(h *ent.Hub, s situation) {
	f.Helper()
	standing, status := f.standing(h), tile.None
	if standing.Service != nil {
		status = standing.Service.Status
	}
	if got := standing.Tile(); got != s.tile {
		f.Errorf("%s: tile %s, want %s", s.name, got, s.tile)
	}
	if got := tile.HasStar(status); got != s.star {
		f.Errorf("%s: star %v", s.name, got)
	}
	if got := f.card(h).IsActive; got != s.sim {
		f.Errorf("%s: SIM on %v", s.name, got)
	}
}

// Every state × every step × everybody: who may, what it leads to, and what is
// refused with which code; a refused step changes nothing. (R71 R73 R74 R87
// R89 R92 R97 R100 R103 R104 R105 R111 R112, A5 A7 A11 A13 A34 A35 A53)
func TestSteps_everyStateAndRole(t *testing.T) {
	f := newFixture(t, nil)
	for _, from := range situations {
		for _, step := range lifecycle.Steps {
			for who := range people {
				t.Run(from.name+"/"+string(step)+"/"+who, func(t *testing.T) {
					f.TB = t
					h := f.in(from)
					version := f.version(h)
					wanted, to := expected(from, step, who)
					foretold := f.standing(h).Refusals(f.as(who), step, f.market(), lifecycle.Choice{})
					s, err := f.ask(who, step, h)
					if got := f.code(err); got != wanted {
						t.Fatalf("refused with %q, want %q", got, wanted)
					}
					if wanted != "" {
						f.is(h, from)
						if f.version(h) != version {
							t.Error("a refused step changed the hub's version")
						}
					} else {
						f.is(h, situationNamed(to))
						if f.version(h) != version+1 {
							t.Errorf("version went from %d to %d", version, f.version(h))
						}
						f.tells(s, step, who)
					}
					if wanted != errs.NotFound { // who sees nothing asks for no screen
						f.foretells(foretold, err)
					}
				})
			}
		}
	}
}

// expected says what the decisions say of somebody's step in a situation: the
// code of the refusal, or "" and the next situation.
func expected(from situation, step serviceevent.Action, who string) (errs.Code, string) {
	to, open := from.opens[step]
	live := len(from.way) > 0 && from.name != "ended"
	switch who {
	case "owner", "senior", "manager", "installer":
		switch {
		case open:
			return "", to
		case step == resume && from.by == "operator":
			return errs.SuspendedByOther, ""
		}
		return errs.InvalidState, ""
	case "operator":
		switch {
		case step != suspend && step != resume:
			return errs.Forbidden, ""
		case step == suspend && open:
			return "", to
		case step == resume && from.by == "operator":
			return "", map[string]string{"paused by the operator": "active", "paused by the operator, ending": "expiring"}[from.name]
		case step == resume && from.name == "expiring":
			return errs.Forbidden, ""
		case step == resume && open:
			return errs.SuspendedByOther, ""
		}
		return errs.InvalidState, ""
	case "reseller manager":
		if live {
			return errs.Forbidden, ""
		}
	}
	return errs.NotFound, ""
}

// tells checks what a step leaves in the history.
func (f *fixture) tells(s *ent.Service, step serviceevent.Action, who string) {
	f.Helper()
	events := f.events(s)
	last := events[len(events)-1]
	if last.Action != step || !last.OccurredAt.Equal(f.db.Clock.Now()) || last.ActorID == nil || *last.ActorID != people[who].UserID {
		f.Errorf("the history ends with %v", last)
	}
}

// foretells checks that the screen told what the command then answered.
func (f *fixture) foretells(foretold errs.List, err error) {
	f.Helper()
	switch {
	case err == nil && len(foretold) == 0:
	case err == nil || len(foretold) == 0:
		f.Errorf("foretold %v, answered %v", foretold, err)
	default:
		got, want := errs.Refusals(err)[0], foretold[0]
		if !got.Is(want) || !slices.Equal(got.Path, want.Path) {
			f.Errorf("foretold %v, answered %v", want, got)
		}
	}
}

// A refusal by the state tells which thing, and which steps are left.
func TestSteps_refusalsTellWhatIsLeft(t *testing.T) {
	f := newFixture(t, nil)
	for _, c := range []struct {
		in, who string
		step    serviceevent.Action
		left    []string
	}{
		{"none", "installer", stop, []string{"ACTIVATE"}},
		{"active", "installer", activate, []string{"DEACTIVATE", "SUSPEND", "STOP"}},
		{"expiring", "installer", deactivate, []string{"SUSPEND", "RESUME", "STOP"}},
		{"paused", "installer", suspend, []string{"RESUME", "STOP"}},
		{"paused by the operator", "installer", resume, []string{"STOP"}},
		{"paused", "operator", resume, []string{}},
		{"active", "operator", resume, []string{"SUSPEND"}},
	} {
		h := f.in(situationNamed(c.in))
		_, err := f.ask(c.who, c.step, h)
		refusal := errs.Refusals(err)[0]
		detail, ok := refusal.Detail.(errs.State)
		subject := h.ID
		if c.in != "none" {
			subject = f.newest(h).ID
		}
		if !ok || detail.SubjectID != subject || !slices.Equal(detail.Actions, c.left) || !slices.Equal(refusal.Path, []string{"input", "hubId"}) {
			t.Errorf("%s %s in %q: %+v at %v", c.who, c.step, c.in, refusal.Detail, refusal.Path)
		}
	}
}
