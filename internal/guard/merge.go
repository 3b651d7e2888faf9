package guard

import "github.com/vektah/gqlparser/v2/ast"

// merged are the fields of selection sets that are executed as one.
type merged struct {
	groups [][]*ast.Field // fields executed once, in the order of the first of them
	index  map[key]int
	seen   map[string]bool // fragments spread already
}

// key is what fields have in common that are executed once. Those of different
// types never meet in one object, and are told apart.
type key struct{ response, name, object string }

// collect adds the fields of a set, those of its fragments among them. The
// document is known to have no circles.
func (m *merged) collect(set ast.SelectionSet) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			k := key{response: s.Alias, name: s.Name}
			if s.ObjectDefinition != nil {
				k.object = s.ObjectDefinition.Name
			}
			i, known := m.index[k]
			if !known {
				i = len(m.groups)
				m.index[k] = i
				m.groups = append(m.groups, nil)
			}
			m.groups[i] = append(m.groups[i], s)
		case *ast.InlineFragment:
			m.collect(s.SelectionSet)
		case *ast.FragmentSpread:
			if s.Definition == nil || m.seen[s.Name] {
				continue
			}
			if m.seen == nil {
				m.seen = map[string]bool{}
			}
			m.seen[s.Name] = true
			m.collect(s.Definition.SelectionSet)
		}
	}
}
