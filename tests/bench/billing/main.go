// Command billing measures the monthly run on a SQLite file: its time,
// statements and memory beside the best single statement that inserts the same
// lines, how long other mutations wait for it, and what is left of a run that
// is killed half way.
//
//	go run ./tests/bench/billing -accounts 1000000 -resellers 1000
//
// Each part is a process of its own, so that memory is measured apart.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	_ "time/tzdata"
)

func main() {
	log.SetFlags(0)
	var s size
	flag.IntVar(&s.accounts, "accounts", 1_000_000, "live accounts")
	flag.IntVar(&s.resellers, "resellers", 1000, "resellers that share them")
	flag.IntVar(&s.expiring, "expiring", 1000, "services that end with the month")
	dir := flag.String("dir", os.TempDir(), "where the databases are kept while it runs")
	part := flag.String("part", "", "run one part on the database at -dir: fill, statement, run, check, log or verify")
	verifies := flag.Bool("verify", false, "measure the verification of such a database instead")
	flag.Parse()
	ctx := context.Background()
	if *part != "" {
		if err := parts[*part](ctx, *dir, s); err != nil {
			log.Fatal(err)
		}
		return
	}
	what := measure
	if *verifies {
		what = measureVerify
	}
	if err := what(ctx, *dir, s); err != nil {
		log.Fatal(err)
	}
}

// measure fills a database and has each part run on a copy of it.
func measure(ctx context.Context, dir string, s size) error {
	dir, err := os.MkdirTemp(dir, "bench-billing")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	full := filepath.Join(dir, "full.db")
	fmt.Printf("%s, %d cores, %s\n\n", time.Now().Format(time.DateOnly), runtime.NumCPU(), runtime.Version())
	if err := child(ctx, "fill", full, s).Run(); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	alone, err := onCopy(ctx, "statement", full, s)
	if err != nil {
		return err
	}
	quiet, err := onCopy(ctx, "run", full, s)
	if err != nil {
		return err
	}
	if _, err := onCopy(ctx, "busy", full, s); err != nil {
		return err
	}
	fmt.Printf("the run takes %.2f times as long as the one statement\n", quiet.Seconds()/alone.Seconds())
	return killed(ctx, full, s, quiet/2)
}

// onCopy runs a part on a copy of a database, and returns how long the processors
// took for it.
func onCopy(ctx context.Context, part, full string, s size) (time.Duration, error) {
	path := strings.TrimSuffix(full, ".db") + "-" + part + ".db"
	defer os.Remove(path)
	if err := exec.CommandContext(ctx, "cp", full, path).Run(); err != nil {
		return 0, fmt.Errorf("copy: %w", err)
	}
	syscall.Sync() // or the first fsync of the part would write the copy too
	cmd := child(ctx, part, path, s)
	cmd.Stdout = nil
	out, err := cmd.Output()
	fmt.Print(string(out))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", part, err)
	}
	for line := range strings.Lines(string(out)) {
		if text, ok := strings.CutPrefix(line, tookPrefix); ok {
			text, _, _ = strings.Cut(text, " ")
			return time.ParseDuration(text)
		}
	}
	return 0, fmt.Errorf("%s said no time", part)
}

// killed kills a run half way and has another go on.
func killed(ctx context.Context, full string, s size, after time.Duration) error {
	cmd := child(ctx, "run", full, s)
	cmd.Stdout = nil
	if err := cmd.Start(); err != nil {
		return err
	}
	time.Sleep(after)
	if err := cmd.Process.Kill(); err != nil {
		return err
	}
	_ = cmd.Wait() // it was killed
	fmt.Printf("killed after %s\n", after.Round(time.Millisecond))
	for _, part := range []string{"check", "run", "check"} {
		if err := child(ctx, part, full, s).Run(); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}

// child is this program, for one part.
func child(ctx context.Context, part, path string, s size) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], "-part", part, "-dir", path, "-accounts", strconv.Itoa(s.accounts),
		"-resellers", strconv.Itoa(s.resellers), "-expiring", strconv.Itoa(s.expiring))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}
