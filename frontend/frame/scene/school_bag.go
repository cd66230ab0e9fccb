package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// SchoolBag is for raising children.
func SchoolBag(size Size) app.UI {
	return draw(size, glow+
		`<path d="M42 28v-2a6 6 0 0 1 12 0v2M28 56h-5v20h5M68 56h5v20h-5"/><path class="scene-paper" d="M28 84V48a20 20 0 0 1 40 0v36z"/>`+
		`<path d="M28 62a8 8 0 0 0 8 8h24a8 8 0 0 0 8-8M36 56V48a12 12 0 0 1 24 0v8"/><rect class="scene-accent" x="43" y="64" width="10" height="12" rx="2"/>`+sill)
}
