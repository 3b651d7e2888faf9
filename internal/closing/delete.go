package closing

import (
	"context"
	"errors"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/hub"
	"partnerhub/ent/ledger"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/simcard"
	"partnerhub/internal/activity"
	"partnerhub/internal/authz"
	"partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/lifecycle"
	"partnerhub/internal/store"
	"partnerhub/internal/tile"
	"partnerhub/internal/viewer"
)

// ErrName answers a name that is not the company's.
var ErrName = errs.New(errs.Invalid, "errorConfirmName")

// Delete deletes a company, by its owner, with its objects, hubs and
// connections (R106, R108, A45). Its rows stay for the books and the logs, but
// nobody sees the company any more: its people lose their rights and streams,
// its partners the connection. Its hubs' serial numbers and cards, and the
// contact address of a reseller, are free for others.
//
// It fails with [form.ErrRequired] or [ErrName] on the name,
// [authz.ErrNotFound], [authz.ErrForbidden], and with what [Blockers] finds.
func Delete(ctx context.Context, db *store.DB, in Deletion) (*ent.Company, error) {
	if in.ConfirmName == "" {
		return nil, form.ErrRequired.On("confirmName")
	}
	for {
		c, err := store.Do(ctx, db, func(tx *store.Tx) (*ent.Company, error) { return remove(ctx, tx, in) })
		if !errors.Is(err, errDue) {
			return c, err
		}
		if _, err := lifecycle.EndDue(ctx, db, of(in.CompanyID)); err != nil {
			return nil, err
		}
	}
}

// errDue ends a transaction that met a service whose pending end has passed,
// so that it is ended first, in a transaction of its own (A46).
var errDue = errors.New("the pending end of a service has passed")

// of keeps the services that are the company's on either side.
func of(companyID string) predicate.Service {
	return service.Or(service.DealerID(companyID), service.ResellerID(companyID))
}

func remove(ctx context.Context, tx *store.Tx, in Deletion) (*ent.Company, error) {
	c, err := company.ForUpdate(ctx, tx, in.CompanyID)
	switch {
	case err != nil:
		return nil, err
	case !authz.Can(ctx, authz.ManageCompany, c.ID):
		return nil, authz.ErrForbidden.On("companyId")
	case in.ConfirmName != c.Name:
		return nil, ErrName.On("confirmName")
	}
	h, err := hold(viewer.System(ctx), tx, c)
	if err != nil {
		return nil, err
	}
	blockers, err := Blockers(ctx, tx.View(), c)
	if err != nil {
		return nil, err
	}
	if len(blockers[c]) > 0 {
		return nil, blockers[c][0].On("companyId")
	}
	due, err := tx.Service.Query().Where(of(c.ID), service.StatusNEQ(service.StatusENDED)).Exist(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("look for services: %w", err)
	}
	if due {
		return nil, errDue
	}
	return h.delete(viewer.System(ctx), tx)
}

// holding is a company with all that goes with it, each row locked: an
// activation waits, and then finds no hub (R108).
type holding struct {
	company     *ent.Company
	connections []*ent.Connection
	hubs        []*ent.Hub // with their cards
}

func hold(ctx context.Context, tx *store.Tx, c *ent.Company) (h holding, err error) {
	h.company = c
	h.connections, err = store.Lock(tx, tx.Connection.Query().
		Where(connection.Or(connection.DealerID(c.ID), connection.ResellerID(c.ID)), connection.DeletedAtIsNil()).
		Order(connection.ByID())).All(ctx)
	if err != nil {
		return h, fmt.Errorf("read connections: %w", err)
	}
	// No transaction slips in, and no activation changes what is to be charged.
	if _, err = store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerID(c.ID))).IDs(ctx); err != nil {
		return h, fmt.Errorf("lock a ledger: %w", err)
	}
	// A hub that is being added to an object is among those read next.
	if _, err = store.Lock(tx, tx.Object.Query().Where(object.CompanyID(c.ID)).Order(object.ByID())).IDs(ctx); err != nil {
		return h, fmt.Errorf("lock objects: %w", err)
	}
	h.hubs, err = store.Lock(tx, tx.Hub.Query().
		Where(hub.CompanyID(c.ID), hub.RemovedAtIsNil()).
		WithSim().Order(hub.ByID())).All(ctx)
	if err != nil {
		return h, fmt.Errorf("read hubs: %w", err)
	}
	return h, nil
}

// delete marks the rows as gone, and tells everybody who saw them.
func (h holding) delete(ctx context.Context, tx *store.Tx) (*ent.Company, error) {
	c, err := h.company.Update().SetDeletedAt(tx.Now).ClearResellerEmail().Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("delete a company: %w", err)
	}
	people, err := tx.Employee.Query().Where(employee.CompanyID(c.ID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read employees: %w", err)
	}
	for _, e := range people {
		tx.Signal(e.UserID)
	}
	err = activity.Record(ctx, tx, activity.Entry{
		Action: "companyDelete", SubjectID: c.ID, Words: words(c), Companies: []string{c.ID},
	})
	if err != nil {
		return nil, err
	}
	if err := h.deleteConnections(ctx, tx); err != nil {
		return nil, err
	}
	return c, h.deleteObjects(ctx, tx)
}

func words(c *ent.Company) map[string]string { return map[string]string{"company": c.Name} }

// deleteConnections ends the connections, and tells each partner.
func (h holding) deleteConnections(ctx context.Context, tx *store.Tx) error {
	for _, con := range h.connections {
		if err := con.Update().SetDeletedAt(tx.Now).AddVersion(1).Exec(ctx); err != nil {
			return fmt.Errorf("delete a connection: %w", err)
		}
		partner := con.DealerID
		if partner == h.company.ID {
			if con.ResellerID == nil {
				continue // an invitation: nobody else ever saw it
			}
			partner = *con.ResellerID
		}
		err := activity.Record(ctx, tx, activity.Entry{
			Action: "companyDelete", SubjectID: h.company.ID, Words: words(h.company),
			ConnectionID: con.ID, Companies: []string{partner},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteObjects takes the hubs out of their objects and the cards out of the
// hubs. No service lives, so the cards are off already.
func (h holding) deleteObjects(ctx context.Context, tx *store.Tx) error {
	_, err := tx.SIMCard.Delete().Where(simcard.HasHubWith(hub.CompanyID(h.company.ID))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("take cards out of hubs: %w", err)
	}
	for _, one := range h.hubs {
		if err := one.Update().SetRemovedAt(tx.Now).AddVersion(1).Exec(ctx); err != nil {
			return fmt.Errorf("remove a hub: %w", err)
		}
		err := activity.Record(ctx, tx, activity.Entry{
			Action: "companyDelete", SubjectID: h.company.ID, Words: words(h.company), Companies: []string{h.company.ID},
			HubID: one.ID, ObjectID: one.ObjectID,
			PreviousTile: tile.Of(service.StatusENDED, one.Edges.Sim != nil && one.Edges.Sim.IsAjax, h.company.DealerSince != nil),
		})
		if err != nil {
			return err
		}
	}
	_, err = tx.Object.Update().Where(object.CompanyID(h.company.ID), object.DeletedAtIsNil()).SetDeletedAt(tx.Now).Save(ctx)
	if err != nil {
		return fmt.Errorf("delete objects: %w", err)
	}
	return nil
}
