package server

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// setting is one row of the configuration: flag, variable, help and dump are
// made of it.
type setting struct {
	flag     string
	env      string // "" where there is a flag only
	value    string // what to write after the flag, for the help
	meaning  string
	nothing  string                              // how "not set" is written and shown; "" where something always is
	isSwitch bool                                // needs no value: -demo is -demo=true
	repeats  bool                                // each flag adds to those before and to the variable
	set      func(c *Config, value string) error // its error ends the sentence "-flag …"
	show     func(c *Config) string              // what is in force, without secrets
}

// settings is the whole configuration, in the order in which it is shown.
var settings = []setting{
	{
		flag: "addr", env: "HUB_ADDR", value: "HOST:PORT", meaning: "address to listen on",
		set:  func(c *Config, v string) (err error) { c.Addr, err = parseAddr(v); return err },
		show: func(c *Config) string { return c.Addr },
	},
	{
		flag: "database-url", env: "HUB_DATABASE_URL", value: "URL",
		meaning: "database: sqlite://PATH or postgres://USER:PASSWORD@HOST/NAME",
		set:     func(c *Config, v string) (err error) { c.DatabaseURL, err = parseDatabaseURL(v); return err },
		show:    func(c *Config) string { return withoutPassword(c.DatabaseURL) },
	},
	{
		flag: "mail-url", env: "HUB_MAIL_URL", value: "URL",
		meaning: "where mails go: log:, dir:///PATH (one .eml file a mail), smtp://USER:PASSWORD@HOST:PORT or smtps://…; ?from=ADDRESS names the sender",
		set:     func(c *Config, v string) (err error) { c.MailURL, err = parseMailURL(v); return err },
		show:    func(c *Config) string { return withoutPassword(c.MailURL) },
	},
	{
		flag: "public-url", env: "HUB_PUBLIC_URL", value: "URL", meaning: "base of the links in mails",
		set:  func(c *Config, v string) (err error) { c.PublicURL, err = parsePublicURL(v); return err },
		show: func(c *Config) string { return c.PublicURLAt(c.Addr) },
	},
	{
		flag: "operator-email", env: "HUB_OPERATOR_EMAIL", value: "ADDRESS", nothing: "none",
		meaning: "the account with this confirmed address is the platform operator",
		set:     func(c *Config, v string) (err error) { c.OperatorEmail, err = parseEmail(v); return err },
		show:    func(c *Config) string { return c.OperatorEmail },
	},
	{
		flag: "billing-time-zone", env: "HUB_BILLING_TIME_ZONE", value: "ZONE",
		meaning: "time zone months begin in, such as Europe/Warsaw; kept in the database at first start, another one later is refused",
		set: func(c *Config, v string) (err error) {
			c.BillingTimeZone, err = parseZone(v)
			c.BillingTimeZoneSet = true
			return err
		},
		show: func(c *Config) string { return c.BillingTimeZone.String() },
	},
	{
		flag: "test-clock", env: "HUB_TEST_CLOCK", value: "INSTANT", nothing: "off",
		meaning: "instant such as 2026-11-22T10:00:00Z at which a test clock stands until clockAdvance",
		set:     func(c *Config, v string) (err error) { c.TestClock, err = parseInstant(v); return err },
		show: func(c *Config) string {
			if c.TestClock == nil {
				return ""
			}
			return c.TestClock.Format(time.RFC3339Nano)
		},
	},
	{
		flag: "allowed-origins", env: "HUB_ALLOWED_ORIGINS", value: "ORIGIN,…", nothing: "own origin",
		meaning: "origins of browsers elsewhere, such as https://app.example.com",
		set:     func(c *Config, v string) (err error) { c.AllowedOrigins, err = parseOrigins(v); return err },
		show:    func(c *Config) string { return strings.Join(c.AllowedOrigins, ",") },
	},
	{
		flag: "rate-limit", env: "HUB_RATE_LIMIT", value: "POINTS", meaning: "points per minute and caller; 0 is no limit",
		set:  func(c *Config, v string) (err error) { c.RateLimit, err = parseCount(v, 0); return err },
		show: func(c *Config) string { return strconv.Itoa(c.RateLimit) },
	},
	{
		flag: "limit", env: "HUB_LIMITS", value: "NAME=VALUE", repeats: true,
		meaning: "any other limit, see below; the flag may be repeated, the variable is comma-separated",
		set:     func(c *Config, v string) error { return c.Limits.set(v) },
	},
	{
		flag: "trusted-proxies", env: "HUB_TRUSTED_PROXIES", value: "NETWORK,…", nothing: "none",
		meaning: "networks such as 10.0.0.0/8 whose X-Forwarded-For counts",
		set:     func(c *Config, v string) (err error) { c.TrustedProxies, err = parseNetworks(v); return err },
		show:    func(c *Config) string { return join(c.TrustedProxies, ",", netip.Prefix.String) },
	},
	{
		flag: "support-url", env: "HUB_SUPPORT_URL", value: "URL", nothing: "none",
		meaning: "where people find help, shown as serverInfo.supportUrl",
		set:     func(c *Config, v string) (err error) { c.SupportURL, err = parseSupportURL(v); return err },
		show:    func(c *Config) string { return c.SupportURL },
	},
	{
		flag: "countries", env: "HUB_COUNTRIES", value: "CODE,…", meaning: "where Ajax Services are on offer",
		set:  func(c *Config, v string) (err error) { c.Countries, err = parseCountries(v); return err },
		show: func(c *Config) string { return strings.Join(c.Countries, ",") },
	},
	{
		flag: "metrics-addr", env: "HUB_METRICS_ADDR", value: "HOST:PORT", nothing: "off", meaning: "address of /metrics",
		set:  func(c *Config, v string) (err error) { c.MetricsAddr, err = parseAddr(v); return err },
		show: func(c *Config) string { return c.MetricsAddr },
	},
	{
		flag: "finance-senior-only", env: "HUB_FINANCE_SENIOR_ONLY", isSwitch: true,
		meaning: "shows money to owners and senior service managers only, not to service managers",
		set:     func(c *Config, v string) (err error) { c.FinanceSeniorOnly, err = parseSwitch(v); return err },
		show:    func(c *Config) string { return strconv.FormatBool(c.FinanceSeniorOnly) },
	},
	{
		flag: "demo", isSwitch: true, meaning: "fill an empty database with a cast that shows every state, and print who can sign in",
		set: func(c *Config, v string) (err error) { c.Demo, err = parseSwitch(v); return err },
	},
	{
		flag: "print-config", isSwitch: true, meaning: "print what is in force, without secrets, and exit",
		set: func(c *Config, v string) (err error) { c.PrintConfig, err = parseSwitch(v); return err },
	},
	{
		flag: "version", isSwitch: true, meaning: "print the version and exit",
		set: func(c *Config, v string) (err error) { c.Version, err = parseSwitch(v); return err },
	},
}

// apply puts what was given for the setting into c. The last flag wins over
// those before it and over the variable, unless all of them add up.
func (s setting) apply(c *Config, flags []string, env func(string) string) error {
	variable := ""
	if s.env != "" {
		variable = strings.TrimSpace(env(s.env))
	}
	if variable != "" && (s.repeats || len(flags) == 0) {
		if err := s.setAs(c, s.env, variable); err != nil {
			return err
		}
	}
	if len(flags) > 1 && !s.repeats {
		flags = flags[len(flags)-1:]
	}
	for _, value := range flags {
		if err := s.setAs(c, "-"+s.flag, strings.TrimSpace(value)); err != nil {
			return err
		}
	}
	return nil
}

// setAs sets the value that stood under the name. How "not set" is shown may
// be written too, so that a dump can be given back.
func (s setting) setAs(c *Config, name, value string) error {
	if s.nothing != "" && (value == "" || value == s.nothing) {
		return nil // it is the default, and nothing was set before
	}
	if err := s.set(c, value); err != nil {
		return &ConfigError{name, err.Error()}
	}
	return nil
}
