// Package shell is the frame around every page: header, menu, language, breadcrumbs, footer, the bars that tell of
// being offline, of a new version and of the session's end, and the routes. Features hang themselves in with Use; the
// shell imports none of them and makes no RPC. What it must know of the session, others tell it (SetSession, SetUnread,
// SetReachable), and what it must do to the session it asks for (OnKeep, OnLogOut).
//
// A page is a go-app component that renders what goes into <main>, beginning with its one h1 (shell.Heading). In its
// OnMount it calls shell.Follow(ctx), so that it is drawn again when the language or anything that the shell knows
// changes.
package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/pattern"
)

// Access says for whom a page is.
type Access int

const (
	// Anyone: no login is needed.
	Anyone Access = iota
	// Newcomer: a card has been shown; the folder may not be open yet.
	Newcomer
	// Citizen: the folder is open. Others are led to the login, and back afterwards.
	Citizen
)

// Page is one route.
type Page struct {
	// Path is the exact path, "/notice"; or Pattern a regular expression for many, "^/notice/[^/]+$", of those
	// that package pattern knows.
	Path    string
	Pattern string
	// Prerender names the file with the whole page in HTML, for pages that are the same for everyone. Without it only
	// the frame is prerendered, and the page is drawn in the browser.
	Prerender string
	// Document names what the portal itself writes into the page for those who read it before the program runs, or
	// without it: search engines, slow devices. Where it has nothing to write, the file of Prerender (or the frame)
	// goes out.
	Document string
	// AtOnce: the document is of no use without the program, which starts with it. Others can be read, and it starts at
	// the first need or after a while. Pages without Prerender are drawn by the program, and need not say so.
	AtOnce bool
	// Alone is the name of a script below static that the page has instead of the program, which it then never loads;
	// it may reach nothing. Where a link of the program's leads to it, New gives way to the document.
	Alone string
	// Title is the document's title and the last of the breadcrumbs; SetTitle refines it.
	Title lang.Text
	// Parent is the path of the page above, for the breadcrumbs; empty means the top.
	Parent string
	For    Access
	// New makes the component. It is called at each navigation to the page from another one.
	New func() app.Composer
}

// Entry is a line of the menu.
type Entry struct {
	Path  string
	Label lang.Text
	Icon  kit.IconName
	// For says who sees it; Anyone's entries are for those who are not logged in too.
	For Access
	// Order sorts the menu, small first.
	Order int
}

// Feature is what a feature hangs into the house.
type Feature struct {
	Pages   []Page
	Entries []Entry
	// Tiles stand on the first page, Services on the home page, and Timelines in it; Finders answer in the field that
	// finds everything.
	Tiles     []Tile
	Services  []Service
	Timelines []Timeline
	Finders   []Finder
	// Start is called once when the page starts in a browser; may be nil. ctx lives as long as the page.
	Start func(ctx app.Context)
}

var house struct {
	pages    []Page
	patterns []*pattern.Pattern
	entries  []Entry
	starts   []func(app.Context)

	tiles     []Tile
	services  []Service
	timelines []Timeline
	finders   []Finder
}

// Use hangs features in; main calls it once, before Run.
func Use(features ...Feature) {
	for _, f := range features {
		for _, p := range f.Pages {
			var compiled *pattern.Pattern
			if p.Pattern != "" {
				compiled = pattern.MustCompile(p.Pattern)
			}
			house.pages = append(house.pages, p)
			house.patterns = append(house.patterns, compiled)
		}
		house.entries = append(house.entries, f.Entries...)
		house.tiles = append(house.tiles, f.Tiles...)
		house.services = append(house.services, f.Services...)
		house.timelines = append(house.timelines, f.Timelines...)
		house.finders = append(house.finders, f.Finders...)
		if f.Start != nil {
			house.starts = append(house.starts, f.Start)
		}
	}
}

// Pages returns every page in use.
func Pages() []Page { return house.pages }

// find returns the page of a path.
func find(path string) (Page, bool) {
	for i, p := range house.pages {
		if p.Path == path && path != "" || house.patterns[i] != nil && house.patterns[i].MatchString(path) {
			return p, true
		}
	}
	return Page{}, false
}

// Heading is the one h1 of a page. It takes the focus after a navigation.
func Heading(t lang.Text) app.UI {
	return app.H1().ID(headingID).Class("page-title").TabIndex(-1).Body(t.UI())
}

const headingID = "page-title"
