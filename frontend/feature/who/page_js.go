package who

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/shell"
)

// page gives way to the document, to which a link of the program's has led.
type page struct{ app.Compo }

// OnMount has the browser take the document.
func (p *page) OnMount(app.Context) { app.Window().Get("location").Call("reload") }

// Render draws what is seen until then.
func (p *page) Render() app.UI { return app.Div().Class("page").Body(shell.Heading(textTitle)) }
