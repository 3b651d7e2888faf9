package guard

import (
	"strconv"
	"strings"

	"partnerhub/internal/errs"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/lexer"
)

// Weigh reads the document once and returns why it is refused, or nil. It
// neither recurses nor parses: its memory is bounded by the limits, its time by
// the size of the text. Whether the document is valid is not asked, but what
// the parser would not take is mostly refused here already.
func Weigh(query string, l Limits) *Refusal {
	_, refusal := weigh(query, l)
	return refusal
}

// weigh is Weigh, and returns the number of tokens.
func weigh(query string, l Limits) (tokens int, refusal *Refusal) {
	if len(query) > l.Document {
		return 0, over("document", "too many bytes", len(query), l.Document)
	}
	s := scan{limits: l, lexer: lexer.New(&ast.Source{Input: query})}
	refusal = s.run()
	if refusal == nil {
		refusal = settle(s.parts, l)
	}
	return s.tokens, refusal
}

// scan is one reading of a document.
type scan struct {
	limits Limits
	lexer  lexer.Lexer

	tokens, aliases, directives, fragments, spreads int

	frames []frame          // the open brackets
	sets   []map[string]int // for each open selection set: how often which field stands in it
	open   int              // how many of sets are in use

	parts []part // operations and fragments met, the last may be unfinished
	words int    // names read since the keyword of the last part
	begun bool   // its selection set is still to come
}

// run reads the whole document.
func (s *scan) run() *Refusal {
	for {
		t, err := s.lexer.ReadToken()
		if err != nil {
			return broken(t, "No GraphQL stands here")
		}
		if t.Kind == lexer.EOF {
			if len(s.frames) > 0 {
				return broken(t, "A bracket is not closed")
			}
			return nil
		}
		if s.tokens++; s.tokens > s.limits.Tokens {
			return over("document-tokens", "too many tokens", s.tokens, s.limits.Tokens).at(t)
		}
		switch t.Kind {
		case lexer.Comment:
			continue
		case lexer.String, lexer.BlockString:
			if strings.ContainsRune(t.Value, 0) { // which PostgreSQL cannot keep
				return (&Refusal{Code: errs.BadUserInput, Message: "A text has the character U+0000, which no text may have."}).at(t)
			}
		default:
		}
		if r := s.take(t); r != nil {
			return r
		}
	}
}

// take looks at one token in its surroundings.
func (s *scan) take(t lexer.Token) *Refusal {
	if t.Kind == lexer.At {
		if s.directives++; s.directives > s.limits.Directives {
			return over("directives", "too many directives", s.directives, s.limits.Directives).at(t)
		}
	}
	if len(s.frames) == 0 {
		return s.outside(t)
	}
	top := &s.frames[len(s.frames)-1]
	if !top.values {
		if r := s.inSelections(top, t); r != nil {
			return r
		}
	}
	switch t.Kind {
	case lexer.ParenL:
		return s.push(t, frame{closer: lexer.ParenR, values: true})
	case lexer.BracketL:
		return s.push(t, frame{closer: lexer.BracketR, values: true})
	case lexer.BraceL:
		if top.values {
			return s.push(t, frame{closer: lexer.BraceR, values: true})
		}
		return s.push(t, s.selections(top))
	case lexer.ParenR, lexer.BracketR, lexer.BraceR:
		return s.pop(t)
	default:
		return nil
	}
}

// outside looks at a token between the definitions, or in the head of one.
func (s *scan) outside(t lexer.Token) *Refusal {
	switch t.Kind {
	case lexer.Name:
		if !s.begun {
			return s.begin(t)
		}
		s.words++
		p := &s.parts[len(s.parts)-1]
		switch {
		case p.isFragment && s.words == 1:
			p.name = t.Value
		case p.isFragment && s.words == 3:
			p.isMutation = t.Value == "Mutation"
		}
	case lexer.ParenL:
		return s.push(t, frame{closer: lexer.ParenR, values: true})
	case lexer.BraceL:
		if !s.begun {
			s.parts = append(s.parts, part{line: t.Pos.Line, column: t.Pos.Column})
		}
		s.begun = false
		root := frame{closer: lexer.BraceR, most: s.limits.SameField, limit: "same-field", set: s.newSet()}
		if s.parts[len(s.parts)-1].isMutation {
			root.most, root.limit = s.limits.SameMutation, "same-mutation"
		}
		return s.push(t, root)
	case lexer.BracketL, lexer.ParenR, lexer.BracketR, lexer.BraceR:
		return broken(t, "A bracket stands here that does not belong")
	default: // the parser will see whether it belongs
	}
	return nil
}

// begin starts an operation or a fragment at its keyword.
func (s *scan) begin(t lexer.Token) *Refusal {
	p := part{line: t.Pos.Line, column: t.Pos.Column, isMutation: t.Value == "mutation", isFragment: t.Value == "fragment"}
	if p.isFragment {
		if s.fragments++; s.fragments > s.limits.Fragments {
			return over("fragments", "too many fragments", s.fragments, s.limits.Fragments).at(t)
		}
	}
	s.parts = append(s.parts, p)
	s.begun, s.words = true, 0
	return nil
}

// push opens a bracket.
func (s *scan) push(t lexer.Token, f frame) *Refusal {
	if len(s.frames) >= s.limits.Nesting {
		return over("nesting", "brackets too deep within brackets", len(s.frames)+1, s.limits.Nesting).at(t)
	}
	s.frames = append(s.frames, f)
	return nil
}

// pop closes a bracket.
func (s *scan) pop(t lexer.Token) *Refusal {
	last := len(s.frames) - 1
	f := s.frames[last]
	if f.closer != t.Kind {
		return broken(t, "A bracket stands here that does not belong")
	}
	if !f.values && !f.inline {
		s.open--
	}
	s.frames = s.frames[:last]
	return nil
}

// newSet returns the place of an empty count of fields.
func (s *scan) newSet() int {
	if s.open == len(s.sets) {
		s.sets = append(s.sets, map[string]int{})
	}
	clear(s.sets[s.open])
	s.open++
	return s.open - 1
}

func (r *Refusal) at(t lexer.Token) *Refusal {
	r.Line, r.Column = t.Pos.Line, t.Pos.Column
	return r
}

// broken is the refusal of a text that is no document.
func broken(t lexer.Token, what string) *Refusal {
	r := (&Refusal{Code: parseFailed}).at(t)
	r.Message = what + ": line " + strconv.Itoa(r.Line) + ", column " + strconv.Itoa(r.Column) + "."
	return r
}
