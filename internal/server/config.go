// Package server is the wiring: configuration, handlers and jobs become one
// running server.
package server

import (
	"errors"
	"flag"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// Config is everything that can be set from outside: by a flag, by the
// environment variable of the same words, or not at all. The flag wins.
type Config struct {
	Addr        string // host:port to listen on; port 0 is any free one
	DatabaseURL string // sqlite://PATH or postgres://…; may hold a password
	MailURL     string // log:, dir:///PATH, smtp:// or smtps://; may hold a password

	// PublicURL is the base of the links in mails, without a slash at its end.
	// It is empty when not set: links then lead to the address the server
	// listens on, as [Config.PublicURLAt] tells.
	PublicURL string

	OperatorEmail string // the platform operator's confirmed address (A32); "" for none

	// BillingTimeZone is the zone months begin in (A14). It holds for a new
	// database only; BillingTimeZoneSet tells that somebody asked for it, so
	// that another one than the database keeps can be refused.
	BillingTimeZone    *time.Location
	BillingTimeZoneSet bool

	TestClock         *time.Time     // instant, in UTC, at which a test clock stands; nil for the real clock
	AllowedOrigins    []string       // origins of browsers besides the server's own, as browsers write them
	RateLimit         int            // points per minute and caller; 0 is no limit
	Limits            Limits         // every other limit
	TrustedProxies    []netip.Prefix // networks whose X-Forwarded-For counts
	SupportURL        string         // where people find help; "" for nowhere
	Countries         []string       // ISO 3166-1 alpha-2, sorted: where Ajax Services are on offer
	MetricsAddr       string         // host:port of /metrics; "" for none
	FinanceSeniorOnly bool           // takes money from the sight of the plain service manager (A9)

	Demo        bool // fill an empty database with a cast that shows every state
	PrintConfig bool // print what is in force and exit
	Version     bool // print the version and exit
}

// DefaultConfig returns what holds when nothing is set.
func DefaultConfig() Config {
	return Config{
		Addr:            "127.0.0.1:8080",
		DatabaseURL:     "sqlite://hub.db",
		MailURL:         "log:",
		BillingTimeZone: time.UTC,
		RateLimit:       50_000,
		Limits:          DefaultLimits(),
		Countries:       slices.Clone(defaultCountries),
	}
}

// ConfigError refuses a configuration in one sentence. It never quotes a value
// that may hold a password.
type ConfigError struct {
	Name    string // what was set: "-addr", "HUB_ADDR", or what stood there instead of a flag
	Problem string // the rest of the sentence: what would be right
}

// Error returns the sentence.
func (e *ConfigError) Error() string { return e.Name + " " + e.Problem }

// ParseConfig reads the arguments that follow the program's name, and the
// environment. An empty variable counts as not set. It fails with a
// [*ConfigError]; for -h it prints the help to out and returns [flag.ErrHelp].
//
// A misspelt variable cannot be found through env: see [CheckEnvironment].
func ParseConfig(args []string, env func(string) string, out io.Writer) (Config, error) {
	given, err := parseFlags(args)
	if errors.Is(err, flag.ErrHelp) {
		if err := printHelp(out); err != nil {
			return Config{}, err
		}
		return Config{}, flag.ErrHelp
	}
	if err != nil {
		return Config{}, err
	}
	c := DefaultConfig()
	for _, s := range settings {
		if err := s.apply(&c, given[s.flag].values, env); err != nil {
			return Config{}, err
		}
	}
	if err := c.check(); err != nil {
		return Config{}, err
	}
	return c, nil
}

// CheckEnvironment refuses, with a [*ConfigError], a variable whose name begins
// with HUB_ and is none of ours: a typing error would otherwise go unnoticed.
// It takes what [os.Environ] returns.
func CheckEnvironment(environ []string) error {
	var known []string
	for _, s := range settings {
		if s.env != "" {
			known = append(known, s.env)
		}
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "HUB_") && !slices.Contains(known, name) {
			return &ConfigError{name, "is no variable of this server" + meant(name, known) + ", -h shows them all"}
		}
	}
	return nil
}

// PublicURLAt returns the base of the links in mails for a server that listens
// on addr.
func (c Config) PublicURLAt(addr string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "http://" + addr
	}
	// "All addresses" is none that a browser could open.
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// check looks at what no setting can be judged for alone.
func (c Config) check() error {
	if c.MetricsAddr == c.Addr && !strings.HasSuffix(c.Addr, ":0") {
		return &ConfigError{"-metrics-addr", "must be another address than -addr"}
	}
	return c.Limits.check()
}

// given is one flag as it was written; what it means is looked at later, so
// that our own sentences refuse what is wrong.
type given struct {
	values   []string
	isSwitch bool
}

func (g *given) String() string         { return strings.Join(g.values, ",") }
func (g *given) Set(value string) error { g.values = append(g.values, value); return nil }
func (g *given) IsBoolFlag() bool       { return g.isSwitch }

func parseFlags(args []string) (map[string]*given, error) {
	flags := flag.NewFlagSet("", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	all := map[string]*given{}
	for _, s := range settings {
		all[s.flag] = &given{isSwitch: s.isSwitch}
		flags.Var(all[s.flag], s.flag, s.meaning)
	}
	if err := flags.Parse(args); err != nil {
		return nil, flagError(err)
	}
	if flags.NArg() > 0 {
		return nil, &ConfigError{quoteStart(flags.Arg(0)), "is not understood: everything is set by flags, and -h shows them"}
	}
	return all, nil
}

// flagError puts an error of package flag, which has no types, into a sentence
// of ours.
func flagError(err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return err
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: "); ok {
		var known []string
		for _, s := range settings {
			known = append(known, "-"+s.flag)
		}
		return &ConfigError{name, "is no flag of this server" + meant(name, known) + ", -h shows them all"}
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag needs an argument: "); ok {
		return &ConfigError{name, "needs a value, -h shows which"}
	}
	text := strings.TrimPrefix(err.Error(), "bad flag syntax: ")
	return &ConfigError{quoteStart(text), "is no flag, -h shows them all"}
}

// meant suggests the known name that a wrong one is nearest to, if any is near.
func meant(wrong string, known []string) string {
	nearest, distance := "", max(1, len(wrong)/4)
	for _, name := range known {
		if d := levenshtein.ComputeDistance(wrong, name); d <= distance {
			nearest, distance = name, d
		}
	}
	if nearest == "" {
		return ""
	}
	return " (did you mean " + nearest + "?)"
}
