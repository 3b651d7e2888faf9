package store

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"entgo.io/ent/dialect"
)

// queryer is a transaction or a client: what a version is read with.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Version fails, in one sentence, unless the database has exactly the changes
// that this program knows; it returns how many those are.
func (db *DB) Version(ctx context.Context) (int, error) {
	known, err := knownMigrations(db.dialect)
	if err != nil {
		return 0, err
	}
	done, err := applied(ctx, db.Read(ctx), known)
	if err != nil {
		return 0, err
	}
	if done < len(known) {
		return done, fmt.Errorf("the database is older than this program: it lacks the change %s, which a server makes when it starts", known[done].name)
	}
	return done, nil
}

// Trigger is something that the database itself refuses.
type Trigger struct{ Name, Table string }

// Triggers returns those that the changes of the database make, and reports
// about each whether it is there as it was made, and on.
func (db *DB) Triggers(ctx context.Context) (map[Trigger]bool, error) {
	known, err := knownMigrations(db.dialect)
	if err != nil {
		return nil, err
	}
	triggers, texts := map[Trigger]bool{}, ""
	for _, m := range known {
		texts += m.text
	}
	for _, made := range createTrigger.FindAllStringSubmatch(texts, -1) {
		triggers[Trigger{made[1], made[2]}] = false
	}
	query := "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
	if db.dialect == dialect.Postgres {
		query = "SELECT tgname, c.relname, '' FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
	}
	rows, err := db.Read(ctx).QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("look for triggers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Trigger
		var text string
		if err := rows.Scan(&t.Name, &t.Table, &text); err != nil {
			return nil, fmt.Errorf("look for triggers: %w", err)
		}
		if _, wanted := triggers[t]; wanted {
			triggers[t] = strings.Contains(texts, text)
		}
	}
	return triggers, rows.Err()
}

var createTrigger = regexp.MustCompile("(?i)CREATE TRIGGER [`\"]?(\\w+)[`\"]?\\s+(?:BEFORE|AFTER)\\s+[A-Z ]+?\\s+ON\\s+[`\"]?(\\w+)")
