// Package postgres runs a private PostgreSQL, for tests and for the writing of
// migrations. It wants Debian's package postgresql.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
)

// Server is a PostgreSQL of its own cluster on a port of its own, on loopback.
// Whoever runs as root runs it as the system's user postgres.
type Server struct {
	URL string // postgres://postgres@127.0.0.1:PORT, to be followed by /DATABASE

	folder  string
	bin     string
	options string
	as      *syscall.SysProcAttr
}

// Start makes a cluster in a temporary folder and runs it, with settings such
// as "fsync=off" besides the usual ones.
func Start(ctx context.Context, settings ...string) (_ *Server, err error) {
	bins, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(bins) == 0 {
		return nil, errors.New("no PostgreSQL found: install the Debian package postgresql")
	}
	s := &Server{bin: slices.Max(bins), as: &syscall.SysProcAttr{}}
	if s.folder, err = os.MkdirTemp("", "postgres"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(s.folder)
		}
	}()
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if s.as.Credential, err = owner(s.folder); err != nil {
			return nil, err
		}
	}
	if err := s.command(ctx, "initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"); err != nil {
		return nil, err
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s.URL = "postgres://postgres@127.0.0.1:" + port
	s.options = "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + s.folder
	for _, setting := range settings {
		s.options += " -c " + setting
	}
	return s, s.Run(ctx)
}

// Run runs a stopped server again, with the data that it has.
func (s *Server) Run(ctx context.Context) error {
	return s.command(ctx, "pg_ctl", "-D", s.data(), "-w", "-l", filepath.Join(s.folder, "log"), "-o", s.options, "start")
}

// Stop stops the server: "fast" ends what its clients do, "immediate" is as if
// it had been killed.
func (s *Server) Stop(mode string) error {
	return s.command(context.Background(), "pg_ctl", "-D", s.data(), "-w", "-m", mode, "stop")
}

// Remove stops the server and deletes its data.
func (s *Server) Remove() error {
	err := s.Stop("immediate")
	return errors.Join(err, os.RemoveAll(s.folder))
}

// Log returns what the server has said.
func (s *Server) Log() string {
	text, err := os.ReadFile(filepath.Join(s.folder, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func (s *Server) data() string { return filepath.Join(s.folder, "cluster") }

func (s *Server) command(ctx context.Context, program string, args ...string) error {
	c := exec.CommandContext(ctx, filepath.Join(s.bin, program), args...)
	c.SysProcAttr, c.Dir = s.as, s.folder
	// A file, since a server that goes on would keep a pipe open.
	said, err := os.CreateTemp("", "said")
	if err != nil {
		return err
	}
	defer os.Remove(said.Name())
	defer said.Close()
	c.Stdout, c.Stderr = said, said
	if err := c.Run(); err != nil {
		text, _ := os.ReadFile(said.Name())
		return fmt.Errorf("%s: %w: %s", program, err, text)
	}
	return nil
}

// owner gives a folder to the system's user postgres.
func owner(folder string) (*syscall.Credential, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(folder, int(uid), int(gid))
}

func freePort(ctx context.Context) (string, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
