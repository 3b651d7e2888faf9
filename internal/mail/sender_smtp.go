package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// smtpSender hands mails to an SMTP server, each over a connection of its own:
// mails are few, and a kept connection would be dead when it is needed.
type smtpSender struct {
	from           string
	host           string
	port           int
	user, password string
	policy         gomail.TLSPolicy // for a connection that begins in the clear
	implicit       bool             // TLS from the first byte
	tls            *tls.Config
	timeout        time.Duration // for one mail, from dialling to its acceptance
}

// defaultTimeout is how long one mail may take.
const defaultTimeout = 30 * time.Second

var policies = map[string]gomail.TLSPolicy{
	"":              gomail.TLSOpportunistic,
	"opportunistic": gomail.TLSOpportunistic,
	"required":      gomail.TLSMandatory,
	"none":          gomail.NoTLS,
}

func openSMTP(u *url.URL, query url.Values, from string) (Sender, error) {
	s := &smtpSender{
		from: from, host: u.Hostname(), user: u.User.Username(), timeout: defaultTimeout,
		implicit: u.Scheme == "smtps", port: 25,
		tls: &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12},
	}
	s.password, _ = u.User.Password()
	if s.host == "" || (u.Path != "" && u.Path != "/") {
		return nil, errors.New("the mail URL must have the form smtp://user:password@host:port")
	}
	if s.implicit {
		s.port = 465
	}
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return nil, errors.New("the mail URL's port must be from 1 to 65535")
		}
		s.port = int(port)
	}
	policy, ok := policies[query.Get("tls")]
	if !ok {
		return nil, errors.New("the mail URL's tls must be opportunistic, required or none")
	}
	s.policy = policy
	if value := query.Get("timeout"); value != "" {
		timeout, err := time.ParseDuration(value)
		if err != nil || timeout <= 0 {
			return nil, fmt.Errorf("the mail URL's timeout is no duration such as 30s: %q", value)
		}
		s.timeout = timeout
	}
	return s, nil
}

// Send hands the mail to the server. A refusal with a code of 500 and above is
// permanent, unless it concerns the server's own sign-in: that is for the
// operator to put right, and the mail is still good then.
func (s *smtpSender) Send(ctx context.Context, m Message) error {
	msg, err := m.complete(s.from).render(gomail.EncodingQP)
	if err != nil {
		return err
	}
	// A mail that breaks off while it is written would be delivered cut short.
	if _, err := msg.WriteTo(io.Discard); err != nil {
		return fmt.Errorf("%w: it cannot be written: %w", ErrPermanent, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return fmt.Errorf("mail to %s: %w", s.host, err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	switch {
	case err == nil, msg.IsDelivered(): // what fails after acceptance does not take it back
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("mail to %s: %w", s.host, ctx.Err())
	case permanent(err):
		return fmt.Errorf("mail to %s: %w: %w", s.host, ErrPermanent, err)
	}
	return fmt.Errorf("mail to %s: %w", s.host, err)
}

// Close does nothing: no connection outlives its mail.
func (*smtpSender) Close() error { return nil }

// client returns a client for one mail, whose connection closes when ctx ends.
func (s *smtpSender) client(ctx context.Context) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.port), gomail.WithTimeout(s.timeout), gomail.WithTLSConfig(s.tls),
		gomail.WithTLSPolicy(s.policy), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(dialCtx context.Context, network, _ string) (net.Conn, error) {
			conn, err := s.dial(dialCtx, network)
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		}),
	}
	if s.implicit {
		options = append(options, gomail.WithSSL())
	}
	if s.user != "" {
		// The plain ones are refused by the client itself without TLS, unless
		// the server is on this machine.
		options = append(options, gomail.WithUsername(s.user), gomail.WithPassword(s.password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1,
				gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	return gomail.NewClient(s.host, options...)
}

func (s *smtpSender) dial(ctx context.Context, network string) (net.Conn, error) {
	address := net.JoinHostPort(s.host, strconv.Itoa(s.port))
	if s.implicit {
		return (&tls.Dialer{Config: s.tls}).DialContext(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// permanent reports whether the server refused this very mail for good.
func permanent(err error) bool {
	refusal, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		return false
	}
	switch code := refusal.ErrorCode(); code {
	case 530, 534, 535, 538: // sign-in wanted, too weak or wrong
		return false
	default:
		return code >= 500
	}
}
