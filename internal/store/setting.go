package store

import (
	"context"
	"fmt"
	"time"

	"partnerhub/ent"
	"partnerhub/ent/setting"
	"partnerhub/internal/viewer"
)

// Names of the settings an installation keeps.
const (
	settingZone        = "billing_time_zone"
	settingTestClock   = "test_clock"
	settingClosedUntil = "closed_until"
)

// Setting returns a fact about the installation, "" when it is not kept.
func (tx *Tx) Setting(ctx context.Context, name string) (string, error) {
	s, err := tx.Tx.Setting.Get(viewer.System(ctx), name)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the setting %s: %w", name, err)
	}
	return s.Value, nil
}

// Keep sets a fact about the installation.
func (tx *Tx) Keep(ctx context.Context, name, value string) error {
	ctx = viewer.System(ctx)
	n, err := tx.Tx.Setting.Update().Where(setting.ID(name)).SetValue(value).Save(ctx)
	if err == nil && n == 0 {
		err = tx.Tx.Setting.Create().SetID(name).SetValue(value).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("keep the setting %s: %w", name, err)
	}
	return nil
}

// KeepClock records where the test clock stands, so that a restart does not
// turn it back (A47).
func (tx *Tx) KeepClock(ctx context.Context, now time.Time) error {
	return tx.Keep(ctx, settingTestClock, now.UTC().Format(time.RFC3339Nano))
}

// settle reads what the installation has decided for good, or decides it.
func (db *DB) settle(ctx context.Context, o Options) error {
	db.Clock = &Clock{}
	_, err := Do(ctx, db, func(tx *Tx) (struct{}, error) {
		if err := db.settleZone(ctx, tx, o.Zone); err != nil {
			return struct{}{}, err
		}
		if err := db.settleClock(ctx, tx, o.TestClock); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, db.readClosed(ctx, tx)
	})
	return err
}

func (db *DB) settleZone(ctx context.Context, tx *Tx, asked *time.Location) error {
	kept, err := tx.Setting(ctx, settingZone)
	if err != nil {
		return err
	}
	if kept == "" {
		if asked == nil {
			asked = time.UTC
		}
		db.Zone = asked
		return tx.Keep(ctx, settingZone, asked.String())
	}
	if asked != nil && asked.String() != kept {
		return fmt.Errorf("the billing time zone of this database is %s for good, so %s is refused", kept, asked)
	}
	if db.Zone, err = time.LoadLocation(kept); err != nil {
		return fmt.Errorf("the billing time zone %s of this database is not known here: %w", kept, err)
	}
	return nil
}

func (db *DB) settleClock(ctx context.Context, tx *Tx, asked *time.Time) error {
	kept, err := tx.Setting(ctx, settingTestClock)
	if err != nil {
		return err
	}
	var stood time.Time
	if kept != "" {
		if stood, err = time.Parse(time.RFC3339Nano, kept); err != nil {
			return fmt.Errorf("read the test clock: %w", err)
		}
	}
	if asked == nil {
		if stood.After(db.Clock.shows()) {
			return fmt.Errorf("the test clock of this database stands at %s, later than now: start with -test-clock", kept)
		}
		return nil
	}
	if stood.Before(*asked) {
		stood = *asked
	}
	db.Clock.standing = stood.UTC().Truncate(time.Microsecond)
	return tx.KeepClock(ctx, stood)
}
