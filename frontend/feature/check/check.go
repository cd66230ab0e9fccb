// Package check is the page /check, which says whether a file is as this portal gave it. The page is drawn beforehand
// and has a script of its own (static/check.js); the program does not run in it, and nothing leaves it.
package check

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{Pages: []shell.Page{{
	Path: "/check", Prerender: "check", Alone: "check.js", Title: textTitle,
	New: func() app.Composer { return &page{} },
}}}
