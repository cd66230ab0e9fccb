package ledger

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	store "madoguchi/backend/store/ledger"
)

// public shows the log to everybody: /log/checkpoint, /log/vkey, /log/handovers, /log/tile/….
type public struct{ log *store.Log }

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
