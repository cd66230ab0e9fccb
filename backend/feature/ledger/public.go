package ledger

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"math/bits"
	"net/http"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/door/limit"
	store "madoguchi/backend/store/ledger"
)

// public shows the log to everybody: /log/checkpoint, /log/vkey, /log/handovers, /log/tile/….
type public struct {
	log   *store.Log
	asked *limit.Buckets // by address
	now   func() time.Time
}

// An address may ask at once for all of the log, twice over, and for as much more as atOnce; and then for aSecond,
// which is more than the log grows by: it takes in some thousand lines in a second, and 256 of them are two files. So
// whoever reads all of it as fast as they can, and then what is new, is never refused, were there two of them behind
// one address; whoever asks for the same again and again is.
const atOnce, aSecond = 1000, 100

func newPublic(log *store.Log, now func() time.Time) public {
	return public{log, limit.NewBuckets("log", aSecond, atOnce), now}
}

// late is how long an address is to wait before it asks for more.
func (p public) late(r *http.Request) time.Duration {
	now := p.now()
	if files, err := p.log.Files(r.Context()); err == nil { // else what is asked for fails, too, or needs no log
		p.asked.Widen(atOnce+2<<bits.Len64(files), now) // in few steps: each looks at all buckets
	}
	return p.asked.Take(limit.Address(r.RemoteAddr), 1, now)
}

const (
	forEver  = "public, max-age=31536000, immutable" // a tile never changes
	moment   = "public, max-age=1"
	someTime = "public, max-age=300"
)

func (p public) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "the log is only read", http.StatusMethodNotAllowed)
		return
	}
	if wait := p.late(r); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "too much of the log was asked for from this address; ask again later",
			http.StatusTooManyRequests)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, logPath)
	switch name {
	case "checkpoint":
		signed, err := p.log.Checkpoint(r.Context())
		answer(w, r, "text/plain; charset=utf-8", moment, []byte(signed), err)
	case "vkey":
		answer(w, r, "text/plain; charset=utf-8", someTime, []byte(p.log.Signer.Key()+"\n"), nil)
	case "handovers":
		data, err := json.Marshal(append([]string{}, p.log.Handovers()...))
		answer(w, r, "application/json", someTime, data, err)
	default:
		data, err := p.log.Tile(r.Context(), name)
		answer(w, r, "application/octet-stream", forEver, data, err)
	}
}

func answer(w http.ResponseWriter, r *http.Request, kind, cached string, data []byte, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		w.Header().Set("Cache-Control", moment) // what is not there yet soon is
		http.Error(w, "the log has no such file", http.StatusNotFound)
		return
	}
	if err != nil {
		slog.ErrorContext(r.Context(), "the log cannot be shown", "cause", err)
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "the log cannot be read now", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", cached)
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	_, _ = w.Write(data)
}
