// Package mail writes the server's mails and brings them on their way.
//
// A command that has something to tell composes a [Letter] in the recipient's
// language and leaves it in the outbox within its transaction.
// After commit a [Sender] takes it from there: to the log, into a directory or
// to an SMTP server, as the mail URL of the server's configuration says.
//
// Mails carry codes that open accounts. Only the log sender, which is for
// trying things out, shows the content of a mail anywhere.
package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// ErrPermanent is wrapped by the errors of [Sender.Send] that another try
// cannot put right: the mail has no sound form, or the server refused it for
// good. All other errors are worth another try.
var ErrPermanent = errors.New("mail refused for good")

// DefaultFrom is the sender's address when the mail URL names none.
const DefaultFrom = "partner-hub@localhost"

// Message is one mail to one person.
type Message struct {
	From    string    // address, with or without a name; empty for the one of the mail URL
	To      string    // bare address
	Subject string    // one line
	Text    string    // plain text; a code stands alone on its line
	HTML    string    // the same for those who like it pretty; empty for plain text only
	ID      string    // Message-ID without the angle brackets, "local@domain": the same in every try; empty for a random one
	Date    time.Time // when it was written; zero for now
}

// Sender brings mails on their way. It is safe for concurrent use.
type Sender interface {
	// Send returns when the mail has been taken over, or with an error that
	// wraps [ErrPermanent] where it never will be. It gives up when ctx ends.
	Send(ctx context.Context, m Message) error
	// Close frees what the sender holds. Nothing may be sent afterwards.
	Close() error
}

// Open returns the sender that a mail URL asks for:
//
//	log:                            shows each mail in the log, codes included
//	dir:///PATH                     writes each mail into a file of its own
//	smtp://user:password@host:port  hands each mail to a server
//	smtps://…                       the same over TLS from the first byte
//
// All take ?from=ADDRESS (default [DefaultFrom]). The SMTP ones take ?timeout=
// for one mail (default 30s), and smtp takes ?tls=opportunistic (the default:
// STARTTLS where the server offers it), required or none. Errors never show
// the URL, since it may hold a password.
func Open(mailURL string, log *slog.Logger) (Sender, error) {
	u, err := url.Parse(mailURL)
	if err != nil {
		return nil, errors.New("the mail URL cannot be read")
	}
	known, ok := settings[u.Scheme]
	if !ok {
		return nil, errors.New("the scheme of the mail URL is none of log, dir, smtp and smtps")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the mail URL's settings cannot be read")
	}
	for name := range query {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the mail URL has a setting that %s: does not know: %q", u.Scheme, name)
		}
	}
	from := cmp.Or(query.Get("from"), DefaultFrom)
	if _, err := netmail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("the mail URL's from is no address: %q", from)
	}
	switch u.Scheme {
	case "dir":
		return openDir(u, from)
	case "smtp", "smtps":
		return openSMTP(u, query, from)
	}
	return logSender{from, log}, nil
}

// settings are what the query of a mail URL may set, by its scheme.
var settings = map[string][]string{
	"log":   {"from"},
	"dir":   {"from"},
	"smtp":  {"from", "timeout", "tls"},
	"smtps": {"from", "timeout"},
}

// check refuses what has no sound form, above all line breaks that would
// smuggle headers into the mail.
func (m Message) check() error {
	for name, value := range map[string]string{"sender": m.From, "recipient": m.To, "subject": m.Subject, "id": m.ID} {
		if strings.ContainsFunc(value, unicode.IsControl) {
			return fmt.Errorf("%w: its %s holds control characters", ErrPermanent, name)
		}
	}
	if to, err := netmail.ParseAddress(m.To); err != nil || to.Address != m.To {
		return fmt.Errorf("%w: its recipient is no bare address", ErrPermanent)
	}
	if _, err := netmail.ParseAddress(m.From); err != nil {
		return fmt.Errorf("%w: its sender is no address", ErrPermanent)
	}
	if left, right, ok := strings.Cut(m.ID, "@"); m.ID != "" && (!ok || left == "" || right == "" || strings.ContainsAny(m.ID, " <>")) {
		return fmt.Errorf("%w: its id has not the form local@domain", ErrPermanent)
	}
	return nil
}

// render builds the mail in the form of RFC 5322, its parts in the encoding.
func (m Message) render(encoding gomail.Encoding) (*gomail.Msg, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	msg := gomail.NewMsg(gomail.WithEncoding(encoding), gomail.WithNoDefaultUserAgent())
	if err := msg.From(m.From); err != nil {
		return nil, fmt.Errorf("%w: its sender: %w", ErrPermanent, err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("%w: its recipient: %w", ErrPermanent, err)
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Date)
	if m.ID == "" {
		msg.SetMessageID()
	} else {
		msg.SetMessageIDWithValue(m.ID)
	}
	// Tells out-of-office robots not to answer (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, lines(m.Text))
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, lines(m.HTML))
	}
	return msg, nil
}

// complete returns the mail with the sender's address and a date.
func (m Message) complete(from string) Message {
	if m.From == "" {
		m.From = from
	}
	if m.Date.IsZero() {
		m.Date = time.Now()
	}
	m.Date = m.Date.UTC()
	return m
}

// lines ends every line as mails do.
func lines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}
