package main

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectrpc.com/connect"

	"madoguchi/backend/door/access"
	"madoguchi/backend/door/limit"
)

// What everybody may ask without a login costs the portal work for which nobody answers. An address may ask for so much
// a second of it, and for so much at once: a city hall of a thousand people behind one address, of whom a tenth asks
// something in the same second. It comes to about a seventh of one processor. Logging in is not counted: whoever asks
// much must not keep a neighbour from it.
const (
	anonymousASecond = 100
	anonymousBurst   = 1000
)

// budgeted holds calls of the open services, by their names, to a budget: that of their address, or of the person who
// is logged in.
func budgeted(budget *limit.Buckets, open []string, next http.Handler) http.Handler {
	refuse := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if !slices.Contains(open, service) {
			next.ServeHTTP(w, r)
			return
		}
		key := limit.Address(r.RemoteAddr)
		if folder := access.FromContext(r.Context()).FolderID; folder != "" {
			key = "folder " + folder
		}
		if wait := budget.Take(key, 1, time.Now()); wait > 0 {
			wait = max(wait, time.Second)
			w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			// whoever asked may have gone
			_ = refuse.Write(w, r, access.TooMany(r.Context(), wait, errors.New("too many questions")))
			return
		}
		next.ServeHTTP(w, r)
	})
}
