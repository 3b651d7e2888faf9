package mail

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// dirSender writes each mail into a file of its own. A file appears whole or
// not at all, and stays when the machine loses power.
type dirSender struct {
	from string
	dir  string
}

// fileTime makes names that sort as the mails were written, to the microsecond.
const fileTime = "20060102T150405.000000Z"

func openDir(u *url.URL, from string) (Sender, error) {
	if u.Host != "" || !filepath.IsAbs(u.Path) {
		return nil, errors.New("the mail URL's directory must be absolute: dir:///PATH")
	}
	// Codes lie in there: it is for the server's own user only.
	if err := os.MkdirAll(u.Path, 0o700); err != nil {
		return nil, fmt.Errorf("directory for mails: %w", err)
	}
	return dirSender{from: from, dir: u.Path}, nil
}

// Send writes the mail. The name comes from its date and id, so a mail that is
// sent again takes the place of its first file.
func (s dirSender) Send(ctx context.Context, m Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m = m.complete(s.from)
	msg, err := m.render(gomail.NoEncoding) // whoever looks into the file can read it
	if err != nil {
		return err
	}
	return s.write(msg, m.Date.Format(fileTime)+"-"+fileName(msg.GetMessageID())+".eml")
}

// Close does nothing.
func (dirSender) Close() error { return nil }

func (s dirSender) write(msg *gomail.Msg, name string) (err error) {
	f, err := os.CreateTemp(s.dir, ".mail-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = msg.WriteTo(f)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(s.dir, name)); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// syncDir makes a rename within the directory last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// fileName makes a part of a file's name of a Message-ID.
func fileName(id string) string {
	local, _, _ := strings.Cut(strings.Trim(id, "<>"), "@")
	local = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
			return r
		}
		return '-'
	}, local)
	return local[:min(len(local), 100)]
}
