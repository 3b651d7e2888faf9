package mail

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"partnerhub/internal/i18n"
)

var update = flag.Bool("update", false, "write the golden letters anew")

const (
	publicURL = "https://hub.example.com/partner"
	code      = "hubc-7Q2F-9ZKD+/="
)

// letters are all the letters there are, in one language.
func letters(l i18n.Language) map[string]Letter {
	const nasty = "Night & <b>Watch</b>\r\nBcc: eve@example.com"
	return map[string]Letter{
		"email-confirmation":    EmailConfirmation(l, publicURL, code, 24*time.Hour),
		"address-taken":         AddressTaken(l, publicURL),
		"password-reset":        PasswordReset(l, publicURL, code, 30*time.Minute),
		"password-changed":      PasswordChanged(l, publicURL),
		"employee-invitation":   EmployeeInvitation(l, publicURL, nasty, i18n.Text(l, "roleInstaller", nil)),
		"reseller-invitation":   ResellerInvitation(l, publicURL, nasty),
		"connection-requested":  ConnectionRequested(l, publicURL, nasty),
		"connection-approved":   ConnectionApproved(l, publicURL, "Central Station", "D-17"),
		"connection-approved-2": ConnectionApproved(l, publicURL, "Central Station", ""),
		"connection-rejected":   ConnectionRejected(l, publicURL, "Central Station", "Not in our <region>,\nsorry"),
		"connection-rejected-2": ConnectionRejected(l, publicURL, "Central Station", ""),
		"connection-suspended":  ConnectionSuspended(l, publicURL, "Central Station", "Unpaid bills"),
		"connection-resumed":    ConnectionResumed(l, publicURL, "Central Station"),
	}
}

func TestLetters_Golden(t *testing.T) {
	for _, l := range i18n.Languages {
		for name, letter := range letters(l) {
			golden(t, filepath.Join("testdata", string(l), name+".txt"), "Subject: "+letter.Subject+"\n\n"+letter.Text)
			golden(t, filepath.Join("testdata", string(l), name+".html"), letter.HTML)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another letter now (go test -update writes it anew):\n%s", file, got)
	}
}

// What holds for every letter, whatever it says.
func TestLetters(t *testing.T) {
	for _, l := range i18n.Languages {
		for name, letter := range letters(l) {
			m := Message{From: DefaultFrom, To: "jan@example.pl", Subject: letter.Subject, Text: letter.Text, HTML: letter.HTML}
			if err := m.check(); err != nil {
				t.Errorf("%s in %q: %v", name, l, err)
			}
			if strings.Contains(letter.HTML, "<b>Watch") || strings.Contains(letter.HTML, "<region>") {
				t.Errorf("%s in %q: words of a person became markup", name, l)
			}
			if !strings.Contains(letter.HTML, `href="`+publicURL+"/") || !strings.Contains(letter.Text, publicURL+"/") {
				t.Errorf("%s in %q: no link", name, l)
			}
			carries := name == "email-confirmation" || name == "password-reset"
			alone := 0
			for line := range strings.Lines(letter.Text) {
				line = strings.TrimSuffix(line, "\n")
				if line == code {
					alone++
				} else if line != "" && !strings.Contains(line, " ") {
					t.Errorf("%s in %q: the line %q could be taken for a code", name, l, line)
				}
			}
			if carries != (alone == 1) {
				t.Errorf("%s in %q: the code is alone on %d lines", name, l, alone)
			}
		}
	}
}

func TestLink(t *testing.T) {
	for _, base := range []string{"https://hub.example.com", "https://hub.example.com/"} {
		if got, want := Link(base, LinkVerify, "a+b=c d"), "https://hub.example.com/#verify=a%2Bb%3Dc+d"; got != want {
			t.Errorf("Link(%q) = %q, want %q", base, got, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"", ""},
		{" Night \t Watch\r\n\x00", "Night Watch"},
		{"one\u0085two\u2028three", "one two three"},
		{strings.Repeat("ż", 400), strings.Repeat("ż", 299) + "…"},
		{strings.Repeat("ż", 300), strings.Repeat("ż", 300)},
	} {
		if got := oneLine(c.words); got != c.want {
			t.Errorf("oneLine(%q) = %q, want %q", c.words, got, c.want)
		}
	}
}
