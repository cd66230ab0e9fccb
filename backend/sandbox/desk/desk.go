// Package desk is the developer's page of the sandbox: pick an office and a person and send a notice, see what the offices sent, read
// the mails, change an office's procedures, take J-LIS down. Tests use its forms and its JSON.
package desk

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/backend/sandbox/mailbox"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/proto/clock"
)

//go:embed page
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.In(clock.Japan).Format("1月2日 15:04:05") },
	"day":   longDay,
	"bytes": func(n int) string { return strconv.FormatFloat(float64(n)/1024, 'f', 1, 64) + " KB" },
}).ParseFS(files, "page/*.html"))

// Desk is what the pages show and steer.
type Desk struct {
	Clerks []*office.Clerk
	Outbox *office.Outbox
	Box    *mailbox.Box
	// Portal and Reader are addresses to link to.
	Portal, Reader string
	// JLISUp and SetJLISUp see and change whether J-LIS answers.
	JLISUp    func() bool
	SetJLISUp func(bool)
}

// Handler serves the pages. Who may ask for them is decided before (bridge/loopback).
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.home)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("POST /office/send", d.send)
	mux.HandleFunc("GET /procedures", d.procedures)
	mux.HandleFunc("GET /procedures/entry", d.procedure)
	mux.HandleFunc("POST /procedures/change", d.changeProcedure)
	mux.HandleFunc("POST /procedures/end", d.endProcedure)
	mux.HandleFunc("POST /control/jlis", d.controlJLIS)
	mux.HandleFunc("GET /mail", d.mails)
	mux.HandleFunc("GET /mail.json", d.mailsJSON)
	mux.HandleFunc("GET /mail/{id}", d.mail)
	mux.HandleFunc("GET /mail/{id}/raw", d.raw)
	return guarded(mux)
}

// maxForm is the size of the largest form taken, in bytes: a notice's body has at most 10,000 characters.
const maxForm = 128 << 10

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}

// home is the data of the first page.
type home struct {
	*Desk
	Offices   []office.Office
	Residents []person
	Sent      []office.Sent
	Form      url.Values
	Done      string
	Trouble   string
	MailCount int
}

type person struct {
	resident.Resident
	// Known are the offices to which the person was introduced: those can be heard.
	Known []string
}

func (d *Desk) home(w http.ResponseWriter, r *http.Request) {
	form := url.Values{
		"office": {"131105"},
		"title":  {"【試し】図書館からのお知らせ"},
		"body":   {"ご予約の本が用意できました。\n\n取り置きの期限までに、窓口でお受け取りください。"},
		"action": {"窓口で受け取る"},
		"due":    {clock.Day(time.Now().AddDate(0, 0, 7))},
	}
	done := ""
	if r.URL.Query().Get("sent") != "" {
		done = "お知らせを送りました。"
	}
	d.show(w, http.StatusOK, d.homeData(form, done, ""))
}

func (d *Desk) homeData(form url.Values, done, trouble string) home {
	page := home{Desk: d, Form: form, Done: done, Trouble: trouble, Sent: d.Outbox.All(), MailCount: len(d.Box.All())}
	for _, c := range d.Clerks {
		page.Offices = append(page.Offices, c.Office)
	}
	for _, r := range resident.All() {
		p := person{Resident: r}
		for _, c := range d.Clerks {
			if c.Knows(r) {
				p.Known = append(p.Known, c.Office.Name)
			}
		}
		page.Residents = append(page.Residents, p)
	}
	return page
}

func (d *Desk) show(w http.ResponseWriter, status int, page home) {
	render(w, status, "home.html", page)
}

// send takes: office (id), person (id of a card) or audience=all, title, body, action, due, url, reference. It answers 303 to the first
// page when the portal took the notice.
func (d *Desk) send(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form cannot be read: "+err.Error(), http.StatusBadRequest)
		return
	}
	id, status, err := d.sendForm(r.Context(), r.PostForm)
	if err == nil {
		w.Header().Set("Notice-Id", id)
		http.Redirect(w, r, "/?sent=1", http.StatusSeeOther)
		return
	}
	slog.Warn("sending by hand", "office", r.PostForm.Get("office"), "err", err)
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, err.Error(), status)
		return
	}
	d.show(w, status, d.homeData(r.PostForm, "", inWords(err)))
}

var (
	errOffice   = errors.New("no such office")
	errPerson   = errors.New("no such person, or one without a certificate")
	errAudience = errors.New(`name a person, or audience "all" (also "nation", "municipality") for everyone whom the office may address`)
)

func (d *Desk) sendForm(ctx context.Context, form url.Values) (id string, status int, err error) {
	at := slices.IndexFunc(d.Clerks, func(c *office.Clerk) bool { return c.Office.ID == form.Get("office") })
	if at < 0 {
		return "", http.StatusBadRequest, errOffice
	}
	draft := office.Draft{
		Reference: form.Get("reference"),
		Title:     strings.TrimSpace(form.Get("title")),
		Body:      strings.TrimSpace(strings.ReplaceAll(form.Get("body"), "\r\n", "\n")),
		Action:    strings.TrimSpace(form.Get("action")),
		Due:       form.Get("due"),
		URL:       form.Get("url"),
	}
	person, audience := form.Get("person"), form.Get("audience")
	switch {
	case person != "" && person != "all":
		r, ok := resident.ByID(person)
		if !ok {
			return "", http.StatusBadRequest, errPerson
		}
		draft.Resident = r
	case person != "all" && !slices.Contains([]string{"all", "nation", "municipality"}, audience):
		return "", http.StatusBadRequest, errAudience
	}
	id, err = d.Clerks[at].SendNow(ctx, draft)
	switch {
	case errors.Is(err, office.ErrNotIntroduced):
		return "", http.StatusConflict, err
	case office.Refused(err):
		return "", http.StatusUnprocessableEntity, err
	case err != nil:
		return "", http.StatusBadGateway, err
	}
	return id, http.StatusOK, nil
}

func inWords(err error) string {
	switch {
	case errors.Is(err, errOffice):
		return "送る機関を選んでください。"
	case errors.Is(err, errPerson), errors.Is(err, errAudience):
		return "送る相手を選んでください。"
	case errors.Is(err, office.ErrNotIntroduced):
		return "この人は、まだこの機関に知らされていません。ポータルにログインして利用者フォルダを開くと、知らされます。市区町村には、その住民だけが知らされます。"
	case office.Refused(err):
		return "ポータルが受け付けませんでした。" + err.Error()
	}
	return "ポータルにつながりません。動いているか確かめてください。" + err.Error()
}

// controlJLIS takes J-LIS down (?up=false) or up again.
func (d *Desk) controlJLIS(w http.ResponseWriter, r *http.Request) {
	up, err := strconv.ParseBool(r.FormValue("up"))
	if err != nil {
		http.Error(w, "up is true or false", http.StatusBadRequest)
		return
	}
	d.SetJLISUp(up)
	slog.Info("J-LIS", "up", up)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (d *Desk) mails(w http.ResponseWriter, _ *http.Request) {
	all := d.Box.All()
	slices.Reverse(all)
	render(w, http.StatusOK, "mails.html", all)
}

func (d *Desk) mail(w http.ResponseWriter, r *http.Request) {
	m, ok := d.Box.Get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	render(w, http.StatusOK, "mail.html", struct {
		mailbox.Mail
		Pieces []mailbox.Piece
	}{m, mailbox.Pieces(m.Text)})
}

func (d *Desk) raw(w http.ResponseWriter, r *http.Request) {
	m, ok := d.Box.Get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(m.Raw)
}

// mailsJSON gives the mails, newest last.
func (d *Desk) mailsJSON(w http.ResponseWriter, _ *http.Request) {
	all := d.Box.All()
	if all == nil {
		all = []mailbox.Mail{}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(all); err != nil {
		slog.Warn("answering mails", "err", err)
	}
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "page/style.css")
}

func render(w http.ResponseWriter, status int, name string, data any) {
	var b strings.Builder
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		slog.Error("drawing a page", "page", name, "err", err)
		http.Error(w, fmt.Sprintf("drawing %s: %v", name, err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, b.String())
}
