// Package desk is the developer's page of the sandbox: the table of the parts of the outside world, each with its
// switch; and what a developer can do in each room, which is the rooms' own to show. Tests use its forms and its JSON.
package desk

import (
	"embed"
	"net/http"

	"madoguchi/backend/sandbox/page"
	"madoguchi/backend/sandbox/part"
	"madoguchi/backend/sandbox/resident"
	"madoguchi/backend/sandbox/room"
)

//go:embed page
var files embed.FS

var pages = page.New(files)

func init() { page.Add(page.Link{Path: "/", Title: "外がわの一覧"}) }

// Desk is what the pages show and steer.
type Desk struct {
	World *part.World
	Rooms []room.Work
	// Portal and Reader are addresses to link to.
	Portal, Reader string
}

// Programs are the beginnings of the paths that no page is at, of all rooms.
func (d *Desk) Programs() []string {
	all := []string{"/parts.json"}
	for _, r := range d.Rooms {
		all = append(all, r.Programs...)
	}
	return all
}

// Handler serves the pages. Who may ask for them is decided before (bridge/loopback).
func (d *Desk) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.home)
	mux.HandleFunc("GET /style.css", page.Style)
	mux.HandleFunc("GET /parts.json", d.partsJSON)
	mux.HandleFunc("POST /parts/{id}", d.turn)
	for _, r := range d.Rooms {
		for pattern, serve := range r.Pages {
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
	Trouble   string
}

type person struct {
	resident.Resident
	// Known are the offices to which the person was introduced.
	Known []string
}

func (d *Desk) home(w http.ResponseWriter, _ *http.Request) { d.show(w, http.StatusOK, "") }

func (d *Desk) show(w http.ResponseWriter, status int, trouble string) {
	data := home{Desk: d, Trouble: trouble}
	for _, p := range d.World.All() {
		data.Parts = append(data.Parts, rowOf(p))
	}
	for _, r := range resident.All() {
		somebody := person{Resident: r}
		for _, of := range d.Rooms {
			if of.Knowing != nil {
				somebody.Known = append(somebody.Known, of.Knowing(r)...)
			}
		}
		data.Residents = append(data.Residents, somebody)
	}
	for _, r := range d.Rooms {
		if r.Tasks != nil {
			data.Tasks = append(data.Tasks, r.Tasks()...)
		}
	}
	pages.Render(w, status, "home.html", data)
}
