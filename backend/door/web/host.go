package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Loopback tells whether a host's name leads to this machine alone.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

// ownHost answers under the origin's name alone, and under other names of this machine where the origin is one: a page
// that was brought under another name is of another origin, and its calls would be too. What supervisors ask, they may
// ask by an address.
func ownHost(origin *url.URL, next http.Handler) http.Handler {
	ownName, ownPort := splitHost(origin.Host, origin.Scheme)
	foreign := hourly()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, port := splitHost(r.Host, origin.Scheme)
		own := port == ownPort && (name == ownName || Loopback(name) && Loopback(ownName))
		if !own && !isProbe(r, name) {
			foreign(func() {
				slog.Warn("a request under another name than the origin's was refused; a proxy in front must pass "+
					"the browser's Host on",
					"host", r.Host[:min(len(r.Host), 255)], "origin", origin.String())
			})
			plain(w, http.StatusMisdirectedRequest,
				"The portal is not to be found under this name. (A proxy in front must pass Host on.)")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// canonical sends a browser that came by another name of this machine (127.0.0.1 for localhost) to the origin: a card
// signs for that alone.
func canonical(origin *url.URL, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.EqualFold(r.Host, origin.Host) && r.Method == http.MethodGet && Loopback(origin.Hostname()) {
			target := *r.URL
			target.Scheme, target.Host = origin.Scheme, origin.Host
			w.Header().Set("Cache-Control", "no-store")
			http.Redirect(w, r, target.String(), http.StatusTemporaryRedirect)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// splitHost gives name and port of a Host, in the form in which two are compared.
func splitHost(host, scheme string) (name, port string) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.Trim(host, "[]"), "443"
		if scheme == "http" {
			port = "80"
		}
	}
	return strings.ToLower(name), port
}

func isProbe(r *http.Request, name string) bool {
	_, err := netip.ParseAddr(name)
	return (r.URL.Path == "/healthz" || r.URL.Path == "/readyz") && (err == nil || name == "localhost")
}
