package graph

import (
	"context"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/predicate"
	"partnerhub/graph/model"
	"partnerhub/internal/authz"
	area "partnerhub/internal/connection"
	"partnerhub/internal/store"
)

// ConnectionRequest sends a dealer's request.
func (r mutation) ConnectionRequest(ctx context.Context, in area.Request) (*model.ConnectionRequestPayload, error) {
	c, err := area.Ask(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionRequestPayload{Connection: c}, err)
}

// ConnectionCancel withdraws a request.
func (r mutation) ConnectionCancel(ctx context.Context, in area.Ref) (*model.ConnectionCancelPayload, error) {
	id, err := area.Cancel(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionCancelPayload{CancelledConnectionID: &id}, err)
}

// ConnectionApprove approves a request.
func (r mutation) ConnectionApprove(ctx context.Context, in area.Approval) (*model.ConnectionApprovePayload, error) {
	c, err := area.Approve(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionApprovePayload{Connection: c}, err)
}

// ConnectionReject rejects a request.
func (r mutation) ConnectionReject(ctx context.Context, in area.Refusal) (*model.ConnectionRejectPayload, error) {
	c, err := area.Reject(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionRejectPayload{Connection: c}, err)
}

// ConnectionSuspend suspends a connection.
func (r mutation) ConnectionSuspend(ctx context.Context, in area.Refusal) (*model.ConnectionSuspendPayload, error) {
	c, err := area.Suspend(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionSuspendPayload{Connection: c}, err)
}

// ConnectionResume resumes a connection.
func (r mutation) ConnectionResume(ctx context.Context, in area.Ref) (*model.ConnectionResumePayload, error) {
	c, err := area.Resume(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionResumePayload{Connection: c}, err)
}

// ConnectionDealerNumberUpdate changes a dealer's number.
func (r mutation) ConnectionDealerNumberUpdate(ctx context.Context, in area.NumberUpdate) (*model.ConnectionDealerNumberUpdatePayload, error) {
	c, err := area.ChangeNumber(ctx, r.DB, in)
	return answer(ctx, r.Resolver, &model.ConnectionDealerNumberUpdatePayload{Connection: c}, err)
}

func linkID(c *ent.Connection) string     { return c.ID }
func linkDealer(c *ent.Connection) string { return c.DealerID }

// linkReseller is "" while the reseller is only invited.
func linkReseller(c *ent.Connection) string {
	if c.ResellerID == nil {
		return ""
	}
	return *c.ResellerID
}

// Dealer is the side that asked.
func (r dealerLinkType) Dealer(ctx context.Context, c *ent.Connection) (*ent.Company, error) {
	return loadOne(ctx, c, "dealer", linkDealer, r.companiesByID, companyID)
}

// Reseller is the side that was asked.
func (r dealerLinkType) Reseller(ctx context.Context, c *ent.Connection) (*ent.Company, error) {
	return loadOne(ctx, c, "reseller", linkReseller, r.companiesByID, companyID)
}

// InvitedEmail is for the dealer's side, which typed it: the reseller may have
// another address since.
func (r dealerLinkType) InvitedEmail(ctx context.Context, c *ent.Connection) (*string, error) {
	if !authz.CanRead(ctx, authz.ViewConnections, c.DealerID) {
		return nil, nil
	}
	return c.InvitedEmail, nil
}

// DealerNumber is for owner and managers of both sides: an installer meets
// connections only where a reseller is to be chosen (A52).
func (r dealerLinkType) DealerNumber(ctx context.Context, c *ent.Connection) (*string, error) {
	if !seesLink(ctx, c) {
		return nil, nil
	}
	return c.DealerNumber, nil
}

// StatusReason is for whom DealerNumber is.
func (r dealerLinkType) StatusReason(ctx context.Context, c *ent.Connection) (*string, error) {
	if !seesLink(ctx, c) {
		return nil, nil
	}
	return c.StatusReason, nil
}

// AvailableActions are the steps that the viewer can take now.
func (r dealerLinkType) AvailableActions(ctx context.Context, c *ent.Connection) ([]model.ConnectionAction, error) {
	open := area.Open(ctx, c)
	actions := make([]model.ConnectionAction, len(open))
	for i, a := range open {
		actions[i] = model.ConnectionAction(a)
	}
	return actions, nil
}

// seesLink reports whether the viewer sees the connections of one of the sides.
func seesLink(ctx context.Context, c *ent.Connection) bool {
	return authz.CanRead(ctx, authz.ViewConnections, c.DealerID) ||
		c.ResellerID != nil && authz.CanRead(ctx, authz.ViewConnections, *c.ResellerID)
}

// ResellerConnections are the dealer's Your Resellers (R34).
func (r companyType) ResellerConnections(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.DealerLinkFilter, orderBy *model.DealerLinkOrder,
) (*model.DealerLinkConnection, error) {
	return r.links(ctx, c, yourResellers, slice{first, after, last, before}, filter, orderBy)
}

// DealerConnections are the sections of the reseller's Your dealers (R49).
func (r companyType) DealerConnections(ctx context.Context, c *ent.Company, first *int, after *string, last *int, before *string,
	filter *model.DealerLinkFilter, orderBy *model.DealerLinkOrder,
) (*model.DealerLinkConnection, error) {
	return r.links(ctx, c, yourDealers, slice{first, after, last, before}, filter, orderBy)
}

// linkSide is one of the two lists of connections that a company has.
type linkSide struct {
	owner   string // column of the company whose list it is
	ownerOf func(*ent.Connection) string
	partner func(...predicate.Company) predicate.Connection
	name    func(s *sql.Selector) string           // SQL of the partner's name, folded
	invited func(part string) predicate.Connection // nil where the side sees no invitations
}

var yourResellers = linkSide{
	owner: connection.FieldDealerID, ownerOf: linkDealer, partner: connection.HasResellerWith,
	invited: connection.InvitedEmailContains,
	name: func(s *sql.Selector) string {
		return "COALESCE(" + companyName(s, connection.FieldResellerID) + ", " + s.C(connection.FieldInvitedEmail) + ")"
	},
}

var yourDealers = linkSide{
	owner: connection.FieldResellerID, ownerOf: linkReseller, partner: connection.HasDealerWith,
	name: func(s *sql.Selector) string { return companyName(s, connection.FieldDealerID) },
}

// companyName is the SQL of the folded name of the company in a column.
func companyName(s *sql.Selector, column string) string {
	return fmt.Sprintf("(SELECT partner.%s FROM %s AS partner WHERE partner.%s = %s)",
		company.FieldNameKey, company.Table, company.FieldID, s.C(column))
}

// links is the wanted part of a list of connections, newest request first
// unless another order is asked for (R40).
func (r companyType) links(ctx context.Context, c *ent.Company, side linkSide, s slice,
	filter *model.DealerLinkFilter, orderBy *model.DealerLinkOrder,
) (*model.DealerLinkConnection, error) {
	return load(ctx, c, asked(ctx), func(ctx context.Context, companies []*ent.Company) (map[*ent.Company]*model.DealerLinkConnection, error) {
		q := r.DB.Read(ctx).Connection.Query().Where(side.keep(filter)...)
		l := list[ent.Connection]{owner: side.owner, ownerOf: side.ownerOf, idOf: linkID, order: side.order(orderBy)}
		may := func(id string) bool { return authz.CanRead(ctx, authz.ViewConnections, id) }
		return pagesFor(ctx, q, l, companies, companyID, may, s)
	})
}

// keep turns the filter into predicates: over the partner's card and the
// connection itself, which the viewer sees both.
func (side linkSide) keep(filter *model.DealerLinkFilter) (kept []predicate.Connection) {
	if filter == nil {
		return nil
	}
	if filter.Status != nil {
		kept = append(kept, connection.StatusIn(filter.Status...))
	}
	if filter.Search == nil {
		return kept
	}
	address, folded := store.Pattern(strings.ToLower(strings.TrimSpace(*filter.Search))), store.Pattern(store.Fold(*filter.Search))
	if folded == "" {
		return kept
	}
	found := []predicate.Connection{
		side.partner(company.Or(company.NameKeyContains(folded), company.ContactEmailContains(address))),
		connection.NumberKeyContains(folded),
	}
	if side.invited != nil {
		found = append(found, side.invited(address))
	}
	return append(kept, connection.Or(found...))
}

// partnerKey is the column that the partner's name is read as.
const partnerKey = "partner_key"

func (side linkSide) order(by *model.DealerLinkOrder) order[ent.Connection] {
	if by == nil {
		by = &model.DealerLinkOrder{Field: model.DealerLinkOrderFieldRequestedAt, Direction: model.OrderDirectionDesc}
	}
	o := order[ent.Connection]{desc: by.Direction == model.OrderDirectionDesc}
	switch by.Field {
	case model.DealerLinkOrderFieldRequestedAt:
		o.name, o.column, o.kind = "requested", connection.FieldRequestedAt, byTime
		o.value = func(c *ent.Connection) any { return c.RequestedAt }
	case model.DealerLinkOrderFieldStatusChangedAt:
		o.name, o.column, o.kind = "changed", connection.FieldStatusChangedAt, byTime
		o.value = func(c *ent.Connection) any { return c.StatusChangedAt }
	case model.DealerLinkOrderFieldPartnerName:
		o.name, o.column, o.expr, o.value = "partner", partnerKey, side.name, partnerName
	}
	return o
}

// partnerName is the name that the list was sorted by.
func partnerName(c *ent.Connection) any {
	name, err := c.Value(partnerKey)
	if err != nil { // the order reads it beside the columns
		panic(err)
	}
	return name
}
