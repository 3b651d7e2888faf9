package graph

import (
	"context"
	"strings"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/servicepackage"
	"partnerhub/ent/session"
	"partnerhub/ent/simcard"
	"partnerhub/ent/transaction"
	"partnerhub/ent/user"
	"partnerhub/graph/model"
	"partnerhub/internal/errs"
	"partnerhub/internal/ledger"
	"partnerhub/internal/report"
)

var errTooManyNodes = errs.NewForProgrammer(errs.BadUserInput, "errorTooManyNodes")

// Node returns whatever has the id, if the viewer may see it.
func (r query) Node(ctx context.Context, id string) (model.Node, error) { return r.node(ctx, id) }

// Nodes returns the things in the order of their ids, null for each that the
// viewer may not see.
func (r query) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > r.Info.MaxNodes {
		return nil, errTooManyNodes.With("max", r.Info.MaxNodes)
	}
	found, err := r.nodesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	nodes := make([]model.Node, len(ids))
	for i, id := range ids {
		nodes[i] = found[id]
	}
	return nodes, nil
}

// node finds whatever has the id. It returns nil where nothing is to be seen.
func (r *Resolver) node(ctx context.Context, id string) (model.Node, error) {
	found, err := r.nodesByID(ctx, []string{id})
	return found[id], err
}

// nodesByID finds things by the prefix of their ids, those of a kind in one
// statement. What is not to be seen is left out.
func (r *Resolver) nodesByID(ctx context.Context, ids []string) (map[string]model.Node, error) {
	kinds := map[string][]string{}
	for _, id := range ids {
		prefix, _, _ := strings.Cut(id, "_")
		kinds[prefix] = append(kinds[prefix], id)
	}
	found := make(map[string]model.Node, len(ids))
	c := r.DB.Read(ctx)
	for prefix, ids := range kinds {
		var err error
		switch prefix {
		case "usr":
			err = put(ctx, found, func(u *ent.User) string { return u.ID })(c.User.Query().Where(user.IDIn(ids...)).All(ctx))
		case "ses":
			err = put(ctx, found, func(s *ent.Session) string { return s.ID })(c.Session.Query().Where(session.IDIn(ids...)).All(ctx))
		case "co":
			err = put(ctx, found, companyID)(c.Company.Query().Where(company.IDIn(ids...)).All(ctx))
		case "emp":
			err = put(ctx, found, func(e *ent.Employee) string { return e.ID })(c.Employee.Query().Where(employee.IDIn(ids...)).All(ctx))
		case "con":
			err = put(ctx, found, linkID)(c.Connection.Query().Where(connection.IDIn(ids...)).All(ctx))
		case "obj":
			err = put(ctx, found, func(o *ent.Object) string { return o.ID })(c.Object.Query().Where(object.IDIn(ids...)).All(ctx))
		case "hub":
			err = put(ctx, found, func(h *ent.Hub) string { return h.ID })(c.Hub.Query().Where(hub.IDIn(ids...)).All(ctx))
		case "sim":
			err = put(ctx, found, func(s *ent.SIMCard) string { return s.ID })(c.SIMCard.Query().Where(simcard.IDIn(ids...)).All(ctx))
		case "pkg":
			err = put(ctx, found, func(p *ent.ServicePackage) string { return p.ID })(c.ServicePackage.Query().Where(servicepackage.IDIn(ids...)).All(ctx))
		case "svc":
			err = put(ctx, found, func(s *ent.Service) string { return s.ID })(c.Service.Query().Where(service.IDIn(ids...)).All(ctx))
		case "evt":
			err = put(ctx, found, func(e *ent.ServiceEvent) string { return e.ID })(c.ServiceEvent.Query().Where(serviceevent.IDIn(ids...)).All(ctx))
		case "txn":
			err = put(ctx, found, func(t *ent.Transaction) string { return t.ID })(c.Transaction.Query().Where(transaction.IDIn(ids...)).All(ctx))
		case "fee":
			err = put(ctx, found, func(l *ledger.ChargeLine) string { return ledger.ChargeLineID(l.FeeKey) })(r.linesByID(ctx, ids))
		case "led":
			err = put(ctx, found, func(o *report.Overview) string { return o.ID })(report.ByID(ctx, r.DB.View(ctx), ids))
		case "dac":
			err = put(ctx, found, func(a *report.Activity) string { return a.ID })(report.ActivitiesByID(ctx, r.DB.View(ctx), ids))
		case "act":
			err = put(ctx, found, func(a *ent.Activity) string { return a.ID })(c.Activity.Query().Where(activity.IDIn(ids...)).All(ctx))
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// put adds what a query of one kind found.
func put[T any](ctx context.Context, found map[string]model.Node, idOf func(*T) string) func([]*T, error) error {
	return func(things []*T, err error) error {
		for _, t := range together(ctx, things) {
			found[idOf(t)] = t
		}
		return err
	}
}

// visible makes nil of a thing that is not there, or not the viewer's to see.
func visible[T any](t *T, err error) (*T, error) {
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t, nil
}
