package guard

import (
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Points of what is not simply a field with fields of its own. A mutation
// costs what its answer would cost as a query where that is more. The schema is
// not read in pages: it costs what all of it takes, by the time of a core that a
// point takes elsewhere (BenchmarkPoints in internal/server).
const (
	mutationPoints = 10
	itemPoints     = 2 // each item of hubProvision, besides the mutation
	schemaPoints   = 1700
	typePoints     = 100
	valueItems     = 5 // of a list that has no pages
)

// plan is what an operation costs, as far as its document tells: what is left
// are the variables. It is made once, and never changed.
type plan struct {
	isMutation bool
	roots      []node
	needed     []*ast.Value // variables that may not be null, though their types say so
}

// node is a field with fields of its own.
type node struct {
	own   int  // points of the field itself, times the page around it
	size  size // how many items are below
	each  bool // all fields below are those of items, and not only the lists among them
	self  bool // each item costs what the field does, and not only what is below
	list  bool // is a list, so that in a page it stands for its items
	extra int  // points of each item, of mutations
	args  written
	deep  int // lists of the schema around and here, in introspection

	fields []node
}

// Cost returns the points of an operation of a validated document with its
// coerced variables: one for each field that has fields of its own, times the
// sizes of the pages around it. What is more than an int can hold is
// [math.MaxInt]. Fields left out by @skip and @include are counted.
func Cost(schema *ast.Schema, op *ast.OperationDefinition, variables map[string]any, l Limits) int {
	p, _ := planOf(schema, op, &l)
	return p.cost(variables)
}

// cost adds up the points of the operation with these variables.
func (p *plan) cost(variables map[string]any) int {
	sum, with := 0, &given{variables: variables}
	for i := range p.roots {
		n := &p.roots[i]
		points := n.cost(with)
		if p.isMutation {
			least := mutationPoints
			if n.extra > 0 {
				least = add(least, mul(n.extra, n.size.of(variables)))
			}
			points = max(points, least)
		}
		sum = add(sum, points)
	}
	return sum
}

func (n *node) cost(with *given) int {
	size := n.size.of(with.variables)
	sum := n.own
	if n.self {
		sum = mul(sum, max(size, 1))
	}
	sum = add(sum, with.points(&n.args))
	for i := range n.fields {
		below := &n.fields[i]
		points := below.cost(with)
		if n.each || below.list {
			points = mul(points, size)
		}
		sum = add(sum, points)
	}
	return sum
}

// missing is the place of a variable that is null and may not be, nil for none.
func (p *plan) missing(variables map[string]any) *ast.Position {
	for _, v := range p.needed {
		if variables[v.Raw] == nil {
			return v.Position
		}
	}
	return nil
}

// mul multiplies without overflowing. Neither factor is negative.
func mul(a, b int) int {
	if a != 0 && b > math.MaxInt/a {
		return math.MaxInt
	}
	return a * b
}

// planner makes the plan of one operation.
type planner struct {
	schema *ast.Schema
	limits *Limits
	fault  *gqlerror.Error // of introspection; nil for none
}

// planOf returns the plan of an operation, and the fault, if any, by which
// introspection multiplies.
func planOf(schema *ast.Schema, op *ast.OperationDefinition, l *Limits) (plan, *gqlerror.Error) {
	p := &planner{schema: schema, limits: l}
	roots := p.fields([]ast.SelectionSet{op.SelectionSet}, nil)
	return plan{isMutation: op.Operation == ast.Mutation, roots: roots}, p.fault
}

// fields returns the nodes of selection sets that are executed as one. A field
// that stands in them several times is executed once, and so costs once.
func (p *planner) fields(sets []ast.SelectionSet, around *node) []node {
	m := merged{index: map[key]int{}}
	for _, set := range sets {
		m.collect(set)
	}
	var nodes []node
	var told []string // fields of introspection that were met
	for _, group := range m.groups {
		f := group[0]
		if f.Definition == nil {
			continue
		}
		var args written // of a root they are read once
		if around != nil {
			args = writtenIn(f.Arguments)
		}
		named := p.schema.Types[f.Definition.Type.Name()]
		if named == nil || !named.IsCompositeType() {
			if len(f.Arguments) > 0 {
				nodes = append(nodes, node{size: one, args: args})
			}
			continue
		}
		if f.Name == "__schema" || isIntrospective(f) {
			if slices.Contains(told, f.Name) {
				p.fault = fault("What introspection tells of may stand under one name only.", f.Position)
			}
			told = append(told, f.Name)
		}
		n := p.node(f, around)
		n.args = args
		below := make([]ast.SelectionSet, len(group))
		for i, same := range group {
			below[i] = same.SelectionSet
		}
		n.fields = p.fields(below, &n)
		nodes = append(nodes, n)
	}
	return nodes
}

// node returns the node of a field, without what is below.
func (p *planner) node(f *ast.Field, around *node) node {
	n := node{own: 1, size: one, list: isList(f.Definition.Type)}
	switch {
	case around == nil && f.Name == "rateLimit":
		n.own = 0 // whoever has too little left may look how much
	case f.Name == "__schema":
		n.own = schemaPoints
	case f.Name == "__type":
		n.own = typePoints
	case isIntrospective(f):
		if n.deep = around.deep; ofTypes[f.Name] {
			n.deep++
		}
		if n.deep > mostListsOfTypes {
			p.fault = fault("Introspection goes too deep: lists of types and fields may stand within each other twice.", f.Position)
		}
	case f.Definition.Arguments.ForName("first") != nil:
		page, known := p.limits.Pages[f.Name]
		if !known || around != nil {
			page = p.limits.Page
		}
		n.size = size{kind: paged, first: argument(f.Arguments, "first"), last: argument(f.Arguments, "last"), page: page}
		n.each = n.list
	case f.Definition.Arguments.ForName("ids") != nil && n.list:
		n.size = size{kind: counted, list: argument(f.Arguments, "ids"), most: p.limits.Nodes}
		n.each, n.self = true, true
	case f.Name == "hubProvision" && around == nil:
		n.size = size{kind: counted, list: argument(f.Arguments, "input"), member: "items", most: p.limits.Items}
		n.extra = itemPoints
	case n.list && (around == nil || around.size.kind == fixed || around.each):
		n.size = size{kind: fixed, n: p.without(f)}
		n.each = true
	}
	return n
}

// isIntrospective reports a field of what the schema tells of itself. Those that
// have fields of their own may be answered under one name: under several ones
// they would multiply, and no tool asks for them so.
func isIntrospective(f *ast.Field) bool { return strings.HasPrefix(f.ObjectDefinition.Name, "__") }

// ofTypes are the lists in which the schema tells of itself. One within the
// other they multiply, and they go in circles: what tools ask for are the fields
// of the types, so two are enough.
var ofTypes = map[string]bool{"types": true, "fields": true, "inputFields": true, "interfaces": true, "possibleTypes": true}

const mostListsOfTypes = 2

// without is how many items a list is taken to have that is not read in pages:
// as many as a page, or as few as values go, such as packages in a share or
// the reasons of a refusal.
func (p *planner) without(f *ast.Field) int {
	if slices.Contains(p.schema.Types[f.Definition.Type.Name()].Interfaces, "Node") {
		return p.limits.Page.Default
	}
	return min(valueItems, p.limits.Page.Default)
}

func isList(t *ast.Type) bool { return t.Elem != nil }

func argument(arguments ast.ArgumentList, name string) *ast.Value {
	if a := arguments.ForName(name); a != nil {
		return a.Value
	}
	return nil
}
