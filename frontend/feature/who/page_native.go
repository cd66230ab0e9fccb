//go:build !js

package who

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/feature/who/explained"
	"madoguchi/frontend/frame/shell"
)

// page is the document.
type page struct{ app.Compo }

// Render draws it.
func (p *page) Render() app.UI {
	return app.Div().Class("page column page-who").Body(shell.Heading(textTitle), explained.Article())
}
