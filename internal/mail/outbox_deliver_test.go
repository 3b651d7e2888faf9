package mail

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"partnerhub/ent"
	entmail "partnerhub/ent/mail"
	"partnerhub/internal/i18n"
	"partnerhub/internal/live"
	"partnerhub/internal/store"
	"partnerhub/internal/viewer"
	"partnerhub/tests/database"
)

// office is a server's database with its outbox.
type office struct {
	testing.TB
	db     *store.DB
	broker *live.Broker
	path   string
}

func newOffice(t *testing.T, path string) *office {
	t.Helper()
	o := officeAt(t, "sqlite://"+path)
	o.path = path
	return o
}

func officeAt(t *testing.T, url string) *office {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: url, PublicURL: "https://hub.example:8443/"})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{TB: t, db: db, broker: live.NewBroker()}
	db.OnCommit(o.broker.Wake)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

// deliver starts the delivery. The function it returns ends it, and returns
// when it has ended.
func (o *office) deliver(sender Sender) (end func()) {
	o.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	wake, forget := o.broker.Watch(Topic)
	done := make(chan struct{})
	go func() {
		defer close(done)
		Deliver(ctx, o.db, sender, wake, slog.New(slog.DiscardHandler))
	}()
	end = func() {
		cancel()
		<-done
		forget()
	}
	o.Cleanup(end)
	return end
}

// post puts a mail with a code into the outbox.
func (o *office) post(to string) {
	o.Helper()
	l := EmailConfirmation(i18n.English, o.db.PublicURL, "7Q2F-9ZKD-X0WM-4T6B", time.Hour)
	_, err := store.Do(o.Context(), o.db, func(tx *store.Tx) (int, error) { return 0, Post(o.Context(), tx, to, l) })
	if err != nil {
		o.Fatal(err)
	}
}

// mails returns the rows of the outbox in the order in which they were posted.
func (o *office) mails() []*ent.Mail {
	o.Helper()
	ctx := viewer.System(o.Context())
	rows, err := o.db.Read(ctx).Mail.Query().Order(ent.Asc("id")).All(ctx)
	if err != nil {
		o.Fatal(err)
	}
	return rows
}

// wait waits until holds is true of the only mail, and returns that.
func (o *office) wait(what string, holds func(*ent.Mail) bool) *ent.Mail {
	o.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		m := o.mails()[0]
		if holds(m) {
			return m
		}
		if time.Now().After(end) {
			o.Fatalf("%s: not so: %+v, last error %v", what, m, m.LastError)
		}
	}
}

func isSent(m *ent.Mail) bool   { return m.SentAt != nil }
func isFailed(m *ent.Mail) bool { return m.FailedAt != nil }
func isTried(m *ent.Mail) bool  { return m.Attempts > 0 }

func TestDeliver(t *testing.T) {
	server := &mailServer{}
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	o.deliver(open(t, "smtp://"+server.serve(t, nil, nil)))
	o.post("jan@żółw.pl")
	m := o.wait("sent", isSent)
	if m.Text != "" || m.HTML != "" || m.Attempts != 1 || m.FailedAt != nil || m.LastError != nil {
		t.Errorf("noted as %+v", m)
	}
	got := server.got()
	if len(got) != 1 {
		t.Fatalf("%d mails arrived", len(got))
	}
	letter := parse(t, got[0].raw)
	if got[0].to != "jan@xn--w-uga1v8h.pl" || letter.Get("Message-ID") != "<"+m.ID+"@hub.example>" {
		t.Errorf("arrived for %q as %q", got[0].to, letter.Get("Message-ID"))
	}
	if !strings.Contains(letter.text, "\n7Q2F-9ZKD-X0WM-4T6B\n") || letter.subject != m.Subject {
		t.Errorf("arrived as %q: %q", letter.subject, letter.text)
	}
	if date, err := letter.Date(); err != nil || !date.Equal(m.CreatedAt.Truncate(time.Second)) {
		t.Errorf("dated %v, %v", date, err)
	}
}

// What was posted while nothing was delivered goes out at the next start, in
// its order.
func TestDeliver_Backlog(t *testing.T) {
	server := &mailServer{}
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	want := []string{"a@example.pl", "b@example.pl", "c@example.pl"}
	for _, to := range want {
		o.post(to)
	}
	end := o.deliver(open(t, "smtp://"+server.serve(t, nil, nil)))
	for end := time.Now().Add(20 * time.Second); len(server.got()) < len(want) && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
	end()
	var got []string
	for _, d := range server.got() {
		got = append(got, d.to)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("arrived: %q", got)
	}
	for _, m := range o.mails() {
		if m.SentAt == nil {
			t.Errorf("not noted: %+v", m)
		}
	}
}

// A server that is down at first gets the mail once it is up.
func TestDeliver_ServerDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	o.deliver(open(t, "smtp://"+address))
	o.post("jan@example.pl")
	m := o.wait("tried", isTried)
	if m.LastError == nil || m.Text == "" || m.SentAt != nil || m.FailedAt != nil || !m.NextAttemptAt.After(m.CreatedAt) {
		t.Errorf("after a failure: %+v", m)
	}
	server := &mailServer{}
	server.serveAt(t, address, nil, nil)
	if m = o.wait("sent", isSent); m.Text != "" || m.LastError != nil || m.Attempts < 2 {
		t.Errorf("after it was sent: %+v", m)
	}
	if got := server.got(); len(got) != 1 || !strings.Contains(parse(t, got[0].raw).text, "7Q2F-9ZKD") {
		t.Errorf("arrived: %v", got)
	}
}

// killed is a sender whose program ends right after the mail was taken over.
type killed struct {
	Sender
	sent, end chan struct{}
}

func (k killed) Send(ctx context.Context, m Message) error {
	err := k.Sender.Send(ctx, m)
	close(k.sent)
	<-k.end
	return err
}

// A mail that was sent but not noted when the program was killed comes again,
// under the same Message-ID, so that mailboxes can tell.
func TestDeliver_KilledBetween(t *testing.T) {
	server := &mailServer{}
	sender := open(t, "smtp://"+server.serve(t, nil, nil))
	first := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	k := killed{sender, make(chan struct{}), make(chan struct{})}
	first.deliver(k)
	t.Cleanup(func() { close(k.end) })
	first.post("jan@example.pl")
	<-k.sent

	// The files as a killed program leaves them.
	dir := t.TempDir()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(first.path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "hub.db"+suffix), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	second := newOffice(t, filepath.Join(dir, "hub.db"))
	m := second.mails()[0]
	if wait := time.Until(m.NextAttemptAt); wait > claim {
		t.Errorf("it is the first's for %s", wait)
	}
	second.soon(m)
	second.deliver(sender)
	second.wait("sent", isSent)
	got := server.got()
	if len(got) != 2 {
		t.Fatalf("%d mails arrived", len(got))
	}
	a, b := parse(t, got[0].raw), parse(t, got[1].raw)
	if a.Get("Message-ID") == "" || a.Get("Message-ID") != b.Get("Message-ID") || a.text != b.text || a.Get("Date") != b.Get("Date") {
		t.Errorf("the second is another mail:\n%s\n%s", got[0].raw, got[1].raw)
	}
}

// soon has a mail be due, as if the time until then had passed.
func (o *office) soon(m *ent.Mail) {
	o.Helper()
	ctx := viewer.System(o.Context())
	_, err := store.Do(ctx, o.db, func(tx *store.Tx) (int, error) {
		return tx.Mail.Update().Where(entmail.ID(m.ID)).SetNextAttemptAt(time.Now()).Save(ctx)
	})
	if err != nil {
		o.Fatal(err)
	}
}

// Several servers share the work: each mail is sent once.
func TestDeliver_Together(t *testing.T) {
	server := &mailServer{}
	address := server.serve(t, nil, nil)
	o := officeAt(t, database.URL(t))
	for n := range 40 {
		o.post(fmt.Sprintf("jan%d@example.pl", n))
	}
	for range 4 {
		o.deliver(open(t, "smtp://"+address))
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		sent := slices.IndexFunc(o.mails(), func(m *ent.Mail) bool { return m.SentAt == nil }) < 0
		if sent {
			break
		}
		if time.Now().After(end) {
			t.Fatal("not all are sent")
		}
	}
	if got := server.got(); len(got) != 40 {
		t.Errorf("%d mails arrived", len(got))
	}
}

// At the end of the program the mail on its way arrives and is noted.
func TestDeliver_EndsWithTheMail(t *testing.T) {
	server := &mailServer{gate: make(chan struct{})}
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	end := o.deliver(open(t, "smtp://"+server.serve(t, nil, nil)))
	o.post("jan@example.pl")
	server.gate <- struct{}{} // it is on its way
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		end()
	}()
	server.gate <- struct{}{}
	<-ended
	if m := o.mails()[0]; m.SentAt == nil || len(server.got()) != 1 {
		t.Errorf("after the end: %+v, %d arrived", m, len(server.got()))
	}
}

// What the server refuses for good is not tried again, and does not keep its
// code.
func TestDeliver_RefusedForGood(t *testing.T) {
	server := &mailServer{refuse: map[string]error{"rcpt": &smtp.SMTPError{Code: 550, Message: "No such user"}}}
	o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
	o.deliver(open(t, "smtp://"+server.serve(t, nil, nil)))
	o.post("jan@example.pl")
	m := o.wait("given up", isFailed)
	if m.Text != "" || m.HTML != "" || m.SentAt != nil || m.Attempts != 1 || m.LastError == nil || !strings.Contains(*m.LastError, "No such user") {
		t.Errorf("noted as %+v", m)
	}
}

// After three days of failures a mail is given up, its code being long dead.
func TestDeliver_GivenUp(t *testing.T) {
	server := &mailServer{refuse: map[string]error{"rcpt": &smtp.SMTPError{Code: 451, Message: "Try again later"}}}
	sender := open(t, "smtp://"+server.serve(t, nil, nil))
	for name, c := range map[string]struct {
		age   time.Duration
		given bool
	}{
		"an hour short": {giveUp - time.Hour, false},
		"due":           {giveUp + time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t, filepath.Join(t.TempDir(), "hub.db"))
			ctx := viewer.System(t.Context())
			_, err := store.Do(ctx, o.db, func(tx *store.Tx) (int, error) {
				return 0, tx.Mail.Create().SetRecipient("jan@example.pl").SetSubject("s").SetText("t").SetHTML("h").
					SetCreatedAt(time.Now().Add(-c.age)).SetNextAttemptAt(time.Now()).SetAttempts(100).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
			o.deliver(sender)
			m := o.wait("tried", func(m *ent.Mail) bool { return m.Attempts > 100 })
			if isFailed(m) != c.given || (m.Text == "") != c.given {
				t.Errorf("noted as %+v", m)
			}
			if pause := time.Until(m.NextAttemptAt); !c.given && (pause < longPause/2-time.Minute || pause > longPause) {
				t.Errorf("next try in %v", pause)
			}
		})
	}
}
