package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"madoguchi/backend/store/audit"
)

// addressed puts the caller's own address into the request when it came through proxies that are trusted: the last hop
// of X-Forwarded-For that is none of them. What stands before that hop, anybody may have written, and a header that
// comes from anybody else says nothing at all. But when it comes from close by, it is most likely a proxy that somebody
// forgot to name.
func addressed(proxies []netip.Prefix, next http.Handler) http.Handler {
	trusted := trusts(proxies)
	unnamed := hourly()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !trusted(peer.Addr().Unmap()) {
			if err == nil && forwarded(r) && near(peer.Addr().Unmap()) {
				unnamed(func() {
					proxy := peer.Addr().Unmap().String()
					slog.Warn("requests come through a proxy that is not named: all people behind it share one "+
						"address and its limits; name it (PORTAL_TRUSTED_PROXIES)", "proxy", proxy)
					audit.Log(r.Context(), audit.ProxyUnnamed, slog.String("proxy", proxy))
				})
			}
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

// trusts tells whether an address is one of the proxies.
func trusts(proxies []netip.Prefix) func(netip.Addr) bool {
	return func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
}

func forwarded(r *http.Request) bool {
	return slices.ContainsFunc([]string{"X-Forwarded-For", "Forwarded", "X-Real-Ip"}, func(name string) bool {
		return r.Header.Get(name) != ""
	})
}

var sharedAddresses = netip.MustParsePrefix("100.64.0.0/10") // RFC 6598: also within the networks of providers

func near(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || sharedAddresses.Contains(a)
}

// hourly gives a function that does what it is given at most once an hour: for what is told at each of many requests.
func hourly() func(tell func()) {
	var mu sync.Mutex
	var told time.Time
	return func(tell func()) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); told.IsZero() || now.Sub(told) >= time.Hour {
			told = now
			tell()
		}
	}
}
