package server

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // zones as released with Go, whatever this machine has

	"pgregory.net/rapid"
)

type vars map[string]string

func (v vars) get(name string) string { return v[name] }

func parse(t *testing.T, env vars, args ...string) Config {
	t.Helper()
	c, err := ParseConfig(args, env.get, nil)
	if err != nil {
		t.Fatalf("%v %v: %v", env, args, err)
	}
	return c
}

// The names are a promise: scripts and unit files rely on them.
func TestSettings_Names(t *testing.T) {
	promised := map[string]string{
		"addr": "HUB_ADDR", "database-url": "HUB_DATABASE_URL", "mail-url": "HUB_MAIL_URL", "public-url": "HUB_PUBLIC_URL",
		"operator-email": "HUB_OPERATOR_EMAIL", "billing-time-zone": "HUB_BILLING_TIME_ZONE", "test-clock": "HUB_TEST_CLOCK",
		"allowed-origins": "HUB_ALLOWED_ORIGINS", "rate-limit": "HUB_RATE_LIMIT", "limit": "HUB_LIMITS",
		"trusted-proxies": "HUB_TRUSTED_PROXIES", "support-url": "HUB_SUPPORT_URL", "countries": "HUB_COUNTRIES",
		"metrics-addr": "HUB_METRICS_ADDR", "finance-senior-only": "HUB_FINANCE_SENIOR_ONLY",
		"demo": "", "print-config": "", "version": "",
	}
	got := map[string]string{}
	for _, s := range settings {
		got[s.flag] = s.env
	}
	if !maps.Equal(got, promised) {
		t.Errorf("settings are %v, promised are %v", got, promised)
	}
}

func TestParseConfig_Defaults(t *testing.T) {
	c := parse(t, nil)
	if !reflect.DeepEqual(c, DefaultConfig()) {
		t.Errorf("without anything set: %+v", c)
	}
	if c.Addr != "127.0.0.1:8080" || c.DatabaseURL != "sqlite://hub.db" || c.MailURL != "log:" || c.RateLimit != 50000 ||
		c.BillingTimeZone != time.UTC || c.BillingTimeZoneSet || c.TestClock != nil || c.OperatorEmail != "" ||
		c.AllowedOrigins != nil || c.TrustedProxies != nil || c.SupportURL != "" || c.MetricsAddr != "" ||
		c.FinanceSeniorOnly || c.Demo || c.PrintConfig || c.Version || c.PublicURLAt(c.Addr) != "http://127.0.0.1:8080" {
		t.Errorf("defaults: %+v", c)
	}
	if !slices.Contains(c.Countries, "PL") || !slices.IsSorted(c.Countries) {
		t.Errorf("countries: %v", c.Countries)
	}
	if again, err := parseCountries(strings.Join(defaultCountries, ",")); err != nil || !slices.Equal(again, defaultCountries) {
		t.Errorf("the built-in countries are not sorted codes: %v", err)
	}
}

// Every value is read alike from a flag and from its variable, in both
// spellings of the flag.
func TestParseConfig_Values(t *testing.T) {
	warsaw, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 22, 9, 30, 0, 123456000, time.UTC)
	networks := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		flag, value string
		change      func(c *Config)
	}{
		{"addr", ":0", func(c *Config) { c.Addr = ":0" }},
		{"addr", "localhost:8080", func(c *Config) { c.Addr = "localhost:8080" }},
		{"addr", "hub_1.example.com:80", func(c *Config) { c.Addr = "hub_1.example.com:80" }},
		{"addr", "[::1]:65535", func(c *Config) { c.Addr = "[::1]:65535" }},
		{"addr", "0.0.0.0:80", func(c *Config) { c.Addr = "0.0.0.0:80" }},
		{"database-url", "sqlite:///var/lib/hub/hub.db", func(c *Config) { c.DatabaseURL = "sqlite:///var/lib/hub/hub.db" }},
		{"database-url", "sqlite://data/hub 1.db", func(c *Config) { c.DatabaseURL = "sqlite://data/hub 1.db" }},
		{"database-url", "postgres://hub:p%40ss@db:5432/hub?sslmode=disable", func(c *Config) { c.DatabaseURL = "postgres://hub:p%40ss@db:5432/hub?sslmode=disable" }},
		{"database-url", "postgres:///hub?host=/run/postgresql", func(c *Config) { c.DatabaseURL = "postgres:///hub?host=/run/postgresql" }},
		{"mail-url", "dir:///var/mail/hub", func(c *Config) { c.MailURL = "dir:///var/mail/hub" }},
		{"mail-url", "smtp://hub:secret@mail.example.com:587?from=hub@example.com", func(c *Config) { c.MailURL = "smtp://hub:secret@mail.example.com:587?from=hub@example.com" }},
		{"mail-url", "smtps://mail.example.com", func(c *Config) { c.MailURL = "smtps://mail.example.com" }},
		{"mail-url", "log:?from=Hub%20%3Chub@example.com%3E", func(c *Config) { c.MailURL = "log:?from=Hub%20%3Chub@example.com%3E" }},
		{"public-url", "https://hub.example.com/", func(c *Config) { c.PublicURL = "https://hub.example.com" }},
		{"public-url", "https://example.com/hub//", func(c *Config) { c.PublicURL = "https://example.com/hub" }},
		{"operator-email", "operator@example.com", func(c *Config) { c.OperatorEmail = "operator@example.com" }},
		{"operator-email", "none", func(*Config) {}},
		{"billing-time-zone", "Europe/Warsaw", func(c *Config) { c.BillingTimeZone, c.BillingTimeZoneSet = warsaw, true }},
		{"billing-time-zone", "UTC", func(c *Config) { c.BillingTimeZoneSet = true }},
		{"test-clock", "2026-11-22T10:30:00.1234567+01:00", func(c *Config) { c.TestClock = &at }},
		{"test-clock", "off", func(*Config) {}},
		{"allowed-origins", "https://App.Example.com:443, http://localhost:5173,capacitor://localhost,http://[::1]:80", func(c *Config) {
			c.AllowedOrigins = []string{"https://app.example.com", "http://localhost:5173", "capacitor://localhost", "http://[::1]"}
		}},
		{"allowed-origins", "own origin", func(*Config) {}},
		{"rate-limit", "0", func(c *Config) { c.RateLimit = 0 }},
		{"rate-limit", "100", func(c *Config) { c.RateLimit = 100 }},
		{"trusted-proxies", "10.1.2.3/8,192.0.2.7,fd00::/8", func(c *Config) { c.TrustedProxies = networks }},
		{"trusted-proxies", "none", func(*Config) {}},
		{"support-url", "https://example.com/help?lang=pl#top", func(c *Config) { c.SupportURL = "https://example.com/help?lang=pl#top" }},
		{"support-url", "mailto:help@example.com", func(c *Config) { c.SupportURL = "mailto:help@example.com" }},
		{"countries", "pl, DE,PL,", func(c *Config) { c.Countries = []string{"DE", "PL"} }},
		{"metrics-addr", "127.0.0.1:9090", func(c *Config) { c.MetricsAddr = "127.0.0.1:9090" }},
		{"metrics-addr", "off", func(*Config) {}},
		{"finance-senior-only", "true", func(c *Config) { c.FinanceSeniorOnly = true }},
		{"finance-senior-only", "0", func(*Config) {}},
		{"limit", "page-size=500", func(c *Config) { c.Limits.PageSize = 500 }},
		{"limit", "answer=1MiB, operation-time=1m30s,", func(c *Config) { c.Limits.Answer, c.Limits.OperationTime = 1<<20, 90*time.Second }},
	} {
		want := DefaultConfig()
		c.change(&want)
		i := slices.IndexFunc(settings, func(s setting) bool { return s.flag == c.flag })
		for how, got := range map[string]Config{
			"-flag=value":  parse(t, nil, "-"+c.flag+"="+c.value),
			"--flag=value": parse(t, nil, "--"+c.flag+"="+c.value),
			"variable":     parse(t, vars{settings[i].env: " " + c.value + " "}),
		} {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s as %s:\n got %+v\nwant %+v", c.flag, c.value, how, got, want)
			}
		}
		if !settings[i].isSwitch {
			if got := parse(t, nil, "--"+c.flag, c.value); !reflect.DeepEqual(got, want) {
				t.Errorf("%s %s as two arguments: %+v", c.flag, c.value, got)
			}
		}
	}
}

func TestParseConfig_FlagWins(t *testing.T) {
	env := vars{"HUB_ADDR": "127.0.0.1:1", "HUB_RATE_LIMIT": "nonsense", "HUB_OPERATOR_EMAIL": "a@example.com",
		"HUB_FINANCE_SENIOR_ONLY": "true", "HUB_LIMITS": "page-size=50,cost=7", "HUB_SUPPORT_URL": ""}
	c := parse(t, env, "-addr=127.0.0.1:2", "-addr", "127.0.0.1:3", "-rate-limit=9", "-operator-email=", "-finance-senior-only=false",
		"-limit=cost=8", "-limit", "cost=9", "-demo", "--print-config", "-version=false")
	want := DefaultConfig()
	want.Addr, want.RateLimit, want.Demo, want.PrintConfig = "127.0.0.1:3", 9, true, true
	want.Limits.PageSize, want.Limits.Cost = 50, 9
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v\nwant %+v", c, want)
	}
	if c := parse(t, vars{"HUB_DEMO": "true", "HUB_VERSION": "true"}, "-version"); c.Demo || !c.Version {
		t.Errorf("demo is by flag only: %+v", c)
	}
}

// What is wrong is refused in one sentence, which begins with what was set and
// says what would be right.
func TestParseConfig_Refusals(t *testing.T) {
	for _, c := range []struct {
		flag   string
		right  string // what the sentence must tell
		values []string
	}{
		{"addr", "127.0.0.1:8080", []string{"", "8080", "localhost", "localhost:", "localhost:http", "localhost:65536", "localhost:-1", "::1:80", "a b:80", "http://localhost:80", "a/b:80"}},
		{"database-url", "sqlite://hub.db", []string{"", "hub.db", "sqlite:hub.db", "sqlite://", "sqlite://:memory:", "sqlite://hub.db?mode=memory", "sqlite://dir/", "mysql://db/hub", "postgres:hub", "postgres://u:s3cr3t/x@db/hub", "postgres://u:54/s3cr3t@db/hub", "postgres://u:54?s3cr3t@db/hub", "postgres://u:54#s3cr3t@db/hub", "postgres://u:%zz@db/hub"}},
		{"mail-url", "smtp://user:password@host:port", []string{"", "log", "log:///x", "log://host", "dir:mails", "dir://mails/x", "dir:", "smtp:", "smtp://", "smtp://host:0", "smtp://host:99999", "smtp://host/path", "http://host", "smtp://u:s3cr3t:x@y@h:1:2", "smtp://u:25?s3cr3t@host"}},
		{"mail-url", "?from=", []string{"log:?from=nobody", "smtp://host:25?from="}},
		{"public-url", "https://hub.example.com", []string{"", "hub.example.com", "/hub", "ftp://hub.example.com", "https://", "https://u:p@hub.example.com", "https://hub.example.com?x=1", "https://hub.example.com?", "https://hub.example.com#x", "https://hub.example.com:0"}},
		{"operator-email", "operator@example.com", []string{"operator", "Operator <operator@example.com>", "a@b@c", "a@example.com,b@example.com"}},
		{"billing-time-zone", "Europe/Warsaw", []string{"", "Local", "Warsaw", "+01:00", "CEST", "../etc/passwd"}},
		{"test-clock", "2026-11-22T10:00:00Z", []string{"now", "2026-11-22", "2026-11-22T10:00:00", "2026-11-22 10:00:00Z", "1763802000"}},
		{"allowed-origins", "https://app.example.com", []string{"*", "null", "app.example.com", "https://app.example.com/", "https://app.example.com/x", "https://*.example.com", "https://a@b.example.com", "https://", "https://a.example.com,b", "https://a.example.com?x", "https://a.example.com#x", "https://a.example.com:0"}},
		{"rate-limit", "from 0 to", []string{"", "-1", "1.5", "1e3", "many", "2147483648"}},
		{"trusted-proxies", "10.0.0.0/8", []string{"10.0.0.0/33", "proxy.example.com", "10.0.0", "10.0.0.0/8,x", "fe80::1%eth0"}},
		{"support-url", "https://example.com/help", []string{"help", "javascript:alert(1)", "mailto:", "mailto:help", "https://", "/help"}},
		{"countries", "PL,DE,ES", []string{"POL", "616", "Poland", "PL,XX", "EU", "UK", "XK", "SU", "AN", "ZZ", "QO", "Ł1"}},
		{"countries", "at least one", []string{"", ",", " , "}},
		{"metrics-addr", "127.0.0.1:8080", []string{"9090", "localhost"}},
		{"metrics-addr", "another address", []string{"127.0.0.1:8080"}},
		{"finance-senior-only", "true or false", []string{"", "yes", "2"}},
		{"demo", "true or false", []string{"", "maybe"}},
		{"limit", "name=value", []string{"", ",", "page-size", "page-size:5"}},
		{"limit", "page-size must be a whole number from 1", []string{"page-size=0", "page-size=-1", "page-size=", "page-size=many", "page-size=1KiB", "page-size=2147483648"}},
		{"limit", "answer must be a size below 2 GiB, such as 256KiB", []string{"answer=0", "answer=2GiB", "answer=1kB", "answer=1.5MiB", "answer=-1KiB", "answer=KiB", "answer=9999999999KiB", "answer=10s"}},
		{"limit", "operation-time must be a time above zero, such as 10s", []string{"operation-time=10", "operation-time=0s", "operation-time=-1s", "operation-time=soon"}},
		{"limit", "is unknown: there are http-body,", []string{"pages=5", "=5", "Page-Size=5"}},
		{"limit page-default", "page-size, which is 100", []string{"page-default=101"}},
		{"limit", "mails-to must be a whole number from 1", []string{"mails-to=0", "mails-to=-1", "mails-to=6/10m"}},
		{"limit", "mails-to-every must be a time above zero", []string{"mails-to-every=0s", "mails-to-every=10"}},
		{"limit mails-to", "at most 52560, which with mails-to-every", []string{"mails-to=52561", "mails-to=2147483647"}},
		{"limit look-ups-every", "from 1ms to 8760h", []string{"look-ups-every=8761h", "look-ups-every=1us", "look-ups-every=2562047h,look-ups=1"}},
		{"limit sign-in-account-slow", "sign-in-account-slow-most, which is 4s", []string{"sign-in-account-slow=5s"}},
		{"limit sign-in-account-slow-most", "operation-time, which is 10s", []string{"sign-in-account-slow-most=10s"}},
		{"limit socket-ping", "socket-dead-after, which is 30s", []string{"socket-ping=30s"}},
	} {
		name, _, _ := strings.Cut(c.flag, " ")
		env := settings[slices.IndexFunc(settings, func(s setting) bool { return s.flag == name })].env
		for _, value := range c.values {
			_, err := ParseConfig([]string{"-" + name + "=" + value}, vars{}.get, nil)
			refused(t, err, "-"+c.flag, c.right)
			if env == "" || value == "" || strings.Contains(c.flag, " ") || c.right == "another address" {
				continue
			}
			_, err = ParseConfig(nil, vars{env: value}.get, nil)
			refused(t, err, env, c.right)
		}
	}
}

func refused(t *testing.T, err error, name, right string) {
	t.Helper()
	configErr, ok := errors.AsType[*ConfigError](err)
	if !ok {
		t.Errorf("%s: got %v, want a *ConfigError about %s", name, err, right)
		return
	}
	sentence := err.Error()
	if configErr.Name != name || !strings.HasPrefix(sentence, name+" ") || !strings.Contains(sentence, right) {
		t.Errorf("refused with %q, want %s and %q", sentence, name, right)
	}
	if strings.Contains(sentence, "s3cr3t") || strings.ContainsAny(sentence, "\n\t") || strings.HasSuffix(sentence, ".") {
		t.Errorf("not fit to print: %q", sentence)
	}
}

func TestParseConfig_Unknown(t *testing.T) {
	for _, c := range []struct {
		args  []string
		name  string
		right string
	}{
		{[]string{"-adr", ":80"}, "-adr", "did you mean -addr?"},
		{[]string{"--databse-url=x"}, "-databse-url", "did you mean -database-url?"},
		{[]string{"-frobnicate"}, "-frobnicate", "-h shows them all"},
		{[]string{"-addr"}, "-addr", "needs a value"},
		{[]string{"---addr=:80"}, `"---addr…"`, "is no flag"},
		{[]string{"-=s3cr3t"}, `"-…"`, "is no flag"},
		{[]string{"postgres://u:s3cr3t@db/hub"}, `"postgres…"`, "everything is set by flags"},
		{[]string{"---database-url=postgres://u:s3cr3t@db/hub"}, `"---database-url…"`, "is no flag"},
		{[]string{"-foo"}, "-foo", "is no flag of this server, -h shows"},
		{[]string{"serve"}, `"serve"`, "everything is set by flags"},
		{[]string{"-demo", "true"}, `"true"`, "everything is set by flags"},
		{[]string{"--", "-demo"}, `"-demo"`, "everything is set by flags"},
		{[]string{strings.Repeat("ż\n", 100)}, `"` + strings.Repeat(`ż\n`, 20) + `…"`, "everything is set by flags"},
	} {
		_, err := ParseConfig(c.args, vars{}.get, nil)
		refused(t, err, c.name, c.right)
	}
}

func TestCheckEnvironment(t *testing.T) {
	environ := []string{"PATH=/bin", "HUBCTL_TOKEN=x", "HUB", "=C:=x", "HUB_ADDR=", "HUB_LIMITS=cost=1"}
	if err := CheckEnvironment(environ); err != nil {
		t.Errorf("%v: %v", environ, err)
	}
	refused(t, CheckEnvironment(append(environ, "HUB_ADR=:80")), "HUB_ADR", "did you mean HUB_ADDR?")
	refused(t, CheckEnvironment([]string{"HUB_FROBNICATE=s3cr3t"}), "HUB_FROBNICATE", "-h shows them all")
}

func TestPublicURLAt(t *testing.T) {
	for addr, want := range map[string]string{
		"127.0.0.1:8080": "http://127.0.0.1:8080",
		":8080":          "http://localhost:8080",
		"0.0.0.0:80":     "http://localhost:80",
		"[::]:8080":      "http://localhost:8080",
		"[::1]:8080":     "http://[::1]:8080",
		"hub.local":      "http://hub.local",
		"hub.local:8080": "http://hub.local:8080",
	} {
		if got := DefaultConfig().PublicURLAt(addr); got != want {
			t.Errorf("at %s: %s, want %s", addr, got, want)
		}
	}
	if got := parse(t, nil, "-public-url=https://hub.example.com").PublicURLAt(":1"); got != "https://hub.example.com" {
		t.Errorf("when set: %s", got)
	}
}

// The parsers stand any text: they refuse it, or what they made of it is
// accepted again as it is shown.
func TestParseConfig_AnyText(t *testing.T) {
	var names []string
	for _, s := range settings {
		names = append(names, s.flag)
	}
	text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z]{0,8}:(//)?([a-zA-Z0-9:@]{0,9}@)?[a-zA-Z0-9.:/?&=#@%,-]{0,30}`))
	rapid.Check(t, func(t *rapid.T) {
		name, value := rapid.SampledFrom(names).Draw(t, "flag"), text.Draw(t, "value")
		c, err := ParseConfig([]string{"-" + name + "=" + value}, vars{}.get, nil)
		if err != nil {
			if _, ok := errors.AsType[*ConfigError](err); !ok {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		s := settings[slices.Index(names, name)]
		if s.show == nil || strings.Contains(name, "-url") {
			return // shown without its password, or not at all
		}
		again, err := ParseConfig([]string{"-" + name, s.shown(&c)}, vars{}.get, nil)
		if s.isSwitch {
			again, err = ParseConfig([]string{"-" + name + "=" + s.shown(&c)}, vars{}.get, nil)
		}
		again.BillingTimeZoneSet = c.BillingTimeZoneSet
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Fatalf("%s %q is shown as %q, which is %+v, %v", name, value, s.shown(&c), again, err)
		}
	})
}

func TestParseConfig_Help(t *testing.T) {
	for _, args := range [][]string{{"-h"}, {"--help"}, {"-demo", "-help", "nonsense"}} {
		var out bytes.Buffer
		if _, err := ParseConfig(args, vars{"HUB_ADDR": "nonsense"}.get, &out); !errors.Is(err, flag.ErrHelp) {
			t.Fatalf("%v: %v", args, err)
		}
		help := out.String()
		for _, s := range settings {
			for _, part := range []string{"-" + s.flag, s.env, s.meaning, s.value} {
				if !strings.Contains(help, part) {
					t.Errorf("the help says nothing of %q", part)
				}
			}
		}
		for _, l := range limits {
			d := DefaultLimits()
			if !strings.Contains(help, l.name) || !strings.Contains(help, l.meaning) || !strings.Contains(help, l.show(&d)) {
				t.Errorf("the help says nothing of %q", l.name)
			}
		}
		for line := range strings.Lines(help) {
			if len(line) > 180 {
				t.Errorf("long line: %q", line)
			}
		}
	}
	broken := errors.New("broken pipe")
	if _, err := ParseConfig([]string{"-h"}, vars{}.get, failing{broken}); !errors.Is(err, broken) {
		t.Errorf("help nobody could read: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
