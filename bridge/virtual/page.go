package virtual

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard"
)

//go:embed page
var files embed.FS

var page = template.Must(template.ParseFS(files, "page/page.html"))

// maxForm is the longest form that is read, in bytes.
const maxForm = 4096

// NewPage is the page of the readers: GET / shows them; POST /lay (reader, person), /take (reader), /plug and /unplug (reader) and
// /reset (person) move things; POST /slow (milliseconds, and reader unless all are meant) slows the commands of cards taken from then
// on. Readers are counted from 0. Only requests for one of the hosts, and none of another site's pages, are served.
func NewPage(r *Readers, hosts []string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", r.show)
	mux.HandleFunc("GET /state", r.wait)
	mux.Handle("GET /page.css", asset("page/page.css", "text/css; charset=utf-8"))
	mux.Handle("GET /page.js", asset("page/page.js", "text/javascript; charset=utf-8"))
	mux.HandleFunc("POST /lay", onReader(func(n int, q *http.Request) error { return r.Lay(n, q.PostFormValue("person")) }))
	mux.HandleFunc("POST /take", onReader(func(n int, _ *http.Request) error { return r.Take(n) }))
	mux.HandleFunc("POST /plug", onReader(func(n int, _ *http.Request) error { return r.Plug(n, true) }))
	mux.HandleFunc("POST /unplug", onReader(func(n int, _ *http.Request) error { return r.Plug(n, false) }))
	mux.HandleFunc("POST /slow", done(r.slow))
	mux.HandleFunc("POST /reset", done(func(q *http.Request) error { return r.Reset(q.PostFormValue("person")) }))
	guarded := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if !slices.Contains(hosts, q.Host) {
			http.Error(w, "this Host is not served", http.StatusForbidden)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		q.Body = http.MaxBytesReader(w, q.Body, maxForm)
		guarded.ServeHTTP(w, q)
	})
}

func asset(name, kind string) http.Handler {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = w.Write(content) // the browser may have gone
	})
}

func onReader(do func(number int, q *http.Request) error) http.HandlerFunc {
	return done(func(q *http.Request) error {
		n, err := strconv.Atoi(q.PostFormValue("reader"))
		if err != nil {
			return ErrNoReader
		}
		return do(n, q)
	})
}

// maxSlow is the longest latency that can be asked for, in milliseconds; with it every command ends in a timeout of the relay.
const maxSlow = 20_000

var errSlow = fmt.Errorf("milliseconds is a number from 0 to %d", maxSlow)

func (r *Readers) slow(q *http.Request) error {
	milliseconds, err := strconv.ParseUint(q.PostFormValue("milliseconds"), 10, 16)
	if err != nil || milliseconds > maxSlow {
		return errSlow
	}
	latency := time.Duration(milliseconds) * time.Millisecond
	if !q.PostForm.Has("reader") {
		r.SetLatency(latency)
		return nil
	}
	n, err := strconv.Atoi(q.PostFormValue("reader"))
	if err != nil {
		return ErrNoReader
	}
	return r.SetLatencyOf(n, latency)
}

// done leads back to the page when the hand has done its work.
func done(do func(q *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		err := do(q)
		switch {
		case errors.Is(err, ErrNoPerson), errors.Is(err, ErrNoReader), errors.Is(err, errSlow):
			http.Error(w, err.Error(), http.StatusBadRequest)
		case err != nil:
			http.Error(w, err.Error(), http.StatusConflict)
		default:
			http.Redirect(w, q, "/", http.StatusSeeOther)
		}
	}
}

// shown is one reader on the page.
type shown struct {
	Number  int
	Name    string
	Plugged bool
	Card    *softcard.Person
	Mute    bool
}

func (r *Readers) view() (view struct {
	Readers    []shown
	People     []softcard.Person
	UpsideDown string
}) {
	view.People, view.UpsideDown = softcard.People(), UpsideDown
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range r.slots {
		one := shown{Number: i, Name: s.name, Plugged: s.plugged, Mute: s.person == UpsideDown}
		if p, ok := softcard.PersonByID(s.person); ok {
			one.Card = &p
		}
		view.Readers = append(view.Readers, one)
	}
	return view
}

func (r *Readers) show(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, r.view()) // only writing can fail: the template is tested
}

// wait answers when something has changed since the page was drawn, and after a while in any case.
func (r *Readers) wait(w http.ResponseWriter, q *http.Request) {
	r.changedSince(q.Context(), q.FormValue("drawn"))
	state, _ := r.State()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(fingerprint(state))) // the browser may have gone
}

func fingerprint(s reader.State) string {
	out := ""
	for _, r := range s.Readers {
		out += r.Name + " " + r.Card.String() + " " + strconv.FormatUint(r.Insertion, 10) + "\n"
	}
	return out
}
