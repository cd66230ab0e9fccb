package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Reading is a card on the sill: it is being read.
func Reading(size Size) app.UI {
	return draw(size, frame+`<path class="scene-light" `+pane+sill+
		`<rect class="scene-paper" x="24" y="54" width="48" height="30" rx="4"/>`+
		`<rect class="scene-accent" x="32" y="62" width="10" height="8" rx="2"/><path d="M50 64h14M32 76h32"/>`)
}
