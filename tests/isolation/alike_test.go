package isolation_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

var variableNames = regexp.MustCompile(`\$\w+`)

// isStranger reports whether a thing has nothing to do with a viewer, so that
// its id is to the viewer as one that does not exist.
func (v *viewer) isStranger(t *thing) bool {
	r := v.relation(t)
	return r == "firm" || r == "person" || r == "nobody"
}

// strangers are the ids of what the viewer has nothing to do with, one of each
// kind after the other, others at each turn.
func (c *cast) strangers(v *viewer, turn int) (mixed []string) {
	byKind := map[string][]string{}
	for _, t := range c.judge.sight.list(v.isStranger) {
		byKind[t.kind] = append(byKind[t.kind], t.id)
	}
	order := []string{"Company", "Hub", "SecurityObject", "HubService", "DealerLink", "SimCard", "Transaction", "Activity", "DealerActivity",
		"ResellerOverview", "ChargeLine", "Employee", "User", "Session", "ServiceEvent", "ServicePackage"}
	for n := 0; len(byKind) > 0; n++ {
		for _, kind := range order {
			list := byKind[kind]
			if n >= len(list) {
				delete(byKind, kind)
				continue
			}
			mixed = append(mixed, list[(n+turn)%len(list)])
		}
	}
	return mixed
}

// unknown is an id as that of a thing, that nothing has.
func unknown(id string) string { return id[:len(id)-12] + strings.Repeat("0", 12) }

// given are the values of the variables for a viewer.
func (c *cast) given(v *viewer, turn int, list string) world.Vars {
	strangers := c.strangers(v, turn)
	if len(strangers) == 0 { // of the operator
		strangers = []string{unknown(c.firms["alfa"].ID)}
	}
	own := v.own["Company"]
	if own == "" {
		own = unknown(c.firms["alfa"].ID)
	}
	vars := world.Vars{"own": own, "unknown": unknown(c.firms["alfa"].ID), "nonsense": "zzznonsense", "strangers": strangers}
	unknowns := make([]string, len(strangers))
	for i, id := range strangers {
		unknowns[i] = unknown(id)
	}
	vars["unknowns"] = unknowns
	for i := range strangersAsked {
		vars[fmt.Sprintf("stranger%d", i)] = strangers[i*max(1, len(strangers)/16)%len(strangers)]
	}
	words := c.foreignWords(v)
	vars["word0"], vars["word1"] = words[turn%len(words)], words[(turn*7+3)%len(words)]
	vars["nomail"] = "zzznonsense@firms.example"
	vars["mail0"], vars["mail1"] = vars["nomail"], vars["nomail"]
	for _, f := range c.firms {
		if v.isStranger(c.judge.sight.things[f.ID]) {
			vars["mail0"], vars["mail1"] = "zz"+f.mark+"office@firms.example", f.Owner.Email
		}
	}
	cursors := c.foreignCursors(v, list)
	for i := range min(2, len(cursors)) {
		vars[fmt.Sprintf("cursor%d", i)] = cursors[(turn+i)%len(cursors)]
	}
	if len(cursors) == 1 {
		vars["cursor1"] = cursors[0]
	}
	return vars
}

// foreignWords are marks of what the viewer has nothing to do with.
func (c *cast) foreignWords(v *viewer) (words []string) {
	for mark, sources := range c.judge.sight.marks {
		foreign := !slices.ContainsFunc(sources, func(s source) bool { return !v.isStranger(s.of) })
		if foreign && !strings.HasPrefix(mark, "at ") && !strings.Contains(mark, "_") {
			words = append(words, mark)
		}
	}
	slices.Sort(words)
	if len(words) == 0 {
		return []string{"zzznonsense"}
	}
	return words
}

// foreignCursors are those of a list that others have met and the viewer has
// not; where there are none, any.
func (c *cast) foreignCursors(v *viewer, list string) (cursors []string) {
	met := c.judge.cursors[list]
	for cursor, viewers := range met {
		if !viewers[v.name] {
			cursors = append(cursors, cursor)
		}
	}
	if len(cursors) == 0 {
		for cursor := range met {
			cursors = append(cursors, cursor)
		}
	}
	slices.Sort(cursors)
	return cursors
}

// alike fails where two fields of an answer differ, in every thing that has
// them, in data or errors.
func (c *cast) alike(v *viewer, what string, r *client.Response, a, b string) {
	var data any
	if len(r.Data) > 0 {
		if err := json.Unmarshal(r.Data, &data); err != nil {
			c.Fatal(err)
		}
	}
	compare(data, a, b, func(x, y any) {
		c.judge.finds("%s: %s is answered %s with somebody else's, %s with what does not exist", what, v.name, short(x), short(y))
	})
	if x, y := errorsAt(r, a), errorsAt(r, b); x != y {
		c.judge.finds("%s: %s is refused with %q for somebody else's, %q for what does not exist", what, v.name, x, y)
	}
}

// compare calls differ for every object whose fields a and b are not the same.
func compare(value any, a, b string, differ func(x, y any)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			compare(item, a, b, differ)
		}
	case map[string]any:
		if x, ok := value[a]; ok {
			if y := value[b]; !reflect.DeepEqual(x, y) {
				differ(x, y)
			}
			return
		}
		for _, item := range value {
			compare(item, a, b, differ)
		}
	}
}

// errorsAt are the errors of a root field.
func errorsAt(r *client.Response, name string) (text string) {
	for _, e := range r.Errors {
		if len(e.Path) > 0 && e.Path[0] == name {
			text += fmt.Sprint(e.Code(), " ", e.Path[1:], " ", e.Message, "; ")
		}
	}
	return text
}
