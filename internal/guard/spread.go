package guard

import "math"

// part is what was found in one operation or fragment.
type part struct {
	name         string // of a fragment
	isFragment   bool
	isMutation   bool // or a fragment of one's root
	fields       int
	depth        int // fields within fields
	uses         []use
	line, column int
}

// use is a place where a fragment is spread.
type use struct {
	fragment     string
	depth        int // fields around it, or introspection
	line, column int
}

// introspection stands for the depth of places whose depth does not count.
const introspection = -1

// spreading is what the fragments of a document come to, once spread.
type spreading struct {
	parts []part // one for each name
	index map[string]int
	order []int // each fragment after those that it spreads
}

// settle adds up what the fragments come to where they are spread. Each is
// looked at once, however often it is spread.
func settle(parts []part, l Limits) *Refusal {
	s := spreading{index: map[string]int{}}
	for _, p := range parts {
		s.add(p)
	}
	if r := s.sort(); r != nil {
		return r
	}
	for _, i := range s.order {
		if r := s.sum(&s.parts[i], l); r != nil {
			return r
		}
	}
	fields := 0
	for _, p := range parts {
		if p.isFragment {
			continue
		}
		if r := s.sum(&p, l); r != nil {
			return r
		}
		if fields = add(fields, p.fields); fields > l.Fields {
			r := over("fields", "too many fields once its fragments are spread", fields, l.Fields)
			r.Line, r.Column = p.line, p.column
			return r
		}
	}
	return nil
}

// add puts a fragment among the parts. Two of one name are invalid, which is
// found later; until then they are one.
func (s *spreading) add(p part) {
	if !p.isFragment {
		return
	}
	i, known := s.index[p.name]
	if !known {
		s.index[p.name] = len(s.parts)
		s.parts = append(s.parts, p)
		return
	}
	first := &s.parts[i]
	first.fields += p.fields
	first.depth = max(first.depth, p.depth)
	first.uses = append(first.uses[:len(first.uses):len(first.uses)], p.uses...)
}

// sort finds an order in which each fragment comes after those that it
// spreads. There is none where fragments spread each other in a circle.
func (s *spreading) sort() *Refusal {
	waiting := make([]int, len(s.parts))  // spreads whose fragment is not in order yet
	usedBy := make([][]int, len(s.parts)) // one entry for each spread
	ready := make([]int, 0, len(s.parts))
	for i, p := range s.parts {
		for _, u := range p.uses {
			if of, known := s.index[u.fragment]; known {
				waiting[i]++
				usedBy[of] = append(usedBy[of], i)
			}
		}
		if waiting[i] == 0 {
			ready = append(ready, i)
		}
	}
	for ; len(ready) > len(s.order); s.order = ready[:len(s.order)+1] {
		for _, i := range usedBy[ready[len(s.order)]] {
			if waiting[i]--; waiting[i] == 0 {
				ready = append(ready, i)
			}
		}
	}
	for i, n := range waiting {
		if n > 0 {
			return &Refusal{
				Code: validationFailed, Message: "A fragment spreads itself, by way of others or directly.",
				Line: s.parts[i].line, Column: s.parts[i].column,
			}
		}
	}
	return nil
}

// sum adds to a part what it spreads. What it spreads is summed up already.
func (s *spreading) sum(p *part, l Limits) *Refusal {
	for _, u := range p.uses {
		i, known := s.index[u.fragment]
		if !known {
			continue // invalid, which is found later
		}
		spread := s.parts[i]
		p.fields = add(p.fields, spread.fields)
		if u.depth == introspection {
			continue
		}
		if p.depth = max(p.depth, u.depth+spread.depth); p.depth > l.Depth {
			r := over("depth", "fields too deep within fields", p.depth, l.Depth)
			r.Line, r.Column = u.line, u.column
			return r
		}
	}
	return nil
}

// add adds without overflowing: what is too much stays too much.
func add(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}
