// Package tests holds what is true of the project as a whole.
package tests

import (
	"encoding/json"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// module is the prefix of our own packages.
const module = "partnerhub/"

// Rooms of the house that stand together in the table.
const (
	areas = "identity fee tally company offer ledger connection object lifecycle billing report closing"
	tools = "authz store live activity mail viewer idempotency form tile sim calendar money i18n rate throttle"
)

// imports is which rooms a room may use: imports point one way. What is not
// named here may not be imported, and a new room needs a line. ent stands for
// the generated graph and its packages, except for ent/schema.
var imports = map[string]string{
	".":                           "internal/server",
	"schema":                      "",
	"web":                         "",
	"ent":                         "ent ent/runtime",
	"ent/runtime":                 "ent ent/schema",
	"ent/schema":                  "internal/authz",
	"ent/migrate/migrations":      "",
	"graph":                       "ent graph/generated graph/model graph/transport internal/errs " + in(areas+" "+tools),
	"graph/generated":             "ent graph/model internal/errs " + in(areas+" "+tools),
	"graph/model":                 "ent internal/errs " + in(areas+" "+tools),
	"graph/transport":             "internal/errs internal/guard",
	"internal/server":             "ent graph graph/generated graph/model graph/transport schema web internal/errs internal/guard " + in("demo "+areas+" "+tools),
	"internal/demo":               "ent internal/errs " + in(areas+" "+tools),
	"internal/generate":           "",
	"internal/generate/migration": "ent tests/postgres",
	"internal/client":             "",
	"hubctl":                      "internal/verify",
	"internal/verify":             "ent " + in("store viewer calendar tile fee tally"),

	// Among the areas each may import those to its left; fee and tally stand apart
	// from the others.
	"internal/identity":   "ent internal/errs " + in(tools),
	"internal/company":    "ent internal/errs " + in("identity fee tally "+tools),
	"internal/fee":        "ent internal/errs " + in(tools),
	"internal/tally":      "ent internal/errs " + in("fee "+tools),
	"internal/offer":      "ent internal/errs " + in("identity company fee tally "+tools),
	"internal/ledger":     "ent internal/errs " + in("identity company fee tally offer "+tools),
	"internal/connection": "ent internal/errs " + in("identity company fee tally offer ledger "+tools),
	"internal/object":     "ent internal/errs " + in("identity company fee tally offer ledger connection "+tools),
	"internal/lifecycle":  "ent internal/errs " + in("identity company fee tally offer ledger connection object "+tools),
	"internal/billing":    "ent internal/errs " + in("identity company fee tally offer ledger connection object lifecycle "+tools),
	"internal/report":     "ent internal/errs " + in("identity company fee tally offer ledger connection object lifecycle billing "+tools),
	"internal/closing":    "ent internal/errs " + in("identity company fee tally offer ledger connection object lifecycle billing report "+tools),

	"internal/activity":    "ent internal/errs " + in("store viewer i18n"),
	"internal/idempotency": "ent internal/errs " + in("store viewer"),
	"internal/mail":        "ent internal/errs " + in("store viewer i18n"),
	"internal/sim":         "ent internal/errs " + in("store viewer"),
	"internal/store":       "ent internal/errs internal/viewer",
	"internal/authz":       "ent internal/errs internal/viewer",
	"internal/live":        "ent internal/errs internal/store internal/viewer internal/activity",
	"internal/tile":        "ent",
	"internal/form":        "internal/errs internal/i18n internal/money",
	"internal/money":       "internal/errs internal/i18n",
	"internal/i18n":        "",
	"internal/rate":        "",
	"internal/throttle":    "ent internal/errs " + in("store viewer"),
	"internal/calendar":    "internal/errs",
	"internal/viewer":      "",
	"internal/errs":        "",
	"internal/guard":       "internal/errs",

	"tests":               "schema",
	"tests/attack":        "",
	"tests/bench/attack":  "tests/attack",
	"tests/bench/timing":  "internal/server",
	"tests/bench/billing": "internal/verify internal/store internal/viewer internal/calendar internal/lifecycle internal/billing",
	"tests/bench/sockets": "ent internal/identity internal/server internal/store internal/viewer",
	"tests/database":      "internal/store",
	"tests/postgres":      "",
	"tests/postgres/run":  "tests/postgres",
	"tests/world":         "internal/client internal/server internal/verify tests/database",
	"tests/peer":          "",
	"tests/scenario":      "internal/client internal/server tests/world",
	"tests/cli":           "internal/server tests/world",
	"tests/clients":       "internal/client internal/server tests/world",

	"tests/property":       "", // its tests stand beside the areas
	"tests/property/model": "",
	"tests/mutants":        "",
	"tests/fault":          "", // its tests stand beside the areas
	"tests/isolation":      "", // so do these
}

func in(rooms string) string {
	names := strings.Fields(rooms)
	for i := range names {
		names[i] = "internal/" + names[i]
	}
	return strings.Join(names, " ")
}

// room is the line of the table a package belongs to.
func room(importPath string) string {
	p := strings.TrimPrefix(importPath, module)
	if importPath == "partnerhub" {
		return "."
	}
	if strings.HasPrefix(p, "ent/") && p != "ent/schema" && p != "ent/runtime" && p != "ent/migrate/migrations" {
		return "ent"
	}
	return p
}

func TestImportsPointOneWay(t *testing.T) {
	for _, p := range packages(t) {
		from := room(p.ImportPath)
		allowed, known := imports[from]
		if !known {
			t.Errorf("%s is no room of the house: say in the table what it may import", from)
			continue
		}
		for _, i := range p.Imports {
			if !strings.HasPrefix(i, module) {
				continue
			}
			to := room(i)
			if to == "ent/migrate/migrations" && from == "internal/store" || to == "ent/runtime" && from == "internal/store" {
				continue // the store alone opens the database
			}
			if to != from && !slices.Contains(strings.Fields(allowed), to) {
				t.Errorf("%s may not import %s", from, to)
			}
		}
	}
}

// Nobody reaches around the door: only the store speaks to the driver, and
// only ent/runtime binds the policies.
func TestOnlyTheStoreOpensTheDatabase(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			driver := strings.HasPrefix(i, "github.com/mattn/go-sqlite3") || strings.HasPrefix(i, "github.com/jackc/pgx")
			if driver && !slices.Contains([]string{"internal/store", "internal/generate/migration"}, room(p.ImportPath)) {
				t.Errorf("%s imports %s", room(p.ImportPath), i)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 && room(p.ImportPath) != "ent" && !generated[path.Base(p.ImportPath)] {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// generated packages have no comment of ours.
var generated = map[string]bool{"generated": true, "runtime": true, "model": true}

type pkg struct {
	ImportPath string
	Doc        string
	Imports    []string
	GoFiles    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports,GoFiles", "../...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var list []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
}
