package graph

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/graph/model"
	"partnerhub/internal/store"
)

// folded are names that databases sort in different ways, some of them equal.
var folded = []string{"lodz", "lodz", "a-b", "ab", "a b", "<&>", "z\u2028x", "_", "日本", "😀", `"q"`, "0", "00"}

// crowd is three dealers with rows of each kind, many of them alike in what
// lists are sorted by, and some without it.
func crowd(t *testing.T, db *store.DB, rows int) (dealers []string) {
	ctx := asSystem()
	fill(ctx, t, db, func(tx *store.Tx) error {
		company := func(key string) *ent.CompanyCreate {
			return tx.Company.Create().SetName("C").SetNameKey(key).SetCountry("PL").SetContactEmail("x@y.z").SetCreatedAt(tx.Now)
		}
		pkg := tx.ServicePackage.Create().SetCode("P").SetNames(map[string]string{"en": "P"}).SetCreatedAt(tx.Now).SaveX(ctx)
		payer := company("payer").SaveX(ctx)
		for d := range 3 {
			dealer := company("d").SaveX(ctx)
			dealers = append(dealers, dealer.ID)
			for i := range rows {
				key, at := folded[(7*i+d)%len(folded)], tx.Now.Add(time.Duration(i*i%3)*time.Microsecond)
				link := tx.Connection.Create().SetDealerID(dealer.ID).SetStatus(connection.StatusACTIVE).SetRequestedAt(at).SetStatusChangedAt(tx.Now)
				if i%3 == 0 {
					link.SetInvitedEmail(fmt.Sprintf("ab%d@x.y", i))
				} else {
					link.SetResellerID(company(key).SaveX(ctx).ID)
				}
				place := tx.Object.Create().SetCompanyID(dealer.ID).SetName("O").SetNameKey(key).SetSearchKey("o").SetCreatedAt(tx.Now).SaveX(ctx)
				h := tx.Hub.Create().SetCompanyID(dealer.ID).SetObjectID(place.ID).SetName("H").SetSearchKey(key).
					SetSerialNumber(fmt.Sprintf("%04X%04X", d, i)).SetCreatedAt(tx.Now).SaveX(ctx)
				s := tx.Service.Create().SetHubID(h.ID).SetSerialNumber(h.SerialNumber).SetPackageID(pkg.ID).SetDealerID(dealer.ID).SetResellerID(payer.ID).
					SetConnectionID(link.SaveX(ctx).ID).SetStatus(service.StatusACTIVE).SetActivatedAt(tx.Now).SetUpdatedAt(at)
				if i%2 == 0 {
					s.SetStatus(service.StatusENDED).SetEndsAt(at)
				}
				s.ExecX(ctx)
				u := tx.User.Create().SetEmail(fmt.Sprintf("%d-%d@u.v", d, i)).SetName("U").SetNameKey(key).SetPasswordHash("x").SetCreatedAt(tx.Now).SaveX(ctx)
				tx.Employee.Create().SetCompanyID(dealer.ID).SetUserID(u.ID).SetRole(employee.RoleINSTALLER).SetStatus(employee.StatusACTIVE).SetInvitedAt(tx.Now).ExecX(ctx)
			}
		}
		return nil
	})
	return dealers
}

// Each list of the API, in each of its orders: page by page, forwards and
// backwards, by itself and beside others, it is what it is in one page, each
// row once and as many as its count says, also where rows are alike or lack
// what they are sorted by.
func TestPages_everyOrder(t *testing.T) {
	ctx, db := shelf(t)
	dealers := crowd(t, db, 14)
	for _, owners := range [][]string{dealers[1:2], dealers} {
		for _, dir := range model.AllOrderDirection {
			what := func(list string, by any) string { return fmt.Sprint(list, " by ", by, " ", dir, " of ", len(owners)) }
			for _, by := range model.AllHubServiceOrderField {
				l := companyServices(service.FieldDealerID, &model.HubServiceOrder{Field: by, Direction: dir})
				kept := service.Or(service.StatusEQ(service.StatusACTIVE), service.StatusEQ(service.StatusENDED)) // an OR beside the bounds
				readInPages(t, what("services", by), dealers[1], l, func(s slice) (map[string]*model.Page[*ent.Service], error) {
					return pages(ctx, db.Read(ctx).Service.Query().Where(kept), l, owners, s)
				})
			}
			for _, by := range model.AllDealerLinkOrderField {
				l := list[ent.Connection]{
					owner: yourResellers.owner, ownerOf: yourResellers.ownerOf, idOf: linkID,
					order: yourResellers.order(&model.DealerLinkOrder{Field: by, Direction: dir}),
				}
				readInPages(t, what("connections", by), dealers[1], l, func(s slice) (map[string]*model.Page[*ent.Connection], error) {
					return pages(ctx, db.Read(ctx).Connection.Query(), l, owners, s)
				})
			}
			for _, by := range model.AllHubOrderField {
				l := companyHubs(&model.HubOrder{Field: by, Direction: dir})
				readInPages(t, what("hubs", by), dealers[1], l, func(s slice) (map[string]*model.Page[*ent.Hub], error) {
					return pages(ctx, db.Read(ctx).Hub.Query(), l, owners, s)
				})
			}
			for _, by := range model.AllSecurityObjectOrderField {
				l := companyObjects(&model.SecurityObjectOrder{Field: by, Direction: dir})
				kept := []predicate.Object{object.Or(object.NameKey("lodz"), object.NameKeyNEQ("lodz"))}
				readInPages(t, what("objects", by), dealers[1], l, func(s slice) (map[string]*model.Page[*ent.Object], error) {
					return pages(ctx, db.Read(ctx).Object.Query().Where(kept...), l, owners, s)
				})
			}
			for _, by := range model.AllEmployeeOrderField {
				l := staff(&model.EmployeeOrder{Field: by, Direction: dir})
				readInPages(t, what("employees", by), dealers[1], l, func(s slice) (map[string]*model.Page[*ent.Employee], error) {
					return pages(ctx, db.Read(ctx).Employee.Query(), l, owners, s)
				})
			}
		}
	}
}

// readInPages holds an owner's list, read in pages, against itself in one.
func readInPages[T any](t *testing.T, what, owner string, l list[T], read func(slice) (map[string]*model.Page[*T], error)) {
	t.Helper()
	page := func(s slice) *model.Page[*T] {
		found, err := read(s)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return found[owner]
	}
	ids := func(p *model.Page[*T]) (list []string) {
		for _, n := range p.Nodes() {
			list = append(list, l.idOf(n))
		}
		return list
	}
	whole := page(slice{first: new(100)})
	want := ids(whole)
	if n, err := whole.Count(asSystem()); err != nil || n != len(want) || n == 0 {
		t.Errorf("%s: %d rows, %d counted, %v", what, len(want), n, err)
	}
	for size := 1; size <= 4; size++ {
		var forwards, backwards []string
		for s, more := (slice{first: &size}), true; more && len(forwards) <= len(want); {
			p := page(s)
			forwards = append(forwards, ids(p)...)
			s.after, more = p.PageInfo.EndCursor, p.PageInfo.HasNextPage
		}
		for s, more := (slice{last: &size}), true; more && len(backwards) <= len(want); {
			p := page(s)
			backwards = append(ids(p), backwards...)
			s.before, more = p.PageInfo.StartCursor, p.PageInfo.HasPreviousPage
		}
		if !slices.Equal(forwards, want) || !slices.Equal(backwards, want) {
			t.Errorf("%s: %v\nforwards by %d %v\nbackwards %v", what, want, size, forwards, backwards)
		}
	}
	between := page(slice{first: new(100), after: whole.PageInfo.StartCursor, before: whole.PageInfo.EndCursor})
	if !slices.Equal(ids(between), want[1:len(want)-1]) {
		t.Errorf("%s: between the ends are %v, want %v", what, ids(between), want[1:len(want)-1])
	}
}
