package virtual

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"madoguchi/bridge/loopback"
	"madoguchi/bridge/reader"
	"madoguchi/bridge/softcard"
)

//go:embed page
var files embed.FS

var pages = template.Must(template.ParseFS(files, "page/*.html"))

// maxForm is the longest form that is read, in bytes.
const maxForm = 4096

// NewPage is the page of the readers: GET / shows them; POST /lay (reader, person), /take (reader), /plug and /unplug
// (reader) and /reset (person) move things; POST /slow (milliseconds, and reader unless all are meant) slows the
// commands of cards taken from then on. Readers are counted from 0. Only requests for one of the hosts, and none of
// another site's pages, are answered.
func NewPage(r *Readers, hosts []string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", r.show)
	mux.HandleFunc("GET /state", r.wait)
	mux.Handle("GET /page.css", asset("page/page.css", "text/css; charset=utf-8"))
	mux.Handle("GET /page.js", asset("page/page.js", "text/javascript; charset=utf-8"))
	for path, act := range map[string]http.HandlerFunc{
		"/lay":    onReader(func(n int, q *http.Request) error { return r.Lay(n, q.PostFormValue("person")) }),
		"/take":   onReader(func(n int, _ *http.Request) error { return r.Take(n) }),
		"/plug":   onReader(func(n int, _ *http.Request) error { return r.Plug(n, true) }),
		"/unplug": onReader(func(n int, _ *http.Request) error { return r.Plug(n, false) }),
		"/slow":   done(r.slow),
		"/reset":  done(func(q *http.Request) error { return r.Reset(q.PostFormValue("person")) }),
	} {
		mux.Handle("POST "+path, act)
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Allow", "POST")
			refuse(w, http.StatusMethodNotAllowed, "このアドレスは開けません", "Only POST is served here.")
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "このページはありません", "There is no such page.")
	})
	return loopback.Only(hosts, []string{"/state"}, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "+
				"frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		q.Body = http.MaxBytesReader(w, q.Body, maxForm)
		mux.ServeHTTP(w, q)
	}))
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

// maxSlow is the longest latency that can be asked for, in milliseconds; with it every command ends in a timeout of the
// relay.
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
		case err == nil:
			http.Redirect(w, q, "/", http.StatusSeeOther)
		case errors.Is(err, ErrNoPerson):
			refuse(w, http.StatusBadRequest, "そのカードはありません", err.Error())
		case errors.Is(err, ErrNoReader):
			refuse(w, http.StatusBadRequest, "そのリーダーはありません", err.Error())
		case errors.Is(err, errSlow):
			refuse(w, http.StatusBadRequest, "遅さは0から20000までのミリ秒で入力してください", err.Error())
		case errors.Is(err, ErrUnplugged):
			refuse(w, http.StatusConflict, "そのリーダーはつながっていません", err.Error())
		case errors.Is(err, softcard.ErrStateHeld):
			refuse(w, http.StatusConflict, "このカードは、ほかのプログラムが使っています", err.Error())
		default:
			refuse(w, http.StatusConflict, "カードを動かせませんでした", err.Error())
		}
	}
}

// refuse says in a page of its own what went wrong: for people, and the detail for those who look after the program.
func refuse(w http.ResponseWriter, status int, what, detail string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, "error.html", struct{ What, Detail string }{what, detail}) // the browser may have gone
}

// shown is one reader on the page.
type shown struct {
	Number  int
	Name    string
	Plugged bool
	Card    *softcard.Person
	Mute    bool
	Slow    int64 // milliseconds
}

func (r *Readers) view() (view struct {
	Readers    []shown
	People     []softcard.Person
	UpsideDown string
	MaxSlow    int
}) {
	view.MaxSlow = maxSlow
	view.People, view.UpsideDown = softcard.People(), UpsideDown
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range r.slots {
		one := shown{
			Number: i, Name: s.name, Plugged: s.plugged, Mute: s.person == UpsideDown, Slow: s.latency.Milliseconds(),
		}
		if p, ok := softcard.PersonByID(s.person); ok {
			one.Card = &p
		}
		view.Readers = append(view.Readers, one)
	}
	return view
}

func (r *Readers) show(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = pages.ExecuteTemplate(w, "page.html", r.view()) // only writing can fail: the template is tested
}

// wait answers when something has changed since the page was drawn, and after a while in any case.
func (r *Readers) wait(w http.ResponseWriter, q *http.Request) {
	r.changedSince(q.Context(), q.FormValue("drawn"))
	state, _ := r.State()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(fingerprint(state))) // the browser may have gone
}

func fingerprint(s reader.State) string {
	var out strings.Builder
	for _, r := range s.Readers {
		out.WriteString(r.Name + " " + r.Card.String() + " " + strconv.FormatUint(r.Insertion, 10) + "\n")
	}
	return out.String()
}
