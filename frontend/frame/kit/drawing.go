package kit

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Drawing makes an SVG of what stands within it: g, path, rect and circle with attributes in double quotes and no text.
// It is hidden from screen readers. In a browser it is made element by element (draw in frontend/pack/slim): no string
// becomes HTML, ours neither.
func Drawing(class, viewBox, within string) app.UI {
	return app.Raw(
		`<svg class="` + class + `" viewBox="` + viewBox + `" aria-hidden="true" focusable="false">` +
			within + `</svg>`,
	)
}
