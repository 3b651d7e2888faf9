package mail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// polish is a mail with everything that is hard about mails.
var polish = Message{
	To:      "jan@example.pl",
	Subject: "Zaproszenie do firmy „Żółta Łódź” – prosimy o potwierdzenie adresu, zażółć gęślą jaźń",
	Text:    "Cześć,\n\nTwój kod:\n\nhubc-7Q2F-9ZKD\n\n.\nlinia po kropce\n",
	HTML:    "<p>Cześć,</p>\n<p>Twój kod: <b>hubc-7Q2F-9ZKD</b></p>\n",
	ID:      "mail_0193abcd@hub.example",
	Date:    time.Date(2026, 11, 22, 10, 30, 0, 123456000, time.UTC),
}

// read is a mail as its recipient's program reads it.
type read struct {
	netmail.Header
	subject, text, html string
}

func parse(t *testing.T, raw []byte) read {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in\n%s", err, raw)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	r := read{Header: m.Header, subject: subject}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		r.text = decode(t, m.Header.Get("Content-Transfer-Encoding"), m.Body)
		return r
	}
	if kind != "multipart/alternative" {
		t.Fatalf("content type %q", kind)
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, to := range []*string{&r.text, &r.html} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(part.Header.Get("Content-Type"), "charset=UTF-8") {
			t.Errorf("part of type %q", part.Header.Get("Content-Type"))
		}
		*to = decode(t, part.Header.Get("Content-Transfer-Encoding"), part)
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after the second part: %v", err)
	}
	return r
}

func decode(t *testing.T, encoding string, body io.Reader) string {
	t.Helper()
	if encoding == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	} else if encoding != "8bit" {
		t.Errorf("encoding %q", encoding)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// same compares what was read with what was sent.
func same(t *testing.T, got read, want Message) {
	t.Helper()
	date, err := got.Date()
	if err != nil || !date.Equal(want.Date.Truncate(time.Second)) {
		t.Errorf("date %v, %v; want %v", date, err, want.Date)
	}
	for _, c := range [][3]string{
		{"subject", got.subject, want.Subject},
		{"text", got.text, want.Text},
		{"html", got.html, want.HTML},
		{"recipient", got.Get("To"), "<" + want.To + ">"},
		{"id", got.Get("Message-ID"), "<" + want.ID + ">"},
		{"robots", got.Get("Auto-Submitted"), "auto-generated"},
		{"user agent", got.Get("User-Agent") + got.Get("X-Mailer"), ""},
	} {
		if c[1] != c[2] {
			t.Errorf("%s: %q, want %q", c[0], c[1], c[2])
		}
	}
}

func open(t *testing.T, mailURL string) Sender {
	t.Helper()
	s, err := Open(mailURL, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestOpen_Refused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mailURL := range []string{
		"", "mail", "http://x", "log:?colour=red", "log:?from=nobody", "log:?from=%zz", "dir:relative", "dir://host/path", "dir:",
		"dir://" + file, "dir:///tmp?tls=none",
		"smtp:", "smtp:host", "smtp://", "smtp://user:secret-word@", "smtp://user:secret-word@host:99999", "smtp://user:secret-word@host:0",
		"smtp://user:secret-word%zz@host", "smtp://user:secret-word@host\x7f", "smtp://user:secret-word@host/path",
		"smtp://user:secret-word@host?tls=maybe", "smtps://user:secret-word@host?tls=none", "smtp://user:secret-word@host?timeout=-1s",
		"smtp://user:secret-word@host?timeout=soon", "smtp://user:secret-word@host?from=a", "smtp://user:secret-word@ho st",
	} {
		s, err := Open(mailURL, nil)
		if err == nil || s != nil {
			t.Errorf("%q: opened", mailURL)
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password: %v", mailURL, err)
		}
	}
}

// Whatever would smuggle a header in, or is no mail, is refused by all senders
// before anything leaves, and for good.
func TestSend_Unsound(t *testing.T) {
	dir := t.TempDir()
	for _, mailURL := range []string{"log:", "dir://" + dir, "smtp://127.0.0.1:1"} {
		s := open(t, mailURL)
		for name, change := range map[string]func(*Message){
			"line break in the subject":    func(m *Message) { m.Subject = "Hello\r\nBcc: eve@example.com" },
			"line feed in the subject":     func(m *Message) { m.Subject = "Hello\nBcc: eve@example.com" },
			"nul in the subject":           func(m *Message) { m.Subject = "Hello\x00" },
			"line break in the recipient":  func(m *Message) { m.To = "jan@example.pl\r\nBcc: eve@example.com" },
			"two recipients":               func(m *Message) { m.To = "jan@example.pl, eve@example.com" },
			"name in the recipient":        func(m *Message) { m.To = "Jan <jan@example.pl>" },
			"no recipient":                 func(m *Message) { m.To = "" },
			"recipient without a domain":   func(m *Message) { m.To = "jan" },
			"line break in the sender":     func(m *Message) { m.From = "hub@example.com\r\nBcc: eve@example.com" },
			"sender that is no address":    func(m *Message) { m.From = "hub" },
			"line break in the id":         func(m *Message) { m.ID = "a@b\r\nBcc: eve@example.com" },
			"id without a domain":          func(m *Message) { m.ID = "a" },
			"id in angle brackets":         func(m *Message) { m.ID = "<a@b>" },
			"line separator in the header": func(m *Message) { m.Subject = "Hello\u0085Bcc: eve@example.com" },
		} {
			m := polish
			change(&m)
			if err := s.Send(context.Background(), m); !errors.Is(err, ErrPermanent) {
				t.Errorf("%s: %s: %v", mailURL, name, err)
			} else if strings.Contains(err.Error(), "eve@") {
				t.Errorf("%s: %s: the error repeats it: %v", mailURL, name, err)
			}
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("files were written: %v", left)
	}
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	s, err := Open("log:?from=hub@example.com", slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(context.Background(), polish); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hubc-7Q2F-9ZKD", "jan@example.pl", "hub@example.com", polish.ID, "Zaproszenie"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log has no %q: %s", want, out.String())
		}
	}
}
