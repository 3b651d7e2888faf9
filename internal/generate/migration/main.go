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
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"text/template"

	atlas "ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/mattn/go-sqlite3"

	"partnerhub/ent/migrate"
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

func run(name string) error {
	ctx := context.Background()
	if err := diff(ctx, dialect.SQLite, "file:dev?mode=memory&cache=shared&_fk=1", name); err != nil {
		return err
	}
	url, stop, err := startPostgres()
	if err != nil {
		return err
	}
	defer stop()
	return diff(ctx, dialect.Postgres, url, name)
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

// startPostgres runs a private server until stop is called.
func startPostgres() (url string, stop func(), err error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		return "", nil, fmt.Errorf("no PostgreSQL found: install the Debian package postgresql")
	}
	bin := slices.Max(bins)
	data, err := os.MkdirTemp("", "migration")
	if err != nil {
		return "", nil, err
	}
	as := &syscall.SysProcAttr{}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if as.Credential, err = postgresUser(data); err != nil {
			return "", nil, err
		}
	}
	pg := func(program string, args ...string) error {
		c := exec.CommandContext(context.Background(), filepath.Join(bin, program), args...)
		c.SysProcAttr, c.Dir, c.Stderr = as, data, os.Stderr
		return c.Run()
	}
	cluster := filepath.Join(data, "cluster")
	if err := pg("initdb", "-D", cluster, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"); err != nil {
		return "", nil, fmt.Errorf("initdb: %w", err)
	}
	const port = "54399"
	start := []string{"-D", cluster, "-w", "-l", filepath.Join(data, "log"), "-o", "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + data, "start"}
	if err := pg("pg_ctl", start...); err != nil {
		return "", nil, fmt.Errorf("pg_ctl start: %w", err)
	}
	stop = func() {
		_ = pg("pg_ctl", "-D", cluster, "-m", "immediate", "stop")
		_ = os.RemoveAll(data)
	}
	return "postgres://postgres@127.0.0.1:" + port + "/postgres?sslmode=disable", stop, nil
}

// postgresUser gives a folder to the system's postgres user.
func postgresUser(folder string) (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(folder, uid, gid)
}
