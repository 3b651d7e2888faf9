// Command mutants shows that the tests would notice: it plants faults in the
// rules, one by one, and runs the tests that must fail by each. A fault that no
// test notices survives, and the command exits with 1.
//
// No file is changed: each fault is laid over its file with `go test -overlay`.
// Names of faults as arguments restrict it to those.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// fault is a small change of one file that must not go unnoticed.
type fault struct {
	name string
	file string
	old  string // stands exactly once in the file
	new  string
	test []string // arguments of go test for what must fail; nil is the property test
}

// property is the property test with fewer steps, always the same, told as
// soon as one differs.
var property = []string{"-run", "^TestProduct_followsTheModel$", "./tests/property", "-rapid.nofailfile", "-rapid.shrinktime=0s"}

// Settings of the property test.
const (
	seed  = "SEED=1"
	steps = "SOAK_STEPS=6000"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(names []string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	overlays := make([]string, len(chosen))
	for i, f := range chosen { // all are planted before the first is tried: it takes a while
		if overlays[i], err = f.plant(filepath.Join(dir, fmt.Sprint(i))); err != nil {
			return err
		}
	}
	fmt.Printf("%-62s %-44s %s\n", "fault", "caught by", "seconds")
	var survivors []string
	for i, f := range chosen {
		began := time.Now()
		by, err := f.catch(ctx, overlays[i])
		if err != nil {
			return err
		}
		if by == "" {
			by = "NOBODY"
			survivors = append(survivors, f.name)
		}
		fmt.Printf("%-62s %-44s %.0f\n", f.name, by, time.Since(began).Seconds())
	}
	if len(survivors) > 0 {
		return fmt.Errorf("%d of %d faults survive: %s", len(survivors), len(chosen), strings.Join(survivors, ", "))
	}
	fmt.Printf("all %d faults are caught\n", len(chosen))
	return nil
}

func choose(names []string) ([]fault, error) {
	if len(names) == 0 {
		return faults, nil
	}
	var chosen []fault
	for _, name := range names {
		i := slices.IndexFunc(faults, func(f fault) bool { return f.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no fault %q", name)
		}
		chosen = append(chosen, faults[i])
	}
	return chosen, nil
}

// plant writes the file with the fault and the overlay that lays it over.
func (f fault) plant(dir string) (overlay string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s: %w", f.name, err)
	}
	if n := bytes.Count(text, []byte(f.old)); n != 1 {
		return "", fmt.Errorf("%s: %s has %d times what is to be replaced, not once: bring the fault up to date", f.name, f.file, n)
	}
	faulty := filepath.Join(dir, filepath.Base(path))
	if err := os.WriteFile(faulty, bytes.Replace(text, []byte(f.old), []byte(f.new), 1), 0o600); err != nil {
		return "", err
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": {path: faulty}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, list, 0o600)
}

// catch runs the tests and says which one failed, "" where none did.
func (f fault) catch(ctx context.Context, overlay string) (by string, err error) {
	args := f.test
	if args == nil {
		args = property
	}
	cmd := exec.CommandContext(ctx, "go", append([]string{"test", "-count=1", "-failfast", "-overlay", overlay}, args...)...)
	cmd.Env = append(os.Environ(), seed, steps)
	out, err := cmd.CombinedOutput()
	switch {
	case bytes.Contains(out, []byte("no tests to run")):
		return "", fmt.Errorf("%s: there is no such test: %s", f.name, args)
	case err == nil:
		return "", nil
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || ctx.Err() != nil {
		return "", fmt.Errorf("%s: %w", f.name, err)
	} else if exit.ExitCode() != 1 || bytes.Contains(out, []byte("[build failed]")) || bytes.Contains(out, []byte("[setup failed]")) {
		return "", fmt.Errorf("%s: the tests do not run:\n%s", f.name, out)
	}
	_, failed, ok := strings.Cut(string(out), "--- FAIL: ")
	if !ok {
		return "", fmt.Errorf("%s: no test says that it failed:\n%s", f.name, out)
	}
	name, _, _ := strings.Cut(failed, " ")
	return name, nil
}
