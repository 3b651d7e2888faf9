package server

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func dump(t *testing.T, c Config) string {
	t.Helper()
	var out bytes.Buffer
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPrint(t *testing.T) {
	got := dump(t, parse(t, nil))
	want := `addr = 127.0.0.1:8080
database-url = sqlite://hub.db
mail-url = log:
public-url = http://127.0.0.1:8080
operator-email = none
billing-time-zone = UTC
test-clock = off
allowed-origins = own origin
rate-limit = 50000
trusted-proxies = none
support-url = none
countries = AE,AT,AU,BE,BG,CA,CH,CY,CZ,DE,DK,EE,ES,FI,FR,GB,GE,GR,HR,HU,IE,IL,IS,IT,LI,LT,LU,LV,MD,ME,MK,MT,NL,NO,NZ,PL,PT,RO,RS,SE,SI,SK,TR,UA,US,ZA
metrics-addr = off
finance-senior-only = false
limit http-body = 256KiB
limit headers = 16KiB
limit header-time = 5s
limit body-time = 10s
limit idle-time = 2m
limit document = 32KiB
limit document-tokens = 2000
limit nesting = 25
limit depth = 18
limit aliases = 30
limit same-field = 10
limit same-mutation = 30
limit directives = 20
limit fragments = 30
limit spreads = 60
limit fields = 2000
limit cost = 5000
limit document-cache = 16MiB
limit variables = 128KiB
limit variables-depth = 32
limit variables-values = 5000
limit page-default = 20
limit page-size = 100
limit nodes = 100
limit bulk-items = 100
limit operation-time = 10s
limit answer = 8MiB
limit errors = 8
limit error-size = 500B
limit socket-message = 64KiB
limit socket-queue = 256KiB
limit socket-init-time = 5s
limit socket-write-time = 10s
limit socket-ping = 15s
limit socket-dead-after = 30s
limit socket-operations = 100
limit sockets-per-person = 20
limit stream-behind = 1000
limit sign-in-pair = 10
limit sign-in-pair-every = 6m
limit sign-in-account = 20
limit sign-in-account-every = 3m
limit sign-in-network = 100
limit sign-in-network-every = 12s
limit password-change = 10
limit password-change-every = 6m
limit codes = 50
limit codes-every = 1m
limit mails-to = 6
limit mails-to-every = 10m
limit mails-from = 200
limit mails-from-every = 20s
limit invitations-to = 10
limit invitations-to-every = 10m
limit invitations-by = 100
limit invitations-by-every = 1m
limit look-ups = 20
limit look-ups-every = 3m
limit sign-in-account-slow = 250ms
limit sign-in-account-slow-most = 4s
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A dump given back sets the same.
func TestPrint_RoundTrip(t *testing.T) {
	c := parse(t, nil, "-addr=[::1]:80", "-database-url=postgres://hub@db/hub", "-mail-url=dir:///var/mail/hub",
		"-public-url=https://hub.example.com", "-operator-email=o@example.com", "-billing-time-zone=Europe/Warsaw",
		"-test-clock=2026-11-22T10:00:00.000001Z", "-allowed-origins=https://a.example.com,https://b.example.com", "-rate-limit=0",
		"-trusted-proxies=10.0.0.0/8,fd00::/8", "-support-url=https://example.com/help", "-countries=PL,DE",
		"-metrics-addr=127.0.0.1:9090", "-finance-senior-only", "-limit=answer=100KiB", "-limit=idle-time=1h30m", "-limit=cost=1")
	var args []string
	for line := range strings.Lines(dump(t, c)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		if limit, ok := strings.CutPrefix(name, "limit "); ok {
			name, value = "limit", limit+"="+value
		}
		args = append(args, "-"+name+"="+value)
	}
	if again := parse(t, nil, args...); !reflect.DeepEqual(again, c) {
		t.Errorf("got %+v\nwant %+v", again, c)
	}
}

func TestPrint_Secrets(t *testing.T) {
	for flag, urls := range map[string]map[string]string{
		"database-url": {
			"postgres://hub:s3cr3t@db:5432/hub?sslmode=disable":        "postgres://hub:***@db:5432/hub?sslmode=disable",
			"postgres://hub:s3:cr3t@db/hub":                            "postgres://hub:***@db/hub",
			"postgresql://:s3cr3t@db/hub":                              "postgresql://:***@db/hub",
			"postgres://hub@db/hub?password=s3cr3t&sslmode=disable":    "postgres://hub@db/hub?password=***&sslmode=disable",
			"postgres:///hub?user=hub&sslPassword=s3cr3t&PASSWORD=s3c": "postgres:///hub?user=hub&sslPassword=***&PASSWORD=***",
			"postgres://hub@db/hub":                                    "postgres://hub@db/hub",
			"sqlite://a:b@c.db":                                        "sqlite://a:b@c.db",
		},
		"mail-url": {
			"smtp://hub:s3cr3t@mail:25?from=hub@example.com": "smtp://hub:***@mail:25?from=hub@example.com",
			"smtps://hub%40x:s3%40cr3t@mail":                 "smtps://hub%40x:***@mail",
			"smtp://mail:25?from=hub@example.com":            "smtp://mail:25?from=hub@example.com",
			"log:?from=hub@example.com":                      "log:?from=hub@example.com",
		},
	} {
		for url, want := range urls {
			out := dump(t, parse(t, nil, "-"+flag+"="+url))
			if !strings.Contains(out, "\n"+flag+" = "+want+"\n") || strings.Contains(out, "s3") {
				t.Errorf("%s: want %s in\n%s", url, want, out)
			}
		}
	}
}
