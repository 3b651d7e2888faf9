package tally

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"entgo.io/ent/dialect/sql"

	"partnerhub/ent"
	"partnerhub/ent/monthtally"
	"partnerhub/ent/tally"
	"partnerhub/ent/trialtally"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
)

// chunks cuts rows into what one statement writes.
func chunks[T any](rows []T) iter.Seq[[]T] { return slices.Chunk(rows, together) }

// added makes a row that is there already grow by the one that was to be.
func added(table string, columns ...string) sql.ConflictOption {
	return sql.ResolveWith(func(u *sql.UpdateSet) {
		for _, c := range columns {
			u.Set(c, sql.Expr(table+"."+c+" + excluded."+c))
		}
	})
}

// together is how many rows one statement writes.
const together = 500

// write adds differences to the rows of counters, new ones included.
func write(ctx context.Context, tx *store.Tx, difference counts) error {
	ctx = viewer.System(ctx)
	var all []*ent.TallyCreate
	var trials []*ent.TrialTallyCreate
	var months []*ent.MonthTallyCreate
	for _, at := range difference.sorted() {
		switch c := difference[at]; {
		case at.trial != 0:
			trials = append(trials, tx.TrialTally.Create().SetResellerID(at.resellerID).SetTrialEndsAt(at.trialEndsAt()).
				SetDealerID(at.dealerID).SetPackageID(at.packageID).SetLive(c.live).SetRunning(c.running))
		case at.month != "":
			months = append(months, tx.MonthTally.Create().SetResellerID(at.resellerID).SetMonth(at.month).
				SetDealerID(at.dealerID).SetPackageID(at.packageID).SetFee(at.fee).
				SetLive(c.live).SetRunning(c.running).SetGone(c.gone))
		default:
			all = append(all, tx.Tally.Create().SetResellerID(at.resellerID).
				SetDealerID(at.dealerID).SetPackageID(at.packageID).SetLive(c.live).SetRunning(c.running))
		}
	}
	for rows := range chunks(all) {
		err := tx.Tally.CreateBulk(rows...).OnConflict(
			sql.ConflictColumns(tally.FieldResellerID, tally.FieldDealerID, tally.FieldPackageID),
			added(tally.Table, tally.FieldLive, tally.FieldRunning)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count accounts: %w", err)
		}
	}
	for rows := range chunks(trials) {
		err := tx.TrialTally.CreateBulk(rows...).OnConflict(
			sql.ConflictColumns(trialtally.FieldResellerID, trialtally.FieldTrialEndsAt, trialtally.FieldDealerID, trialtally.FieldPackageID),
			added(trialtally.Table, trialtally.FieldLive, trialtally.FieldRunning)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count accounts on trial: %w", err)
		}
	}
	for rows := range chunks(months) {
		err := tx.MonthTally.CreateBulk(rows...).OnConflict(
			sql.ConflictColumns(monthtally.FieldResellerID, monthtally.FieldMonth, monthtally.FieldDealerID, monthtally.FieldPackageID, monthtally.FieldFee),
			added(monthtally.Table, monthtally.FieldLive, monthtally.FieldRunning, monthtally.FieldGone)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("count fees of a month: %w", err)
		}
	}
	return nil
}
