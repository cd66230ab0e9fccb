package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// gapOperator stands in every prerendered header where the portal writes whose it is.
const gapOperator = "{{operator}}"

// operator is the municipality that runs the portal, by its name and crest, where they are configured. The portal says
// so in every page (backend/door/operator), and in a meta element for the languages that follow.
func operator() app.UI {
	place := app.Span().Class("operator")
	if app.IsServer {
		return place.Text(gapOperator)
	}
	meta := app.Window().Get("document").Call("querySelector", "meta[name=operator]")
	if !meta.Truthy() {
		return place.Hidden(true)
	}
	said := func(name string) string {
		value := meta.Call("getAttribute", name)
		if !value.Truthy() {
			return ""
		}
		return value.String()
	}
	name := lang.New(said("content"), said("data-en"), said("data-easy")).Span("operator-name")
	crest := said("data-crest")
	if crest == "" {
		return place.Body(app.Span(), name)
	}
	image := app.Img().Class("crest").Src(crest).Attr("role", "presentation").Width(32).Height(32)
	return place.Body(app.Span().Body(image), name)
}
