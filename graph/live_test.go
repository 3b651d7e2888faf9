package graph

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/form"
	"partnerhub/internal/live"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// changes asks for what changed and returns it in words, with the answer.
func (y *yard) changes(scope model.HubScope, after string, first int) (string, *model.HubTileChanges) {
	y.Helper()
	c, err := query{Resolver: y.Resolver}.HubTileChanges(y.as("usr_1", *scope.CompanyID), scope, after, &first)
	if err != nil {
		y.Fatal(err)
	}
	var said []string
	for _, e := range c.Events {
		said = append(said, y.say(e))
	}
	if c.HasMore {
		said = append(said, "more")
	}
	return strings.Join(said, ", "), c
}

func (y *yard) cursor() string {
	y.Helper()
	cursor, err := query{Resolver: y.Resolver}.StreamCursor(y.system)
	if err != nil {
		y.Fatal(err)
	}
	return cursor
}

// A client without a socket is told of each hub once, by its latest change, in
// pages that leave nothing out.
func TestHubTileChanges(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	y.add(c, y.object(c), "a", "b", "c", "d")
	start := y.cursor()
	check := func(after string, first int, want string) string {
		t.Helper()
		said, answer := y.changes(ofCompany(c), after, first)
		if said != want || answer.IsSnapshot {
			t.Errorf("the first %d are %q, snapshot %t, want %q", first, said, answer.IsSnapshot, want)
		}
		return answer.Cursor
	}
	if got := check(start, 10, ""); got != start {
		t.Errorf("after nothing at %q the place is %q", start, got)
	}
	y.change(c, "a", "b", "a", "c", "b", "b")
	check(start, 10, "REPLAY a, REPLAY c, REPLAY b .")
	check(start, 3, "REPLAY a, REPLAY c, REPLAY b .")
	if got := check(start, 0, "more"); got != start {
		t.Errorf("whoever asks for nothing goes on from %q, not from %q", got, start)
	}
	two := check(start, 2, "REPLAY a, REPLAY c, more")
	y.change(c, "a", "d")
	all := check(two, 10, "REPLAY b, REPLAY a, REPLAY d .")
	check(all, 10, "")

	// The place of an answer is one of the stream, and the reverse.
	events := y.watch(y.as("usr_1", c), ofCompany(c), two)
	check(y.expects(events, "REPLAY b", "REPLAY b", "REPLAY a", "REPLAY d ."), 10, "")
}

// With a cursor that is too old, or of another installation, the answer is the
// present state, in as many pages as it takes; what changes meanwhile follows.
func TestHubTileChanges_snapshot(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	y.add(c, y.object(c), "a", "b", "c")
	check := func(after string, first int, want string, snapshot bool) string {
		t.Helper()
		said, answer := y.changes(ofCompany(c), after, first)
		if said != want || answer.IsSnapshot != snapshot {
			t.Errorf("the first %d are %q, snapshot %t, want %q", first, said, answer.IsSnapshot, want)
		}
		return answer.Cursor
	}
	future := live.Cursor{Position: 1 << 40}.String()
	if got := check(future, 0, "more", true); got != future {
		t.Error("whoever asks for nothing goes on from where it was")
	}
	all := check(future, 3, "SNAPSHOT a, SNAPSHOT b, SNAPSHOT c .", true)
	two := check(future, 2, "SNAPSHOT a, SNAPSHOT b, more", true)
	y.change(c, "a")
	check(all, 3, "REPLAY a .", false)
	rest := check(two, 3, "SNAPSHOT c .", true)
	check(rest, 3, "REPLAY a .", false)

	// A stream starts anew from a place within a snapshot.
	y.expects(y.watch(y.as("usr_1", c), ofCompany(c), two), "SNAPSHOT a", "SNAPSHOT b", "SNAPSHOT c .")

	empty := y.company("Nobody")
	if said, answer := y.changes(ofCompany(empty), future, 5); said != "" || !answer.IsSnapshot || answer.Events == nil {
		t.Errorf("of an empty company: %q, %+v", said, answer)
	}
}

// Of an object: a hub that left is told of by the change with which it left.
func TestHubTileChanges_object(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	o, elsewhere := y.object(c), y.object(c)
	y.add(c, o, "a", "stays")
	y.add(c, elsewhere, "other")
	start := y.cursor()
	y.change(c, "stays", "a", "other")
	y.move(c, "a", elsewhere)
	y.change(c, "a", "a")
	answer, err := query{Resolver: y.Resolver}.HubTileChanges(y.as("usr_1", c), ofObject(o), start, nil)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range answer.Events {
		said = append(said, y.say(e))
	}
	if got := strings.Join(said, ", "); got != "REPLAY stays, REPLAY a ." {
		t.Errorf("told %q", got)
	}
}

// The hubs of an answer are read together, and a removed one is null.
func TestHubTileChanges_hubs(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	start := y.cursor()
	y.add(c, y.object(c), numbered(50)...)
	y.change(c, numbered(50)...)
	fill(y.system, t, y.DB, func(tx *store.Tx) error {
		return tx.Hub.UpdateOneID(y.hubs["h3"].ID).SetRemovedAt(tx.Now).Exec(y.system)
	})
	ctx := y.as("usr_1", c)
	answer, err := query{Resolver: y.Resolver}.HubTileChanges(ctx, ofCompany(c), start, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := y.statements.Load()
	for _, e := range answer.Events {
		h, err := hubTileEventType{y.Resolver}.Hub(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		if name := y.names[*e.HubID]; (h == nil) != (name == "h3") || h != nil && h.Name != name {
			t.Errorf("the hub of %s is %v", name, h)
		}
	}
	if n := y.statements.Load() - before; len(answer.Events) != 50 || n != 1 {
		t.Errorf("the hubs of %d events took %d statements", len(answer.Events), n)
	}
}

// What only a programmer can put right, and what is not for everybody. (A49)
func TestHubScope_refusals(t *testing.T) {
	y := newYard(t)
	c, foreign := y.company("Night Watch"), y.company("Other")
	o, foreignObject := y.object(c), y.object(foreign)
	own := y.add(c, o, "a", "b")
	theirs := y.add(foreign, foreignObject, "x")[0]
	unknown := "hub_00000000000000000000000000"
	many := make([]string, maxScopeHubs+1)
	for i := range many {
		many[i] = fmt.Sprint("hub_", i)
	}
	installer := y.as("usr_1", c)
	operator := y.as("usr_2")
	y.people["usr_2"] = viewer.Viewer{UserID: "usr_2", Operator: true}
	operator, _ = y.fresh(operator)
	for name, test := range map[string]struct {
		scope    model.HubScope
		want     error
		operator error // what the platform's operator is told
	}{
		"own company":              {ofCompany(c), nil, nil},
		"own object":               {ofObject(o), nil, nil},
		"own hubs":                 {model.HubScope{HubIds: own}, nil, nil},
		"own hubs, twice":          {model.HubScope{HubIds: slices.Concat(own, own)}, nil, nil},
		"no hubs":                  {model.HubScope{HubIds: []string{}}, nil, nil},
		"nothing":                  {model.HubScope{}, form.ErrOneOf, form.ErrOneOf},
		"two at once":              {model.HubScope{CompanyID: &c, ObjectID: &o}, form.ErrOneOf, form.ErrOneOf},
		"too many hubs":            {model.HubScope{HubIds: many}, errTooManyHubs, errTooManyHubs},
		"foreign company":          {ofCompany(foreign), authz.ErrForbidden, nil},
		"foreign object":           {ofObject(foreignObject), authz.ErrForbidden, nil},
		"a foreign hub":            {model.HubScope{HubIds: append(slices.Clone(own), theirs)}, authz.ErrForbidden, nil},
		"unknown company":          {ofCompany("co_0"), authz.ErrForbidden, authz.ErrForbidden},
		"unknown object":           {ofObject("obj_0"), authz.ErrForbidden, authz.ErrForbidden},
		"an unknown hub":           {model.HubScope{HubIds: append(slices.Clone(own), unknown)}, authz.ErrForbidden, authz.ErrForbidden},
		"something that is no hub": {model.HubScope{HubIds: []string{o}}, authz.ErrForbidden, authz.ErrForbidden},
	} {
		if _, err := (subscription{Resolver: y.Resolver}).HubTileChanged(installer, test.scope, nil); !errors.Is(err, test.want) {
			t.Errorf("%s: the stream is refused with %v, want %v", name, err, test.want)
		}
		if _, err := (query{Resolver: y.Resolver}).HubTileChanges(installer, test.scope, y.cursor(), nil); !errors.Is(err, test.want) {
			t.Errorf("%s: the question is refused with %v, want %v", name, err, test.want)
		}
		if _, err := (subscription{Resolver: y.Resolver}).HubTileChanged(operator, test.scope, nil); !errors.Is(err, test.operator) {
			t.Errorf("%s: the operator is refused with %v, want %v", name, err, test.operator)
		}
	}
}

// Whoever comes back may name hubs that are gone, and hears so; nobody else may.
func TestHubScope_removed(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	scope := model.HubScope{HubIds: y.add(c, y.object(c), "a", "b")}
	ctx := y.as("usr_1", c)
	cursor := y.expects(y.watch(ctx, scope, ""), "SNAPSHOT a", "SNAPSHOT b .")
	fill(y.system, t, y.DB, func(tx *store.Tx) error {
		if err := y.log(tx, c, "b"); err != nil {
			return err
		}
		return tx.Hub.UpdateOneID(y.hubs["b"].ID).SetRemovedAt(tx.Now).Exec(y.system)
	})
	y.expects(y.watch(ctx, scope, cursor), "REPLAY b .")
	y.expects(y.watch(ctx, scope, live.Cursor{Position: 99}.String()), "SNAPSHOT a .")
	if _, err := (subscription{Resolver: y.Resolver}).HubTileChanged(ctx, scope, nil); !errors.Is(err, authz.ErrForbidden) {
		t.Errorf("a removed hub can be watched: %v", err)
	}
}

// Cursors and sizes that nobody was given are refused. (A49)
func TestHubTileChanges_refusals(t *testing.T) {
	y := newYard(t)
	c := y.company("Night Watch")
	ctx := y.as("usr_1", c)
	if _, err := (subscription{Resolver: y.Resolver}).HubTileChanged(ctx, ofCompany(c), given("garbage")); !errors.Is(err, errBadCursor) {
		t.Errorf("a stream took garbage: %v", err)
	}
	if _, err := (subscription{Resolver: y.Resolver}).HubTileChanged(ctx, ofCompany(c), new("")); !errors.Is(err, errBadCursor) {
		t.Errorf("a stream took an empty cursor: %v", err)
	}
	if _, err := (query{Resolver: y.Resolver}).HubTileChanges(ctx, ofCompany(c), "garbage", nil); !errors.Is(err, errBadCursor) {
		t.Errorf("a question took garbage: %v", err)
	}
	for size, want := range map[int]error{-1: errChangesPageSize, 0: nil, MaxChanges: nil, MaxChanges + 1: errChangesPageSize} {
		if _, err := (query{Resolver: y.Resolver}).HubTileChanges(ctx, ofCompany(c), y.cursor(), &size); !errors.Is(err, want) {
			t.Errorf("a page of %d is refused with %v, want %v", size, err, want)
		}
	}
}
