package graph

import (
	"cmp"
	"context"
	"slices"

	"partnerhub/graph/model"
)

// pageAmong is pageOf among rows that were read already: figures are sorted by
// what no column holds. Keys are numbers or texts.
func pageAmong[T any](ctx context.Context, rows []*T, l list[T], s slice) (*model.Page[*T], error) {
	w, err := l.window(ctx, s)
	if err != nil {
		return nil, err
	}
	count := len(rows)
	kept := make([]*T, 0, count)
	for _, t := range rows {
		p := l.placeOf(t)
		if (w.after == nil || l.compare(p, *w.after) > 0) && (w.before == nil || l.compare(p, *w.before) < 0) {
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, func(a, b *T) int { return l.compare(l.placeOf(a), l.placeOf(b)) })
	if w.backward {
		slices.Reverse(kept)
	}
	if w.limit == 0 {
		kept = nil
	}
	page := cut(l, w, kept[:min(len(kept), w.limit+1)])
	page.Count = func(context.Context) (int, error) { return count, nil }
	return page, nil
}

// compare is the order of two places in the list.
func (l list[T]) compare(a, b place) int {
	order := cmp.Or(cmp.Compare(a.number(), b.number()), cmp.Compare(a.Text, b.Text), cmp.Compare(a.ID, b.ID))
	if l.order.desc {
		return -order
	}
	return order
}

func (p place) number() int64 {
	if p.Number == nil {
		return 0
	}
	return *p.Number
}
