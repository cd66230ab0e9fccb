package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Locked is the window with its blind down.
func Locked(size Size) app.UI {
	return draw(size, frame+`<path class="scene-paper" `+pane+
		`<path d="M35 28h26M30 36h36M30 44h36M30 52h36"/>`+
		`<rect class="scene-accent" x="36" y="64" width="24" height="20" rx="4"/><path d="M40 64v-4a8 8 0 0 1 16 0v4M48 72v4"/>`+sill)
}
