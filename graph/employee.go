package graph

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/employee"
	"partnerhub/ent/user"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	area "partnerhub/internal/company"
	"partnerhub/internal/i18n"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// EmployeeAdd invites a person to a company.
func (r mutation) EmployeeAdd(ctx context.Context, in area.EmployeeAddition) (*model.EmployeeAddPayload, error) {
	e, err := area.AddEmployee(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeAddPayload{Employee: e}, err)
}

// EmployeeInvitationAccept joins a company.
func (r mutation) EmployeeInvitationAccept(ctx context.Context, in area.EmployeeRef) (*model.EmployeeInvitationAcceptPayload, error) {
	e, err := area.AcceptInvitation(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeInvitationAcceptPayload{Employee: e}, err)
}

// EmployeeInvitationDecline declines to join a company.
func (r mutation) EmployeeInvitationDecline(ctx context.Context, in area.EmployeeRef) (*model.EmployeeInvitationDeclinePayload, error) {
	_, err := area.DeclineInvitation(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeInvitationDeclinePayload{RemovedEmployeeID: &in.EmployeeID}, err)
}

// EmployeeInvitationResend mails an invitation again.
func (r mutation) EmployeeInvitationResend(ctx context.Context, in area.EmployeeRef) (*model.EmployeeInvitationResendPayload, error) {
	e, err := area.ResendInvitation(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeInvitationResendPayload{Employee: e}, err)
}

// EmployeeRoleUpdate gives an employee another role.
func (r mutation) EmployeeRoleUpdate(ctx context.Context, in area.RoleUpdate) (*model.EmployeeRoleUpdatePayload, error) {
	e, err := area.ChangeRole(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeRoleUpdatePayload{Employee: e}, err)
}

// EmployeeRemove takes an employee out of a company.
func (r mutation) EmployeeRemove(ctx context.Context, in area.EmployeeRef) (*model.EmployeeRemovePayload, error) {
	_, err := area.RemoveEmployee(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.EmployeeRemovePayload{RemovedEmployeeID: &in.EmployeeID}, err)
}

// Employees are those of a company, for all who work for it (A52). The owner
// is the first unless asked otherwise.
func (r companyType) Employees(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.EmployeeFilter, orderBy *model.EmployeeOrder,
) (*model.EmployeeConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.EmployeeConnection, error) {
		q := keepEmployees(r.DB.Read(ctx).Employee.Query(), filter)
		may := func(id string) bool { return authz.CanRead(ctx, authz.ViewCompany, id) }
		return pagesFor(ctx, q, staff(orderBy), companies, companyID, may, slice{first, after, last, before})
	})
}

func keepEmployees(q *ent.EmployeeQuery, filter *model.EmployeeFilter) *ent.EmployeeQuery {
	if filter == nil {
		return q
	}
	if filter.Role != nil {
		q.Where(employee.RoleIn(filter.Role...))
	}
	if filter.Status != nil {
		q.Where(employee.StatusIn(filter.Status...))
	}
	if filter.Search != nil {
		q.Where(employee.HasUserWith(user.Or(
			user.NameKeyContains(store.Pattern(store.Fold(*filter.Search))),
			user.EmailContains(store.Pattern(strings.ToLower(strings.TrimSpace(*filter.Search)))),
		)))
	}
	return q
}

// staff is the list of a company's employees, in order.
func staff(by *model.EmployeeOrder) list[ent.Employee] {
	o := order[ent.Employee]{name: "invited"} // ids grow with time
	if by != nil {
		if by.Field == model.EmployeeOrderFieldName {
			o = order[ent.Employee]{name: "name", column: "person_key", value: personKey, expr: personKeySQL}
		}
		o.desc = by.Direction == model.OrderDirectionDesc
	}
	return list[ent.Employee]{
		owner:   employee.FieldCompanyID,
		ownerOf: func(e *ent.Employee) string { return e.CompanyID },
		idOf:    func(e *ent.Employee) string { return e.ID },
		order:   o,
	}
}

// personKeySQL is the name of the person, folded for sorting.
func personKeySQL(s *sql.Selector) string {
	return "(SELECT name_key FROM users WHERE users.id = " + s.C(employee.FieldUserID) + ")"
}

// personKey is what personKeySQL read.
func personKey(e *ent.Employee) any {
	key, err := e.Value("person_key")
	if err != nil { // the order reads it beside the columns
		panic(err)
	}
	return key
}

// User is the person of the employee.
func (r employeeType) User(ctx context.Context, e *ent.Employee) (*ent.User, error) {
	return loadOne(ctx, e, "user", func(e *ent.Employee) string { return e.UserID },
		func(ctx context.Context, ids []string) ([]*ent.User, error) {
			return r.DB.Read(ctx).User.Query().Where(user.IDIn(ids...)).All(viewer.System(ctx))
		}, func(u *ent.User) string { return u.ID })
}

// Company is the company of the employee.
func (r employeeType) Company(ctx context.Context, e *ent.Employee) (*ent.Company, error) {
	return loadOne(ctx, e, "company", func(e *ent.Employee) string { return e.CompanyID }, r.companiesByID, companyID)
}

// RoleLabel is the name of the role in the language of the request (R119).
func (r employeeType) RoleLabel(ctx context.Context, e *ent.Employee) (string, error) {
	return area.RoleLabel(i18n.From(ctx), e.Role), nil
}
