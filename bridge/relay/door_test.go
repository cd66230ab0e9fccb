package relay

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// FuzzDoor knocks with any Host, Origin and headers of a WebSocket: nothing but the allow-list opens.
func FuzzDoor(f *testing.F) {
	s, err := New(Config{Origins: []string{"https://portal.example.jp"}, Hosts: HostsOf("41729"), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("GET", "/health", "127.0.0.1:41729", "https://portal.example.jp", "", "")
	f.Add("GET", "/v1", "localhost:41729", "https://portal.example.jp", "websocket", Subprotocol)
	f.Add("OPTIONS", "/health", "[::1]:41729", "https://portal.example.jp.evil.com", "", "")
	f.Add("GET", "/v1", "127.0.0.1:41729", "null", "WebSocket", "x")
	f.Fuzz(func(t *testing.T, method, path, host, origin, upgrade, protocol string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Method, r.URL.Path, r.Host = method, path, host
		r.Header = http.Header{
			"Origin": {origin}, "Upgrade": {upgrade}, "Connection": {"Upgrade"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="}, "Sec-Websocket-Protocol": {protocol},
		}
		w := httptest.NewRecorder() // cannot be taken over: a WebSocket that would be opened is a failure of the server here
		s.ServeHTTP(w, r)
		allowed := slices.Contains(s.Hosts, host) && slices.Contains(s.Origins, origin)
		if !allowed && w.Code < 400 || !allowed && w.Code >= 500 || w.Header().Get("Access-Control-Allow-Origin") != "" && !allowed {
			t.Errorf("%s %s of %q from %q: %d %v", method, path, host, origin, w.Code, w.Header())
		}
	})
}
