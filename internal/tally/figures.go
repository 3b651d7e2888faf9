package tally

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/monthtally"
	"partnerhub/ent/tally"
	"partnerhub/ent/trialtally"
	"partnerhub/internal/fee"
	"partnerhub/internal/viewer"
)

// Figures are what a dashboard says of some accounts, in minor units of the
// reseller's currency.
type Figures struct {
	Accounts   int   // live ones: Paid and Trial (A38)
	Paid       int   // past their trial, paused ones too (A42)
	Trial      int   // on trial
	MonthlyFee int64 // of those that are paid, paused ones too (A18, A42)
	NextCharge int64 // what the running month is charged if nothing changes (A18, A42)
	NextLines  int   // fees that make up the next charge; one of nothing is none
}

// Share is what one package brings a reseller through one dealer.
type Share struct {
	ResellerID string
	DealerID   string
	PackageID  string
	Figures
}

// Scope is whose figures are read.
type Scope struct {
	ResellerIDs []string
	DealerIDs   []string // of the resellers' dealers these alone; nil is all
}

// Read returns the shares of a scope at an instant, sorted by reseller, dealer
// and package, without those of which there is nothing to say. It takes five
// statements, and reads rows by dealer and package, however many accounts there
// are and were. It reads as the system.
func Read(ctx context.Context, c *ent.Client, of Scope, now time.Time, zone *time.Location) ([]Share, error) {
	m := fee.MonthOf(now, zone)
	rows, err := kept(ctx, c, of, m, now)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	var resellers, packages []string
	for at := range rows {
		resellers, packages = append(resellers, at.resellerID), append(packages, at.packageID)
	}
	p, err := readPrices(ctx, c, unique(resellers), unique(packages))
	if err != nil {
		return nil, err
	}
	return shares(rows, func(reseller, pkg string) int64 {
		return p.of(fee.Key{ResellerID: reseller, PackageID: pkg})(m.Start)
	}), nil
}

// shares adds rows up. base is the price with which the month began: that of
// all accounts but those that a month tally counts.
func shares(rows counts, base func(resellerID, packageID string) int64) (list []Share) {
	for _, at := range rows.sorted() {
		last := len(list) - 1
		if last < 0 || list[last].ResellerID != at.resellerID || list[last].DealerID != at.dealerID || list[last].PackageID != at.packageID {
			list = append(list, Share{ResellerID: at.resellerID, DealerID: at.dealerID, PackageID: at.packageID})
			last++
		}
		s, c := &list[last], rows[at]
		live, running, gone := int64(c.live), int64(c.running), int64(c.gone)
		price := base(at.resellerID, at.packageID)
		switch {
		case at.trial != 0:
			s.Trial += c.live
			s.Paid -= c.live
			s.MonthlyFee -= live * price
			s.NextCharge -= running * price
			s.NextLines -= c.running * lines(price)
		case at.month != "":
			s.MonthlyFee += live * (at.fee - price)
			s.NextCharge += running*(at.fee-price) + gone*at.fee
			s.NextLines += c.running*(lines(at.fee)-lines(price)) + c.gone*lines(at.fee)
		default:
			s.Accounts += c.live
			s.Paid += c.live
			s.MonthlyFee += live * price
			s.NextCharge += running * price
			s.NextLines += c.running * lines(price)
		}
	}
	return list
}

// lines is how many lines a fee is charged in: one of nothing in none.
func lines(fee int64) int {
	if fee == 0 {
		return 0
	}
	return 1
}

// Total adds shares up.
func Total(shares []Share) (sum Figures) {
	for _, s := range shares {
		sum.Accounts += s.Accounts
		sum.Paid += s.Paid
		sum.Trial += s.Trial
		sum.MonthlyFee += s.MonthlyFee
		sum.NextCharge += s.NextCharge
		sum.NextLines += s.NextLines
	}
	return sum
}

// kept reads the counters of a scope, without rows that say nothing: empty
// ones, trials that have ended, and other months.
func kept(ctx context.Context, c *ent.Client, of Scope, m fee.Month, now time.Time) (counts, error) {
	ctx = viewer.System(ctx)
	all := c.Tally.Query().Where(tally.ResellerIDIn(of.ResellerIDs...), tally.LiveNEQ(0))
	trials := c.TrialTally.Query().Where(trialtally.ResellerIDIn(of.ResellerIDs...), trialtally.TrialEndsAtGT(now))
	months := c.MonthTally.Query().Where(monthtally.ResellerIDIn(of.ResellerIDs...), monthtally.Month(m.String()))
	if of.DealerIDs != nil {
		all.Where(tally.DealerIDIn(of.DealerIDs...))
		trials.Where(trialtally.DealerIDIn(of.DealerIDs...))
		months.Where(monthtally.DealerIDIn(of.DealerIDs...))
	}
	rows := counts{}
	live, err := all.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the counts of accounts: %w", err)
	}
	for _, t := range live {
		rows.add(spot{resellerID: t.ResellerID, dealerID: t.DealerID, packageID: t.PackageID}, count{t.Live, t.Running, 0}, 1)
	}
	free, err := trials.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the counts of trials: %w", err)
	}
	for _, t := range free {
		at := spot{resellerID: t.ResellerID, dealerID: t.DealerID, packageID: t.PackageID, trial: t.TrialEndsAt.UnixMicro()}
		rows.add(at, count{t.Live, t.Running, 0}, 1)
	}
	fees, err := months.All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the counts of a month: %w", err)
	}
	for _, t := range fees {
		at := spot{resellerID: t.ResellerID, dealerID: t.DealerID, packageID: t.PackageID, month: t.Month, fee: t.Fee}
		rows.add(at, count{t.Live, t.Running, t.Gone}, 1)
	}
	return rows, nil
}
