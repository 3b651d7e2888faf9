package guard

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// conflicts finds fields that would be answered under one name and are not the
// same, as the rule "Field Selection Merging" of the specification has it. The
// parser's own rule compares every two of them, time and again; here each field
// is looked at with the first of its name.
type conflicts struct {
	schema *ast.Schema
	left   int        // fields to be looked at yet; below zero when it was too much
	found  *ast.Field // one that conflicts, nil for none
}

// in looks for conflicts in an operation of a document that is valid otherwise.
func (c *conflicts) in(op *ast.OperationDefinition) {
	var all []*ast.Field
	all = c.expand(all, op.SelectionSet, map[string]bool{})
	c.shapes(all)
	c.sameness(all)
}

func (c *conflicts) over() bool { return c.found != nil || c.left < 0 }

// expand adds the fields of a set, those of its fragments among them.
func (c *conflicts) expand(to []*ast.Field, set ast.SelectionSet, spread map[string]bool) []*ast.Field {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			to = append(to, s)
		case *ast.InlineFragment:
			to = c.expand(to, s.SelectionSet, spread)
		case *ast.FragmentSpread:
			if !spread[s.Name] {
				spread[s.Name] = true
				to = c.expand(to, s.Definition.SelectionSet, spread)
			}
		}
	}
	return to
}

// below returns what is selected below fields that are answered as one.
func (c *conflicts) below(group []*ast.Field) []*ast.Field {
	var all []*ast.Field
	spread := map[string]bool{}
	for _, f := range group {
		all = c.expand(all, f.SelectionSet, spread)
	}
	return all
}

// shapes asks that what is answered under one name has one shape, whatever it
// is answered for.
func (c *conflicts) shapes(fields []*ast.Field) {
	for _, group := range c.byName(fields) {
		for _, f := range group[1:] {
			if !c.sameShape(group[0].Definition.Type, f.Definition.Type) {
				c.found = f
			}
		}
		if c.over() {
			return
		}
		c.shapes(c.below(group))
	}
}

func (c *conflicts) sameShape(a, b *ast.Type) bool {
	for ; a.Elem != nil && b.Elem != nil; a, b = a.Elem, b.Elem {
		if a.NonNull != b.NonNull {
			return false
		}
	}
	if a.NonNull != b.NonNull || a.Elem != nil || b.Elem != nil {
		return false
	}
	ofA, ofB := c.schema.Types[a.NamedType], c.schema.Types[b.NamedType]
	return ofA.IsCompositeType() && ofB.IsCompositeType() || ofA == ofB
}

// sameness asks that what is answered under one name for one object is one
// field with the same arguments.
func (c *conflicts) sameness(fields []*ast.Field) {
	for _, group := range c.byName(fields) {
		for _, together := range byObject(group) {
			for _, f := range together[1:] {
				if first := together[0]; f != first && (f.Name != first.Name || !sameArguments(f.Arguments, first.Arguments)) {
					c.found = f
				}
			}
			if c.left -= len(together); c.over() {
				return
			}
			c.sameness(c.below(together))
		}
	}
}

// byName groups fields by the name that they are answered under.
func (c *conflicts) byName(fields []*ast.Field) [][]*ast.Field {
	c.left -= len(fields)
	index := make(map[string]int, len(fields))
	var groups [][]*ast.Field
	for _, f := range fields {
		i, known := index[f.Alias]
		if !known {
			i = len(groups)
			index[f.Alias] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

// byObject groups fields that may be those of one object: for each type those
// of the type, and with them those of interfaces.
func byObject(fields []*ast.Field) [][]*ast.Field {
	var concrete []string
	for _, f := range fields {
		if of := f.ObjectDefinition; of.Kind == ast.Object && !slices.Contains(concrete, of.Name) {
			concrete = append(concrete, of.Name)
		}
	}
	if len(concrete) < 2 {
		return [][]*ast.Field{fields}
	}
	groups := make([][]*ast.Field, len(concrete))
	for i, name := range concrete {
		for _, f := range fields {
			if of := f.ObjectDefinition; of.Kind != ast.Object || of.Name == name {
				groups[i] = append(groups[i], f)
			}
		}
	}
	return groups
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, one := range a {
		other := b.ForName(one.Name)
		if other == nil || !sameValue(one.Value, other.Value) {
			return false
		}
	}
	return true
}

// sameValue compares values as they are written; the order of an object's
// members says nothing.
func sameValue(a, b *ast.Value) bool {
	if a == b {
		return true
	}
	if a.Kind != b.Kind || a.Raw != b.Raw || len(a.Children) != len(b.Children) {
		return false
	}
	inA, inB := a.Children, b.Children
	if a.Kind == ast.ObjectValue {
		inA, inB = slices.Clone(inA), slices.Clone(inB)
		slices.SortStableFunc(inA, byMember)
		slices.SortStableFunc(inB, byMember)
	}
	return slices.EqualFunc(inA, inB, func(x, y *ast.ChildValue) bool {
		return x.Name == y.Name && sameValue(x.Value, y.Value)
	})
}

func byMember(a, b *ast.ChildValue) int { return strings.Compare(a.Name, b.Name) }
