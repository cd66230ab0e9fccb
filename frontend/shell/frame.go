package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// frame is the root of every page; it stays mounted from one to the next.
type frame struct {
	app.Compo

	// Route is the index of the page in house.pages.
	Route int
}

// Render draws the page in its frame.
func (f *frame) Render() app.UI { return app.Div().Body(app.Main().ID("main").Body()) }
