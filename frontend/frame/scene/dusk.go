package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Dusk is the window in the evening: nobody is logged in.
func Dusk(size Size) app.UI {
	return draw(size, `<path class="scene-dark" `+pane+frame+
		`<path class="scene-light" d="M53 34a12 12 0 1 0 5 20 14 14 0 0 1-5-20z"/><path d="M58 30v.1M40 64v.1M60 66v.1"/>`+sill)
}
