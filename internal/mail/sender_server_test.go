package mail

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailServer is a real SMTP server on the loopback that keeps what it gets.
type mailServer struct {
	refuse map[string]error // by "mail", "rcpt" and "data"
	gate   chan struct{}    // nil, or taken from once when a mail begins and once before it is kept
	mu     sync.Mutex
	mails  []delivery
}

type delivery struct {
	from, to, user string
	encrypted      bool
	raw            []byte
}

const password = "s3cr3t-Pässwört"

// serve starts the server; configure may change it before.
func (s *mailServer) serve(t *testing.T, implicit *tls.Config, configure func(*smtp.Server)) string {
	t.Helper()
	return s.serveAt(t, "127.0.0.1:0", implicit, configure)
}

// serveAt is serve at an address of choice.
func (s *mailServer) serveAt(t *testing.T, address string, implicit *tls.Config, configure func(*smtp.Server)) string {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c}, nil
	}))
	server.Domain = "mail.test"
	server.AllowInsecureAuth = true
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	if configure != nil {
		configure(server)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	address = listener.Addr().String()
	if implicit != nil {
		listener = tls.NewListener(listener, implicit)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return address
}

func (s *mailServer) got() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery(nil), s.mails...)
}

type session struct {
	server *mailServer
	conn   *smtp.Conn
	next   delivery
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, word string) error {
		if word != password {
			return smtp.ErrAuthFailed
		}
		s.next.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.next.from = from
	return s.server.refuse["mail"]
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.next.to = to
	return s.server.refuse["rcpt"]
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.server.gate != nil {
		<-s.server.gate
		<-s.server.gate
	}
	if err := s.server.refuse["data"]; err != nil {
		return err
	}
	s.next.raw = raw
	_, s.next.encrypted = s.conn.TLSConnectionState()
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, s.next)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// certificate returns a server's TLS configuration and who trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

// script is a server that says its lines, one after each line it hears, and
// then falls silent until the test ends.
func script(t *testing.T, lines ...string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	ended := make(chan struct{})
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				heard := bufio.NewScanner(conn)
				for _, line := range lines {
					if line == "bye" {
						return
					}
					if _, err := conn.Write([]byte(line + "\r\n")); err != nil {
						return
					}
					for heard.Scan() && strings.HasPrefix(line, "354") && heard.Text() != "." {
					}
				}
				<-ended
			})
		}
	})
	t.Cleanup(func() {
		close(ended)
		listener.Close()
		all.Wait()
	})
	return listener.Addr().String()
}
