package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/company"
	"partnerhub/ent/connection"
	"partnerhub/ent/service"
	"partnerhub/internal/authz"
	"partnerhub/internal/store"
	"partnerhub/internal/tally"
	"partnerhub/internal/viewer"
)

// Activity is the share of one connected dealer in a reseller's figures, as in
// the schema's type DealerActivity (R59, R60, R61). Accounts that pay and
// accounts on trial are disjoint, and together the active ones (A38).
type Activity struct {
	ID                 string // made of the connection's
	Connection         *ent.Connection
	Dealer             *ent.Company
	Currency           string // of the reseller
	MonthlyFee         int64  // minor units: those of the packages add up to it
	ActiveAccountCount int
	PaidAccountCount   int
	TrialAccountCount  int
	Packages           []*Share // those in use, by id (R62)
}

// ResellerID is the reseller that the activity is with.
func (a *Activity) ResellerID() string { return *a.Connection.ResellerID }

// Share is the share of one package in a dealer's activity.
type Share struct {
	ResellerID         string
	PackageID          string
	Currency           string
	ActiveAccountCount int
	MonthlyFee         int64 // minor units
}

// Filter restricts the dealers of an overview.
type Filter struct {
	Search            *string // part of the name or dealer number
	HasActiveAccounts *bool
}

// keeps reports whether a dealer passes the filter; nil lets all pass.
func (f *Filter) keeps(a *Activity) bool {
	if f == nil {
		return true
	}
	if f.HasActiveAccounts != nil && *f.HasActiveAccounts != (a.ActiveAccountCount > 0) {
		return false
	}
	if f.Search == nil {
		return true
	}
	part := store.Pattern(store.Fold(*f.Search))
	number := ""
	if a.Connection.NumberKey != nil {
		number = *a.Connection.NumberKey
	}
	return strings.Contains(a.Dealer.NameKey, part) || strings.Contains(number, part)
}

// Accounts keeps the services that are accounts: those that live (A1). The word
// stands in the SQL itself, for the sake of the index over such rows alone.
func Accounts(s *sql.Selector) {
	s.Where(sql.ExprP(s.C(service.FieldStatus) + " <> 'ENDED'"))
}

// Prefixes of the ids of an activity and of the connection it goes with.
const (
	activityPrefix   = "dac_"
	connectionPrefix = "con_"
)

func activityID(connectionID string) string {
	return activityPrefix + strings.TrimPrefix(connectionID, connectionPrefix)
}

// connected are the states of a connection in which a dealer's accounts may
// run through the reseller (R60, A8).
var connected = []connection.Status{connection.StatusACTIVE, connection.StatusSUSPENDED}

// Dealers returns the activity of the connected dealers of each overview that
// pass the filter, in no order that counts.
func Dealers(ctx context.Context, v store.View, overviews []*Overview, filter *Filter) (map[*Overview][]*Activity, error) {
	ids := make([]string, len(overviews))
	for i, o := range overviews {
		ids[i] = o.Reseller.ID
	}
	// Who sees the Services module of a reseller sees its dealers.
	links, err := v.Connection.Query().
		Where(connection.ResellerIDIn(ids...), connection.StatusIn(connected...), connection.DeletedAtIsNil()).
		WithDealer().All(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("read the dealers of resellers: %w", err)
	}
	activities := make(map[*Overview][]*Activity, len(overviews))
	for _, o := range overviews {
		rows := byDealer(o.rows)
		for _, link := range links {
			if *link.ResellerID != o.Reseller.ID {
				continue
			}
			if a := newActivity(link, link.Edges.Dealer, o.Currency, rows[link.DealerID]); filter.keeps(a) {
				activities[o] = append(activities[o], a)
			}
		}
	}
	return activities, nil
}

// Activities returns the activity behind each of the connections: for those
// who may see the reseller's Services module, and while the two are connected.
func Activities(ctx context.Context, v store.View, links []*ent.Connection) (map[*ent.Connection]*Activity, error) {
	links = slices.DeleteFunc(slices.Clone(links), func(link *ent.Connection) bool {
		return link.ResellerID == nil || !slices.Contains(connected, link.Status) ||
			!authz.CanRead(ctx, authz.ViewServicesModule, *link.ResellerID)
	})
	if len(links) == 0 {
		return nil, nil
	}
	var dealerIDs, resellerIDs []string
	for _, link := range links {
		dealerIDs, resellerIDs = append(dealerIDs, link.DealerID), append(resellerIDs, *link.ResellerID)
	}
	rows, err := figures(ctx, v, tally.Scope{ResellerIDs: resellerIDs, DealerIDs: dealerIDs})
	if err != nil {
		return nil, err
	}
	partners, err := v.Company.Query().Where(company.IDIn(slices.Concat(dealerIDs, resellerIDs)...)).All(viewer.System(ctx))
	if err != nil {
		return nil, fmt.Errorf("read dealers and resellers: %w", err)
	}
	byID := make(map[string]*ent.Company, len(partners))
	for _, p := range partners {
		byID[p.ID] = p
	}
	activities := make(map[*ent.Connection]*Activity, len(links))
	for _, link := range links {
		own := byDealer(rows[*link.ResellerID])[link.DealerID]
		activities[link] = newActivity(link, byID[link.DealerID], *byID[*link.ResellerID].Currency, own)
	}
	return activities, nil
}

// ActivitiesWith returns the activity of one dealer with each of the resellers.
func ActivitiesWith(ctx context.Context, v store.View, resellers []*ent.Company, dealerID string) (map[*ent.Company]*Activity, error) {
	ids := make([]string, len(resellers))
	for i, r := range resellers {
		ids[i] = r.ID
	}
	links, err := v.Connection.Query().Where(connection.ResellerIDIn(ids...), connection.DealerID(dealerID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	found, err := Activities(ctx, v, links)
	if err != nil {
		return nil, err
	}
	activities := make(map[*ent.Company]*Activity, len(found))
	for link, a := range found {
		for _, r := range resellers {
			if r.ID == *link.ResellerID {
				activities[r] = a
			}
		}
	}
	return activities, nil
}

// ActivitiesByID returns the activities with the ids, as far as the viewer may
// see them.
func ActivitiesByID(ctx context.Context, v store.View, ids []string) ([]*Activity, error) {
	connections := make([]string, len(ids))
	for i, id := range ids {
		connections[i] = connectionPrefix + strings.TrimPrefix(id, activityPrefix)
	}
	links, err := v.Connection.Query().Where(connection.IDIn(connections...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read connections: %w", err)
	}
	found, err := Activities(ctx, v, links)
	return slices.Collect(maps.Values(found)), err
}

func byDealer(rows []tally.Share) map[string][]tally.Share {
	dealers := map[string][]tally.Share{}
	for _, row := range rows {
		dealers[row.DealerID] = append(dealers[row.DealerID], row)
	}
	return dealers
}

func newActivity(link *ent.Connection, dealer *ent.Company, currency string, rows []tally.Share) *Activity {
	a := &Activity{ID: activityID(link.ID), Connection: link, Dealer: dealer, Currency: currency}
	for _, row := range rows {
		if row.Accounts == 0 {
			continue // what is gone is in the next charge alone (A18)
		}
		a.MonthlyFee += row.MonthlyFee
		a.ActiveAccountCount += row.Accounts
		a.TrialAccountCount += row.Trial
		a.PaidAccountCount += row.Paid
		a.Packages = append(a.Packages, &Share{
			ResellerID: *link.ResellerID, PackageID: row.PackageID, Currency: currency,
			ActiveAccountCount: row.Accounts, MonthlyFee: row.MonthlyFee,
		})
	}
	slices.SortFunc(a.Packages, func(x, y *Share) int { return cmp.Compare(x.PackageID, y.PackageID) })
	return a
}
