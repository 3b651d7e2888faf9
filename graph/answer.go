package graph

import (
	"context"
	"errors"
	"reflect"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/ent/serviceevent"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/i18n"
	"partnerhub/internal/viewer"
)

// answer returns the payload of a mutation: as it is where the command
// succeeded, and with nothing but `userErrors` where it refused. What only a
// programmer can put right, and every fault, is a top-level error.
func answer[P any](ctx context.Context, r *Resolver, payload *P, err error) (*P, error) {
	forget(ctx) // what was loaded before the command may be of the past
	if err == nil {
		return payload, r.renew(ctx)
	}
	refusals := errs.Refusals(err)
	if refusals == nil {
		return nil, err
	}
	for _, e := range refusals {
		if e.Kind == errs.ForProgrammer {
			return nil, e
		}
	}
	refused := new(P)
	list, err := r.userErrors(ctx, refusals)
	if err != nil {
		return nil, err
	}
	// Every payload of the schema has this field: the one place that sets it.
	reflect.ValueOf(refused).Elem().FieldByName("UserErrors").Set(reflect.ValueOf(list))
	return refused, nil
}

// renew judges the rest of the answer by the rights as the command left them:
// the founder of a company sees it as its owner.
func (r *Resolver) renew(ctx context.Context) error {
	if !viewer.From(ctx).SignedIn() {
		return nil
	}
	fresh, err := r.Fresh(ctx)
	switch {
	case err == nil:
		viewer.Replace(ctx, viewer.From(fresh))
	case errors.Is(err, authz.ErrUnauthenticated):
		viewer.Replace(ctx, viewer.Viewer{}) // the command ended the session
	default:
		return err
	}
	return nil
}

// userErrors turns refusals into the typed errors of the schema, with their
// sentences in the language of the request.
func (r *Resolver) userErrors(ctx context.Context, refusals errs.List) ([]model.UserError, error) {
	list := make([]model.UserError, 0, len(refusals))
	for _, e := range refusals {
		u, err := r.userError(ctx, e)
		if err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, nil
}

func (r *Resolver) userError(ctx context.Context, e *errs.Error) (model.UserError, error) {
	code, message, path := model.UserErrorCode(e.Code), sentence(ctx, e), pathOf(e)
	switch d := e.Detail.(type) {
	case errs.Services:
		hubs, err := r.DB.Read(ctx).Hub.Query().Where(hub.IDIn(d.HubIDs...)).Order(ent.Asc(hub.FieldID)).All(ctx)
		if err != nil {
			return nil, err
		}
		return servicesActive(ctx, e, d, together(ctx, hubs)), nil
	case errs.State:
		subject, err := r.node(ctx, d.SubjectID)
		if err != nil {
			return nil, err
		}
		return stateError(ctx, e, d, subject), nil
	case errs.Existing:
		existing, err := r.node(ctx, d.ID)
		if err != nil {
			return nil, err
		}
		return &model.InputError{Code: code, Message: message, Path: path, Existing: existing}, nil
	default:
		return &model.InputError{Code: code, Message: message, Path: path}, nil
	}
}

// servicesActive is the typed error about services that stand in the way.
func servicesActive(ctx context.Context, e *errs.Error, d errs.Services, hubs []*ent.Hub) *model.ServicesActiveError {
	return &model.ServicesActiveError{
		Code: model.UserErrorCode(e.Code), Message: sentence(ctx, e), Path: pathOf(e), ActiveServiceCount: d.Count, Hubs: hubs,
	}
}

// stateError is the typed error about the state of a thing.
func stateError(ctx context.Context, e *errs.Error, d errs.State, subject model.Node) *model.StateError {
	return &model.StateError{
		Code: model.UserErrorCode(e.Code), Message: sentence(ctx, e), Path: pathOf(e), Subject: subject,
		AllowedActions:           cast[serviceevent.Action](d.Actions),
		AllowedConnectionActions: cast[model.ConnectionAction](d.ConnectionActions),
	}
}

// pathOf is the path of the field at fault, empty for the whole request.
func pathOf(e *errs.Error) []string {
	if e.Path == nil {
		return []string{}
	}
	return e.Path
}

// sentence is the words of a refusal in the language of the request.
func sentence(ctx context.Context, e *errs.Error) string {
	return i18n.Text(i18n.From(ctx), e.Message, e.Args)
}

func cast[T ~string](words []string) []T {
	list := make([]T, len(words))
	for i, w := range words {
		list[i] = T(w)
	}
	return list
}
