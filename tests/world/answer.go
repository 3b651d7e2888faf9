package world

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"partnerhub/internal/client"
)

// Answer is what the server said to an operation. For a mutation it is the
// payload of its one field.
type Answer struct {
	w      *World
	Data   any            // as JSON: maps, lists, texts, float64, bool, nil
	Errors *client.Errors // top-level errors, nil without any
}

// Get returns what stands at a path such as "company.employees.nodes.0.role",
// nil where there is nothing.
func (a Answer) Get(path string) any {
	at := a.Data
	for step := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil
			}
			at = v[i]
		default:
			return nil
		}
	}
	return at
}

// Text returns the text at a path, "" where there is none.
func (a Answer) Text(path string) string {
	s, _ := a.Get(path).(string)
	return s
}

// Int returns the number at a path, 0 where there is none.
func (a Answer) Int(path string) int {
	n, _ := a.Get(path).(float64)
	return int(n)
}

// List returns the list at a path, nil where there is none.
func (a Answer) List(path string) []any {
	l, _ := a.Get(path).([]any)
	return l
}

// Texts returns what each item of the list at path has at field; field "" is
// the item itself.
func (a Answer) Texts(path, field string) []string {
	texts := []string{}
	for _, item := range a.List(path) {
		i := Answer{Data: item}
		if field == "" {
			s, _ := item.(string)
			texts = append(texts, s)
		} else {
			texts = append(texts, i.Text(field))
		}
	}
	return texts
}

// Codes returns the codes of the payload's user errors, each followed by its
// path where it has one: "INVALID input.email".
func (a Answer) Codes() []string {
	codes := []string{}
	for _, e := range a.List("userErrors") {
		e := Answer{Data: e}
		codes = append(codes, strings.TrimSpace(e.Text("code")+" "+strings.Join(e.Texts("path", ""), ".")))
	}
	return codes
}

// Code returns the code of the first top-level error, "" without any.
func (a Answer) Code() string {
	if a.Errors == nil {
		return ""
	}
	return a.Errors.Code()
}

// OK fails the test unless the answer is without errors of any kind, and
// returns it.
func (w *World) OK(a Answer) Answer {
	w.Helper()
	if a.Errors != nil {
		w.Fatalf("the server answered: %v", a.Errors)
	}
	if codes := a.Codes(); len(codes) > 0 {
		w.Fatalf("refused: %v: %v", codes, a.Get("userErrors"))
	}
	return a
}

// Refused fails the test unless the mutation was refused with exactly these
// user errors: codes such as "FORBIDDEN", or with a path "INVALID input.email".
// A code without a path stands for any path.
func (w *World) Refused(a Answer, want ...string) Answer {
	w.Helper()
	if a.Errors != nil {
		w.Errorf("the server answered %v, want the refusal %v", a.Errors, want)
		return a
	}
	got := a.Codes()
	if !slices.EqualFunc(got, want, func(g, w string) bool { return g == w || strings.HasPrefix(g, w+" ") }) {
		w.Errorf("refused with %v, want %v", got, want)
	}
	for _, e := range a.List("userErrors") {
		if (Answer{Data: e}).Text("message") == "" {
			w.Errorf("a refusal without a sentence: %v", e)
		}
	}
	return a
}

// Fails fails the test unless the first top-level error has the code.
func (w *World) Fails(a Answer, code string) Answer {
	w.Helper()
	if a.Code() != code {
		w.Errorf("the server answered %v with %v, want %s", a.Data, a.Errors, code)
	}
	return a
}

// answer makes an Answer of what the client got.
func (w *World) answer(data any, err error) Answer {
	w.Helper()
	a := Answer{w: w, Data: data}
	if err != nil && !errors.As(err, &a.Errors) {
		w.Fatalf("no answer: %v", err)
	}
	return a
}
