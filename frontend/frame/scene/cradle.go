package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Cradle is for pregnancy and birth.
func Cradle(size Size) app.UI {
	return draw(size, glow+
		`<circle class="scene-paper" cx="59" cy="43" r="7"/><path class="scene-paper" d="M24 48a24 24 0 0 1 24-24v24z"/>`+
		`<path class="scene-paper" d="M24 48h48l-5 26H29zM26 58h44"/><path d="M22 74q26 20 52 0"/>`+sill)
}
