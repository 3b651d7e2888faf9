package isolation_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// paths are the shortest ways from one root to every type: for each type the
// fields that lead to it on such a way.
type paths struct {
	schema  *ast.Schema
	root    *ast.Definition
	steps   int // beside the ways
	far     map[string]int
	parents map[string][]parent
}

// parent is the last step of a way: a field, or from an interface to one of
// its types.
type parent struct{ typ, field string }

// shortest finds the shortest ways from a root, by breadth.
// Documents go so many steps further.
func shortest(s *ast.Schema, root *ast.Definition, steps int) *paths {
	p := &paths{schema: s, root: root, steps: steps, far: map[string]int{root.Name: 0}, parents: map[string][]parent{}}
	var reach func(typ string, far int, from parent) []string
	reach = func(typ string, far int, from parent) (next []string) {
		if known, ok := p.far[typ]; ok && known != far {
			return nil
		} else if !ok {
			p.far[typ] = far
			next = []string{typ}
			for _, possible := range p.possible(typ) {
				next = append(next, reach(possible.Name, far, parent{typ: typ})...)
			}
		}
		p.parents[typ] = append(p.parents[typ], from)
		return next
	}
	for level := []string{root.Name}; len(level) > 0; {
		var next []string
		for _, typ := range level {
			for _, f := range fieldsOf(s.Types[typ]) {
				if typ == root.Name && f.Name == "node" {
					continue // nodes is the same for many
				}
				if target := s.Types[f.Type.Name()]; isComposite(target) {
					next = append(next, reach(target.Name, p.far[typ]+1, parent{typ, f.Name})...)
				}
			}
		}
		level = next
	}
	return p
}

// possible are the types of an interface, none of an object.
func (p *paths) possible(typ string) []*ast.Definition {
	def := p.schema.Types[typ]
	if def.Kind != ast.Interface {
		return nil
	}
	types := slices.Clone(p.schema.PossibleTypes[typ])
	slices.SortFunc(types, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return types
}

func isComposite(def *ast.Definition) bool {
	return def.Kind == ast.Object || def.Kind == ast.Interface
}

// fieldsOf are the fields of an object, an interface has none of its own here:
// those of its types are asked for.
func fieldsOf(def *ast.Definition) (fields []*ast.FieldDefinition) {
	if def.Kind != ast.Object {
		return nil
	}
	for _, f := range def.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			fields = append(fields, f)
		}
	}
	return fields
}

// tree is what is selected of a type: fields with what is selected of them, or
// the types of an interface.
type tree map[string]tree

// step is the child of a tree.
func (t tree) step(name string) tree {
	if t[name] == nil {
		t[name] = tree{}
	}
	return t[name]
}

// document is the union of all shortest ways that begin with a root field,
// and, where the field answers an interface, go on in one of its types. Every
// type on the way is asked for all of its fields, those that lead to other
// types with the plain fields of these.
func (p *paths) document(field, first string) (tree, int) {
	root, count := tree{}, 0
	types := make([]string, 0, len(p.far))
	for typ := range p.far {
		types = append(types, typ)
	}
	slices.Sort(types)
	for _, typ := range types {
		for _, way := range p.ways(typ) {
			if len(way) == 0 || way[0].field != field || first != "" && (len(way) < 2 || way[1].field != "" || p.target(way[:2]) != first) {
				continue
			}
			count++
			at := root
			for i := range way {
				at = at.step(p.name(way[:i+1]))
				if i+1 < len(way) && way[i+1].field == "" {
					continue
				}
				p.all(at, p.target(way[:i+1]), p.steps)
			}
		}
	}
	return root, count
}

// ways are all shortest ways to a type, the first step first.
func (p *paths) ways(typ string) (all [][]parentStep) {
	if typ == p.root.Name {
		return [][]parentStep{nil}
	}
	for _, last := range p.parents[typ] {
		for _, way := range p.ways(last.typ) {
			all = append(all, append(slices.Clone(way), parentStep{last, typ}))
		}
	}
	return all
}

// parentStep is a step with the type it leads to.
type parentStep struct {
	parent
	to string
}

func (p *paths) target(way []parentStep) string { return way[len(way)-1].to }

// name is how a step stands in a tree: a field, or "... on" a type.
func (p *paths) name(way []parentStep) string {
	last := way[len(way)-1]
	if last.field == "" {
		return "... on " + last.to
	}
	return last.field
}

// Steps of what is asked for beside the shortest ways: over one thing to the
// next one, or over a list.
const (
	overOne  = 1
	overList = 2
)

// all asks for every field of a type, and so many steps further: at the end of
// each for what is no other type's.
func (p *paths) all(at tree, typ string, steps int) {
	def := p.schema.Types[typ]
	for _, possible := range p.possible(typ) {
		p.all(at.step("... on "+possible.Name), possible.Name, steps)
	}
	for _, f := range fieldsOf(def) {
		target, cost := p.schema.Types[f.Type.Name()], overOne
		switch {
		case !isComposite(target), p.isPlain(target), isPage(typ), isEdge(typ):
			cost = 0 // a page is no type of its own to a reader
		case f.Type.Elem != nil, isPage(target.Name):
			cost = overList
		}
		if cost > steps {
			continue
		}
		at.step(f.Name)
		if isComposite(target) {
			p.all(at[f.Name], target.Name, steps-cost)
		}
	}
}

// isPlain reports whether a type has nothing but plain values.
func (p *paths) isPlain(def *ast.Definition) bool {
	return def.Kind == ast.Object && !slices.ContainsFunc(fieldsOf(def), func(f *ast.FieldDefinition) bool {
		return isComposite(p.schema.Types[f.Type.Name()]) || f.Name == "id"
	})
}

func isPage(typ string) bool { return strings.HasSuffix(typ, "Connection") }
func isEdge(typ string) bool { return strings.HasSuffix(typ, "Edge") }

// text writes what a tree selects of a type. Fields of the types of an
// interface get names of their own, since they differ in type. args says what
// a field is asked with.
func (p *paths) text(b *strings.Builder, t tree, typ string, args func(typ string, f *ast.FieldDefinition) string) {
	p.write(b, t, typ, "", args)
}

func (p *paths) write(b *strings.Builder, t tree, typ, prefix string, args func(string, *ast.FieldDefinition) string) {
	def := p.schema.Types[typ]
	b.WriteString("{")
	if def != p.schema.Subscription { // which may have but one field
		b.WriteString(" __typename")
	}
	names := make([]string, 0, len(t))
	for name := range t {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if on, ok := strings.CutPrefix(name, "... on "); ok {
			fmt.Fprintf(b, " %s ", name)
			p.write(b, t[name], on, on+"_", args)
			continue
		}
		f := def.Fields.ForName(name)
		b.WriteByte(' ')
		if prefix != "" && name != "id" {
			b.WriteString(prefix + name + ": ")
		}
		b.WriteString(name + args(typ, f))
		if target := p.schema.Types[f.Type.Name()]; isComposite(target) {
			b.WriteByte(' ')
			p.write(b, t[name], target.Name, "", args)
		}
	}
	b.WriteString(" }")
}
