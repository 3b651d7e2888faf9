package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/graph/model"
	"partnerhub/internal/errs"
)

// Sizes of pages.
const (
	defaultPage = 20
	maxPage     = 100
)

// slice says which part of a list is wanted, as the four arguments of every
// list do.
type slice struct {
	first  *int
	after  *string
	last   *int
	before *string
}

// order is a way to sort a list: by a column and then by id, or by id alone,
// which is the order of insertion.
type order[T any] struct {
	name   string       // stands in cursors: one of another order is refused
	column string       // never null; "" sorts by id alone
	value  func(*T) any // of the column: string or time.Time
	desc   bool
}

// listed is the part of an ent query that pages are made with.
type listed[Q, T, P, O any] interface {
	Where(...P) Q
	Order(...O) Q
	Limit(int) Q
	Clone() Q
	All(context.Context) ([]*T, error)
}

// list is one list of the graph: which query, sorted how, and which column
// says whose list a row belongs to.
type list[T any] struct {
	owner   string // column with the id of the parent, such as "object_id"
	ownerOf func(*T) string
	idOf    func(*T) string
	order   order[T]
}

// pages returns the wanted slice of each parent's list, in one statement
// however many parents there are.
func pages[T any, Q listed[Q, T, P, O], P, O ~func(*sql.Selector)](
	ctx context.Context, q Q, l list[T], parents []string, s slice,
) (map[string]*model.Page[*T], error) {
	w, err := l.window(s)
	if err != nil {
		return nil, err
	}
	q = q.Where(P(sql.FieldIn(l.owner, parents...)))
	rows := map[string][]*T{}
	if w.limit > 0 {
		page := q.Clone().Where(P(w.bounds))
		if len(parents) == 1 {
			page = page.Order(O(w.sort)).Limit(w.limit + 1)
		} else {
			page = page.Order(O(w.limitEach(l.owner)))
		}
		found, err := page.All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
		for _, t := range found {
			rows[l.ownerOf(t)] = append(rows[l.ownerOf(t)], t)
		}
	}
	counts := &counter{count: func(ctx context.Context) (map[string]int, error) { return countEach(ctx, q, l) }}
	result := make(map[string]*model.Page[*T], len(parents))
	var all []*T
	for _, id := range parents {
		page := cut(l, w, rows[id])
		page.Count = func(ctx context.Context) (int, error) { return counts.of(ctx, id) }
		result[id] = page
		all = append(all, page.Nodes()...)
	}
	together(ctx, all)
	return result, nil
}

// pageOf is pages for one list that belongs to nobody, or to one parent that
// the query already names.
func pageOf[T any, Q listed[Q, T, P, O], P, O ~func(*sql.Selector)](
	ctx context.Context, q Q, l list[T], s slice, count func(context.Context) (int, error),
) (*model.Page[*T], error) {
	w, err := l.window(s)
	if err != nil {
		return nil, err
	}
	var rows []*T
	if w.limit > 0 {
		if rows, err = q.Clone().Where(P(w.bounds)).Order(O(w.sort)).Limit(w.limit + 1).All(ctx); err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
	}
	page := cut(l, w, rows)
	page.Count = count
	together(ctx, page.Nodes())
	return page, nil
}

// window is a slice ready to be put into a query.
type window struct {
	limit    int
	backward bool // read from the end
	desc     bool // direction of reading
	column   string
	after    *place
	before   *place
}

// place is the content of a cursor.
type place struct {
	Order string     `json:"o"`
	Text  string     `json:"s,omitempty"`
	Time  *time.Time `json:"t,omitempty"`
	ID    string     `json:"i"`
}

func (p place) value() any {
	if p.Time != nil {
		return *p.Time
	}
	return p.Text
}

// Errors of a slice: only a programmer can put them right.
var (
	errPageSize  = errs.NewForProgrammer(errs.BadUserInput, "errorPageSize").With("max", maxPage)
	errPageBoth  = errs.NewForProgrammer(errs.BadUserInput, "errorPageBoth")
	errBadCursor = errs.NewForProgrammer(errs.BadUserInput, "errorBadCursor")
)

func (l list[T]) window(s slice) (w window, err error) {
	w = window{limit: defaultPage, desc: l.order.desc, column: l.order.column}
	if s.first != nil && s.last != nil {
		return w, errPageBoth
	}
	for _, n := range []*int{s.first, s.last} {
		if n != nil {
			if *n < 0 || *n > maxPage {
				return w, errPageSize
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

func (l list[T]) place(cursor *string) (*place, error) {
	if cursor == nil {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return nil, errBadCursor
	}
	var p place
	if json.Unmarshal(text, &p) != nil || p.Order != l.order.name || p.ID == "" {
		return nil, errBadCursor
	}
	return &p, nil
}

func (l list[T]) cursor(t *T) string {
	p := place{Order: l.order.name, ID: l.idOf(t)}
	if l.order.column != "" {
		switch v := l.order.value(t).(type) {
		case time.Time:
			p.Time = &v
		case string:
			p.Text = v
		}
	}
	text, _ := json.Marshal(p) // a struct of texts and an instant always can be
	return base64.RawURLEncoding.EncodeToString(text)
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
	than := sql.LT
	if greater {
		than = sql.GT
	}
	id := than(s.C("id"), p.ID)
	if w.column == "" {
		return id
	}
	c := s.C(w.column)
	return sql.Or(than(c, p.value()), sql.And(sql.EQ(c, p.value()), id))
}

func (w window) sort(s *sql.Selector) {
	for _, c := range w.columns() {
		s.OrderBy(w.direction(s.C(c)))
	}
}

func (w window) columns() []string {
	if w.column == "" {
		return []string{"id"}
	}
	return []string{w.column, "id"}
}

func (w window) direction(column string) string {
	if w.desc {
		return sql.Desc(column)
	}
	return sql.Asc(column)
}

// limitEach turns the whole query, predicates and visibility included, into
// one that numbers the rows of each owner and keeps the first ones. It stands
// as an order term since ent runs those after every predicate.
func (w window) limitEach(owner string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		number := sql.RowNumber().PartitionBy(owner)
		for _, c := range w.columns() {
			number.OrderBy(w.direction(c))
		}
		s.SetDistinct(false)
		with := d.With("visible").As(s.Clone()).
			With("numbered").As(d.Select("*").AppendSelectExprAs(number, "row_number").From(d.Table("visible")))
		t := d.Table("numbered").As(s.TableName())
		*s = *d.Select(s.UnqualifiedColumns()...).From(t).
			Where(sql.LTE(t.C("row_number"), w.limit+1)).Prefix(with)
		s.OrderBy(t.C("row_number"))
	}
}

// cut makes a page of the rows that were read: one more than wanted tells that
// others follow.
func cut[T any](l list[T], w window, rows []*T) *model.Page[*T] {
	more := len(rows) > w.limit
	if more {
		rows = rows[:w.limit]
	}
	if w.backward {
		rows = slices.Clone(rows)
		slices.Reverse(rows)
	}
	page := &model.Page[*T]{Edges: make([]model.Edge[*T], len(rows))}
	for i, t := range rows {
		page.Edges[i] = model.Edge[*T]{Node: t, Cursor: l.cursor(t)}
	}
	page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = more, w.after != nil
	if w.backward {
		page.PageInfo.HasNextPage, page.PageInfo.HasPreviousPage = w.before != nil, more
	}
	if n := len(page.Edges); n > 0 {
		page.PageInfo.StartCursor, page.PageInfo.EndCursor = &page.Edges[0].Cursor, &page.Edges[n-1].Cursor
	}
	return page
}

// counter counts the rows of all owners at once, when the first is asked for.
type counter struct {
	count  func(context.Context) (map[string]int, error)
	counts map[string]int
}

func (c *counter) of(ctx context.Context, owner string) (int, error) {
	if c.counts == nil {
		counts, err := c.count(ctx)
		if err != nil {
			return 0, fmt.Errorf("count a list: %w", err)
		}
		c.counts = counts
	}
	return c.counts[owner], nil
}

func countEach[T any, Q listed[Q, T, P, O], P, O ~func(*sql.Selector)](ctx context.Context, q Q, l list[T]) (map[string]int, error) {
	// Each row stands for an owner: its id in the place of the thing's own, and
	// the count beside. The rewriting is an order term for the same reason as
	// limitEach is one.
	rows, err := q.Clone().Order(O(func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		s.SetDistinct(false)
		with := d.With("visible").As(s.Clone())
		t := d.Table("visible").As(s.TableName())
		*s = *d.Select(sql.As(t.C(l.owner), "id"), sql.As(sql.Count("*"), "count")).From(t).GroupBy(t.C(l.owner)).Prefix(with)
	})).All(ctx)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(rows))
	for _, r := range rows {
		v, err := any(r).(interface {
			Value(string) (ent.Value, error)
		}).Value("count")
		if err != nil {
			return nil, err
		}
		n, _ := v.(int64)
		counts[l.idOf(r)] = int(n)
	}
	return counts, nil
}
