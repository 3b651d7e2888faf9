package tests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Generated code is committed and marked, so that reviews and statistics leave
// it out; what is written by hand is not marked.
func TestGeneratedCodeIsMarked(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "git", "-C", "..", "ls-files", "*.go").Output()
	if err != nil {
		t.Fatalf("git ls-files: %v", err)
	}
	files := strings.Fields(string(out))
	ask := exec.CommandContext(t.Context(), "git", "-C", "..", "check-attr", "--stdin", "linguist-generated")
	ask.Stdin = strings.NewReader(strings.Join(files, "\n"))
	answers, err := ask.Output()
	if err != nil {
		t.Fatalf("git check-attr: %v", err)
	}
	marked := map[string]bool{}
	for line := range strings.Lines(string(answers)) {
		file, rest, _ := strings.Cut(line, ": linguist-generated: ")
		marked[file] = strings.TrimSpace(rest) == "set"
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join("..", f))
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(text, []byte("package "))
		if generated := bytes.Contains(head, []byte("Code generated")); generated != marked[f] {
			t.Errorf("%s: generated %t, marked %t", f, generated, marked[f])
		}
	}
}
