package object

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/hub"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/idempotency"
	"partnerhub/internal/store"
)

// hubDetails are what people type about a new hub, checked.
type hubDetails struct {
	serialNumber string
	name         string
	sim          *SIM // nil: no card
}

// checkHub checks the fields of a new hub.
func checkHub(wrong *errs.List, serialNumber, name string, sim *SIM) hubDetails {
	d := hubDetails{
		serialNumber: CheckSerialNumber(wrong, serialNumber, "serialNumber"),
		name:         form.Text(wrong, name, form.MaxName, true, "name"),
	}
	if sim != nil {
		d.sim = &SIM{Iccid: checkICCID(wrong, sim.Iccid, "sim", "iccid"), IsAjaxSim: sim.IsAjaxSim}
	}
	return d
}

// AddHub puts a new hub into an object, with the card that is in it.
//
// It fails with the refusals of package form, [ErrSerialNumber], [ErrICCID],
// [authz.ErrNotFound], [authz.ErrForbidden], [idempotency.ErrMismatch],
// [ErrSerialNumberTaken] and [ErrICCIDTaken].
func AddHub(ctx context.Context, db *store.DB, in HubAddition) (*ent.Hub, error) {
	var wrong errs.List
	d := checkHub(&wrong, in.SerialNumber, in.Name, in.Sim)
	key := idempotency.New("hubAdd", in.IdempotencyKey, in)
	wrong.Add(key.Check())
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return store.Do(ctx, db, func(tx *store.Tx) (*ent.Hub, error) {
		o, err := find(ctx, tx, in.ObjectID, "objectId")
		if err != nil {
			return nil, err
		}
		if id, err := key.Earlier(ctx, tx); err != nil {
			return nil, err
		} else if id != "" {
			return addedBefore(ctx, tx, id)
		}
		h, err := add(ctx, tx, o, d)
		if err != nil {
			return nil, err
		}
		return h, key.Keep(ctx, tx, h.ID)
	})
}

// addedBefore returns the hub of an earlier call, as it is now.
func addedBefore(ctx context.Context, tx *store.Tx, id string) (*ent.Hub, error) {
	h, err := tx.Hub.Query().Where(hub.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, authz.ErrNotFound // removed since
	}
	if err != nil {
		return nil, fmt.Errorf("read a hub: %w", err)
	}
	return h, nil
}

// add writes a new hub with its card, and its entry in the log.
func add(ctx context.Context, tx *store.Tx, o *ent.Object, d hubDetails) (*ent.Hub, error) {
	other, err := withSerialNumber(ctx, tx, d.serialNumber)
	if err != nil {
		return nil, err
	}
	var taken errs.List
	if other != nil {
		taken.Add(ErrSerialNumberTaken.On("serialNumber").About(errs.Existing{ID: other.ID}))
	}
	if d.sim != nil {
		err := freeICCID(ctx, tx, d.sim.Iccid, "")
		if refusals := errs.Refusals(err); refusals != nil {
			taken = append(taken, refusals...)
		} else if err != nil {
			return nil, err
		}
	}
	if err := taken.Err(); err != nil {
		return nil, err
	}
	h, err := tx.Hub.Create().SetCompanyID(o.CompanyID).SetObjectID(o.ID).
		SetSerialNumber(d.serialNumber).SetName(d.name).SetSearchKey(hubSearchKey(d.name, d.serialNumber)).
		SetCreatedAt(tx.Now).Save(ctx)
	if store.IsUnique(err) {
		return nil, store.Again(err) // taken at the same moment: the retry finds by whom
	}
	if err != nil {
		return nil, fmt.Errorf("add a hub: %w", err)
	}
	if err := insert(ctx, tx, h.ID, d.sim); err != nil {
		return nil, err
	}
	return h, activity.Record(ctx, tx, activity.Entry{
		Action: "hubAdd", SubjectID: h.ID, Companies: []string{h.CompanyID},
		Words: map[string]string{"hub": h.Name, "object": o.Name},
		HubID: h.ID, ObjectID: h.ObjectID,
	})
}

// insert puts a card into a hub that has none; nil is no card.
func insert(ctx context.Context, tx *store.Tx, hubID string, card *SIM) error {
	if card == nil {
		return nil
	}
	err := tx.SIMCard.Create().SetHubID(hubID).SetIccid(card.Iccid).SetIsAjax(card.IsAjaxSim).Exec(ctx)
	if store.IsUnique(err) {
		return store.Again(err) // taken at the same moment: the retry finds by whom
	}
	if err != nil {
		return fmt.Errorf("put a card into a hub: %w", err)
	}
	return nil
}
