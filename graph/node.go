package graph

import (
	"context"
	"strings"

	"partnerhub/ent"
	"partnerhub/graph/model"
	"partnerhub/internal/errs"
)

// maxNodes is how many ids `nodes` takes.
const maxNodes = 100

var errTooManyNodes = errs.NewForProgrammer(errs.BadUserInput, "errorTooManyNodes").With("max", maxNodes)

// Node returns whatever has the id, if the viewer may see it.
func (r query) Node(ctx context.Context, id string) (model.Node, error) { return r.node(ctx, id) }

// Nodes returns the things in the order of their ids, null for each that the
// viewer may not see.
func (r query) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > maxNodes {
		return nil, errTooManyNodes
	}
	nodes := make([]model.Node, len(ids))
	for i, id := range ids {
		n, err := r.node(ctx, id)
		if err != nil {
			return nil, err
		}
		nodes[i] = n
	}
	return nodes, nil
}

// node finds the entity by the prefix of its id. It returns nil where nothing
// is to be seen.
func (r *Resolver) node(ctx context.Context, id string) (model.Node, error) {
	c := r.DB.Read(ctx)
	prefix, _, _ := strings.Cut(id, "_")
	switch prefix {
	case "usr":
		return seen(c.User.Get(ctx, id))
	case "ses":
		return seen(c.Session.Get(ctx, id))
	case "co":
		return seen(c.Company.Get(ctx, id))
	case "emp":
		return seen(c.Employee.Get(ctx, id))
	case "con":
		return seen(c.Connection.Get(ctx, id))
	case "obj":
		return seen(c.Object.Get(ctx, id))
	case "hub":
		return seen(c.Hub.Get(ctx, id))
	case "sim":
		return seen(c.SIMCard.Get(ctx, id))
	case "pkg":
		return seen(c.ServicePackage.Get(ctx, id))
	case "svc":
		return seen(c.Service.Get(ctx, id))
	case "evt":
		return seen(c.ServiceEvent.Get(ctx, id))
	case "act":
		return seen(c.Activity.Get(ctx, id))
	}
	return nil, nil
}

// seen makes nil of a thing that is not there, or not the viewer's to see.
func seen[T any](t *T, err error) (model.Node, error) {
	t, err = visible(t, err)
	if t == nil {
		return nil, err // never an interface that holds a nil pointer
	}
	return t, nil
}

// visible is seen for a known type.
func visible[T any](t *T, err error) (*T, error) {
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}
