package main

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
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

// budgeted holds calls that anybody may make, by their paths, to a budget: that of their address, or of the person who
// is logged in.
func budgeted(budget *limit.Buckets, open []string, next http.Handler) http.Handler {
	refuse := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(open, r.URL.Path) {
			if wait := spend(budget, w, r); wait > 0 {
				// whoever asked may have gone
				_ = refuse.Write(w, r, access.TooMany(r.Context(), wait, errors.New("too many questions")))
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// budgetedAnswer holds what is no call to the same budget.
func budgetedAnswer(budget *limit.Buckets, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wait := spend(budget, w, r); wait > 0 {
			http.Error(w, "too many questions; ask again later", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// spend takes one question from the caller's budget; where that is spent it says for how long, also in the answer's
// head.
func spend(budget *limit.Buckets, w http.ResponseWriter, r *http.Request) time.Duration {
	key := limit.Address(r.RemoteAddr)
	if folder := access.FromContext(r.Context()).FolderID; folder != "" {
		key = "folder " + folder
	}
	wait := budget.Take(key, 1, time.Now())
	if wait == 0 {
		return 0
	}
	wait = max(wait, time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	return wait
}
