package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Wheelchair is for illness and disability.
func Wheelchair(size Size) app.UI {
	return draw(size, glow+
		`<path d="M26 26h8v28h28l6 20h10M34 40h20v14"/><circle class="scene-paper" cx="42" cy="68" r="16"/><circle class="scene-accent" cx="42" cy="68" r="5"/>`+
		`<circle class="scene-paper" cx="66" cy="78" r="6"/>`+sill)
}
