package isolation_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Whatever anybody asks, by whichever way, nobody meets what is not theirs: no
// field, no value, no count, no error and no event; and whoever may see
// something does. (A9, A34, A49, A50, A51, A52)
//
// It fills an installation, asks for everything as everybody, tries every
// argument with what is somebody else's, and every mutation, and has all
// watch while everything is done.
func TestIsolation(t *testing.T) {
	c := newCast(t)
	c.fill()
	c.finds()
	c.told("everything by its id")
	paths := c.reads()
	c.told("every field")
	arguments := c.questions()
	c.told("every argument")
	slots := c.changes()
	c.told("every mutation with foreign ids")
	played, events := c.plays()
	c.told("what is told of every step")
	if turns == 1 {
		for _, f := range c.judge.unseen() {
			t.Error(f)
		}
	}
	t.Logf("%d fields by %d shortest paths, %d arguments, %d id fields of mutations: %d viewers, %d requests, %d events",
		len(c.judge.table), paths+played, arguments, slots, len(c.viewers), c.asked.Load(), events)
}

// told fails with what was found so far.
func (c *cast) told(where string) {
	c.Helper()
	const enough = 50
	for i, f := range c.judge.findings {
		if i == enough {
			c.Errorf("and %d more", len(c.judge.findings)-enough)
			break
		}
		c.Error(f)
	}
	if c.Failed() {
		c.Fatalf("found by asking for %s", where)
	}
}

// unseen are the words of the table that nobody has shown to be true: then the
// test would not notice a field that is empty for everybody. Of what comes of
// a mutation one role stands for all that may do it.
func (j *judge) unseen() (missing []string) {
	for _, field := range slices.Sorted(maps.Keys(j.table)) {
		typ, name, _ := strings.Cut(field, ".")
		isEnough := (strings.HasSuffix(typ, "Payload") || typ == "Mutation") && (len(j.seen[field]) > 0 || name == "userErrors")
		for _, relation := range relations {
			if j.table.sees(field, relation) && !j.seen[field][relation] && !isEnough {
				missing = append(missing, "nobody who is "+relation+" has seen "+field)
			}
		}
	}
	return missing
}
