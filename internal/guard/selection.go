package guard

import "github.com/vektah/gqlparser/v2/lexer"

// frame is an open bracket, and where the reading is within it.
type frame struct {
	closer lexer.Type
	values bool // arguments, variables, lists and objects: anything but selections

	// What follows is about selection sets.
	set           int    // index in scan.sets; an inline fragment counts with the set around it
	most          int    // times one field may stand in it
	limit         string // the name of that limit
	depth         int    // fields around it
	introspective bool   // below __schema or __type
	inline        bool

	state     state
	pending   lexer.Token // the name read last
	directive directive
}

// state is what stands before the token to come in a selection set.
type state int

const (
	between     state = iota // nothing, or a whole selection
	afterName                // a name that may turn out an alias
	afterAlias               // an alias and its colon
	afterField               // a field, whose arguments, directives and selections may come
	afterDots                // three dots
	afterOn                  // three dots and "on"
	afterInline              // the head of an inline fragment
	afterSpread              // the name of a fragment
)

// directive is how much of a directive has been read.
type directive int

const (
	noDirective directive = iota
	directiveAt
	directiveName
)

// inSelections looks at a token that stands directly in a selection set.
func (s *scan) inSelections(f *frame, t lexer.Token) *Refusal {
	if f.state == afterName && t.Kind != lexer.Colon {
		if r := s.field(f); r != nil {
			return r
		}
	}
	read := f.directive
	f.directive = noDirective
	if read == directiveAt {
		f.directive = directiveName
		if t.Kind == lexer.Name {
			return nil
		}
		return broken(t, misplaced)
	}
	ok := false
	switch t.Kind {
	case lexer.Name:
		return s.name(f, t)
	case lexer.Colon:
		if f.state == afterName {
			f.state = afterAlias
			if s.aliases++; s.aliases > s.limits.Aliases {
				return over("aliases", "too many aliases", s.aliases, s.limits.Aliases).at(f.pending)
			}
			return nil
		}
	case lexer.Spread:
		ok = f.complete()
		f.state = afterDots
	case lexer.At:
		if f.state == afterDots {
			f.state = afterInline
		}
		ok = f.state == afterField || f.state == afterInline || f.state == afterSpread
		f.directive = directiveAt
	case lexer.ParenL:
		ok = f.state == afterField || read == directiveName
	case lexer.BraceL:
		ok = f.state == afterField || f.state == afterInline || f.state == afterDots
	case lexer.BraceR:
		ok = f.complete()
	default: // nothing else stands in a selection set
	}
	if !ok {
		return broken(t, misplaced)
	}
	return nil
}

const misplaced = "Something stands here that does not belong"

// complete reports whether a selection may end here.
func (f *frame) complete() bool {
	return f.state == between || f.state == afterField || f.state == afterSpread
}

// name looks at a name in a selection set.
func (s *scan) name(f *frame, t lexer.Token) *Refusal {
	switch f.state {
	case between, afterField, afterSpread:
		f.state, f.pending = afterName, t
	case afterAlias:
		f.pending = t
		return s.field(f)
	case afterDots:
		if t.Value == "on" {
			f.state = afterOn
			return nil
		}
		f.state = afterSpread
		return s.spread(f, t)
	case afterOn:
		f.state = afterInline
	default:
		return broken(t, misplaced)
	}
	return nil
}

// field counts the field whose name is pending.
func (s *scan) field(f *frame) *Refusal {
	f.state = afterField
	set, name := s.sets[f.set], f.pending.Value
	set[name]++
	if set[name] > f.most {
		return over(f.limit, "one field too often in a selection set", set[name], f.most).at(f.pending)
	}
	p := &s.parts[len(s.parts)-1]
	p.fields++
	if f.introspective {
		return nil
	}
	if p.depth = max(p.depth, f.depth+1); p.depth > s.limits.Depth {
		return over("depth", "fields too deep within fields", p.depth, s.limits.Depth).at(f.pending)
	}
	return nil
}

// spread notes that a fragment is spread here.
func (s *scan) spread(f *frame, t lexer.Token) *Refusal {
	if s.spreads++; s.spreads > s.limits.Spreads {
		return over("spreads", "too many spreads of fragments", s.spreads, s.limits.Spreads).at(t)
	}
	u := use{fragment: t.Value, depth: f.depth, line: t.Pos.Line, column: t.Pos.Column}
	if f.introspective {
		u.depth = introspection
	}
	p := &s.parts[len(s.parts)-1]
	p.uses = append(p.uses, u)
	return nil
}

// selections is the frame that opens after what has been read in f.
func (s *scan) selections(f *frame) frame {
	inner := frame{
		closer: lexer.BraceR, set: f.set, most: f.most, limit: f.limit,
		depth: f.depth, introspective: f.introspective, inline: f.state != afterField,
	}
	if !inner.inline {
		inner.set, inner.most, inner.limit = s.newSet(), s.limits.SameField, "same-field"
		inner.depth++
		inner.introspective = f.introspective || f.pending.Value == "__schema" || f.pending.Value == "__type"
	}
	f.state = between
	return inner
}
