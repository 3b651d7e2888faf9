package authz

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/activity"
	"partnerhub/ent/chargeline"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/employee"
	"partnerhub/ent/hub"
	"partnerhub/ent/object"
	"partnerhub/ent/predicate"
	"partnerhub/ent/privacy"
	"partnerhub/ent/service"
	"partnerhub/ent/serviceevent"
	"partnerhub/ent/session"
	"partnerhub/ent/simcard"
	"partnerhub/ent/transaction"
	"partnerhub/ent/user"
	"partnerhub/internal/viewer"
)

// see is the policy of an entity: the system sees every row; the platform
// operator every present one; a person the present ones that visible keeps;
// nobody else sees any. Rows of something deleted are not present (A45).
func see[Q interface{ Where(...P) Q }, P ~func(*sql.Selector)](visible func(viewer.Viewer) P, present ...P) ent.Policy {
	rule := func(ctx context.Context, query ent.Query) error {
		v := viewer.From(ctx)
		if v.IsSystem() {
			return privacy.Skip
		}
		q, ok := query.(Q)
		if !ok {
			return privacy.Denyf("authz: a policy for %T was asked about %T", q, query)
		}
		q.Where(present...)
		switch {
		case !v.SignedIn():
			q.Where(func(s *sql.Selector) { s.Where(sql.False()) })
		case !v.Operator:
			q.Where(visible(v))
		}
		return privacy.Skip
	}
	return privacy.Policy{Query: privacy.QueryPolicy{queryRule(rule)}}
}

type queryRule func(context.Context, ent.Query) error

// EvalQuery asks the rule.
func (r queryRule) EvalQuery(ctx context.Context, q ent.Query) error { return r(ctx, q) }

// SystemOnly is the policy of what no person reads through the graph.
func SystemOnly() ent.Policy {
	return privacy.Policy{Query: privacy.QueryPolicy{queryRule(func(ctx context.Context, q ent.Query) error {
		if viewer.From(ctx).IsSystem() {
			return privacy.Skip
		}
		return fmt.Errorf("authz: only the system reads %T: %w", q, privacy.Deny)
	})}}
}

func anyRight(viewer.Membership) bool { return true }

// SeeUsers shows oneself and the people of the companies one works for.
func SeeUsers() ent.Policy {
	return see[*ent.UserQuery](func(v viewer.Viewer) predicate.User {
		return user.Or(user.ID(v.UserID), user.HasEmploymentsWith(employee.CompanyIDIn(v.Companies(anyRight)...)))
	})
}

// SeeSessions shows one's own sessions alone. The operator sees no others
// either.
func SeeSessions() ent.Policy {
	return privacy.Policy{Query: privacy.QueryPolicy{queryRule(func(ctx context.Context, query ent.Query) error {
		v := viewer.From(ctx)
		if q, ok := query.(*ent.SessionQuery); ok && !v.IsSystem() {
			q.Where(session.UserID(v.UserID))
		}
		return privacy.Skip
	})}}
}

// SeeEmployees shows one's own memberships and those of one's companies (A52).
func SeeEmployees() ent.Policy {
	return see[*ent.EmployeeQuery](func(v viewer.Viewer) predicate.Employee {
		return employee.Or(employee.UserID(v.UserID), employee.CompanyIDIn(v.Companies(anyRight)...))
	}, employee.HasCompanyWith(company.DeletedAtIsNil()))
}

// SeeCompanies shows the companies one works for or is invited to, resellers
// to whoever works for a company (R35), and partners to those who may see the
// connections with them (A50, A52).
func SeeCompanies() ent.Policy {
	return see[*ent.CompanyQuery](func(v viewer.Viewer) predicate.Company {
		own := make([]string, 0, len(v.Memberships))
		for _, m := range v.Memberships {
			own = append(own, m.CompanyID)
		}
		visible := []predicate.Company{company.IDIn(own...)}
		if len(v.Companies(anyRight)) > 0 {
			visible = append(visible, company.ResellerSinceNotNil())
		}
		if partners := companiesWith(v, ViewConnections); len(partners) > 0 {
			visible = append(visible, company.HasResellerConnectionsWith(
				connection.ResellerIDIn(partners...), connection.DeletedAtIsNil()))
		}
		return company.Or(visible...)
	}, company.DeletedAtIsNil())
}

// SeeConnections shows connections to owner and managers of either side (A52).
func SeeConnections() ent.Policy {
	return see[*ent.ConnectionQuery](func(v viewer.Viewer) predicate.Connection {
		ids := companiesWith(v, ViewConnections)
		return connection.Or(connection.DealerIDIn(ids...), connection.ResellerIDIn(ids...))
	}, connection.DeletedAtIsNil())
}

// billed keeps the services that a reseller pays for, for those of its people
// who may see its Services module (R28, A50).
func billed(v viewer.Viewer) predicate.Service {
	return service.ResellerIDIn(companiesWith(v, ViewServicesModule)...)
}

// SeeObjects shows objects to their company, and to a reseller those with a
// hub that it bills now.
func SeeObjects() ent.Policy {
	return see[*ent.ObjectQuery](func(v viewer.Viewer) predicate.Object {
		return object.Or(
			object.CompanyIDIn(v.Companies(anyRight)...),
			object.HasHubsWith(hub.RemovedAtIsNil(), hub.HasServicesWith(billed(v), service.StatusNEQ(service.StatusENDED))),
		)
	}, object.DeletedAtIsNil())
}

// SeeHubs shows hubs to their company, and to a reseller those it bills now.
func SeeHubs() ent.Policy {
	return see[*ent.HubQuery](func(v viewer.Viewer) predicate.Hub {
		return hub.Or(
			hub.CompanyIDIn(v.Companies(anyRight)...),
			hub.HasServicesWith(billed(v), service.StatusNEQ(service.StatusENDED)),
		)
	}, hub.RemovedAtIsNil())
}

// SeeSIMCards shows cards to the company of their hub.
func SeeSIMCards() ent.Policy {
	return see[*ent.SIMCardQuery](func(v viewer.Viewer) predicate.SIMCard {
		return simcard.HasHubWith(hub.CompanyIDIn(v.Companies(anyRight)...))
	})
}

// SeePackages shows the packages to whoever works for a company.
func SeePackages() ent.Policy {
	return see[*ent.ServicePackageQuery](func(v viewer.Viewer) predicate.ServicePackage {
		return func(s *sql.Selector) {
			if len(v.Companies(anyRight)) == 0 {
				s.Where(sql.False())
			}
		}
	})
}

// SeeServices shows services to the dealer's employees, and to the reseller
// that is or was billed for them.
func SeeServices() ent.Policy {
	return see[*ent.ServiceQuery](visibleService)
}

func visibleService(v viewer.Viewer) predicate.Service {
	return service.Or(service.DealerIDIn(v.Companies(anyRight)...), billed(v))
}

// SeeServiceEvents shows the history of the services one sees.
func SeeServiceEvents() ent.Policy {
	return see[*ent.ServiceEventQuery](func(v viewer.Viewer) predicate.ServiceEvent {
		return serviceevent.HasServiceWith(visibleService(v))
	})
}

// SeeActivities shows a company's log to its owner and managers (A52).
func SeeActivities() ent.Policy {
	return see[*ent.ActivityQuery](func(v viewer.Viewer) predicate.Activity {
		return activity.CompanyIDIn(companiesWith(v, ViewActivities)...)
	})
}

// SeeTransactions shows a reseller's payment history to those of its people
// who may see its money (A9).
func SeeTransactions() ent.Policy {
	return see[*ent.TransactionQuery](func(v viewer.Viewer) predicate.Transaction {
		return transaction.ResellerIDIn(companiesWith(v, ViewFinances)...)
	})
}

// SeeChargeLines shows the fees of accounts to those who see the transactions
// they are booked with (A9).
func SeeChargeLines() ent.Policy {
	return see[*ent.ChargeLineQuery](func(v viewer.Viewer) predicate.ChargeLine {
		return chargeline.ResellerIDIn(companiesWith(v, ViewFinances)...)
	})
}
