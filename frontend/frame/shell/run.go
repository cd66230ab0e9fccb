package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// notFoundRoute is the Route of a frame whose path is nobody's.
const notFoundRoute = -1

// Run sets the routes and, in a browser, starts the page; it returns only outside of one.
func Run() {
	if instead := lang.Start(); instead {
		store.languageAway = true
	}
	for i, p := range house.pages {
		root := func() app.Composer { return &frame{Route: i} }
		if p.Path != "" {
			app.Route(p.Path, root)
			continue
		}
		app.RouteWithRegexp(p.Pattern, root)
	}
	app.RouteWithRegexp("^/", func() app.Composer { return &frame{Route: notFoundRoute} })
	app.RunWhenOnBrowser()
}
