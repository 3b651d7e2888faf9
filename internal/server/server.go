package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"partnerhub/graph/transport"
	"partnerhub/internal/authz"
	"partnerhub/internal/demo"
	"partnerhub/internal/identity"
	"partnerhub/internal/live"
	"partnerhub/internal/mail"
	"partnerhub/internal/rate"
	"partnerhub/internal/store"
)

// drainTime is how long running operations may take to end at shutdown.
const drainTime = 10 * time.Second

// Server is everything that runs.
type Server struct {
	config  Config
	log     *slog.Logger
	db      *store.DB
	broker  *live.Broker
	rights  authz.Table
	socket  *transport.WebSocket
	events  *transport.Events
	budgets *rate.Limiter // nil without a limit
	ready   atomic.Bool
	talk    io.Writer
}

// Options are what a caller may set besides the configuration.
type Options struct {
	Log *slog.Logger // nil is slog.Default()

	// OnReady is called once the server answers, with its address.
	OnReady func(addr string)

	// OnStatement hears every SQL statement. For tests that count them.
	OnStatement func(ctx context.Context, query string)

	// Talk is where the demo tells who can sign in; nil is nowhere.
	Talk io.Writer
}

// Run serves until ctx ends, and then drains: nothing new is taken, running
// operations end, sockets close with 1012. It returns nil after a clean end.
func Run(ctx context.Context, c Config, o Options) error {
	log := o.Log
	if log == nil {
		log = slog.Default()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("-addr %s cannot be listened on: %w", c.Addr, err)
	}
	defer listener.Close()
	if c.Demo && c.OperatorEmail == "" {
		c.OperatorEmail = demo.OperatorEmail
	}
	s := &Server{config: c, log: log, talk: o.Talk, broker: live.NewBroker(), rights: authz.Rights(c.FinanceSeniorOnly)}
	if c.RateLimit > 0 {
		s.budgets = rate.NewLimiter(c.RateLimit)
	}
	options := store.Options{
		URL: c.DatabaseURL, TestClock: c.TestClock, Log: log, OnStatement: o.OnStatement,
		PublicURL: c.PublicURLAt(listener.Addr().String()), Countries: c.Countries,
	}
	if c.BillingTimeZoneSet {
		options.Zone = c.BillingTimeZone
	}
	if s.db, err = store.Open(ctx, options); err != nil {
		return err
	}
	defer s.db.Close()
	s.db.OnCommit(s.broker.Wake)
	sender, err := mail.Open(c.MailURL, log)
	if err != nil {
		return err
	}
	defer sender.Close()
	if c.Demo {
		if err := s.playDemo(ctx); err != nil {
			return err
		}
	}
	s.warn()
	return s.serve(ctx, listener, sender, o.OnReady)
}

// serve runs the handlers and the jobs until ctx ends.
func (s *Server) serve(ctx context.Context, listener net.Listener, sender mail.Sender, onReady func(string)) error {
	// Whatever asks comes with the rules of this server.
	asking := identity.WithRules(context.Background(), &s.config.Limits.Tries)
	server := &http.Server{
		BaseContext:       func(net.Listener) context.Context { return asking },
		Handler:           s.handler(),
		ReadHeaderTimeout: s.config.Limits.HeaderTime,
		IdleTimeout:       s.config.Limits.IdleTime,
		MaxHeaderBytes:    int(s.config.Limits.Headers),
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	group, jobs := errgroup.WithContext(ctx)
	s.start(jobs, group, sender)
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-jobs.Done()
		return s.drain(server)
	})
	s.ready.Store(true)
	s.log.Info("serving", "url", s.db.PublicURL, "database", withoutPassword(s.config.DatabaseURL))
	if onReady != nil {
		onReady(listener.Addr().String())
	}
	err := group.Wait()
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		s.log.Info("stopped")
		return nil
	}
	return err
}

// drain takes no new work and lets what runs come to its end.
func (s *Server) drain(server *http.Server) error {
	s.ready.Store(false)
	s.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var group errgroup.Group
	group.Go(func() error { return s.socket.Shutdown(ctx) })
	s.events.Shutdown() // their requests end with it, which the server waits for
	group.Go(func() error { return server.Shutdown(ctx) })
	if err := group.Wait(); err != nil {
		return fmt.Errorf("not everything ended within %s: %w", drainTime, err)
	}
	return nil
}

// playDemo fills an empty database and tells who can sign in. A database with
// people in it stays as it is.
func (s *Server) playDemo(ctx context.Context) error {
	present, err := demo.Fill(ctx, s.db, s.rights, s.config.OperatorEmail)
	if err != nil {
		return err
	}
	if !present {
		s.log.Warn("the database has other people in it, so the demo cast stays away")
	}
	if s.talk == nil || !present {
		return nil
	}
	return demo.Print(s.talk, s.db.PublicURL, s.config.OperatorEmail)
}

// warn tells the operator what is not as a live installation should be.
func (s *Server) warn() {
	if strings.HasPrefix(s.config.MailURL, "log:") {
		s.log.Warn("mails go to this log, with the codes and links in them: set -mail-url for a real installation")
	}
	if s.db.Clock.IsTest() {
		s.log.Warn("a test clock stands in for the real one", "now", s.db.Clock.Now())
	}
}

func newRequestID() string { return "req_" + uuid.Must(uuid.NewV7()).String() }
