package server

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"partnerhub/internal/identity"
)

// Limits are all limits of the server but the rate. Each is at least 1; there
// is no "unlimited".
type Limits struct {
	HTTPBody   ByteSize // body of a request
	Headers    ByteSize // all headers of a request
	HeaderTime time.Duration
	BodyTime   time.Duration
	IdleTime   time.Duration // a kept connection without a request

	Document       ByteSize
	DocumentTokens int
	Nesting        int // brackets within brackets
	Depth          int // fields within fields, introspection apart
	Aliases        int
	SameField      int // in one selection set
	SameMutation   int // at the root of a mutation
	Directives     int
	Fragments      int
	Spreads        int
	Fields         int      // after spreading
	Cost           int      // points of an operation, page sizes counted
	DocumentCache  ByteSize // what documents kept for the next time may take

	VariablesSize   ByteSize
	VariablesDepth  int
	VariablesValues int

	PageDefault int // items of a page when nothing is said
	PageSize    int // most items of a page; more is an error
	Nodes       int // ids of nodes(ids:)
	BulkItems   int // items of a bulk mutation

	OperationTime time.Duration // the operator's jobs apart
	Answer        ByteSize
	Errors        int      // errors in an answer; each null root field has one all the same
	ErrorSize     ByteSize // text of one of them

	SocketMessage    ByteSize
	SocketQueue      ByteSize      // what may wait for a client that reads slowly
	SocketInitTime   time.Duration // from the handshake to connection_init
	SocketWriteTime  time.Duration // for the client to take a message
	SocketPing       time.Duration // between two pings
	SocketDeadAfter  time.Duration // of silence
	SocketOperations int           // at a time, of one socket
	SocketsPerPerson int
	StreamBehind     int // changes that a slow reader may be behind

	Tries identity.Rules // passwords, codes, mails, invitations and look-ups
}

// DefaultLimits returns the limits that hold when nothing is set.
func DefaultLimits() Limits {
	return Limits{
		HTTPBody: 256 << 10, Headers: 16 << 10,
		HeaderTime: 5 * time.Second, BodyTime: 10 * time.Second, IdleTime: 120 * time.Second,

		Document: 32 << 10, DocumentTokens: 2000, Nesting: 25, Depth: 18, Aliases: 30, SameField: 10,
		SameMutation: 30, Directives: 20, Fragments: 30, Spreads: 60, Fields: 2000, Cost: 5000, DocumentCache: 16 << 20,
		VariablesSize: 128 << 10, VariablesDepth: 32, VariablesValues: 5000,

		PageDefault: 20, PageSize: 100, Nodes: 100, BulkItems: 100,
		OperationTime: 10 * time.Second, Answer: 8 << 20, Errors: 8, ErrorSize: 500,

		SocketMessage: 64 << 10, SocketQueue: 256 << 10,
		SocketInitTime: 5 * time.Second, SocketWriteTime: 10 * time.Second,
		SocketPing: 15 * time.Second, SocketDeadAfter: 30 * time.Second,
		SocketOperations: 100, SocketsPerPerson: 20, StreamBehind: 1000,

		Tries: identity.DefaultRules(),
	}
}

// limit is one row of the table that flags, help and dump are made of.
type limit struct {
	name    string
	meaning string
	field   func(l *Limits) any // *int, *ByteSize or *time.Duration
}

var limits = withTries([]limit{
	{"http-body", "body of an HTTP request", func(l *Limits) any { return &l.HTTPBody }},
	{"headers", "headers of an HTTP request", func(l *Limits) any { return &l.Headers }},
	{"header-time", "time to read the headers", func(l *Limits) any { return &l.HeaderTime }},
	{"body-time", "time to read the body", func(l *Limits) any { return &l.BodyTime }},
	{"idle-time", "time a connection may stay without a request", func(l *Limits) any { return &l.IdleTime }},
	{"document", "size of a GraphQL document", func(l *Limits) any { return &l.Document }},
	{"document-tokens", "tokens of a document", func(l *Limits) any { return &l.DocumentTokens }},
	{"nesting", "brackets within brackets", func(l *Limits) any { return &l.Nesting }},
	{"depth", "fields within fields, introspection apart", func(l *Limits) any { return &l.Depth }},
	{"aliases", "aliases of a document", func(l *Limits) any { return &l.Aliases }},
	{"same-field", "times one field may stand in a selection set", func(l *Limits) any { return &l.SameField }},
	{"same-mutation", "times one field may stand at a mutation's root", func(l *Limits) any { return &l.SameMutation }},
	{"directives", "directives of a document", func(l *Limits) any { return &l.Directives }},
	{"fragments", "fragments of a document", func(l *Limits) any { return &l.Fragments }},
	{"spreads", "spreads of fragments", func(l *Limits) any { return &l.Spreads }},
	{"fields", "fields once all fragments are spread", func(l *Limits) any { return &l.Fields }},
	{"cost", "points of one operation, page sizes counted", func(l *Limits) any { return &l.Cost }},
	{"document-cache", "memory for documents that were sent already", func(l *Limits) any { return &l.DocumentCache }},
	{"variables", "size of the variables", func(l *Limits) any { return &l.VariablesSize }},
	{"variables-depth", "lists and objects within each other in the variables", func(l *Limits) any { return &l.VariablesDepth }},
	{"variables-values", "values in the variables", func(l *Limits) any { return &l.VariablesValues }},
	{"page-default", "items of a page when first is left out", func(l *Limits) any { return &l.PageDefault }},
	{"page-size", "items of a page at most", func(l *Limits) any { return &l.PageSize }},
	{"nodes", "ids of nodes(ids:)", func(l *Limits) any { return &l.Nodes }},
	{"bulk-items", "items of a bulk mutation", func(l *Limits) any { return &l.BulkItems }},
	{"operation-time", "deadline of an operation, the operator's jobs apart", func(l *Limits) any { return &l.OperationTime }},
	{"answer", "size of an answer", func(l *Limits) any { return &l.Answer }},
	{"errors", "errors in an answer, and one for each null root field", func(l *Limits) any { return &l.Errors }},
	{"error-size", "size of the text of an error", func(l *Limits) any { return &l.ErrorSize }},
	{"socket-message", "size of a WebSocket message", func(l *Limits) any { return &l.SocketMessage }},
	{"socket-queue", "what may wait for a client that reads slowly", func(l *Limits) any { return &l.SocketQueue }},
	{"socket-init-time", "time for connection_init", func(l *Limits) any { return &l.SocketInitTime }},
	{"socket-write-time", "time for a client to take a message", func(l *Limits) any { return &l.SocketWriteTime }},
	{"socket-ping", "time between two pings", func(l *Limits) any { return &l.SocketPing }},
	{"socket-dead-after", "silence after which a socket is dropped", func(l *Limits) any { return &l.SocketDeadAfter }},
	{"socket-operations", "operations of one socket at a time", func(l *Limits) any { return &l.SocketOperations }},
	{"sockets-per-person", "sockets of one person", func(l *Limits) any { return &l.SocketsPerPerson }},
	{"stream-behind", "changes a stream may be behind before it gets the present state instead", func(l *Limits) any { return &l.StreamBehind }},
})

// set reads name=value, or several of them with commas between.
func (l *Limits) set(s string) error {
	items := list(s)
	if len(items) == 0 {
		return errors.New("must be name=value, such as page-size=100")
	}
	for _, item := range items {
		name, value, ok := strings.Cut(item, "=")
		if !ok {
			return errors.New("must be name=value, such as page-size=100")
		}
		if err := l.setOne(strings.TrimSpace(name), strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	return nil
}

func (l *Limits) setOne(name, value string) error {
	for _, known := range limits {
		if known.name != name {
			continue
		}
		var err error
		switch field := known.field(l).(type) {
		case *int:
			*field, err = parseCount(value, 1)
		case *ByteSize:
			*field, err = ParseByteSize(value)
		case *time.Duration:
			*field, err = parseDuration(value)
		}
		if err != nil {
			return fmt.Errorf("%s %w", name, err)
		}
		return nil
	}
	return fmt.Errorf("%s is unknown: there are %s", quote(name), join(limits, ", ", func(l limit) string { return l.name }))
}

// show returns the value of the limit in the form in which it can be set.
func (l limit) show(values *Limits) string {
	switch field := l.field(values).(type) {
	case *int:
		return strconv.Itoa(*field)
	case *ByteSize:
		return field.String()
	default:
		return showDuration(*field.(*time.Duration))
	}
}

// check looks at limits that bear on each other.
func (l Limits) check() error {
	if l.PageDefault > l.PageSize {
		return &ConfigError{"-limit page-default", "must not be more than page-size, which is " + strconv.Itoa(l.PageSize)}
	}
	if l.SocketPing >= l.SocketDeadAfter {
		return &ConfigError{"-limit socket-ping", "must be less than socket-dead-after, which is " + showDuration(l.SocketDeadAfter)}
	}
	return l.checkTries()
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, errors.New("must be a time above zero, such as 10s or 2m")
	}
	return d, nil
}

// showDuration leaves out what is zero: 2m, not 2m0s.
func showDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ByteSize is a number of bytes.
type ByteSize int64

var byteUnits = []struct {
	name string
	size ByteSize
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}

// ParseByteSize reads a whole number from 1 with a unit B, KiB, MiB or GiB, or
// without: bytes. A limit has to fit in memory, so 2 GiB is too much.
func ParseByteSize(s string) (ByteSize, error) {
	number, unit := s, ByteSize(1)
	for _, u := range byteUnits {
		if rest, ok := strings.CutSuffix(s, u.name); ok {
			number, unit = strings.TrimSpace(rest), u.size
			break
		}
	}
	n, err := parseCount(number, 1)
	if err != nil || ByteSize(n) > maxCount/unit {
		return 0, errors.New("must be a size below 2 GiB, such as 256KiB, 8MiB or 1000")
	}
	return ByteSize(n) * unit, nil
}

// String returns the size in its largest whole unit.
func (b ByteSize) String() string {
	for _, u := range byteUnits {
		if b >= u.size && b%u.size == 0 {
			return strconv.FormatInt(int64(b/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10) + "B"
}
