package server

import (
	"net/http"
	"net/netip"
	"testing"

	"partnerhub/internal/viewer"
)

// What a client writes into X-Forwarded-For itself never counts: the header is
// read from the right, through trusted proxies only.
func TestAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		name      string
		remote    string
		forwarded []string
		trusted   []netip.Prefix
		want      string
	}{
		{"no proxy", "192.0.2.7:1", nil, trusted, "192.0.2.7"},
		{"nobody is trusted", "10.0.0.1:1", []string{"192.0.2.7"}, nil, "10.0.0.1"},
		{"a stranger's header", "192.0.2.7:1", []string{"198.51.100.1"}, trusted, "192.0.2.7"},
		{"one proxy", "10.0.0.1:1", []string{"192.0.2.7"}, trusted, "192.0.2.7"},
		{"two proxies", "10.0.0.1:1", []string{"192.0.2.7, 10.9.9.9"}, trusted, "192.0.2.7"},
		{"two headers", "10.0.0.1:1", []string{"192.0.2.7", "10.9.9.9"}, trusted, "192.0.2.7"},
		{"the client's own entries", "10.0.0.1:1", []string{"127.0.0.1, 10.0.0.2, 192.0.2.7"}, trusted, "192.0.2.7"},
		{"a proxy that says nothing", "10.0.0.1:1", nil, trusted, "10.0.0.1"},
		{"nothing but proxies", "10.0.0.1:1", []string{"10.0.0.3,10.0.0.2"}, trusted, "10.0.0.3"},
		{"rubbish", "10.0.0.1:1", []string{"192.0.2.7, unknown"}, trusted, "10.0.0.1"},
		{"rubbish of the client", "10.0.0.1:1", []string{"unknown,192.0.2.7"}, trusted, "192.0.2.7"},
		{"an empty entry", "10.0.0.1:1", []string{"192.0.2.7,"}, trusted, "10.0.0.1"},
		{"with ports", "10.0.0.1:1", []string{"192.0.2.7:5000, 10.0.0.2:80"}, trusted, "192.0.2.7"},
		{"IPv6", "[fd00::1]:1", []string{"2001:db8:1:2:3:4:5:6"}, trusted, "2001:db8:1:2::/64"},
		{"IPv6 with port", "[fd00::1]:1", []string{"[2001:db8:1:2::9]:443"}, trusted, "2001:db8:1:2::/64"},
		{"IPv6 in brackets", "[fd00::1]:1", []string{"[2001:db8:1:2::9]"}, trusted, "2001:db8:1:2::/64"},
		{"IPv6 with a zone", "[fe80::1%eth0]:1", nil, trusted, "fe80::/64"},
		{"IPv4 within IPv6", "[::ffff:10.0.0.1]:1", []string{"::ffff:192.0.2.7"}, trusted, "192.0.2.7"},
		{"no address", "@", []string{"192.0.2.7"}, trusted, ""},
	} {
		r := &http.Request{RemoteAddr: c.remote, Header: http.Header{}}
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		if got := viewer.Network(address(r, c.trusted)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
