package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// MovingBox is for moving.
func MovingBox(size Size) app.UI {
	return draw(size, glow+
		`<path class="scene-paper" d="M48 52V28"/><path class="scene-paper" d="M48 40c-8 0-12-4-12-12 8 0 12 4 12 12zM48 32c0-8 4-12 12-12 0 8-4 12-12 12z"/>`+
		`<path class="scene-paper" d="M24 52h48v32H24zM24 52l-10-8h24l10 8zM72 52l10-8H58l-10 8z"/><path d="M40 64h16"/>`+sill)
}
