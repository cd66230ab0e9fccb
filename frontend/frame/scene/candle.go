package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Candle is for death and inheritance.
func Candle(size Size) app.UI {
	return draw(size, glow+
		`<path class="scene-paper" d="M48 18c8 8 10 12 10 16a10 10 0 0 1-20 0c0-4 2-8 10-16z"/><path d="M48 36v12"/>`+
		`<rect class="scene-paper" x="40" y="48" width="16" height="28"/><path class="scene-paper" d="M28 76h40l-4 8H32z"/>`+sill)
}
