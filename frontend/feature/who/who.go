// Package who is the page /who: it says to everybody how a person finds out who has seen their information,
// what the log behind it proves, and what it does not. The page is drawn beforehand, with a script of its own
// for the part where one tries it (static/who.js); the program does not run in it.
package who

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{Pages: []shell.Page{{
	Path: "/who", Prerender: "who", Alone: "who.js", Title: textTitle,
	New: func() app.Composer { return &page{} },
}}}
