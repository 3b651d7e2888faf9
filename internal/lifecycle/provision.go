package lifecycle

import (
	"context"
	"slices"
	"strconv"

	"partnerhub/ent"
	"partnerhub/internal/errs"
	"partnerhub/internal/object"
	"partnerhub/internal/store"
)

// ErrProvisionSize answers a call with no item, or with too many.
var ErrProvisionSize = errs.New(errs.Invalid, "errorProvisionSize")

// Provisioned is what became of one item.
type Provisioned struct {
	Hub        *ent.Hub     // new or found; nil where there is none
	Service    *ent.Service // running, where activation was asked; nil where it was refused
	IsExisting bool         // the hub was the company's before
	Refusals   errs.List    // nil where all was done; paths begin with the item's
}

// Unwrap frees what was read from the transaction, which is over.
func (p *Provisioned) Unwrap() *Provisioned {
	if p.Hub != nil {
		p.Hub = p.Hub.Unwrap()
	}
	if p.Service != nil {
		p.Service = p.Service.Unwrap()
	}
	return p
}

// ProvisionHubs adds hubs with their objects and activates services on them
// where asked (A62). Each item is done or refused by itself, in a transaction
// of its own: where activation is refused, a new hub is not added either. A
// call may be repeated: a hub that is there is found, a service that runs is
// left alone. One call takes at most so many items.
//
// It fails with [ErrProvisionSize], [authz.ErrNotFound] and
// [authz.ErrForbidden]; an item with the refusals of [object.AddHub] and
// [Activate], and [authz.ErrNotFound] on its object.
func ProvisionHubs(ctx context.Context, db *store.DB, in Provision, most int) ([]*Provisioned, error) {
	if n := len(in.Items); n == 0 || n > most {
		return nil, ErrProvisionSize.On("items").With("max", most)
	}
	placements, wrong, err := checkItems(in.Items)
	if err != nil {
		return nil, err
	}
	_, err = store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) { return object.ForUpdate(ctx, tx, in.CompanyID) })
	if err != nil {
		return nil, err
	}
	results := make([]*Provisioned, len(in.Items))
	for i, item := range in.Items {
		if results[i] = (&Provisioned{Refusals: wrong[i]}); wrong[i] != nil {
			continue
		}
		if results[i], err = provision(ctx, db, in.CompanyID, placements[i], item.Activation); err != nil {
			return nil, err
		}
		results[i].Refusals = results[i].Refusals.Below(position(i)...)
	}
	return results, nil
}

// position is where an item stands below `input`.
func position(i int) []string { return []string{"items", strconv.Itoa(i)} }

// checkItems checks the fields of all items: wrong has the refusals of each. It
// fails where only a programmer can put an item right.
func checkItems(items []*ProvisionItem) (placements []object.Placement, wrong []errs.List, err error) {
	placements, wrong = make([]object.Placement, len(items)), make([]errs.List, len(items))
	for i, item := range items {
		var list errs.List
		placements[i] = object.CheckPlacement(&list, item.Object, item.SerialNumber, item.Name, item.Sim)
		for _, e := range list {
			if e.Kind == errs.ForProgrammer {
				return nil, nil, e.Below(position(i)...)
			}
		}
		if list != nil {
			wrong[i] = list.Below(position(i)...)
		}
	}
	return placements, wrong, nil
}

// provision does one item in one transaction. What it refuses is in the
// result; it fails with faults alone.
func provision(ctx context.Context, db *store.DB, companyID string, place object.Placement, activation *Choice) (*Provisioned, error) {
	found := &Provisioned{}
	done, err := do(ctx, db, func(tx *store.Tx) (*Provisioned, error) {
		c, err := object.ForUpdate(ctx, tx, companyID)
		if err != nil {
			return nil, err
		}
		p := &Provisioned{}
		if p.Hub, p.IsExisting, err = place.Provide(ctx, tx, c); err != nil {
			return nil, err
		}
		if p.IsExisting {
			found = &Provisioned{Hub: p.Hub, IsExisting: true}
		}
		if activation == nil {
			return p, nil
		}
		p.Service, err = run(ctx, tx, p.Hub, *activation)
		return p, err
	})
	if refusals := errs.Refusals(err); refusals != nil {
		found.Refusals = refusals
		return found.Unwrap(), nil //nolint:nilerr // the refusals are the item's result
	}
	return done, err
}

// run returns the service that lives on the hub, or activates one.
func run(ctx context.Context, tx *store.Tx, h *ent.Hub, c Choice) (*ent.Service, error) {
	standings, err := Stand(ctx, tx.Client(), tx.Now, []*ent.Hub{h})
	if err != nil {
		return nil, err
	}
	if s := standings[h]; s.Service != nil && !s.overdue() {
		return s.Service, nil
	}
	s, err := activate(ctx, tx, h.ID, c)
	return s, at(err, "activation", "hubId")
}

// at puts refusals under a field. What an item has no field for, as the id of
// its hub, is refused on the field as a whole.
func at(err error, field, unnamed string) error {
	refusals := errs.Refusals(err)
	if refusals == nil {
		return err
	}
	under := make(errs.List, len(refusals))
	for i, e := range refusals {
		if under[i] = e.Below(field); slices.Contains(e.Path, unnamed) {
			under[i] = e.On(field)
		}
	}
	return under
}
