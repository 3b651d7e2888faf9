package guard

import (
	"reflect"

	"github.com/vektah/gqlparser/v2/ast"
)

// What the arguments of a field may have before they count: they are read anew
// for each thing that the field is answered of. A point is for so much more.
const (
	valuesOfPoint = 100
	bytesOfPoint  = 4 << 10
)

// written is what stands in arguments: in the document, and in the variables
// that are named there.
type written struct {
	amount    amount
	variables []string
}

// amount is how many values there are, those in lists and objects among them,
// and how many bytes their texts have.
type amount struct{ values, bytes int }

func (a *amount) add(b amount) {
	a.values, a.bytes = add(a.values, b.values), add(a.bytes, b.bytes)
}

func (a amount) points() int { return max(a.values-1, 0)/valuesOfPoint + a.bytes/bytesOfPoint }

// writtenIn adds up the arguments of a field.
func writtenIn(arguments ast.ArgumentList) (w written) {
	for _, a := range arguments {
		w.add(a.Value)
	}
	return w
}

func (w *written) add(v *ast.Value) {
	if v.Kind == ast.Variable {
		w.variables = append(w.variables, v.Raw)
		return
	}
	w.amount.add(amount{1, len(v.Raw)})
	for _, c := range v.Children {
		w.add(c.Value)
	}
}

// given are the variables of an operation.
type given struct {
	variables map[string]any
	amounts   map[string]amount // of those that were asked for
}

// points are what arguments count with these variables.
func (g *given) points(w *written) int {
	all := w.amount
	for _, name := range w.variables {
		a, known := g.amounts[name]
		if !known {
			a = amountOf(reflect.ValueOf(g.variables[name]))
			if g.amounts == nil {
				g.amounts = map[string]amount{}
			}
			g.amounts[name] = a
		}
		all.add(a)
	}
	return all.points()
}

// amountOf adds up a variable as it was coerced. How deep it may be was asked
// for before it was decoded.
func amountOf(v reflect.Value) amount {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	sum := amount{values: 1}
	switch v.Kind() {
	case reflect.String:
		sum.bytes = v.Len()
	case reflect.Slice:
		for i := range v.Len() {
			sum.add(amountOf(v.Index(i)))
		}
	case reflect.Map:
		for members := v.MapRange(); members.Next(); {
			sum.add(amountOf(members.Value()))
		}
	default: // numbers and truths are short
	}
	return sum
}
