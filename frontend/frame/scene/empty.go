package scene

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Empty is the sill with nobody on it but a bird: there is nothing here.
func Empty(size Size) app.UI {
	return draw(size, `<path class="scene-dark" `+pane+frame+
		`<path class="scene-accent" d="M30 64a13 13 0 0 1 13-13c7 0 10 5 14 8 3 2.500 7 3 12 1-3 11-10 18-21 18-10 0-18-5-18-14z"/>`+
		`<path d="M31 60l-7 3 6 4M39 60v.1M47 63c2 6 8 7 13 4M42 78v6M50 78v6"/>`+sill)
}
