package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

func TestSMTP(t *testing.T) {
	serverTLS, trusted := certificate(t)
	startTLS := func(s *smtp.Server) { s.TLSConfig = serverTLS; s.AllowInsecureAuth = false }
	for name, c := range map[string]struct {
		scheme, login, query string
		implicit             *tls.Config
		configure            func(*smtp.Server)
		encrypted            bool
	}{
		"in the clear":            {scheme: "smtp"},
		"in the clear, signed in": {scheme: "smtp", login: "hub:s3cr3t-P%C3%A4ssw%C3%B6rt@"},
		"STARTTLS":                {scheme: "smtp", configure: startTLS, encrypted: true},
		"STARTTLS, signed in":     {scheme: "smtp", login: "hub:s3cr3t-P%C3%A4ssw%C3%B6rt@", query: "&tls=required", configure: startTLS, encrypted: true},
		"STARTTLS not wanted":     {scheme: "smtp", query: "&tls=none", configure: startTLS},
		"TLS at once":             {scheme: "smtps", implicit: serverTLS, encrypted: true},
		"TLS at once, signed in":  {scheme: "smtps", login: "hub:s3cr3t-P%C3%A4ssw%C3%B6rt@", implicit: serverTLS, encrypted: true},
		"no UTF-8 in addresses":   {scheme: "smtp", configure: func(s *smtp.Server) { s.EnableSMTPUTF8 = false }},
	} {
		t.Run(name, func(t *testing.T) {
			server := &mailServer{}
			address := server.serve(t, c.implicit, c.configure)
			s := open(t, c.scheme+"://"+c.login+address+"?from=Partner%20Hub%20%3Chub@example.com%3E"+c.query)
			s.(*smtpSender).tls.RootCAs = trusted
			for range 2 { // as after a crash: both have the same id
				if err := s.Send(context.Background(), polish); err != nil {
					t.Fatal(err)
				}
			}
			mails := server.got()
			if len(mails) != 2 {
				t.Fatalf("%d mails arrived", len(mails))
			}
			for _, m := range mails {
				got := parse(t, m.raw)
				same(t, got, polish)
				if got.Get("From") != `"Partner Hub" <hub@example.com>` || m.from != "hub@example.com" || m.to != polish.To {
					t.Errorf("from %q, envelope %q to %q", got.Get("From"), m.from, m.to)
				}
				if m.encrypted != c.encrypted || (m.user == "hub") != (c.login != "") {
					t.Errorf("encrypted %v, user %q", m.encrypted, m.user)
				}
			}
		})
	}
}

func TestSMTP_Refused(t *testing.T) {
	for name, c := range map[string]struct {
		step      string
		refusal   *smtp.SMTPError
		permanent bool
	}{
		"greylisted":                {"rcpt", &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Try again later"}, false},
		"no such mailbox":           {"rcpt", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such user"}, true},
		"without an enhanced code":  {"rcpt", &smtp.SMTPError{Code: 553, EnhancedCode: smtp.NoEnhancedCode, Message: "No"}, true},
		"sender refused":            {"mail", &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "No relay"}, true},
		"sign-in wanted":            {"mail", &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Sign in"}, false},
		"server busy":               {"mail", &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Busy"}, false},
		"content refused":           {"data", &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "Looks like spam"}, true},
		"content refused for today": {"data", &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "Disk full"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			server := &mailServer{refuse: map[string]error{c.step: c.refusal}}
			s := open(t, "smtp://"+server.serve(t, nil, nil))
			err := s.Send(context.Background(), polish)
			if err == nil || errors.Is(err, ErrPermanent) != c.permanent || !strings.Contains(err.Error(), c.refusal.Message) {
				t.Errorf("error %v, permanent %v wanted", err, c.permanent)
			}
			if err != nil && strings.Contains(err.Error(), "hubc-") {
				t.Errorf("the error shows the code: %v", err)
			}
			if mails := server.got(); len(mails) != 0 {
				t.Errorf("%d mails arrived", len(mails))
			}
		})
	}
}

// What is wrong with the connection or the sign-in is not the mail's fault,
// and no error shows the password.
func TestSMTP_Connection(t *testing.T) {
	serverTLS, _ := certificate(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	plain := (&mailServer{}).serve(t, nil, nil)
	strange := (&mailServer{}).serve(t, nil, func(s *smtp.Server) { s.TLSConfig = serverTLS })
	for name, mailURL := range map[string]string{
		"wrong password":                 "smtp://hub:wrong-s3cr3t@" + plain,
		"nobody there":                   "smtp://hub:wrong-s3cr3t@" + closed.Addr().String(),
		"no TLS on offer":                "smtp://hub:wrong-s3cr3t@" + plain + "?tls=required",
		"certificate not trusted":        "smtp://hub:wrong-s3cr3t@" + strange,
		"TLS at once where there's none": "smtps://hub:wrong-s3cr3t@" + plain,
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, mailURL).Send(context.Background(), polish)
			if err == nil || errors.Is(err, ErrPermanent) {
				t.Fatalf("error %v", err)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

func TestSMTP_Silent(t *testing.T) {
	for name, lines := range map[string][]string{
		"from the start":        nil,
		"after the greeting":    {"220 mail.test"},
		"after the recipient":   {"220 mail.test", "250 mail.test", "250 sender"},
		"while the mail is put": {"220 mail.test", "250 mail.test", "250 sender", "250 recipient", "354 go on"},
	} {
		address := script(t, lines...)
		t.Run(name+", timeout", func(t *testing.T) {
			err := open(t, "smtp://"+address+"?timeout=100ms").Send(context.Background(), polish)
			if err == nil || errors.Is(err, ErrPermanent) {
				t.Errorf("error %v", err)
			}
		})
		t.Run(name+", the caller ends", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
			defer cancel()
			begun := time.Now()
			err := open(t, "smtp://"+address).Send(ctx, polish)
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrPermanent) {
				t.Errorf("error %v", err)
			}
			if took := time.Since(begun); took > defaultTimeout/2 {
				t.Errorf("it waited %v", took)
			}
		})
	}
}

// A mail is on its way once the server has said so: sending it again, because
// the goodbye failed, would deliver it twice.
func TestSMTP_AcceptedThenGone(t *testing.T) {
	address := script(t, "220 mail.test", "250 mail.test", "250 sender", "250 recipient", "354 go on", "250 taken", "bye")
	if err := open(t, "smtp://"+address).Send(context.Background(), polish); err != nil {
		t.Error(err)
	}
	address = script(t, "220 mail.test", "250 mail.test", "250 sender", "250 recipient", "354 go on", "bye")
	if err := open(t, "smtp://"+address).Send(context.Background(), polish); err == nil || errors.Is(err, ErrPermanent) {
		t.Errorf("gone before it took the mail: %v", err)
	}
}

func TestSMTP_Concurrent(t *testing.T) {
	server := &mailServer{}
	s := open(t, "smtp://hub:s3cr3t-P%C3%A4ssw%C3%B6rt@"+server.serve(t, nil, nil))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				if err := s.Send(context.Background(), polish); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if mails := server.got(); len(mails) != 24 {
		t.Errorf("%d mails arrived", len(mails))
	}
}
