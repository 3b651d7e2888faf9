package graph

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/graph/model"
)

// PageSizes are how many items a page has: when a client does not say, and at
// most. More is an error.
type PageSizes struct{ Default, Max int }

// slice says which part of a list is wanted, as the four arguments of every
// list do.
type slice struct {
	first  *int
	after  *string
	last   *int
	before *string
}

// listed is the part of an ent query that pages are made with. What is given
// to Modify runs last, when every predicate is in the query.
type listed[Q, T, P, S any] interface {
	Where(...P) Q
	Modify(...func(*sql.Selector)) S
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
func pages[T any, Q listed[Q, T, P, S], P ~func(*sql.Selector), S any](
	ctx context.Context, q Q, l list[T], parents []string, s slice,
) (map[string]*model.Page[*T], error) {
	w, err := l.window(ctx, s)
	if err != nil {
		return nil, err
	}
	parents = distinct(parents)
	own := q.Clone().Where(P(sql.FieldIn(l.owner, parents...)))
	rows := map[string][]*T{}
	if w.limit > 0 {
		page := own.Clone()
		if len(parents) == 1 {
			page.Where(P(w.bounds)).Limit(w.limit + 1).Modify(w.sort)
		} else {
			page = q.Clone().Where(P(w.bounds))
			page.Modify(w.limitEach(l.owner, parents))
		}
		found, err := page.All(ctx)
		if err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
		for _, t := range found {
			rows[l.ownerOf(t)] = append(rows[l.ownerOf(t)], t)
		}
	}
	counts := &counter{count: func(ctx context.Context) (map[string]int, error) { return countEach(ctx, own, l) }}
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

// distinct returns each of the ids once.
func distinct(ids []string) []string {
	ids = slices.Sorted(slices.Values(ids))
	return slices.Compact(ids)
}

// pagesFor is pages for the parents whose list the viewer may read. The lists
// of the others are empty (A51).
func pagesFor[P, T any, Q listed[Q, T, W, S], W ~func(*sql.Selector), S any](
	ctx context.Context, q Q, l list[T], parents []*P, idOf func(*P) string, may func(id string) bool, s slice,
) (map[*P]*model.Page[*T], error) {
	ids := []string{}
	for _, p := range parents {
		if id := idOf(p); may(id) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if _, err := l.window(ctx, s); err != nil {
		return nil, err
	}
	var read map[string]*model.Page[*T]
	if len(ids) > 0 {
		var err error
		if read, err = pages(ctx, q, l, ids, s); err != nil {
			return nil, err
		}
	}
	result := make(map[*P]*model.Page[*T], len(parents))
	for _, p := range parents {
		if result[p] = read[idOf(p)]; result[p] == nil {
			result[p] = &model.Page[*T]{Count: func(context.Context) (int, error) { return 0, nil }}
		}
	}
	return result, nil
}

// pageOf is pages for one list that belongs to nobody, or to one parent that
// the query already names.
func pageOf[T any, Q listed[Q, T, P, S], P ~func(*sql.Selector), S any](
	ctx context.Context, q Q, l list[T], s slice, count func(context.Context) (int, error),
) (*model.Page[*T], error) {
	w, err := l.window(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []*T
	if w.limit > 0 {
		page := q.Clone().Where(P(w.bounds)).Limit(w.limit + 1)
		page.Modify(w.sort)
		if rows, err = page.All(ctx); err != nil {
			return nil, fmt.Errorf("read a page: %w", err)
		}
	}
	page := cut(l, w, rows)
	page.Count = count
	together(ctx, page.Nodes())
	return page, nil
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

// countEach counts the rows of each owner.
func countEach[T any, Q listed[Q, T, P, S], P ~func(*sql.Selector), S any](ctx context.Context, q Q, l list[T]) (map[string]int, error) {
	q = q.Clone()
	// Each row stands for an owner: its id in the place of the thing's own, and
	// the count beside.
	q.Modify(func(s *sql.Selector) {
		d := sql.Dialect(s.Dialect())
		s.SetDistinct(false)
		with := d.With("visible").As(s.Clone())
		t := d.Table("visible").As(s.TableName())
		*s = *d.Select(sql.As(t.C(l.owner), "id"), sql.As(sql.Count("*"), "count")).From(t).GroupBy(t.C(l.owner)).Prefix(with)
	})
	rows, err := q.All(ctx)
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
