package guard

import (
	"encoding/json"
	"reflect"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"
)

// size is how many items something has, as far as the document tells.
type size struct {
	kind sizeKind

	n int // fixed

	first, last *ast.Value // paged; nil where not given
	page        Page

	list   *ast.Value // counted; nil where not given
	member string     // the list is that member of it
	most   int        // more is refused where the list is read, before anything is done
}

type sizeKind int

const (
	fixed   sizeKind = iota // n items
	paged                   // as many as the page is asked to have
	counted                 // as many as a list of the input has
)

var one = size{n: 1}

// of returns the number of items with these variables, never below zero. A
// size that is refused where it is read has no items.
func (s *size) of(variables map[string]any) int {
	n := s.n
	switch s.kind {
	case paged:
		n = max(number(s.first, variables, noNumber), number(s.last, variables, noNumber))
		if n == noNumber {
			return s.page.Default
		}
		if n > s.page.Max {
			n = 0
		}
	case counted:
		if n = length(s.list, s.member, variables); n > s.most {
			n = 0
		}
	case fixed:
	}
	return max(n, 0)
}

// noNumber stands for a number that was not given. It is below all that may be.
const noNumber = -1 << 31

// number returns the value of an Int.
func number(v *ast.Value, variables map[string]any, none int) int {
	if v == nil {
		return none
	}
	raw := v.Raw
	if v.Kind == ast.Variable {
		switch given := variables[v.Raw].(type) {
		case nil:
			return none
		case int64:
			return int(given)
		case int:
			return given
		case json.Number:
			raw = string(given)
		case string:
			raw = given
		}
	} else if v.Kind != ast.IntValue {
		return none
	}
	n, err := strconv.Atoi(raw)
	if err != nil {
		return 0 // refused where it is read
	}
	return n
}

// length returns the number of items of a list, or of a member of an input
// object that is one. One thing stands for a list of it.
func length(v *ast.Value, member string, variables map[string]any) int {
	if v == nil {
		return 0
	}
	if v.Kind == ast.Variable {
		given := variables[v.Raw]
		if member != "" {
			object, _ := given.(map[string]any)
			given = object[member]
		}
		return lengthOf(given)
	}
	if member != "" {
		return length(v.Children.ForName(member), "", variables)
	}
	switch v.Kind {
	case ast.NullValue:
		return 0
	case ast.ListValue:
		return len(v.Children)
	default:
		return 1
	}
}

func lengthOf(given any) int {
	if given == nil {
		return 0
	}
	if list := reflect.ValueOf(given); list.Kind() == reflect.Slice {
		return list.Len()
	}
	return 1
}
