package relay

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"testing"
	"time"

	"madoguchi/bridge/loopback"
	"madoguchi/bridge/virtual"
)

// FuzzDoor knocks with any Host, Origin and headers of a WebSocket: nothing but the allow-list opens.
func FuzzDoor(f *testing.F) {
	s, err := New(Config{
		Source: virtual.New(f.TempDir(), 1, time.Now), Origins: []string{"https://portal.example.jp"},
		Hosts: loopback.HostsOf("41729"), Log: slog.New(slog.DiscardHandler),
		Peer: func(netip.AddrPort, netip.AddrPort) error { return nil },
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(s.Close)
	f.Add("GET", "/health", "127.0.0.1:41729", "https://portal.example.jp", "", "")
	f.Add("GET", "/v2", "localhost:41729", "https://portal.example.jp", "websocket", Subprotocol)
	f.Add("OPTIONS", "/health", "[::1]:41729", "https://portal.example.jp.evil.com", "", "")
	f.Add("GET", "/v2", "127.0.0.1:41729", "null", "WebSocket", "x")
	f.Fuzz(func(t *testing.T, method, path, host, origin, upgrade, protocol string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL.Path, r.Host = method, path, host
		r.Header = http.Header{
			"Origin": {origin}, "Upgrade": {upgrade}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"},
			"Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {protocol},
		}
		r = r.WithContext(context.WithValue(
			t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 41729},
		))
		// cannot be taken over: a WebSocket that would be opened is a failure of the server here
		w := httptest.NewRecorder()
		hungUp := func() (hungUp bool) {
			defer func() { hungUp = recover() == http.ErrAbortHandler }() //nolint:errorlint // as it was thrown
			s.ServeHTTP(w, r)
			return false
		}()
		allowed := slices.Contains(s.Hosts, host) && slices.Contains(s.Origins, origin)
		if !allowed && !hungUp || w.Header().Get("Access-Control-Allow-Origin") != "" && !allowed {
			t.Errorf("%s %s of %q from %q: %d %v", method, path, host, origin, w.Code, w.Header())
		}
	})
}
