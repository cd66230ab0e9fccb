package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Lit is a window with light in it: open, done, welcome.
func Lit(size Size) app.UI {
	return draw(size, frame+`<path class="scene-light" `+pane+
		`<path d="M48 22v54M30 48h36"/>`+sill)
}
