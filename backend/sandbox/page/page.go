// Package page is what the sandbox's pages for developers have in common: their frame with the menu, their style, and
// how they are drawn.
package page

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/clock"
)

//go:embed frame.html style.css
var files embed.FS

// Link is one of the menu's.
type Link struct{ Path, Title string }

// Set is pages that were written together.
type Set struct{ templates *template.Template }

// New reads pages (page/*.html) of which each begins with the template "head" and ends with "foot".
func New(pages fs.FS, menu func() []Link) Set {
	templates := template.New("").Funcs(template.FuncMap{
		"menu":  menu,
		"clock": func(t time.Time) string { return t.In(clock.Japan).Format("1月2日 15:04:05") },
		"day":   LongDay,
		"bytes": func(n int) string { return strconv.FormatFloat(float64(n)/1024, 'f', 1, 64) + " KB" },
	})
	template.Must(templates.ParseFS(files, "frame.html"))
	return Set{template.Must(templates.ParseFS(pages, "page/*.html"))}
}

// Render answers with one page.
func (s Set) Render(w http.ResponseWriter, status int, name string, data any) {
	var b strings.Builder
	if err := s.templates.ExecuteTemplate(&b, name, data); err != nil {
		slog.Error("drawing a page", "page", name, "err", err)
		http.Error(w, fmt.Sprintf("drawing %s: %v", name, err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, b.String())
}

// Style serves the pages' style sheet.
func Style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "style.css")
}

// LongDay writes YYYY-MM-DD as people do; what is no day stays.
func LongDay(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.Format("2006年1月2日")
}
