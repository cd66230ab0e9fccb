// Command second is the smallest program beside the page's own: tests pack it, and see that two live on one portal.
package main

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/frontend/frame/shell"
)

func main() {
	shell.Use(shell.Feature{Pages: []shell.Page{
		{Path: "/second/", Title: lang.Plain("The second"), New: func() app.Composer { return &page{} }},
		{
			Path: "/second/about", Prerender: "about", Title: lang.Plain("About the second"),
			New: func() app.Composer { return &page{} },
		},
	}})
	shell.Run()
	generate()
}

type page struct{ app.Compo }

// Render draws the one thing that it says.
func (p *page) Render() app.UI {
	return app.Div().Body(shell.Heading(lang.Plain("The second program")), app.P().Text("is at work"))
}
