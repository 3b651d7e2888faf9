package mail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "mails")
	s := open(t, "dir://"+dir)
	second, third := polish, polish
	second.ID, second.HTML = "mail_0193abce@hub.example", ""
	third.ID, third.Date = "mail_0193aaaa@hub.example", polish.Date.Add(time.Microsecond)
	sent := []Message{polish, second, third}
	for _, i := range []int{2, 1, 0, 0} { // the first is sent again, as after a crash
		if err := s.Send(context.Background(), sent[i]); err != nil {
			t.Fatal(err)
		}
	}
	names := files(t, dir)
	if want := []string{
		"20261122T103000.123456Z-mail_0193abcd.eml",
		"20261122T103000.123456Z-mail_0193abce.eml",
		"20261122T103000.123457Z-mail_0193aaaa.eml",
	}; !slices.Equal(names, want) {
		t.Fatalf("files %q, want %q", names, want)
	}
	for i, name := range names {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := parse(t, raw)
		same(t, got, sent[i])
		if got.Get("From") != "<"+DefaultFrom+">" {
			t.Errorf("from %q", got.Get("From"))
		}
		if !strings.Contains(string(raw), "\r\nhubc-7Q2F-9ZKD\r\n") {
			t.Errorf("the code is not alone on a line of the file:\n%s", raw)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
	}
}

// A mail without id and date gets both; its own sender goes before the URL's.
func TestDir_Defaults(t *testing.T) {
	dir := t.TempDir()
	s := open(t, "dir://"+dir+"?from=Partner%20Hub%20%3Chub@example.com%3E")
	before := time.Now().Add(-time.Second)
	for _, from := range []string{"", "Łódź <lodz@example.com>"} {
		if err := s.Send(context.Background(), Message{From: from, To: "a@b.example", Subject: "S", Text: "T"}); err != nil {
			t.Fatal(err)
		}
	}
	var senders []string
	ids := map[string]bool{}
	for _, name := range files(t, dir) {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got := parse(t, raw)
		from, err := got.AddressList("From")
		if err != nil {
			t.Fatal(err)
		}
		senders = append(senders, from[0].Name+" "+from[0].Address)
		ids[got.Get("Message-ID")] = true
		if date, err := got.Date(); err != nil || date.Before(before) || date.After(time.Now()) {
			t.Errorf("date %v, %v", date, err)
		}
	}
	if !slices.Equal(senders, []string{"Partner Hub hub@example.com", "Łódź lodz@example.com"}) || len(ids) != 2 || ids[""] {
		t.Errorf("senders %q, ids %v", senders, ids)
	}
}

// A mail that cannot be written leaves nothing behind, and may be tried again.
func TestDir_Fails(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	s := open(t, "dir://"+dir)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Send(ended, polish); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
	// A directory stands where the file would go.
	if err := os.Mkdir(filepath.Join(dir, "20261122T103000.123456Z-mail_0193abcd.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), polish); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("onto a directory: %v", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left behind: %q", left)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), polish); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("without the directory: %v", err)
	}
}

func TestFileName(t *testing.T) {
	for id, want := range map[string]string{
		"<mail_1@x>":                   "mail_1",
		"../../etc/passwd@x":           "------etc-passwd",
		"żółw@x":                       "---w",
		strings.Repeat("a", 300) + "@": strings.Repeat("a", 100),
	} {
		if got := fileName(id); got != want {
			t.Errorf("fileName(%q) = %q, want %q", id, got, want)
		}
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
