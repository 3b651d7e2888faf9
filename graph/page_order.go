package graph

import (
	"context"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"partnerhub/internal/errs"
)

// order is a way to sort a list: by a column and then by id, or by id alone,
// which is the order of insertion; unless it says otherwise.
type order[T any] struct {
	name   string       // stands in cursors: one of another order is refused
	column string       // never null; "" sorts by id alone
	value  func(*T) any // of the column
	kind   keyKind      // of those values
	desc   bool

	// isUnique says that no two rows of a list have the same in the column, so
	// that it sorts alone: an index then gives a page without reading more.
	isUnique bool
	// tie, where it is not "", is the column that sorts in place of the id what
	// has the same in the first, and tieOf its value.
	tie   string
	tieOf func(*T) string

	// expr, where it is not nil, is the SQL that makes the column, for a key
	// that a neighbour's row holds. It stands over the table that is read.
	expr func(*sql.Selector) string
}

// window is a slice ready to be put into a query.
type window struct {
	limit    int
	backward bool // read from the end
	desc     bool // direction of reading
	column   string
	tie      string // "": the column sorts alone
	expr     func(*sql.Selector) string
	after    *place
	before   *place
}

// Errors of a slice: only a programmer can put them right.
var (
	errPageSize  = errs.NewForProgrammer(errs.BadUserInput, "errorPageSize")
	errPageBoth  = errs.NewForProgrammer(errs.BadUserInput, "errorPageBoth")
	errBadCursor = errs.NewForProgrammer(errs.BadUserInput, "errorBadCursor")
)

func (l list[T]) window(ctx context.Context, s slice) (w window, err error) {
	sizes := pageSizes(ctx)
	w = window{limit: sizes.Default, desc: l.order.desc, column: l.order.column, tie: l.order.tie, expr: l.order.expr}
	if w.tie == "" && !l.order.isUnique {
		w.tie = "id"
	}
	if s.first != nil && s.last != nil {
		return w, errPageBoth
	}
	for _, n := range []*int{s.first, s.last} {
		if n != nil {
			if *n < 0 || *n > sizes.Max {
				return w, errPageSize.With("max", sizes.Max)
			}
			w.limit = *n
		}
	}
	if s.last != nil {
		w.backward, w.desc = true, !w.desc
	}
	if w.after, err = l.place(s.after); err != nil {
		return w, err
	}
	if w.before, err = l.place(s.before); err != nil {
		return w, err
	}
	return w, nil
}

// bounds keeps the rows between the two cursors.
func (w window) bounds(s *sql.Selector) {
	forward := w.desc == w.backward // what comes after is greater
	if w.after != nil {
		s.Where(w.beyond(s, *w.after, forward))
	}
	if w.before != nil {
		s.Where(w.beyond(s, *w.before, !forward))
	}
}

func (w window) beyond(s *sql.Selector, p place, greater bool) *sql.Predicate {
	op := sql.OpLT
	if greater {
		op = sql.OpGT
	}
	if w.column == "" {
		return compare(s.C(w.tie), op, p.ID)
	}
	key := w.key(s)
	if w.tie == "" {
		return compare(key, op, p.value())
	}
	return sql.Or(compare(key, op, p.value()), sql.And(compare(key, sql.OpEQ, p.value()), compare(s.C(w.tie), op, p.ID)))
}

// compare is a predicate over a column, or over the SQL of an expression.
func compare(key string, op sql.Op, value any) *sql.Predicate {
	return sql.P(func(b *sql.Builder) { b.WriteString(key).WriteOp(op).Arg(value) })
}

// key is the SQL of the column that is sorted by.
func (w window) key(s *sql.Selector) string {
	if w.expr != nil {
		return w.expr(s)
	}
	return s.C(w.column)
}

// sort puts the rows in order.
func (w window) sort(s *sql.Selector) {
	w.selectKey(s)
	for _, c := range w.columns() {
		if c != w.column || w.expr == nil {
			c = s.C(c) // the key of an expression is no column of the table
		}
		w.orderBy(s, c)
	}
}

// selectKey reads what an expression makes as a column of its own: cursors
// need its value.
func (w window) selectKey(s *sql.Selector) {
	if w.expr != nil {
		s.AppendSelectExprAs(sql.Raw(w.expr(s)), w.column)
	}
}

func (w window) columns() []string {
	switch {
	case w.column == "":
		return []string{w.tie}
	case w.tie == "":
		return []string{w.column}
	}
	return []string{w.column, w.tie}
}

// orderBy sorts by a column, or by the SQL of an expression.
func (w window) orderBy(s *sql.Selector, key string) {
	s.OrderExprFunc(func(b *sql.Builder) {
		b.Ident(key)
		if w.desc {
			b.WriteString(" DESC")
		}
	})
}

// limitEach turns the whole query, predicates and visibility included, into
// one that asks for the first rows of each parent by themselves: where an index
// has them in order, no others are read. SQLite, which has no LATERAL, looks
// for their ids first.
func (w window) limitEach(owner string, parents []string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		d, table := sql.Dialect(s.Dialect()), s.TableName()
		columns, bare := s.UnqualifiedColumns(), s.Clone()
		s.Where(sql.ExprP(s.C(owner) + " = parents.parent")) // before it is cloned: a clone sets no brackets
		first := s.Clone().Limit(w.limit + 1)
		first.SetDistinct(false)
		outer := d.Select(columns...).Prefix(withParents(parents))
		if s.Dialect() == dialect.SQLite {
			w.sortByKey(first.Select(first.C("id")))
			outer.FromExpr(sql.ExprFunc(func(b *sql.Builder) { b.WriteString("parents CROSS JOIN ").Ident(table) })).
				Where(sql.P(func(b *sql.Builder) {
					b.WriteString(bare.C("id") + " IN ").Wrap(func(b *sql.Builder) { b.Join(first) })
				}))
			if w.expr != nil {
				outer.AppendSelectExprAs(sql.Raw(w.expr(bare)), w.column)
			}
		} else {
			w.selectKey(first)
			w.sortByKey(first)
			outer.FromExpr(sql.ExprFunc(func(b *sql.Builder) {
				b.WriteString("parents CROSS JOIN LATERAL ").Wrap(func(b *sql.Builder) { b.Join(first) }).WriteString(" AS ").Ident(table)
			}))
			if w.expr != nil {
				outer.AppendSelect(w.column)
			}
		}
		for _, c := range w.columns() {
			w.orderBy(outer, c)
		}
		*s = *outer
	}
}

// withParents names the parents as a table of their own.
func withParents(ids []string) sql.Querier {
	return sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("WITH parents(parent) AS (VALUES ")
		for i, id := range ids {
			if i > 0 {
				b.Comma()
			}
			b.WriteByte('(').Arg(id).WriteByte(')')
		}
		b.WriteString(") ")
	})
}

// sortByKey is sort for a query that may not read the key of an expression.
func (w window) sortByKey(s *sql.Selector) {
	for _, c := range w.columns() {
		if c == w.column && w.expr != nil {
			c = w.expr(s)
		} else {
			c = s.C(c)
		}
		w.orderBy(s, c)
	}
}
