package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// WalkingStick is for care in old age.
func WalkingStick(size Size) app.UI {
	return draw(size, glow+
		`<path class="scene-paper" d="M22 60h26v14a10 10 0 0 1-10 10h-6a10 10 0 0 1-10-10z"/><path d="M22 68h26M31 52c-3-4 3-6 0-10M39 52c-3-4 3-6 0-10"/>`+
		`<path class="scene-paper" d="M58 84V38a12 12 0 0 1 24 0v4h-7v-4a5 5 0 0 0-10 0v46zM58 76h7"/>`+sill)
}
