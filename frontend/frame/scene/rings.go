package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Rings is for marriage and divorce.
func Rings(size Size) app.UI {
	return draw(size, glow+
		`<path class="scene-paper" d="M36 48l-8-9 4-7h8l4 7z"/>`+
		`<path class="scene-paper" d="M36 48a18 18 0 1 0 .1 0zm0 6a12 12 0 1 1-.1 0z"/><path class="scene-paper" d="M60 48a18 18 0 1 0 .1 0zm0 6a12 12 0 1 1-.1 0z"/>`+
		`<path class="scene-over" d="M41.6 48.9A18 18 0 0 1 53.5 61.6L47.6 63.1A12 12 0 0 0 39.7 54.6z"/><path d="M41.6 48.9A18 18 0 0 1 53.5 61.6M47.6 63.1A12 12 0 0 0 39.7 54.6"/>`+sill)
}
