package isolation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/internal/client"
	"partnerhub/tests/world"
)

// ask runs a document as a viewer and judges the answer.
func (c *cast) ask(v *viewer, what, document string, variables world.Vars) *client.Response {
	c.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	r, err := v.Client.Execute(ctx, client.Request{Query: document, Variables: variables})
	if err != nil {
		c.Fatalf("%s as %s: %v", what, v.name, err)
	}
	c.asked.Add(1)
	for _, e := range r.Errors {
		if code := e.Code(); strings.HasPrefix(code, "GRAPHQL") || code == "COMPLEXITY_LIMIT_EXCEEDED" || code == "INTERNAL_SERVER_ERROR" || code == "TIMEOUT" {
			c.Fatalf("%s as %s: %s %s\n%s", what, v.name, code, e.Message, document)
		}
	}
	c.judge.answer(v, what, document, r)
	return r
}

// reading is a document that reaches its types by every shortest path.
type reading struct {
	what      string
	kind      string // of the things that are read, for nodes
	text      string
	variables func(v *viewer) []world.Vars // each is asked for
	paths     int
}

// readings are the documents of all root fields of a query, those of nodes one
// for each type.
func (c *cast) readings() (all []reading) {
	p := shortest(c.judge.schema, c.judge.schema.Query, overList)
	for _, f := range fieldsOf(p.root) {
		target := c.judge.schema.Types[f.Type.Name()]
		switch {
		case f.Name == "node": // see finds
		case f.Name == "nodes":
			for _, typ := range p.possible(target.Name) {
				kind := typ.Name
				r := c.reading(p, f, kind)
				r.variables = func(*viewer) []world.Vars {
					return []world.Vars{{"ids": ids(c.judge.sight.list(func(t *thing) bool { return t.kind == kind }))}}
				}
				all = append(all, r)
			}
		default:
			all = append(all, c.reading(p, f, ""))
		}
	}
	return all
}

func ids(things []*thing) []string {
	list := make([]string, len(things))
	for i, t := range things {
		list[i] = t.id
	}
	return list
}

// reading makes the document of a root field.
func (c *cast) reading(p *paths, f *ast.FieldDefinition, kind string) reading {
	selected, count := p.document(f.Name, kind)
	var head, body strings.Builder
	declared := ""
	for _, a := range f.Arguments {
		if a.Name == "id" || a.Name == "ids" || a.Name == "country" || a.Name == "email" || a.Name == "scope" || a.Name == "after" && a.Type.NonNull {
			declared += fmt.Sprintf("$%s: %s ", a.Name, a.Type)
		}
	}
	if selected[f.Name] == nil {
		selected.step(f.Name) // a plain value
	}
	p.text(&body, selected, p.root.Name, func(typ string, f *ast.FieldDefinition) string { return c.arguments(typ, f) })
	if strings.Contains(body.String(), "$dealer") {
		declared += "$dealer: ID! "
	}
	head.WriteString("query")
	if declared != "" {
		head.WriteString("(" + declared + ")")
	}
	what := f.Name
	if kind != "" {
		what += "." + kind
	}
	r := reading{what: what, kind: kind, text: head.String() + " " + body.String(), paths: count}
	if strings.Contains(r.text, "$") {
		r.variables = func(v *viewer) []world.Vars { return c.variables(f, v) }
	}
	return r
}

// arguments are what a field is asked with where it is asked for all it has.
func (c *cast) arguments(typ string, f *ast.FieldDefinition) string {
	var given []string
	for _, a := range f.Arguments {
		switch {
		case typ == "Query" && a.Type.NonNull && a.DefaultValue == nil:
			given = append(given, a.Name+": $"+a.Name)
		case typ == "Subscription" && a.Type.NonNull, a.Name == "input":
			given = append(given, a.Name+": $"+a.Name)
		case a.Name == "dealerId":
			given = append(given, "dealerId: $dealer")
		case a.Name == "first" && f.Name == "hubTileChanges":
			given = append(given, "first: 3")
		case a.Name == "first" && isPage(f.Type.Name()):
			given = append(given, "first: 50")
		}
	}
	if len(given) == 0 {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

// variables are those of a root field: with what is the viewer's own, and with
// what is whoever's turn it is.
func (c *cast) variables(f *ast.FieldDefinition, v *viewer) (all []world.Vars) {
	of := func(kind string) []string {
		return ids(c.judge.sight.list(func(t *thing) bool { return t.kind == kind }))
	}
	switch f.Name {
	case "company", "object", "hub":
		kind := c.judge.schema.Types[f.Type.Name()].Name
		every, turn := of(kind), slices.Index(c.viewers, v)
		all = append(all, world.Vars{"id": every[turn%len(every)]}, world.Vars{"id": every[(turn*5+1)%len(every)]})
		if own := v.own[kind]; own != "" {
			all = append(all, world.Vars{"id": own})
		}
	case "resellers":
		all = append(all, world.Vars{"country": "PL"})
	case "resellerByEmail":
		for _, f := range c.firms {
			all = append(all, world.Vars{"email": "zz" + f.mark + "office@firms.example"})
		}
	case "hubTileChanges":
		for _, scope := range []world.Vars{{"companyId": v.own["Company"]}, {"objectId": v.own["SecurityObject"]}, {"hubIds": []string{v.own["Hub"]}}} {
			all = append(all, world.Vars{"scope": scope, "after": beginning})
		}
		all = append(all, world.Vars{"scope": all[0]["scope"], "after": unfinished})
		companies := of("Company")
		all = append(all, world.Vars{"scope": world.Vars{"companyId": companies[slices.Index(c.viewers, v)%len(companies)]}, "after": beginning})
	}
	return all
}

// Cursors: before the first entry of the log, and of a snapshot that breaks off
// before its first hub.
const (
	beginning  = "AQA"
	unfinished = "AgBo"
)

// reads asks every document as every viewer.
func (c *cast) reads() (paths int) {
	c.Helper()
	alfa := c.firms["alfa"].ID
	for n, r := range c.readings() {
		paths += r.paths
		for i, v := range c.viewers {
			if !isTurn(n, i) {
				continue
			}
			variables := []world.Vars{{}}
			if r.variables != nil && r.what != "" {
				if given := r.variables(v); len(given) > 0 {
					variables = given
				}
			}
			if r.kind != "" && !v.finds[r.kind] {
				continue // sees nothing of which more could be asked
			}
			if v.isDead {
				variables = variables[:1] // one door for all that follows
			}
			for _, vars := range variables {
				if strings.Contains(r.text, "$dealer") {
					vars["dealer"] = alfa
				}
				c.ask(v, r.what, r.text, vars)
			}
		}
	}
	return paths
}

// finds asks for everything by its id, as every viewer: what is found, and what
// is not, is exactly what the table says.
func (c *cast) finds() {
	c.Helper()
	things := c.judge.sight.list(func(*thing) bool { return true })
	const document = `query($ids: [ID!]!, $one: ID!) { nodes(ids: $ids) { __typename id } node(id: $one) { __typename id } }`
	for i, v := range c.viewers {
		r := c.ask(v, "nodes", document, world.Vars{"ids": ids(things), "one": c.one(v, things[i])})
		found := foundIDs(r)
		v.finds = map[string]bool{}
		for _, t := range things {
			relation := v.relation(t)
			want := !t.isGone && c.judge.table.sees(t.kind+"."+byID, relation)
			got := slices.Contains(found, t.id)
			if got {
				v.finds[t.kind] = true
				c.judge.witness(t.kind+"."+byID, relation)
			}
			if got != want {
				c.judge.finds("nodes: %s, who is %s, finds %s %s: %v, want %v", v.name, relation, t.kind, t.id, got, want)
			}
		}
	}
}

// one is a thing of the viewer's own, or, of who has none, somebody's.
func (c *cast) one(v *viewer, other *thing) string {
	if v.own["Company"] != "" {
		return v.own["Company"]
	}
	return other.id
}

// foundIDs are the ids of what nodes answered.
func foundIDs(r *client.Response) (found []string) {
	var data struct {
		Nodes []*struct{ ID string } `json:"nodes"`
	}
	if len(r.Data) > 0 {
		if err := json.Unmarshal(r.Data, &data); err != nil {
			panic(err)
		}
	}
	for _, n := range data.Nodes {
		if n != nil {
			found = append(found, n.ID)
		}
	}
	return found
}
