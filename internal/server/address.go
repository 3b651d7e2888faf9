package server

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// address returns where a request comes from: the other end of the connection,
// or, where that is a trusted proxy, whom the proxy has it from. Each proxy
// adds to the right of X-Forwarded-For; so it is read from the right, as long
// as trusted hands have written it. What stands further left anybody may have
// made up. The zero address is none that can be told.
func address(r *http.Request, trusted []netip.Prefix) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	from := at.Addr().Unmap().WithZone("")
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	rest := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for rest != "" && isTrusted(from) {
		i := strings.LastIndexByte(rest, ',')
		hop, ok := parseHop(rest[i+1:])
		if !ok {
			break // the proxy that wrote it is the last that is known
		}
		from, rest = hop, rest[:max(i, 0)]
	}
	return from
}

// parseHop reads one entry of X-Forwarded-For: an address, with a port at some
// proxies.
func parseHop(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return a.Unmap().WithZone(""), true
	}
	if p, err := netip.ParseAddrPort(s); err == nil {
		return p.Addr().Unmap().WithZone(""), true
	}
	return netip.Addr{}, false
}
