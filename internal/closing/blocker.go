// Package closing deletes companies. It stands right of all other areas, since
// each of them may have something that stands in the way.
package closing

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/service"
	"partnerhub/internal/errs"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Refusals to delete a company (A10).
var (
	// ErrServicesActive answers for the dealer of the services (R106).
	ErrServicesActive = errs.New(errs.ServicesActive, "errorCompanyServicesActive")
	// ErrServicesBilled answers for the reseller that is billed for them.
	ErrServicesBilled = errs.New(errs.ServicesActive, "errorCompanyServicesBilled")
	// ErrBalance answers for a reseller whose balance is not zero.
	ErrBalance = errs.New(errs.InvalidState, "errorCompanyBalance")
	// ErrNextCharge answers for a reseller that has a fee to pay for a month
	// that is not booked yet.
	ErrNextCharge = errs.New(errs.InvalidState, "errorCompanyNextCharge")
)

// maxHubs is how many of the hubs with services a refusal names.
const maxHubs = 20

// Blockers returns what stands in the way of deleting each of the companies at
// the view's instant, nothing for those that can be deleted: services that
// live, be they active, expiring, paused, on trial or paid. One whose pending
// end has passed is over, also where the calendar has not come to it yet (A46).
// Of a reseller, its balance too unless it is zero, and what it is to be
// charged next (A45).
func Blockers(ctx context.Context, v store.View, companies ...*ent.Company) (map[*ent.Company]errs.List, error) {
	ids := make([]string, len(companies))
	for i, company := range companies {
		ids[i] = company.ID
	}
	lists := make(map[*ent.Company]errs.List, len(companies))
	for _, side := range []struct {
		column  string
		refusal *errs.Error
	}{
		{service.FieldDealerID, ErrServicesActive},
		{service.FieldResellerID, ErrServicesBilled},
	} {
		living, err := live(ctx, v, side.column, ids)
		if err != nil {
			return nil, err
		}
		for _, company := range companies {
			if found, ok := living[company.ID]; ok {
				lists[company] = append(lists[company], side.refusal.With("count", found.Count).About(*found))
			}
		}
	}
	return lists, addMoney(ctx, v, companies, lists)
}

// live counts the services that live, of each company that the column names,
// and names the hubs of the oldest.
func live(ctx context.Context, v store.View, column string, companyIDs []string) (map[string]*errs.Services, error) {
	var rows []struct {
		CompanyID string `sql:"company_id"`
		HubID     string `sql:"hub_id"`
		Count     int    `sql:"count"`
	}
	err := v.Service.Query().Where(
		sql.FieldIn(column, companyIDs...),
		service.StatusNEQ(service.StatusENDED),
		service.Or(service.EndsAtIsNil(), service.EndsAtGT(v.Now)),
	).Order(func(s *sql.Selector) { // an order term, since those run after every predicate
		s.Select(sql.As(s.C(column), "company_id"), s.C(service.FieldHubID)).
			AppendSelectExprAs(sql.RowNumber().PartitionBy(s.C(column)).OrderBy(s.C(service.FieldID)), "place").
			AppendSelectExprAs(sql.Window(func(b *sql.Builder) { b.WriteString("COUNT(*)") }).PartitionBy(s.C(column)), "count")
		oldest := s.Clone().As("living")
		*s = *sql.Dialect(s.Dialect()).Select("company_id", "hub_id", "count").From(oldest).
			Where(sql.LTE("place", maxHubs)).OrderBy("company_id", "place")
	}).Select().Scan(viewer.System(ctx), &rows)
	if err != nil {
		return nil, fmt.Errorf("count services: %w", err)
	}
	found := map[string]*errs.Services{}
	for _, r := range rows {
		if found[r.CompanyID] == nil {
			found[r.CompanyID] = &errs.Services{Count: r.Count}
		}
		found[r.CompanyID].HubIDs = append(found[r.CompanyID].HubIDs, r.HubID)
	}
	return found, nil
}
