// Command hello is the smallest program that go-app makes, as released: the start of the page is compared with its.
package main

import "github.com/maxence-charriere/go-app/v10/pkg/app"

type hello struct{ app.Compo }

// OnMount tells whoever measures that the program draws now, as the page's frame does.
func (h *hello) OnMount(ctx app.Context) {
	ctx.Defer(func(app.Context) {
		app.Window().Get("document").Get("documentElement").Get("dataset").Set("ready", "true")
	})
}

// Render draws one line.
func (h *hello) Render() app.UI { return app.H1().Text("Hello") }

func main() {
	app.Route("/", func() app.Composer { return &hello{} })
	app.RunWhenOnBrowser()
}
