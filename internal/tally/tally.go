// Package tally keeps the counters behind the figures of a reseller: how many
// accounts each dealer has with it, by package, and what they are charged.
//
// A command that changes a service changes the counters in its own transaction
// ([Begin], [Change.Took], [Change.Apply]), by the difference it makes to the
// [Contribution] of the fee key. Time changes figures too: trials end, months
// begin, prices come to hold. So nothing in the counters may depend on when
// they are read. Accounts on trial are counted by the end of their trial, and
// what is special in a month by the month; rows whose time is over say nothing
// any more, and [Sweep] takes them away. [Compare] holds all of it against a
// recount.
package tally

import (
	"cmp"
	"slices"
	"time"

	"partnerhub/internal/fee"
)

// spot is a row of one of the three tables of counters: of trial tallies where
// it has the end of a trial, of month tallies where it has a month.
type spot struct {
	resellerID string
	dealerID   string
	packageID  string
	trial      int64  // microseconds since 1970; 0 in the other tables
	month      string // YYYY-MM; "" in the other tables
	fee        int64  // minor units, of a month
}

func (s spot) trialEndsAt() time.Time { return time.UnixMicro(s.trial).UTC() }

func (s spot) compare(o spot) int {
	return cmp.Or(cmp.Compare(s.resellerID, o.resellerID), cmp.Compare(s.dealerID, o.dealerID), cmp.Compare(s.packageID, o.packageID),
		cmp.Compare(s.trial, o.trial), cmp.Compare(s.month, o.month), cmp.Compare(s.fee, o.fee))
}

// count is what a row counts.
type count struct{ live, running, gone int }

func (c count) times(n int) count { return count{n * c.live, n * c.running, n * c.gone} }

func (c count) plus(o count) count {
	return count{c.live + o.live, c.running + o.running, c.gone + o.gone}
}

// counts are rows of counters, or differences of rows.
type counts map[spot]count

// add adds c, n times, and forgets what comes to nothing.
func (cs counts) add(at spot, c count, n int) {
	if sum := cs[at].plus(c.times(n)); sum == (count{}) {
		delete(cs, at)
	} else {
		cs[at] = sum
	}
}

// addAll adds rows, n times.
func (cs counts) addAll(o counts, n int) {
	for at, c := range o {
		cs.add(at, c, n)
	}
}

// sorted returns the rows in the order in which they are written and told of.
func (cs counts) sorted() []spot {
	spots := make([]spot, 0, len(cs))
	for at := range cs {
		spots = append(spots, at)
	}
	slices.SortFunc(spots, spot.compare)
	return spots
}

// contribution is what one fee key adds to the counters, with its lives as
// they are now, in month m. price is what the package costs at an instant.
//
// Every account is counted as live, and as running unless it is paused; one on
// trial also by the end of the trial. Most are charged the price with which the
// month began. Those that began to pay later in the month are counted apart,
// with their fee. A fee that is due though nothing runs any more is gone: it
// is counted with the dealer of the life that the fee's line names.
func contribution(k fee.Key, lives []fee.Life, m fee.Month, now time.Time, price func(time.Time) int64) counts {
	cs := counts{}
	at, by, isDue := fee.Due(lives, m)
	isRunning := false
	for _, l := range lives {
		if !l.Live {
			continue
		}
		row, one := spot{resellerID: k.ResellerID, dealerID: l.DealerID, packageID: k.PackageID}, count{live: 1}
		if !l.Paused {
			one.running = 1
		}
		cs.add(row, one, 1)
		if l.OnTrial(now) {
			row.trial = l.TrialEndsAt.UnixMicro()
			cs.add(row, one, 1)
			continue
		}
		isRunning = isRunning || !l.Paused
		if isDue && at.After(m.Start) {
			row.month, row.fee = m.String(), price(at)
			cs.add(row, one, 1)
		}
	}
	if isDue && !isRunning {
		row := spot{resellerID: k.ResellerID, dealerID: by.DealerID, packageID: k.PackageID, month: m.String(), fee: price(at)}
		cs.add(row, count{gone: 1}, 1)
	}
	return cs
}
