//go:build !js

package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// alone is the frame around a page that has a script of its own: what links and the browser do by themselves, and no
// more.
type alone struct {
	app.Compo
	page Page
}

// Render draws the page in it.
func (a *alone) Render() app.UI {
	return app.Div().Class("shell").Body(
		app.A().Class("skip").Href("#main").Body(textSkip.UI()),
		app.Header().Class("header").Body(app.Div().Class("header-line").Body(
			app.A().Class("brand").Href("/").Body(
				Mark(), textProduct.Span("brand-name"), operator(),
			),
			app.Div().Class("header-tools").Body(languages()),
		)),
		app.Main().ID("main").Class("main").TabIndex(-1).Body(a.page.New()),
		app.Footer().Class("footer").Body(app.Div().Class("footer-inside").Body(
			textIndependent.P("footer-notice"),
		)),
	)
}
