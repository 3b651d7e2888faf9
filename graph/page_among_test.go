package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type figure struct {
	id   string
	fee  int64
	name string
}

// Whatever the order, the slice and the cursors: a page is the part of the
// sorted rows between the cursors, and walking on from either end of it meets
// every row once.
func TestPageAmong(t *testing.T) {
	ctx := Loading(context.Background(), PageSizes{Default: 3, Max: 50})
	rapid.Check(t, func(t *rapid.T) {
		var rows []*figure
		for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
			rows = append(rows, &figure{
				fmt.Sprintf("id%02d", i), int64(rapid.IntRange(0, 3).Draw(t, "fee")), rapid.SampledFrom([]string{"a", "ą", "b"}).Draw(t, "name"),
			})
		}
		l := list[figure]{idOf: func(f *figure) string { return f.id }}
		l.order = order[figure]{name: "fee", column: "fee", kind: byNumber, value: func(f *figure) any { return f.fee }}
		if rapid.Bool().Draw(t, "by name") {
			l.order = order[figure]{name: "name", column: "name", value: func(f *figure) any { return f.name }}
		}
		l.order.desc = rapid.Bool().Draw(t, "descending")
		sorted := slices.SortedFunc(slices.Values(rows), func(a, b *figure) int {
			by := cmp.Compare(a.name, b.name)
			if l.order.name == "fee" {
				by = cmp.Compare(a.fee, b.fee)
			}
			if by = cmp.Or(by, cmp.Compare(a.id, b.id)); l.order.desc {
				return -by
			}
			return by
		})
		size, backward := rapid.IntRange(1, 5).Draw(t, "size"), rapid.Bool().Draw(t, "backward")
		var met []*figure
		s := slice{first: &size}
		if backward {
			s = slice{last: &size}
		}
		for {
			page, err := pageAmong(ctx, rows, l, s)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := page.Count(ctx); n != len(rows) {
				t.Fatalf("%d rows of %d", n, len(rows))
			}
			if backward {
				met = append(page.Nodes(), met...)
				if s.before = page.PageInfo.StartCursor; !page.PageInfo.HasPreviousPage {
					break
				}
			} else {
				met = append(met, page.Nodes()...)
				if s.after = page.PageInfo.EndCursor; !page.PageInfo.HasNextPage {
					break
				}
			}
		}
		if !slices.Equal(met, sorted) {
			t.Fatalf("met %v, want %v", met, sorted)
		}
		if len(sorted) < 3 {
			return
		}
		after, before := l.cursor(sorted[0]), l.cursor(sorted[len(sorted)-1])
		page, err := pageAmong(ctx, rows, l, slice{first: new(50), after: &after, before: &before})
		if err != nil || !slices.Equal(page.Nodes(), sorted[1:len(sorted)-1]) {
			t.Fatalf("between the ends are %v, %v", page, err)
		}
	})
}

// A page refuses what only a programmer gets wrong, and is empty where nothing
// is asked for.
func TestPageAmong_refusals(t *testing.T) {
	ctx := Loading(context.Background(), PageSizes{Default: 3, Max: 50})
	l := list[figure]{
		idOf:  func(f *figure) string { return f.id },
		order: order[figure]{name: "fee", column: "fee", kind: byNumber, value: func(f *figure) any { return f.fee }},
	}
	rows := []*figure{{id: "a"}, {id: "b"}}
	other := l
	other.order.name = "other"
	for name, s := range map[string]slice{
		"too many": {first: new(51)}, "both ends": {first: new(1), last: new(1)}, "a cursor of another order": {after: new(other.cursor(rows[0]))},
		"garbage": {before: new("!")},
	} {
		if _, err := pageAmong(ctx, rows, l, s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	page, err := pageAmong(ctx, rows, l, slice{first: new(0)})
	if err != nil || len(page.Edges) != 0 || page.PageInfo.HasNextPage {
		t.Errorf("none wanted: %v, %v", page, err)
	}
}
