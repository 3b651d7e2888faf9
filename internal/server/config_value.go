package server

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"partnerhub/internal/form"
)

// The errors of the parsers below end a sentence that begins with the name of
// what was set. They do not repeat the value: it stands in the command line,
// and it may hold a password.

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?$`)

func parseAddr(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil || host != "" && !isHost(host) {
		return "", errors.New("must be host:port, such as 127.0.0.1:8080")
	}
	return s, nil
}

// isHost reports whether s is a name or an address of a machine.
func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || hostName.MatchString(s)
}

func parseDatabaseURL(s string) (string, error) {
	errURL := errors.New("must be sqlite://PATH, such as sqlite://hub.db, or postgres://user:password@host/database with a password in percent-encoding")
	if path, ok := strings.CutPrefix(s, "sqlite://"); ok {
		// What SQLite would take for "in memory" or for options is no file.
		if path == "" || strings.HasSuffix(path, "/") || strings.ContainsAny(path, "?#\x00") || strings.HasPrefix(path, ":") {
			return "", errURL
		}
		return s, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || !strings.Contains(s, "://") {
		return "", errURL
	}
	// A bare @, / or ? in a password cuts it in two; the rest would be shown.
	if strings.Contains(u.Path+u.RawQuery, "@") || strings.Contains(s, "#") {
		return "", errURL
	}
	return s, nil
}

func parseMailURL(s string) (string, error) {
	errURL := errors.New("must be log:, dir:///PATH, smtp://user:password@host:port or smtps://user:password@host:port with a password in percent-encoding")
	u, err := url.Parse(s)
	if err != nil || u.Fragment != "" {
		return "", errURL
	}
	ok := false
	switch u.Scheme {
	case "log":
		ok = u.Host == "" && u.Path == "" && u.Opaque == "" && u.User == nil
	case "dir":
		ok = u.Host == "" && filepath.IsAbs(u.Path) && u.User == nil
	case "smtp", "smtps":
		ok = isHost(u.Hostname()) && (u.Path == "" || u.Path == "/") && isPort(u.Port())
	}
	if !ok {
		return "", errURL
	}
	for key := range u.Query() {
		if strings.Contains(key, "@") { // the second half of a password
			return "", errURL
		}
	}
	if from := u.Query().Get("from"); u.Query().Has("from") {
		if _, err := mail.ParseAddress(from); err != nil {
			return "", errors.New("must name an e-mail address after ?from=, such as ?from=hub@example.com")
		}
	}
	return s, nil
}

// isPort reports whether s is a port to connect to, or none, which leaves it to
// the protocol.
func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return s == "" || err == nil && n > 0
}

func parsePublicURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || !isWeb(u) || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errors.New("must be an absolute address without query, such as https://hub.example.com")
	}
	return strings.TrimRight(s, "/"), nil
}

func parseSupportURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err == nil && u.Scheme == "mailto" {
		_, err = mail.ParseAddress(u.Opaque)
	} else if err == nil && !isWeb(u) {
		err = errors.ErrUnsupported
	}
	if err != nil {
		return "", errors.New("must be an absolute address, such as https://example.com/help or mailto:help@example.com")
	}
	return s, nil
}

func isWeb(u *url.URL) bool {
	return (u.Scheme == "http" || u.Scheme == "https") && isHost(u.Hostname()) && isPort(u.Port())
}

func parseEmail(s string) (string, error) {
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
		return "", errors.New("must be an e-mail address, such as operator@example.com")
	}
	return s, nil
}

func parseZone(s string) (*time.Location, error) {
	loc, err := time.LoadLocation(s)
	if err != nil || s == "" || loc == time.Local {
		return nil, errors.New("must be the name of a time zone, such as Europe/Warsaw or UTC")
	}
	return loc, nil
}

func parseInstant(s string) (*time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return nil, errors.New("must be an RFC 3339 instant, such as 2026-11-22T10:00:00Z")
	}
	t = t.UTC().Truncate(time.Microsecond)
	return &t, nil
}

func parseOrigins(s string) ([]string, error) {
	var origins []string
	for _, item := range list(s) {
		u, err := url.Parse(item)
		if err != nil || u.Scheme == "" || !isHost(u.Hostname()) || !isPort(u.Port()) || u.User != nil ||
			strings.ContainsAny(item, "?#") || strings.Count(item, "/") != 2 {
			return nil, errors.New("must be scheme://host or scheme://host:port, such as https://app.example.com, comma-separated")
		}
		// As browsers write it: lower case, and no port that goes without saying.
		host := strings.ToLower(u.Host)
		switch u.Scheme {
		case "http":
			host = strings.TrimSuffix(host, ":80")
		case "https":
			host = strings.TrimSuffix(host, ":443")
		}
		origins = append(origins, u.Scheme+"://"+strings.TrimSuffix(host, ":"))
	}
	return origins, nil
}

func parseNetworks(s string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, item := range list(s) {
		network, err := netip.ParsePrefix(item)
		if addr, addrErr := netip.ParseAddr(item); addrErr == nil && addr.Zone() == "" {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, errors.New("must be networks such as 10.0.0.0/8 or addresses, comma-separated")
		}
		networks = append(networks, network.Masked())
	}
	return networks, nil
}

// defaultCountries are where Ajax Services are on offer unless it is set.
var defaultCountries = []string{
	"AE", "AT", "AU", "BE", "BG", "CA", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
	"GE", "GR", "HR", "HU", "IE", "IL", "IS", "IT", "LI", "LT", "LU", "LV", "MD", "ME", "MK", "MT",
	"NL", "NO", "NZ", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "TR", "UA", "US", "ZA",
}

func parseCountries(s string) ([]string, error) {
	var countries []string
	for _, item := range list(s) {
		code := strings.ToUpper(item)
		if !form.IsCountry(code) {
			return nil, errors.New("must be ISO 3166-1 alpha-2 codes such as PL,DE,ES, and " + quote(item) + " is none")
		}
		countries = append(countries, code)
	}
	if len(countries) == 0 {
		return nil, errors.New("must name at least one country, such as PL")
	}
	slices.Sort(countries)
	return slices.Compact(countries), nil
}

func parseSwitch(s string) (bool, error) {
	on, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New("must be true or false")
	}
	return on, nil
}

// maxCount is the largest number that GraphQL's Int can show.
const maxCount = 1<<31 - 1

// parseCount reads a whole number that is no less than least.
func parseCount(s string, least int) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || int(n) < least {
		return 0, errors.New("must be a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(maxCount))
	}
	return int(n), nil
}

// list cuts a comma-separated text; empty items do not count.
func list(s string) []string {
	var items []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// join is the opposite of list.
func join[T any](items []T, separator string, text func(T) string) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = text(item)
	}
	return strings.Join(texts, separator)
}

// quote makes somebody else's text fit for one line of an error.
func quote(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// quoteStart quotes no more than could be the name of something: the rest of
// what stands in the wrong place may hold a password.
func quoteStart(s string) string {
	if i := strings.IndexAny(s, "=:@"); i > 0 {
		s = s[:i] + "…"
	}
	return quote(s)
}
