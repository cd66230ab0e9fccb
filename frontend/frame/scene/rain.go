package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Rain is the window in bad weather: something is out of order.
func Rain(size Size) app.UI {
	return draw(size, frame+`<path class="scene-light" `+pane+
		`<path class="scene-paper" d="M18 40a10 10 0 0 1-1-20 15 15 0 0 1 28-5 12 12 0 0 1 15 12 7 7 0 0 1-2 13z"/>`+
		`<path d="M14 48l-4 10M28 48l-4 10M42 48l-4 10M56 48l-4 10M36 64l-4 10M50 64l-4 10"/>`+sill)
}
