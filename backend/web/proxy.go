package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// addressed puts the caller's own address into the request when it came through proxies that are trusted: the last hop of
// X-Forwarded-For that is none of them. What stands before that hop, anybody may have written, and a header that comes from anybody
// else says nothing at all.
func addressed(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !trusted(peer.Addr().Unmap()) {
			next.ServeHTTP(w, r)
			return
		}
		caller := peer.Addr()
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for _, hop := range slices.Backward(hops) {
			address, ok := parseHop(strings.TrimSpace(hop))
			if !ok {
				break
			}
			caller = address
			if !trusted(address) {
				break
			}
		}
		named := r.WithContext(r.Context())
		named.RemoteAddr = net.JoinHostPort(caller.String(), "0")
		next.ServeHTTP(w, named)
	})
}

// parseHop reads an address, with a port as some proxies have it or without.
func parseHop(hop string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(strings.Trim(hop, "[]")); err == nil {
		return address.Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddrPort(hop)
	return address.Addr().Unmap().WithZone(""), err == nil
}
