// Package desk is the developer's page of the sandbox: the table of the parts of the outside world, each with its
// switch; the mails; and what a developer can do in an office's place, which is the offices' own to show. Tests use
// its forms and its JSON.
package desk

import (
	"embed"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"

	"madoguchi/backend/sandbox/mailbox"
	"madoguchi/backend/sandbox/office"
	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
)

//go:embed page
var files embed.FS

var pages = page.New(files, office.Menu)

// Desk is what the pages show and steer.
type Desk struct {
	World *part.World
	Staff *office.Staff
	Box   *mailbox.Box
	// Portal and Reader are addresses to link to.
	Portal, Reader string
}

// Background are the beginnings of the paths that no page is at: programs ask for them, people do not follow links
// there.
var Background = []string{"/parts.json", "/mail.json"}

// Handler serves the pages. Who may ask for them is decided before (bridge/loopback).
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.home)
	mux.HandleFunc("GET /style.css", page.Style)
	mux.HandleFunc("GET /parts.json", d.partsJSON)
	mux.HandleFunc("POST /parts/{id}", d.turn)
	mux.HandleFunc("GET /mail", d.mails)
	mux.HandleFunc("GET /mail.json", d.mailsJSON)
	mux.HandleFunc("GET /mail/{id}", d.mail)
	mux.HandleFunc("GET /mail/{id}/raw", d.raw)
	for _, duty := range office.Duties() {
		for pattern, serve := range duty.Page(d.Staff).Routes {
			mux.HandleFunc(pattern, serve)
		}
	}
	return guarded(mux)
}

// maxForm is the size of the largest form taken, in bytes: a notice's body has at most 10,000 characters.
const maxForm = 128 << 10

func guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
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
	Parts     []row
	Residents []person
	Tasks     []page.Link
	MailCount int
	Trouble   string
}

type person struct {
	resident.Resident
	// Known are the offices to which the person was introduced: those can be heard.
	Known []string
}

func (d *Desk) home(w http.ResponseWriter, _ *http.Request) { d.show(w, http.StatusOK, "") }

func (d *Desk) show(w http.ResponseWriter, status int, trouble string) {
	data := home{Desk: d, MailCount: len(d.Box.All()), Trouble: trouble}
	for _, p := range d.World.All() {
		data.Parts = append(data.Parts, rowOf(p))
	}
	for _, r := range resident.All() {
		data.Residents = append(data.Residents, person{r, d.Staff.Knowing(r)})
	}
	for _, duty := range office.Duties() {
		data.Tasks = append(data.Tasks, duty.Page(d.Staff).Link)
	}
	pages.Render(w, status, "home.html", data)
}

func (d *Desk) mails(w http.ResponseWriter, _ *http.Request) {
	all := d.Box.All()
	slices.Reverse(all)
	pages.Render(w, http.StatusOK, "mails.html", all)
}

func (d *Desk) mail(w http.ResponseWriter, r *http.Request) {
	m, ok := d.Box.Get(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	pages.Render(w, http.StatusOK, "mail.html", struct {
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
	answer(w, all)
}

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		slog.Warn("answering", "err", err)
	}
}
