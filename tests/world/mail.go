package world

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mail is a letter that the server sent.
type Mail struct {
	To, Subject, Text string
}

// Mails returns the letters to an address so far, oldest first.
func (w *World) Mails(to string) []Mail {
	w.Helper()
	names, err := filepath.Glob(filepath.Join(w.mails, "*.eml"))
	if err != nil {
		w.Fatal(err)
	}
	slices.Sort(names)
	var letters []Mail
	for _, name := range names {
		if m := w.letter(name); strings.EqualFold(m.To, to) {
			letters = append(letters, m)
		}
	}
	return letters
}

// Letters waits until an address has got n letters, and returns them.
func (w *World) Letters(to string, n int) []Mail {
	w.Helper()
	var letters []Mail
	w.Within(patience, "letters to "+to, func() bool {
		letters = w.Mails(to)
		return len(letters) >= n
	})
	return letters
}

// Code waits for a letter with a code to an address and returns the newest
// one: it stands alone on a line.
func (w *World) Code(to string) string {
	w.Helper()
	var code string
	w.Within(patience, "a code for "+to, func() bool {
		for _, m := range w.Mails(to) {
			if c := codeIn(m.Text); c != "" {
				code = c
			}
		}
		return code != ""
	})
	return code
}

// codeIn returns the one line of a letter that is a single word.
func codeIn(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.ContainsAny(line, " \t:/") && len(line) >= 6 {
			return line
		}
	}
	return ""
}

func (w *World) letter(name string) Mail {
	w.Helper()
	file, err := os.Open(name)
	if err != nil {
		w.Fatal(err)
	}
	defer file.Close()
	m, err := mail.ReadMessage(file)
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	to, err := mail.ParseAddress(m.Header.Get("To"))
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		w.Fatalf("%s: %v", name, err)
	}
	return Mail{To: to.Address, Subject: subject, Text: w.plainText(m)}
}

// plainText returns the plain-text part of a letter.
func (w *World) plainText(m *mail.Message) string {
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		w.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		return decoded(w, m.Header.Get("Content-Transfer-Encoding"), m.Body)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			w.Fatalf("a letter without plain text: %v", err)
		}
		if kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind == "text/plain" {
			return decoded(w, part.Header.Get("Content-Transfer-Encoding"), part)
		}
	}
}

func decoded(w *World, encoding string, r io.Reader) string {
	if strings.EqualFold(encoding, "quoted-printable") {
		r = quotedprintable.NewReader(r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		w.Fatal(err)
	}
	return string(text)
}
