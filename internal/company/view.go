package company

import (
	"context"
	"fmt"

	"partnerhub/ent"
	"partnerhub/ent/connection"
	"partnerhub/internal/authz"
	"partnerhub/internal/i18n"
	"partnerhub/internal/viewer"
)

// Kind is what a company is, as in the schema's enum CompanyKind.
type Kind string

// Kinds of companies; a company is one of them at most (A22).
const (
	KindDealer   Kind = "DEALER"
	KindReseller Kind = "RESELLER"
)

// KindOf returns what a company is, nil for neither yet.
func KindOf(c *ent.Company) *Kind {
	switch {
	case c.DealerSince != nil:
		return new(KindDealer)
	case c.ResellerSince != nil:
		return new(KindReseller)
	}
	return nil
}

// Label returns the kind in a language (R120).
func (k Kind) Label(l i18n.Language) string {
	if k == KindDealer {
		return i18n.Text(l, "kindDealer", nil)
	}
	return i18n.Text(l, "kindReseller", nil)
}

// Module is a module of the navigation bar, as in the schema's enum Module.
type Module string

// Modules, in the order of the bar.
const (
	ModuleObjects  Module = "OBJECTS"
	ModuleCompany  Module = "COMPANY"
	ModuleServices Module = "SERVICES"
)

// Modules returns the navigation bar of those who work for the company, empty
// for others. Services is on it once the company is a dealer or a reseller
// (R12).
func Modules(ctx context.Context, c *ent.Company) []Module {
	switch {
	case !authz.CanRead(ctx, authz.ViewCompany, c.ID):
		return []Module{}
	case KindOf(c) == nil:
		return []Module{ModuleObjects, ModuleCompany}
	}
	return []Module{ModuleObjects, ModuleCompany, ModuleServices}
}

// Tab is a tab of the Services module, as in the schema's enum ServicesTab.
type Tab string

// Tabs: the first is a dealer's, the others are a reseller's.
const (
	TabYourResellers  Tab = "YOUR_RESELLERS"
	TabDashboard      Tab = "DASHBOARD"
	TabYourDealers    Tab = "YOUR_DEALERS"
	TabPaymentHistory Tab = "PAYMENT_HISTORY"
)

// Tabs returns the tabs of the Services module that are open to the viewer, in
// order: to owner and managers (R28, R57, R133).
func Tabs(ctx context.Context, c *ent.Company) []Tab {
	switch {
	case c.DealerSince != nil && authz.CanRead(ctx, authz.ViewConnections, c.ID):
		return []Tab{TabYourResellers}
	case c.ResellerSince != nil && authz.CanRead(ctx, authz.ViewServicesModule, c.ID):
		return []Tab{TabDashboard, TabYourDealers, TabPaymentHistory}
	}
	return []Tab{}
}

// Permissions are what the viewer may do in a company, as in the schema's type
// CompanyPermissions. They follow from the role; the state of things may stand
// in the way besides. The operator may read everything (A53).
type Permissions struct {
	ManageCompany      bool
	ManageEmployees    bool
	ManageConnections  bool
	ManageServices     bool
	ViewServicesModule bool // false while there is no such module
	ViewFinances       bool // false of a dealer: it sees no amounts (A9)
	ManageObjects      bool
	ManageAPITokens    bool
}

// Can returns what the viewer may do in the company.
func Can(ctx context.Context, c *ent.Company) *Permissions {
	can := func(r authz.Right) bool { return authz.Can(ctx, r, c.ID) }
	return &Permissions{
		ManageCompany:      can(authz.ManageCompany),
		ManageEmployees:    can(authz.ManageEmployees),
		ManageConnections:  can(authz.ManageConnections),
		ManageServices:     can(authz.ManageServices),
		ViewServicesModule: KindOf(c) != nil && authz.CanRead(ctx, authz.ViewServicesModule, c.ID),
		ViewFinances:       c.ResellerSince != nil && authz.CanRead(ctx, authz.ViewFinances, c.ID),
		ManageObjects:      can(authz.ManageObjects),
		ManageAPITokens:    can(authz.ManageAPITokens),
	}
}

// StepKind is a step of a dealer's onboarding, as in the schema's enum
// OnboardingStepKind.
type StepKind string

// Steps, in order.
const (
	StepCreateCompany      StepKind = "CREATE_COMPANY"
	StepBecomeDealer       StepKind = "BECOME_DEALER"
	StepRequestConnection  StepKind = "REQUEST_CONNECTION"
	StepConnectionApproved StepKind = "CONNECTION_APPROVED"
)

// Step is a step of a dealer's onboarding, and whether it is done.
type Step struct {
	Kind   StepKind
	IsDone bool
}

// Onboarding returns the steps to the first approved reseller, of each company
// that the viewer works for and that is no reseller (R128). They are derived
// from how things stand: a request that was withdrawn is still to be sent.
func Onboarding(ctx context.Context, c *ent.Client, companies []*ent.Company) (map[*ent.Company][]*Step, error) {
	ids := make([]string, len(companies))
	for i, company := range companies {
		ids[i] = company.ID
	}
	var found []struct {
		DealerID string            `sql:"dealer_id"`
		Status   connection.Status `sql:"status"`
	}
	err := c.Connection.Query().Where(connection.DealerIDIn(ids...), connection.DeletedAtIsNil()).
		GroupBy(connection.FieldDealerID, connection.FieldStatus).Scan(viewer.System(ctx), &found)
	if err != nil {
		return nil, fmt.Errorf("look for the connections of dealers: %w", err)
	}
	requested, approved := map[string]bool{}, map[string]bool{}
	for _, f := range found {
		requested[f.DealerID] = true
		if f.Status == connection.StatusACTIVE || f.Status == connection.StatusSUSPENDED {
			approved[f.DealerID] = true
		}
	}
	steps := make(map[*ent.Company][]*Step, len(companies))
	for _, company := range companies {
		if company.ResellerSince == nil && authz.CanRead(ctx, authz.ViewCompany, company.ID) {
			steps[company] = []*Step{
				{StepCreateCompany, true},
				{StepBecomeDealer, company.DealerSince != nil},
				{StepRequestConnection, requested[company.ID]},
				{StepConnectionApproved, approved[company.ID]},
			}
		}
	}
	return steps, nil
}
