// Command migration writes the next versioned change of the database for both
// dialects: what ent/schema says beside what the files so far build. It starts
// a PostgreSQL of its own to compare with.
//
//	go run ./internal/generate/migration add_ledger
//
// What ent/schema cannot say, such as a trigger, is written by hand: a file
// with the next number in the folder of each dialect. Its first line is
//
//	-- atlas:delimiter \n\n
//
// so that a statement ends at an empty line. Then the command without a name
// signs the files as they are: it writes atlas.sum, without which the next
// change is refused.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"text/template"

	atlas "ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"partnerhub/ent/migrate"
	"partnerhub/tests/postgres"
)

func main() {
	log.SetFlags(0)
	var err error
	switch {
	case len(os.Args) > 2:
		log.Fatal("usage: go run ./internal/generate/migration [NAME] (such as add_ledger)")
	case len(os.Args) == 2 && os.Args[1] != "":
		err = run(os.Args[1])
	default:
		err = sign()
	}
	if err != nil {
		log.Fatal(err)
	}
}

// folders are those of the dialects.
var folders = map[string]string{dialect.SQLite: folder("sqlite"), dialect.Postgres: folder("postgres")}

func folder(name string) string { return filepath.Join("ent", "migrate", "migrations", name) }

// sign writes atlas.sum for the files as they are.
func sign() error {
	for _, path := range folders {
		dir, err := atlas.NewLocalDir(path)
		if err != nil {
			return err
		}
		sum, err := dir.Checksum()
		if err != nil {
			return err
		}
		if err := atlas.WriteSumFile(dir, sum); err != nil {
			return err
		}
	}
	return nil
}

func run(name string) (err error) {
	ctx := context.Background()
	if err := diff(ctx, dialect.SQLite, "file:dev?mode=memory&cache=shared&_fk=1", name); err != nil {
		return err
	}
	server, err := postgres.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Remove()) }()
	return diff(ctx, dialect.Postgres, server.URL+"/postgres", name)
}

// diff writes the file for one dialect, numbered after the last one.
func diff(ctx context.Context, d, devURL, name string) error {
	path := folders[d]
	dir, err := atlas.NewLocalDir(path)
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(path, "*.sql"))
	if err != nil {
		return err
	}
	number := fmt.Sprintf("%04d", len(files)+1)
	formatter := atlas.TemplateFormatter{{
		N: template.Must(template.New("name").Parse(number + "_{{ .Name }}.sql")),
		C: template.Must(template.New("text").Parse("{{ range .Changes }}{{ .Cmd }};\n{{ end }}")),
	}}
	pool, err := sql.Open(map[string]string{dialect.SQLite: "sqlite3", dialect.Postgres: "pgx"}[d], devURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	drv := entsql.OpenDB(d, pool)
	m, err := schema.NewMigrate(drv,
		schema.WithDir(dir),
		schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDialect(d),
		schema.WithFormatter(formatter),
		schema.WithDropColumn(true), schema.WithDropIndex(true),
	)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	err = m.NamedDiff(ctx, name, migrate.Tables...)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
