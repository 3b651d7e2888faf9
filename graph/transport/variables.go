package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"

	"partnerhub/internal/errs"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// ValueLimits are what the variables of a request may be, and its extensions.
// The zero value of each field stands for the default named there.
type ValueLimits struct {
	Size   int // bytes of JSON; default 128 KiB
	Depth  int // lists and objects within each other; default 32
	Values int // in all, lists and objects among them; default 5,000
}

// check looks through an object before anything is made of it, in one pass and
// without recursion. It returns why the object is refused, nil where it is not.
//
// A name that stands twice in one object is refused: whoever checks what passes
// on the way to the server may read the other value.
func (l ValueLimits) check(object json.RawMessage) *gqlerror.Error {
	size, depth, values := cmp.Or(l.Size, 128<<10), cmp.Or(l.Depth, 32), cmp.Or(l.Values, 5000)
	if len(object) > size {
		return excess("variables", "larger", len(object), size)
	}
	w := walk{json: object}
	for w.next() {
		switch {
		case len(w.open) > depth:
			return excess("variables-depth", "deeper", len(w.open), depth)
		case w.values > values:
			return excess("variables-values", "more", w.values, values)
		case w.repeated:
			return failure(errs.BadUserInput, "In the variables or extensions, a name stands twice in one object.")
		case w.null:
			// PostgreSQL cannot keep it.
			return failure(errs.BadUserInput, "A text has the character U+0000, which no text may have.")
		}
	}
	return nil
}

// excess is the refusal of variables that pass a limit.
func excess(limit, what string, value, maximum int) *gqlerror.Error {
	err := failure(errs.ComplexityLimit, "The variables or extensions are "+what+" than they may be: "+
		strconv.Itoa(maximum)+" is the limit "+limit+".")
	err.Extensions["limit"], err.Extensions["value"], err.Extensions["maximum"] = limit, value, maximum
	return err
}

// walk goes through valid JSON token by token.
type walk struct {
	json     []byte
	at       int
	open     []map[string]struct{} // names of the objects around, nil for lists
	values   int                   // so far
	repeated bool                  // the last name stood in its object before
	isName   bool                  // a string here is a name
	null     bool                  // a string has the character U+0000
}

// next goes to the next name, or to the beginning or end of a value. It reports
// false at the end.
func (w *walk) next() bool {
	for ; w.at < len(w.json); w.at++ {
		switch c := w.json[w.at]; c {
		case ' ', '\t', '\r', '\n', ':':
		case ',':
			w.isName = w.inObject()
		case '{', '[':
			w.begin(c == '{')
			return true
		case '}', ']':
			w.open, w.isName = w.open[:len(w.open)-1], false
		case '"':
			w.text()
			return true
		default:
			w.values++
			for w.at < len(w.json) && !ends(w.json[w.at]) {
				w.at++
			}
			return true
		}
	}
	return false
}

func (w *walk) inObject() bool { return len(w.open) > 0 && w.open[len(w.open)-1] != nil }

func (w *walk) begin(isObject bool) {
	var names map[string]struct{}
	if isObject {
		names = map[string]struct{}{}
	}
	w.open = append(w.open, names)
	w.isName = isObject
	w.values++
	w.at++
}

// text goes behind a string, and keeps it where it is a name.
func (w *walk) text() {
	start := w.at
	escaped := false
	for w.at++; w.json[w.at] != '"'; w.at++ {
		if w.json[w.at] == '\\' {
			escaped = true
			w.null = w.null || bytes.HasPrefix(w.json[w.at:], []byte(`\u0000`))
			w.at++
		}
	}
	w.at++
	if !w.isName {
		w.values++
		return
	}
	w.isName = false
	name := string(w.json[start+1 : w.at-1])
	if escaped {
		_ = json.Unmarshal(w.json[start:w.at], &name) // which the JSON around it has passed
	}
	names := w.open[len(w.open)-1]
	_, w.repeated = names[name]
	names[name] = struct{}{}
}

// ends reports whether a number or a word ends before c.
func ends(c byte) bool {
	switch c {
	case ',', '}', ']', ' ', '\t', '\r', '\n':
		return true
	}
	return false
}
