// Package page is what the sandbox's pages for developers have in common: their frame with the menu, their style, and
// how they are drawn.
package page

import (
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"madoguchi/proto/clock"
)

//go:embed frame.html style.css
var files embed.FS

// Link is one of the menu's.
type Link struct{ Path, Title string }

var menu []Link

// Add is called when the program begins, by whoever has a page for the menu.
func Add(l Link) { menu = append(menu, l) }

// inOrder is the menu, by path.
func inOrder() []Link {
	sorted := slices.Clone(menu)
	slices.SortFunc(sorted, func(a, b Link) int { return strings.Compare(a.Path, b.Path) })
	return sorted
}

// Set is pages that were written together.
type Set struct{ templates *template.Template }

// New reads pages (page/*.html) of which each begins with the template "head" and ends with "foot".
func New(pages fs.FS) Set {
	templates := template.New("").Funcs(template.FuncMap{
		"menu":  inOrder,
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

// JSON answers programs.
func JSON(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err := json.NewEncoder(w).Encode(what); err != nil {
		slog.Warn("answering", "err", err)
	}
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
