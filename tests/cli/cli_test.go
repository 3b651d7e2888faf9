// Package cli runs hubctl as people do: the built binary, in scripts that read
// as its manual.
package cli

import (
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"partnerhub/internal/server"
	"partnerhub/tests/world"
)

// Each script runs in a folder of its own with the databases sound.db,
// broken.db and newer.db; LIVE is the URL of one that a server has open.
// Beside the commands of testscript there is `exits CODE PROGRAM ARGUMENT…`.
func TestScripts(t *testing.T) {
	bin, live := build(t), ""
	play(world.New(t, func(c *server.Config) { live = c.DatabaseURL }))
	path := strings.TrimPrefix(live, "sqlite://")
	testscript.Run(t, testscript.Params{
		Dir: ".",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", filepath.Dir(bin)+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("LIVE", live)
			for name, change := range map[string]string{
				"sound":  "SELECT 1",
				"broken": "UPDATE ledgers SET balance = balance + 1; UPDATE sim_cards SET is_active = NOT is_active",
				"newer":  "INSERT INTO schema_migrations VALUES ('9999_future', 'x', 'x')",
			} {
				if err := copyOf(path, filepath.Join(e.WorkDir, name+".db"), change); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a program and looks at its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code program argument…")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// While a server works, every moment of its database is sound.
func TestVerify_besideABusyServer(t *testing.T) {
	bin, live := build(t), ""
	w := world.New(t, func(c *server.Config) { live = c.DatabaseURL })
	dealer, hub := play(w)
	stop, stopped := make(chan struct{}), make(chan struct{})
	defer func() { close(stop); <-stopped }()
	go func() {
		defer close(stopped)
		for {
			for _, step := range []string{"serviceSuspend", "serviceResume"} {
				select {
				case <-stop:
					return
				default:
					dealer.Owner.Mutate(step, world.Vars{"hubId": hub.ID}, `service { status }`)
				}
			}
		}
	}()
	for range 10 {
		hubctl := exec.CommandContext(t.Context(), bin, "verify", "--database-url", live)
		if out, err := hubctl.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
}

// play lets something happen, and returns a hub with services and its dealer.
func play(w *world.World) (*world.Company, *world.Hub) {
	dealer, reseller := w.Dealer("Night Watch"), w.Reseller("Central Station")
	w.Package("AJAX_SIM")
	dealer.Connects(reseller)
	villa := dealer.Hub("Villa")
	w.OK(dealer.Activates(villa))
	dealer.Hub("Shop")
	return dealer, villa
}

// build builds hubctl.
func build(t *testing.T) (binary string) {
	t.Helper()
	binary = filepath.Join(t.TempDir(), "hubctl")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "../../hubctl").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// copyOf copies a database, changed past all rules.
func copyOf(from, to, change string) error {
	if err := execute(from, "VACUUM INTO '"+to+"'"); err != nil {
		return err
	}
	return execute(to, change)
}

func execute(file, statement string) error {
	db, err := sql.Open("sqlite3", "file:"+file)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
