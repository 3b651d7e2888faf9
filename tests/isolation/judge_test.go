package isolation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"partnerhub/internal/client"
)

// judge looks at every answer: at each field that is there, and at each value,
// wherever it stands.
type judge struct {
	schema *ast.Schema
	table  table

	mu       sync.Mutex
	sight    *sight
	seen     map[string]map[string]bool // Type.field → relations that it was seen in
	findings []string
	told     map[string]bool
	read     map[string]bool // texts by whom they were judged for
	parsed   map[string]*ast.QueryDocument
	cursors  map[string]map[string]map[string]bool // Type.field of a list → cursor → viewers who met it
}

func newJudge(s *ast.Schema, rows table) *judge {
	return &judge{schema: s, table: rows, seen: map[string]map[string]bool{}, told: map[string]bool{}, read: map[string]bool{}, parsed: map[string]*ast.QueryDocument{},
		cursors: map[string]map[string]map[string]bool{}}
}

// finds notes a leak once.
func (j *judge) finds(format string, args ...any) {
	if f := fmt.Sprintf(format, args...); !j.told[f] {
		j.told[f] = true
		j.findings = append(j.findings, f)
	}
}

// answer judges the answer to a document.
func (j *judge) answer(v *viewer, what, document string, r *client.Response) {
	var data any
	if len(r.Data) > 0 {
		if err := json.Unmarshal(r.Data, &data); err != nil {
			panic(err)
		}
	}
	j.event(v, what, document, data)
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range r.Errors {
		j.text(v, what+": an error", e.Message)
		delete(e.Extensions, "requestId")
		for _, extra := range []any{e.Path, e.Extensions} {
			text, _ := json.Marshal(extra)
			j.text(v, what+": an error", string(text))
		}
	}
}

// event judges data, of an answer or an event.
func (j *judge) event(v *viewer, what, document string, data any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	doc := j.parsed[document]
	if doc == nil {
		var errs error
		if doc, errs = parse(j.schema, document); errs != nil {
			panic(fmt.Sprintf("%s: %v in %s", what, errs, document))
		}
		j.parsed[document] = doc
	}
	op := doc.Operations[0]
	root := map[ast.Operation]*ast.Definition{ast.Query: j.schema.Query, ast.Mutation: j.schema.Mutation, ast.Subscription: j.schema.Subscription}
	if object, ok := data.(map[string]any); ok {
		j.object(v, what, root[op.Operation].Name, nil, object, op.SelectionSet)
	}
}

func parse(s *ast.Schema, document string) (*ast.QueryDocument, error) {
	doc, errs := gqlparser.LoadQueryWithRules(s, document, nil)
	if errs != nil {
		return nil, errs
	}
	return doc, nil
}

// object judges the fields of an object that belongs to a thing, or is one.
func (j *judge) object(v *viewer, what, typ string, owner *thing, o map[string]any, selected ast.SelectionSet) {
	if id, ok := o["id"].(string); ok && slices.Contains(j.schema.Types[typ].Interfaces, "Node") {
		owner = j.sight.find(id)
		if owner == nil {
			j.finds("%s: %s sees %s %s, which is not in the database", what, v.name, typ, id)
			return
		}
	}
	j.counts(v, what, typ, o)
	for _, s := range selected {
		switch s := s.(type) {
		case *ast.InlineFragment:
			if s.TypeCondition == typ {
				j.object(v, what, typ, owner, o, s.SelectionSet)
			}
		case *ast.Field:
			if s.Name != "__typename" {
				j.field(v, what, typ, owner, o[s.Alias], s)
			}
		}
	}
}

// field judges one field of an object: whether the viewer may see that it has
// a value, and everything in it.
func (j *judge) field(v *viewer, what, typ string, owner *thing, value any, f *ast.Field) {
	name := typ + "." + f.Name
	if !isBlank(name, value) {
		relation := v.relation(owner)
		j.witness(name, relation)
		if !j.table.sees(name, relation) {
			j.finds("%s: %s, who is %s, sees %s of %s: %s", what, v.name, relation, name, ownerName(owner), short(value))
		}
	}
	j.collect(v, name, value)
	j.pageCounts(v, what+" "+name, value, f)
	j.value(v, what+" "+name, owner, value, f)
}

// collect keeps the cursors of a list, for others to try.
func (j *judge) collect(v *viewer, list string, value any) {
	page, _ := value.(map[string]any)
	edges, _ := page["edges"].([]any)
	for _, e := range edges {
		cursor, _ := e.(map[string]any)["cursor"].(string)
		if j.cursors[list] == nil {
			j.cursors[list] = map[string]map[string]bool{}
		}
		if j.cursors[list][cursor] == nil {
			j.cursors[list][cursor] = map[string]bool{}
		}
		j.cursors[list][cursor][v.name] = true
	}
}

// witness notes that a field was seen in a relation.
func (j *judge) witness(field, relation string) {
	if j.seen[field] == nil {
		j.seen[field] = map[string]bool{}
	}
	j.seen[field][relation] = true
}

func (j *judge) value(v *viewer, what string, owner *thing, value any, f *ast.Field) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			j.value(v, what, owner, item, f)
		}
	case map[string]any:
		typ, _ := value["__typename"].(string)
		j.object(v, strings.Fields(what)[0], typ, owner, value, f.SelectionSet)
	case string:
		j.text(v, what, value)
	case float64:
		for _, m := range marksInside(value) {
			j.markSeen(v, what, m)
		}
	}
}

// text judges the marks in a text.
func (j *judge) text(v *viewer, what, text string) {
	if j.read[v.name+" "+text] {
		return
	}
	for _, m := range marksIn(text) {
		j.markSeen(v, what, m)
	}
	if len(j.findings) == 0 { // or each place of what is found is told
		j.read[v.name+" "+text] = true
	}
}

// markSeen is what a mark must pass: one of its sources may be shown to the
// viewer.
func (j *judge) markSeen(v *viewer, what, mark string) {
	sources := j.sight.marks[mark]
	if len(sources) == 0 || slices.ContainsFunc(sources, func(s source) bool {
		return j.table.sees(s.field, v.relation(s.of))
	}) {
		return
	}
	s := sources[0]
	j.finds("%s: %s meets %q, which is %s of %s, to which %s is %s", what, v.name, mark, orNothing(s.field), ownerName(s.of), v.name, v.relation(s.of))
}

// pageCounts judges the number of things in a list: as many as one sees there.
func (j *judge) pageCounts(v *viewer, what string, value any, f *ast.Field) {
	page, _ := value.(map[string]any)
	nodes, isPage := page["nodes"].([]any)
	total, isCounted := page["totalCount"].(float64)
	info, _ := page["pageInfo"].(map[string]any)
	isWhole := info["hasNextPage"] == false && f.Arguments.ForName("after") == nil && f.Arguments.ForName("before") == nil && f.Arguments.ForName("last") == nil
	if isPage && isCounted && isWhole && int(total) != len(nodes) {
		j.finds("%s: %s counts %v in a list with %d", what, v.name, total, len(nodes))
	}
}

// counts judges the figures of a reseller: they are those of the dealers.
func (j *judge) counts(v *viewer, what, typ string, o map[string]any) {
	if typ != "ResellerOverview" {
		return
	}
	its := func(field string) any { // in a fragment fields have the name of the type before theirs
		if o[typ+"_"+field] != nil {
			return o[typ+"_"+field]
		}
		return o[field]
	}
	page, _ := its("dealers").(map[string]any)
	dealers, ok := page["nodes"].([]any)
	if !ok || its("activeAccountCount") == nil {
		return
	}
	accounts, active := 0.0, 0.0
	for _, d := range dealers {
		n, _ := d.(map[string]any)["activeAccountCount"].(float64)
		if accounts += n; n > 0 {
			active++
		}
	}
	if accounts != its("activeAccountCount") || active != its("activeDealerCount") {
		j.finds("%s: %s counts %v accounts of %v dealers where there are %v of %v", what, v.name, its("activeAccountCount"), its("activeDealerCount"), accounts, active)
	}
}

// isBlank reports whether a value tells nothing: what stands in the place of
// what one may not see.
func isBlank(field string, value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case string:
		return value == "" || field == "User.language" && value == "en" || field == "User.createdAt" && value == "1970-01-01T00:00:00Z"
	case float64:
		return value == 0
	case bool:
		return !value
	case []any:
		return !slices.ContainsFunc(value, func(item any) bool { return item != nil })
	case map[string]any:
		total, isPage := value["totalCount"].(float64)
		return isPage && total == 0 && len(value["nodes"].([]any)) == 0
	}
	return false
}

func ownerName(t *thing) string {
	if t == nil {
		return "nothing"
	}
	return strings.TrimSpace(t.kind + " " + t.id)
}

func orNothing(field string) string {
	if field == "" {
		return "nobody's to see, a value"
	}
	return field
}

func short(value any) string {
	text, _ := json.Marshal(value)
	return string(text[:min(len(text), 120)])
}
