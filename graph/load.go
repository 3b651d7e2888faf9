package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/user"
	"partnerhub/internal/viewer"
)

// loads is the memory of one answer. What was read as one list is asked on as
// one list: the first of a list to need its neighbour loads it for all of
// them. So an answer takes a number of statements that depends on the document,
// not on how many things it finds.
type loads struct {
	sizes  PageSizes
	mu     sync.Mutex
	lists  map[any]any       // thing → the list it was read with, []*T
	loaded map[loadedKey]any // field of a thing → its value, or failed
}

// failed stands in loaded for a value that could not be loaded.
type failed struct{ err error }

type loadedKey struct {
	parent any
	field  string
}

type loadsKey struct{}

// Loading returns a context with an empty memory: for one answer, or one event
// of a stream.
func Loading(ctx context.Context, sizes PageSizes) context.Context {
	return context.WithValue(ctx, loadsKey{}, &loads{sizes: sizes, lists: map[any]any{}, loaded: map[loadedKey]any{}})
}

// pageSizes are those of the answer.
func pageSizes(ctx context.Context) PageSizes {
	if l, ok := ctx.Value(loadsKey{}).(*loads); ok {
		return l.sizes
	}
	return PageSizes{}
}

// forget empties the memory, after a command changed what it remembers.
func forget(ctx context.Context) {
	if l, ok := ctx.Value(loadsKey{}).(*loads); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lists, l.loaded = map[any]any{}, map[loadedKey]any{}
	}
}

// together notes that the things were read as one list.
func together[T any](ctx context.Context, things []*T) []*T {
	if l, ok := ctx.Value(loadsKey{}).(*loads); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, t := range things {
			l.lists[t] = things
		}
	}
	return things
}

// load returns a field of parent. fetch gets the whole list parent was read
// with, without doubles, and returns the field of each; what it leaves out is
// the zero value. field tells the fields of one type apart, arguments included.
func load[P, V any](ctx context.Context, parent *P, field string, fetch func(ctx context.Context, parents []*P) (map[*P]V, error)) (V, error) {
	var zero V
	l, ok := ctx.Value(loadsKey{}).(*loads)
	if !ok {
		return zero, fmt.Errorf("graph: %s was asked outside of an answer", field)
	}
	l.mu.Lock()
	value, known := l.loaded[loadedKey{parent, field}]
	parents, _ := l.lists[parent].([]*P)
	l.mu.Unlock()
	if !known {
		if parents == nil {
			parents = []*P{parent}
		}
		values, err := fetch(ctx, parents)
		l.mu.Lock()
		for _, p := range parents {
			if err != nil {
				l.loaded[loadedKey{p, field}] = failed{err}
			} else {
				l.loaded[loadedKey{p, field}] = values[p]
			}
		}
		value = l.loaded[loadedKey{parent, field}]
		l.mu.Unlock()
	}
	if f, ok := value.(failed); ok {
		return zero, f.err
	}
	v, _ := value.(V)
	return v, nil
}

// asked names the field that is being answered together with its arguments,
// for load.
func asked(ctx context.Context) string {
	f := graphql.GetFieldContext(ctx)
	arguments, err := json.Marshal(f.Args)
	if err != nil { // arguments came as JSON or as a document
		panic(fmt.Sprintf("graph: the arguments of %s cannot be told apart: %v", f.Field.Name, err))
	}
	return f.Field.Name + string(arguments)
}

// companiesByID finds neighbours of what the viewer sees: their cards are the
// viewer's to see too, also when they are deleted (A45, A50).
func (r *Resolver) companiesByID(ctx context.Context, ids []string) ([]*ent.Company, error) {
	return r.DB.Read(ctx).Company.Query().Where(company.IDIn(ids...)).All(viewer.System(ctx))
}

func companyID(c *ent.Company) string { return c.ID }

// usersByID finds the people behind what the viewer sees: of another company's
// people their own fields tell the name only.
func (r *Resolver) usersByID(ctx context.Context, ids []string) ([]*ent.User, error) {
	return r.DB.Read(ctx).User.Query().Where(user.IDIn(ids...)).All(viewer.System(ctx))
}

// loadOne returns the thing that parent refers to by id, nil where id says "".
// find reads things by their ids, each once, and tells the id of each.
func loadOne[P, T any](ctx context.Context, parent *P, field string, id func(*P) string,
	find func(ctx context.Context, ids []string) ([]*T, error), idOf func(*T) string,
) (*T, error) {
	return load(ctx, parent, field, func(ctx context.Context, parents []*P) (map[*P]*T, error) {
		wanted := make([]string, 0, len(parents))
		seen := map[string]bool{"": true}
		for _, p := range parents {
			if i := id(p); !seen[i] {
				seen[i] = true
				wanted = append(wanted, i)
			}
		}
		if len(wanted) == 0 {
			return nil, nil
		}
		found, err := find(ctx, wanted)
		if err != nil {
			return nil, err
		}
		byID := make(map[string]*T, len(found))
		for _, t := range together(ctx, found) {
			byID[idOf(t)] = t
		}
		values := make(map[*P]*T, len(parents))
		for _, p := range parents {
			values[p] = byID[id(p)]
		}
		return values, nil
	})
}
