package guard

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// Whatever is sent, the guard neither panics nor lets anything through that is
// dear to parse, to validate or to charge; it refuses with a code and a place
// within the text, and what it calls no document is none to the parser.
func FuzzGate(f *testing.F) {
	f.Add(introspectionQuery)
	f.Add("")
	for _, doc := range attacks {
		if len(doc) < 2000 {
			f.Add(doc)
		}
	}
	f.Fuzz(func(t *testing.T, doc string) {
		if r := Weigh(doc, testLimits); r != nil {
			if r.Code == "" || r.Message == "" || r.Line < 0 || (r.Limit != "") != (r.Value > r.Max) {
				t.Fatalf("refused with %+v", r)
			}
			// The parser takes a string "on" for the word, which it is not.
			if r.Code == parseFailed && !strings.Contains(doc, `"`) {
				if _, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: doc}, 10*testLimits.Tokens); err == nil {
					t.Fatalf("%v, but the parser takes it", r)
				}
			}
		}
		memory, took, _ := price(doc)
		if memory > mostMemory || took > 10*mostTime {
			t.Fatalf("%d bytes, %v", memory, took)
		}
	})
}

func BenchmarkWeigh(b *testing.B) {
	for name, doc := range map[string]string{"introspection": introspectionQuery, "small": "{viewer{id name employments{nodes{company{id name}}}}}"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if r := Weigh(doc, testLimits); r != nil {
					b.Fatal(r)
				}
			}
		})
		b.Run(name+"/parse", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := parser.ParseQuery(&ast.Source{Input: doc}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/all of it, new", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				check(NewGate(testSchema, testLimits), doc, "", nil)
			}
		})
		b.Run(name+"/all of it, known", func(b *testing.B) {
			b.ReportAllocs()
			g := NewGate(testSchema, testLimits)
			for b.Loop() {
				check(g, doc, "", nil)
			}
		})
	}
}
