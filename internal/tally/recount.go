package tally

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/ledger"
	"partnerhub/ent/monthtally"
	"partnerhub/ent/predicate"
	"partnerhub/ent/service"
	"partnerhub/ent/tally"
	"partnerhub/ent/trialtally"
	"partnerhub/internal/fee"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// Recount writes the counters of a reseller anew, from the history of its
// services, and gives its figures a new version: for what changes fees that
// were counted, as a change of the reseller's currency. It locks the
// reseller's ledger.
func Recount(ctx context.Context, tx *store.Tx, resellerID string) error {
	system := viewer.System(ctx)
	if _, err := store.Lock(tx, tx.Ledger.Query().Where(ledger.ResellerID(resellerID))).OnlyID(system); err != nil {
		return fmt.Errorf("lock a ledger: %w", err)
	}
	rows, err := recount(ctx, tx.Client(), resellerID, fee.MonthOf(tx.Now, tx.Zone), tx.Now)
	if err != nil {
		return err
	}
	if _, err := tx.Tally.Delete().Where(tally.ResellerID(resellerID)).Exec(system); err != nil {
		return fmt.Errorf("forget the counts of accounts: %w", err)
	}
	if _, err := tx.TrialTally.Delete().Where(trialtally.ResellerID(resellerID)).Exec(system); err != nil {
		return fmt.Errorf("forget the counts of trials: %w", err)
	}
	if _, err := tx.MonthTally.Delete().Where(monthtally.ResellerID(resellerID)).Exec(system); err != nil {
		return fmt.Errorf("forget the counts of a month: %w", err)
	}
	if err := write(ctx, tx, rows); err != nil {
		return err
	}
	return raise(ctx, tx, []string{resellerID})
}

// Sweep deletes the rows of resellers' counters that say nothing any more:
// trials that have ended, months before the running one, and what is empty.
func Sweep(ctx context.Context, tx *store.Tx, resellerIDs ...string) error {
	ctx = viewer.System(ctx)
	if _, err := tx.Tally.Delete().Where(tally.ResellerIDIn(resellerIDs...), tally.Live(0), tally.Running(0)).Exec(ctx); err != nil {
		return fmt.Errorf("sweep the counts of accounts: %w", err)
	}
	_, err := tx.TrialTally.Delete().Where(trialtally.ResellerIDIn(resellerIDs...), trialtally.TrialEndsAtLTE(tx.Now)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("sweep the counts of trials: %w", err)
	}
	m := fee.MonthOf(tx.Now, tx.Zone)
	if _, err := tx.MonthTally.Delete().Where(monthtally.ResellerIDIn(resellerIDs...), monthtally.MonthLT(m.String())).Exec(ctx); err != nil {
		return fmt.Errorf("sweep the counts of months: %w", err)
	}
	return nil
}

// Difference is a row of the counters that is not what a recount finds.
type Difference struct {
	ResellerID string
	DealerID   string
	PackageID  string
	Row        string // "accounts", "trials to …" or "fees of … in …"
	Kept       string // the counts as they are kept
	Counted    string // as history has them
}

// String says it in a line.
func (d Difference) String() string {
	return fmt.Sprintf("%s of package %s through dealer %s at reseller %s: kept %s, counted %s",
		d.Row, d.PackageID, d.DealerID, d.ResellerID, d.Kept, d.Counted)
}

// Compare holds the counters of a reseller against a recount from the history
// of its services, at an instant.
func Compare(ctx context.Context, c *ent.Client, resellerID string, now time.Time, zone *time.Location) ([]Difference, error) {
	m := fee.MonthOf(now, zone)
	counted, err := recount(ctx, c, resellerID, m, now)
	if err != nil {
		return nil, err
	}
	rows, err := kept(ctx, c, Scope{ResellerIDs: []string{resellerID}}, m, now)
	if err != nil {
		return nil, err
	}
	differs := counts{}
	differs.addAll(rows, 1)
	differs.addAll(counted, -1)
	list := make([]Difference, 0, len(differs))
	for _, at := range differs.sorted() {
		list = append(list, Difference{at.resellerID, at.dealerID, at.packageID, at.row(), rows[at].String(), counted[at].String()})
	}
	return list, nil
}

// row names the row for people.
func (s spot) row() string {
	switch {
	case s.trial != 0:
		return "trials to " + s.trialEndsAt().Format(time.RFC3339Nano)
	case s.month != "":
		return fmt.Sprintf("fees of %d in %s", s.fee, s.month)
	default:
		return "accounts"
	}
}

// String says what is counted.
func (c count) String() string {
	return fmt.Sprintf("%d live, %d running, %d gone", c.live, c.running, c.gone)
}

// numbers is how many serial numbers are recounted at a time.
const numbers = 1000

// recount counts a reseller's rows from history, in a memory that does not
// grow with its accounts.
func recount(ctx context.Context, c *ent.Client, resellerID string, m fee.Month, now time.Time) (counts, error) {
	rows, after := counts{}, ""
	for {
		part := []predicate.Service{service.ResellerID(resellerID), service.SerialNumberGT(after)}
		through, err := throughNumber(ctx, c, m, part)
		if err != nil {
			return nil, err
		}
		if through != "" {
			part = append(part, service.SerialNumberLTE(through))
		}
		lives, err := fee.LivesWhere(ctx, c, m.Start, part...)
		if err != nil {
			return nil, err
		}
		if err := addLives(ctx, c, rows, resellerID, lives, m, now); err != nil {
			return nil, err
		}
		if after = through; through == "" {
			return rows, nil
		}
	}
}

// throughNumber returns the serial number to which a part of the services goes,
// "" where it goes to the end.
func throughNumber(ctx context.Context, c *ent.Client, m fee.Month, part []predicate.Service) (string, error) {
	found, err := c.Service.Query().Where(part...).
		Where(service.Or(service.StatusNEQ(service.StatusENDED), service.EndsAtGTE(m.Start))).
		Order(service.BySerialNumber(sql.OrderAsc())).Offset(numbers - 1).Limit(1).
		Select(service.FieldSerialNumber).Strings(viewer.System(ctx))
	if err != nil {
		return "", fmt.Errorf("read serial numbers: %w", err)
	}
	if len(found) == 0 {
		return "", nil
	}
	return found[0], nil
}

// addLives counts the lives of some fee keys of a reseller.
func addLives(ctx context.Context, c *ent.Client, rows counts, resellerID string, lives map[fee.Key][]fee.Life, m fee.Month, now time.Time) error {
	var packages []string
	for k := range lives {
		packages = append(packages, k.PackageID)
	}
	p, err := readPrices(ctx, c, []string{resellerID}, unique(packages))
	if err != nil {
		return err
	}
	for k, of := range lives {
		rows.addAll(contribution(k, of, m, now, p.of(k)), 1)
	}
	return nil
}
