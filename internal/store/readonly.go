package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"partnerhub/internal/viewer"
)

// ErrURL refuses what is no address of a database.
var ErrURL = errors.New("the database URL must begin with sqlite:// or postgres://")

// still is a SQLite file that nobody had open when it was opened to be read.
type still struct {
	path string
	seen fs.FileInfo
}

// OpenReadOnly opens a database that is to be read as it is: nothing is
// written, nothing is migrated, and a server may have it open. Only reads are
// possible with it; [DB.Read] within [DB.Reading] is of one moment.
//
// It fails with [ErrURL], for a file that does not exist, and for a database
// that no server has ever opened.
func OpenReadOnly(ctx context.Context, databaseURL string) (_ *DB, err error) {
	db := &DB{}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	switch scheme, path, _ := strings.Cut(databaseURL, "://"); scheme {
	case "sqlite":
		err = db.readSQLite(path)
	case "postgres", "postgresql":
		err = db.openPostgres(Options{URL: databaseURL})
		db.writer = nil
	default:
		err = ErrURL
	}
	if err != nil {
		return nil, err
	}
	if err := db.recall(ctx); err != nil {
		return nil, err
	}
	return db, nil
}

// readSQLite opens a pool that can only read. SQLite puts files beside a
// database even where it is but read; a file that nobody has open needs none
// of them when it is opened as one that does not change.
func (db *DB) readSQLite(path string) error {
	if path == "" {
		return fmt.Errorf("%w: sqlite:// must name a file, such as sqlite://hub.db", ErrURL)
	}
	seen, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no database at %s", path)
	}
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?mode=ro&_busy_timeout=5000&_txlock=deferred&_query_only=true"
	if !inUse(path) {
		file += "&immutable=1"
		db.still = &still{path, seen}
	}
	pool, err := sql.Open("sqlite3", file)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	db.dialect, db.pools = dialect.SQLite, []*sql.DB{pool}
	db.reader = client(dialect.SQLite, pool, Options{})
	return nil
}

// inUse reports whether SQLite keeps something beside the file: somebody has
// it open, or has left work behind.
func inUse(path string) bool {
	for _, beside := range []string{"-wal", "-journal"} {
		if _, err := os.Stat(path + beside); err == nil {
			return true
		}
	}
	return false
}

// Stirred reports whether somebody has begun to use a file that was opened to
// be read while nobody did: what was read since may be of several moments, and
// has to be read again from a new [OpenReadOnly].
func (db *DB) Stirred() bool {
	if db.still == nil {
		return false
	}
	now, err := os.Stat(db.still.path)
	return err != nil || inUse(db.still.path) || !now.ModTime().Equal(db.still.seen.ModTime()) || now.Size() != db.still.seen.Size()
}

// recall reads what the installation keeps about itself, and decides nothing.
func (db *DB) recall(ctx context.Context) error {
	db.Clock = &Clock{}
	kept := map[string]string{}
	rows, err := db.reader.QueryContext(viewer.System(ctx), "SELECT id, value FROM settings")
	if err != nil {
		return fmt.Errorf("the database cannot be read, or is none of this server: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return fmt.Errorf("read the settings: %w", err)
		}
		kept[name] = value
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("the database cannot be read, or is none of this server: %w", err)
	}
	if kept[settingZone] == "" {
		return errors.New("no server has ever used this database")
	}
	if db.Zone, err = time.LoadLocation(kept[settingZone]); err != nil {
		return fmt.Errorf("the billing time zone %s of this database is not known here: %w", kept[settingZone], err)
	}
	for name, into := range map[string]*time.Time{settingTestClock: &db.Clock.standing, settingClosedUntil: &db.Clock.floor} {
		if kept[name] == "" {
			continue
		}
		if *into, err = time.Parse(time.RFC3339Nano, kept[name]); err != nil {
			return fmt.Errorf("read the setting %s: %w", name, err)
		}
	}
	return nil
}
