// Package store opens the database and is the one door through which it is
// changed: [Do] runs a command in one transaction and tells the live streams
// after its commit. Reads go through [DB.Read].
package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	_ "github.com/mattn/go-sqlite3" // driver "sqlite3"

	"partnerhub/ent"
	_ "partnerhub/ent/runtime" // binds the visibility policies
)

// Options say which database to open, and how.
type Options struct {
	URL       string         // sqlite://PATH or postgres://…
	Zone      *time.Location // billing time zone (A14); nil takes the one kept in the database, or UTC
	TestClock *time.Time     // instant at which a test clock stands; nil is the real clock (A47)
	PublicURL string         // base of the links in mails
	Countries []string       // where Ajax Services are on offer (R9), ISO 3166-1 alpha-2
	Log       *slog.Logger   // nil is slog.Default()

	// OnStatement, where it is set, hears every SQL statement before it runs.
	OnStatement func(ctx context.Context, query string)
}

// DB is an open database.
type DB struct {
	Zone      *time.Location // billing time zone of the installation
	Clock     *Clock         // time of the business
	PublicURL string         // base of the links in mails
	Countries []string       // where Ajax Services are on offer (R9), ISO 3166-1 alpha-2

	dialect string
	writer  *ent.Client // on SQLite one connection, so that writers queue in order
	reader  *ent.Client
	pools   []*sql.DB
	lock    *os.File
	still   *still // nil unless it is a file that nobody else has open, which is but read
	wire    *wire  // to the other servers; nil on SQLite, which has one
	isLossy bool   // the database may lose what it has acknowledged
	log     *slog.Logger

	// onCommit wakes the live streams of the topics a transaction signalled.
	onCommit func(topics []string)
}

// Open opens the database, brings it to the present version and reads what it
// keeps about the installation. It refuses, in one sentence, a database newer
// than this program, another billing time zone than the one kept, and a
// SQLite file that another server has open.
func Open(ctx context.Context, o Options) (_ *DB, err error) {
	db := &DB{log: o.Log, PublicURL: o.PublicURL, Countries: o.Countries}
	if db.log == nil {
		db.log = slog.Default()
	}
	defer func() {
		if err != nil {
			_ = db.Close()
		}
	}()
	switch scheme, path, _ := strings.Cut(o.URL, "://"); scheme {
	case "sqlite":
		err = db.openSQLite(path, o)
	case "postgres", "postgresql":
		if err = db.openPostgres(o); err == nil {
			err = db.checkPostgres(ctx)
		}
	default:
		err = ErrURL
	}
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx); err != nil {
		return nil, err
	}
	if err := db.settle(ctx, o); err != nil {
		return nil, err
	}
	return db, nil
}

// openSQLite opens one connection that writes and a pool that only reads.
// synchronous=FULL makes every acknowledged write survive a power cut;
// immediate transactions wait for their turn instead of failing half way. Each
// connection remembers the statements it has prepared, which otherwise costs a
// third of all that short ones take. The writer keeps 64 MiB of pages at hand,
// which the monthly run goes through.
func (db *DB) openSQLite(path string, o Options) error {
	if path == "" {
		return fmt.Errorf("the database URL sqlite:// must name a file, such as sqlite://hub.db")
	}
	var err error
	if db.lock, err = lockFile(path + ".lock"); err != nil {
		return err
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath() + "?_busy_timeout=5000&_foreign_keys=on&_journal_mode=WAL&_synchronous=FULL" +
		"&_stmt_cache_size=250"
	w, err := sql.Open("sqlite3", file+"&_txlock=immediate&_cache_size=-65536")
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite3", file+"&_txlock=deferred&_query_only=true")
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	r.SetMaxOpenConns(4 * runtime.GOMAXPROCS(0))
	r.SetMaxIdleConns(4 * runtime.GOMAXPROCS(0))
	db.dialect, db.pools = dialect.SQLite, []*sql.DB{w, r}
	db.writer, db.reader = client(dialect.SQLite, w, o), client(dialect.SQLite, r, o)
	return nil
}

func client(d string, pool *sql.DB, o Options) *ent.Client {
	return ent.NewClient(ent.Driver(driver{Driver: entsql.OpenDB(d, pool), heard: o.OnStatement}))
}

// lockFile keeps a second server from a SQLite file: two would not wake each
// other's streams, and both would run the calendar.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("another server has the database open: %s is locked", path)
	}
	return f, nil
}

// OnCommit sets who hears the topics of a transaction once it is committed, by
// this server or, while [DB.Listen] runs, by another. Call it before the first
// command.
func (db *DB) OnCommit(wake func(topics []string)) { db.onCommit = wake }

// Dialect returns which SQL the database speaks: dialect.SQLite or
// dialect.Postgres.
func (db *DB) Dialect() string { return db.dialect }

// Log is where work that nobody waits for tells what it does.
func (db *DB) Log() *slog.Logger { return db.log }

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	for _, p := range db.pools {
		if err := p.PingContext(ctx); err != nil {
			return fmt.Errorf("the database does not answer: %w", err)
		}
	}
	return nil
}

// Close closes the database. Running transactions must have ended.
func (db *DB) Close() error {
	var err error
	for _, p := range db.pools {
		if e := p.Close(); e != nil && err == nil {
			err = e
		}
	}
	if db.lock != nil {
		_ = db.lock.Close() // closing gives the lock back
	}
	return err
}
