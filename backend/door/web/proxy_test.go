package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestWhoseWordOnTheAddressCounts(t *testing.T) {
	proxies := []netip.Prefix{
		netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8:1::/48"),
		netip.MustParsePrefix("127.0.0.1/32"),
	}
	for name, c := range map[string]struct {
		peer    string
		headers []string
		want    string
	}{
		"no proxy":                     {"203.0.113.9:4711", nil, "203.0.113.9:4711"},
		"a stranger writes the header": {"203.0.113.9:4711", []string{"198.51.100.1"}, "203.0.113.9:4711"},
		"a stranger names a proxy": {
			"203.0.113.9:4711", []string{"198.51.100.1, 10.1.0.2"}, "203.0.113.9:4711",
		},
		"through a proxy": {"10.1.0.2:4711", []string{"198.51.100.1"}, "198.51.100.1:0"},
		"through two": {
			"10.1.0.2:4711", []string{"198.51.100.1, 10.1.9.9"}, "198.51.100.1:0",
		},
		"in two headers": {
			"10.1.0.2:4711", []string{"198.51.100.1", "10.1.9.9"}, "198.51.100.1:0",
		},
		"the caller had written one before": {
			"10.1.0.2:4711", []string{"192.0.2.7, 198.51.100.1"}, "198.51.100.1:0",
		},
		"the caller had written a proxy before": {
			"10.1.0.2:4711", []string{"10.1.0.3, 198.51.100.1, 10.1.9.9"}, "198.51.100.1:0",
		},
		"rubbish before": {
			"10.1.0.2:4711", []string{"<script>, 198.51.100.1"}, "198.51.100.1:0",
		},
		"rubbish alone":             {"10.1.0.2:4711", []string{"unknown"}, "10.1.0.2:0"},
		"a proxy that says nothing": {"10.1.0.2:4711", nil, "10.1.0.2:0"},
		"with a port":               {"10.1.0.2:4711", []string{"198.51.100.1:53211"}, "198.51.100.1:0"},
		"IPv6": {
			"[2001:db8:1::5]:4711", []string{"2001:db8:2::9"}, "[2001:db8:2::9]:0",
		},
		"IPv6 with a port": {
			"[2001:db8:1::5]:4711", []string{"[2001:db8:2::9]:80"}, "[2001:db8:2::9]:0",
		},
		"IPv4 within IPv6": {
			"[::ffff:10.1.0.2]:4711", []string{"::ffff:198.51.100.1"}, "198.51.100.1:0",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			handler := addressed(proxies,
				http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			for _, h := range c.headers {
				r.Header.Add("X-Forwarded-For", h)
			}
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// A proxy that somebody forgot to name is told of, once in a while; strangers from afar cannot make it told of.
func TestAProxyThatIsNotNamedIsToldOf(t *testing.T) {
	for name, c := range map[string]struct {
		peer, header, value string
		told                bool
	}{
		"on this machine":    {"127.0.0.1:1", "X-Forwarded-For", "198.51.100.1", true},
		"IPv6":               {"[::1]:1", "Forwarded", "for=198.51.100.1", true},
		"in a network":       {"192.168.3.4:1", "X-Real-IP", "198.51.100.1", true},
		"shared addresses":   {"100.64.1.1:1", "X-Forwarded-For", "198.51.100.1", true},
		"nothing is sent on": {"127.0.0.1:1", "User-Agent", "x", false},
		"named":              {"10.1.0.2:1", "X-Forwarded-For", "198.51.100.1", false},
		"a stranger":         {"203.0.113.9:1", "X-Forwarded-For", "198.51.100.1", false},
	} {
		var log bytes.Buffer
		before := slog.Default()
		slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
		served := 0
		handler := addressed([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")},
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
		for range 5 {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			r.Header.Set(c.header, c.value)
			handler.ServeHTTP(httptest.NewRecorder(), r)
		}
		slog.SetDefault(before)
		warned, noted := strings.Count(log.String(), "PORTAL_TRUSTED_PROXIES"),
			strings.Count(log.String(), "event=proxy_unnamed")
		if want := map[bool]int{true: 1}[c.told]; warned != want || noted != want || served != 5 {
			t.Errorf("%s: told %d times, noted %d times, served %d\n%s", name, warned, noted, served, log.String())
		}
	}
}

func FuzzForwardedFor(f *testing.F) {
	f.Add("198.51.100.1, 10.1.0.2")
	f.Add("[::1%lo]:80,")
	f.Fuzz(func(t *testing.T, header string) {
		handler := addressed([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
			http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := netip.ParseAddrPort(r.RemoteAddr); err != nil {
					t.Errorf("%q gives %q", header, r.RemoteAddr)
				}
			}))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "10.0.0.1:1"
		r.Header["X-Forwarded-For"] = []string{header}
		handler.ServeHTTP(httptest.NewRecorder(), r)
	})
}
