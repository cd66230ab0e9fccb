package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// CrackedHouse is for disaster.
func CrackedHouse(size Size) app.UI {
	return draw(size, glow+
		`<path class="scene-paper" d="M26 84V54l22-18 22 18v30z"/><path d="M18 60l30-26 30 26"/><path d="M52 84l-4-10 8-8-8-8 4-8"/>`+
		`<rect class="scene-accent" x="32" y="60" width="8" height="8"/><path d="M24 22l-4 8M40 14l-4 8M58 14l-4 8M76 22l-4 8"/>`+sill)
}
