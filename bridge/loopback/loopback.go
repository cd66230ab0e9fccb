// Package loopback is the door of pages that are for this machine alone: the virtual reader's, the sandbox's. Any site
// that a browser on this machine shows can send requests here, and must learn nothing by it, not even that somebody
// answers. Who may use a page of several (the bridge's origins) is not its business.
package loopback

import (
	"net/http"
	"slices"
	"strings"
)

// HangUp closes the connection without an answer: to the page of another site it looks like a port where nobody
// listens, but for the time that it takes.
func HangUp() { panic(http.ErrAbortHandler) }

// HostsOf gives the values of Host under which a browser reaches a loopback port.
func HostsOf(port string) []string {
	return []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port}
}

// Only lets requests through that name one of the hosts (host:port) and come from the pages' own, from the address bar,
// by a link, or from a program, which says nothing of a site. Others are hung up on: what another site's page sends by
// itself, and every name of a stranger's that leads here. A link leads to pages, not to what they ask for behind: the
// paths that begin as one of background.
func Only(hosts, background []string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(hosts, r.Host) || !welcome(r, background) {
			HangUp()
		}
		next.ServeHTTP(w, r)
	})
}

func welcome(r *http.Request, background []string) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "": // a program, or a browser of before 2023
		origin := r.Header.Values("Origin")
		return len(origin) == 0 || len(origin) == 1 && origin[0] == "http://"+r.Host
	}
	behind := slices.ContainsFunc(background, func(path string) bool { return strings.HasPrefix(r.URL.Path, path) })
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" &&
		r.Header.Get("Sec-Fetch-Dest") == "document" && !behind
}
