package viewer

import (
	"context"
	"net/netip"
)

type addressKey struct{}

// WithAddress returns a context in which the asking comes from a network
// address, as [Network] groups it; "" is none.
func WithAddress(ctx context.Context, network string) context.Context {
	return context.WithValue(ctx, addressKey{}, network)
}

// Address returns the network that the asking of this context comes from: ""
// for the server's own.
func Address(ctx context.Context) string {
	s, _ := ctx.Value(addressKey{}).(string)
	return s
}

// Network names what counts as one place that requests come from: an IPv4
// address, or the 64 bits of an IPv6 address that a provider gives to one
// customer, who has all addresses below them. The zero address is none.
func Network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	switch {
	case !a.IsValid():
		return ""
	case a.Is4():
		return a.String()
	}
	p, _ := a.Prefix(64) // fails for more than 128 bits only
	return p.String()
}
