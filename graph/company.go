package graph

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/employee"
	"partnerhub/ent/hub"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	"partnerhub/internal/closing"
	area "partnerhub/internal/company"
	"partnerhub/internal/errs"
	"partnerhub/internal/form"
	"partnerhub/internal/i18n"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// CompanyCreate registers a company.
func (r mutation) CompanyCreate(ctx context.Context, in area.Creation) (*model.CompanyCreatePayload, error) {
	c, err := area.Create(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.CompanyCreatePayload{Company: c}, err)
}

// CompanyUpdate changes a company.
func (r mutation) CompanyUpdate(ctx context.Context, in area.Update) (*model.CompanyUpdatePayload, error) {
	c, err := area.Edit(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.CompanyUpdatePayload{Company: c}, err)
}

// CompanyDealerEnroll makes a company a dealer.
func (r mutation) CompanyDealerEnroll(ctx context.Context, in area.DealerEnrollment) (*model.CompanyDealerEnrollPayload, error) {
	c, err := area.EnrollDealer(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.CompanyDealerEnrollPayload{Company: c}, err)
}

// CompanyResellerEnroll makes a company a reseller.
func (r mutation) CompanyResellerEnroll(ctx context.Context, in area.ResellerEnrollment) (*model.CompanyResellerEnrollPayload, error) {
	c, err := area.EnrollReseller(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.CompanyResellerEnrollPayload{Company: c}, err)
}

// CompanyDelete deletes a company.
func (r mutation) CompanyDelete(ctx context.Context, in closing.Deletion) (*model.CompanyDeletePayload, error) {
	_, err := closing.Delete(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.CompanyDeletePayload{DeletedCompanyID: &in.CompanyID}, err)
}

// Company is the company with the id, if the viewer may see it.
func (r query) Company(ctx context.Context, id string) (*ent.Company, error) {
	return visible(r.DB.Read(ctx).Company.Get(ctx, id))
}

// ServiceCountries are where Ajax Services are on offer, by name (R9).
func (r query) ServiceCountries(ctx context.Context) ([]*model.ServiceCountry, error) {
	var counts []struct {
		Country string `sql:"country"`
		Count   int    `sql:"count"`
	}
	err := r.DB.Read(ctx).Company.Query().
		Where(company.CountryIn(r.DB.Countries...), company.ResellerSinceNotNil(), company.DeletedAtIsNil()).
		GroupBy(company.FieldCountry).Aggregate(ent.Count()).
		Scan(viewer.System(ctx), &counts) // a number, which is no secret
	if err != nil {
		return nil, err
	}
	tag := language.Make(string(i18n.From(ctx)))
	names := display.Regions(tag)
	countries := make([]*model.ServiceCountry, len(r.DB.Countries))
	for i, code := range r.DB.Countries {
		countries[i] = &model.ServiceCountry{Code: code, Name: names.Name(language.MustParseRegion(code))}
		for _, c := range counts {
			if c.Country == code {
				countries[i].ResellerCount = c.Count
			}
		}
	}
	alphabet := collate.New(tag)
	slices.SortFunc(countries, func(a, b *model.ServiceCountry) int { return alphabet.CompareString(a.Name, b.Name) })
	return countries, nil
}

// byName is the order of a list of companies.
var byName = list[ent.Company]{
	idOf: companyID,
	order: order[ent.Company]{
		name: "name", column: company.FieldNameKey,
		value: func(c *ent.Company) any { return c.NameKey },
	},
}

// Resellers are those of a country whose name contains what is searched for
// (R35).
func (r query) Resellers(ctx context.Context, country string, search *string, first *int, after *string, last *int, before *string,
) (*model.CompanyConnection, error) {
	q := r.DB.Read(ctx).Company.Query().Where(company.Country(strings.ToUpper(country)), company.ResellerSinceNotNil())
	if search != nil {
		q.Where(company.NameKeyContains(store.Pattern(store.Fold(*search))))
	}
	return pageOf(ctx, q, byName, slice{first, after, last, before}, q.Clone().Count)
}

// ResellerByEmail is the reseller with the contact address (R38). Null says
// nothing about the address but that it is no reseller's (A23).
func (r query) ResellerByEmail(ctx context.Context, email string) (*ent.Company, error) {
	folded, ok := form.FoldEmail(strings.TrimSpace(email))
	if !ok {
		return nil, nil
	}
	return visible(r.DB.Read(ctx).Company.Query().Where(company.ResellerEmail(folded)).Only(ctx))
}

// Contact is on the card that every partner sees (A50).
func (r companyType) Contact(_ context.Context, c *ent.Company) (*model.CompanyContact, error) {
	return &model.CompanyContact{
		Email: c.ContactEmail, Phone: c.ContactPhone, Website: c.ContactWebsite, Address: c.ContactAddress,
	}, nil
}

// Kind is what the company is.
func (r companyType) Kind(_ context.Context, c *ent.Company) (*area.Kind, error) {
	return area.KindOf(c), nil
}

// KindLabel is the kind in the language of the request.
func (r companyType) KindLabel(ctx context.Context, c *ent.Company) (*string, error) {
	kind := area.KindOf(c)
	if kind == nil {
		return nil, nil
	}
	return new(kind.Label(i18n.From(ctx))), nil
}

// RegistrationNumber is for the owner and the operator.
func (r companyType) RegistrationNumber(ctx context.Context, c *ent.Company) (*string, error) {
	if !authz.CanRead(ctx, authz.ManageCompany, c.ID) {
		return nil, nil
	}
	return c.RegistrationNumber, nil
}

// TaxNumber is for the owner and the operator.
func (r companyType) TaxNumber(ctx context.Context, c *ent.Company) (*string, error) {
	if !authz.CanRead(ctx, authz.ManageCompany, c.ID) {
		return nil, nil
	}
	return c.TaxNumber, nil
}

// Modules are those of the navigation bar.
func (r companyType) Modules(ctx context.Context, c *ent.Company) ([]area.Module, error) {
	return area.Modules(ctx, c), nil
}

// ServicesTabs are the tabs of the Services module.
func (r companyType) ServicesTabs(ctx context.Context, c *ent.Company) ([]area.Tab, error) {
	return area.Tabs(ctx, c), nil
}

// Onboarding is the way to the first approved reseller.
func (r companyType) Onboarding(ctx context.Context, c *ent.Company) ([]*area.Step, error) {
	return load(ctx, c, "onboarding", func(ctx context.Context, companies []*ent.Company) (map[*ent.Company][]*area.Step, error) {
		return area.Onboarding(ctx, r.DB.Read(ctx), companies)
	})
}

// DeletionBlockers are for who could delete the company, and the operator.
func (r companyType) DeletionBlockers(ctx context.Context, c *ent.Company) ([]model.UserError, error) {
	return load(ctx, c, "deletionBlockers", func(ctx context.Context, companies []*ent.Company) (map[*ent.Company][]model.UserError, error) {
		companies = slices.DeleteFunc(slices.Clone(companies), func(c *ent.Company) bool {
			return !authz.CanRead(ctx, authz.ManageCompany, c.ID)
		})
		blockers, err := closing.Blockers(ctx, r.DB.View(ctx), companies...)
		if err != nil {
			return nil, err
		}
		hubs, err := r.hubsInTheWay(ctx, blockers)
		if err != nil {
			return nil, err
		}
		told := make(map[*ent.Company][]model.UserError, len(blockers))
		for c, list := range blockers {
			for _, e := range list {
				if d, ok := e.Detail.(errs.State); ok {
					told[c] = append(told[c], stateError(ctx, e, d, c))
					continue
				}
				d, _ := e.Detail.(errs.Services)
				own := slices.DeleteFunc(slices.Clone(hubs), func(h *ent.Hub) bool { return !slices.Contains(d.HubIDs, h.ID) })
				told[c] = append(told[c], servicesActive(ctx, e, d, own))
			}
		}
		return told, nil
	})
}

// hubsInTheWay reads the hubs that the refusals name, as far as the viewer
// sees them.
func (r companyType) hubsInTheWay(ctx context.Context, blockers map[*ent.Company]errs.List) ([]*ent.Hub, error) {
	var ids []string
	for _, list := range blockers {
		for _, e := range list {
			d, _ := e.Detail.(errs.Services)
			ids = append(ids, d.HubIDs...)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	hubs, err := r.DB.Read(ctx).Hub.Query().Where(hub.IDIn(ids...)).Order(hub.ByID()).All(ctx)
	return together(ctx, hubs), err
}

// ViewerCan is what the viewer may do.
func (r companyType) ViewerCan(ctx context.Context, c *ent.Company) (*area.Permissions, error) {
	return area.Can(ctx, c), nil
}

// ViewerEmployee is how the viewer belongs to the company, also as somebody
// who is only invited.
func (r companyType) ViewerEmployee(ctx context.Context, c *ent.Company) (*ent.Employee, error) {
	return load(ctx, c, "viewerEmployee", func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*ent.Employee, error) {
		ids := make([]string, len(companies))
		for i, c := range companies {
			ids[i] = c.ID
		}
		found, err := r.DB.Read(ctx).Employee.Query().
			Where(employee.UserID(viewer.From(ctx).UserID), employee.CompanyIDIn(ids...)).All(ctx)
		if err != nil {
			return nil, err
		}
		own := make(map[*ent.Company]*ent.Employee, len(found))
		for _, e := range together(ctx, found) {
			for _, c := range companies {
				if c.ID == e.CompanyID {
					own[c] = e
				}
			}
		}
		return own, nil
	})
}
