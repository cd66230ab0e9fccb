//go:build !js

package shell

import (
	"fmt"
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Rendering is a page as HTML, in one language.
type Rendering struct {
	Title string
	Root  string
	// AtOnce: the page is of no use without the program.
	AtOnce bool
	// Boot are the words of the boot script: busy, failed, the way on.
	Busy, Failed, Way, Again string
}

// DocumentPrefix begins the file names of pages into which the portal writes: "doc-" and the name of Page.Document.
const DocumentPrefix = "doc-"

// Gaps that the portal fills in such a page.
const (
	GapTitle       = "{{title}}"
	GapDescription = "{{description}}"
)

// Prerender draws the page of a file name of build/web/pages: that of Page.Prerender, "shell" for the frame alone,
// "notfound", or a frame with a gap for a document.
// It changes the language of the process, so it is not for concurrent use.
func Prerender(name string, c lang.Code) (Rendering, error) {
	route, err := routeOf(name)
	if err != nil {
		return Rendering{}, err
	}
	lang.Set(c)
	if route != notFoundRoute && house.pages[route].Alone != "" {
		return prerenderAlone(name, c, house.pages[route])
	}
	root := &frame{Route: route, gap: strings.HasPrefix(name, DocumentPrefix)}
	engine := app.NewTestEngine()
	if err := engine.Load(root); err != nil {
		return Rendering{}, fmt.Errorf("drawing page %s in %s: %w", name, c, err)
	}
	engine.ConsumeAll()
	title := root.documentTitle()
	if name == "shell" {
		title = textProduct.String()
	}
	return Rendering{
		Title:  title,
		Root:   app.HTMLString(root),
		AtOnce: name == "shell" || route != notFoundRoute && house.pages[route].AtOnce,
		Busy:   textBootBusy.String(), Failed: textBootError.String(), Way: textBootWay.String(),
		Again: textAgain.String(),
	}, nil
}

func prerenderAlone(name string, c lang.Code, page Page) (Rendering, error) {
	root := &alone{page: page}
	engine := app.NewTestEngine()
	if err := engine.Load(root); err != nil {
		return Rendering{}, fmt.Errorf("drawing page %s in %s: %w", name, c, err)
	}
	engine.ConsumeAll()
	return Rendering{Title: page.Title.String() + " — " + textProduct.String(), Root: app.HTMLString(root)}, nil
}

func routeOf(name string) (int, error) {
	if name == "notfound" {
		return notFoundRoute, nil
	}
	for i, p := range house.pages {
		if p.Prerender == name || name == "shell" && p.Prerender == "" ||
			p.Document != "" && name == DocumentPrefix+p.Document {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no page is prerendered as %q", name)
}
