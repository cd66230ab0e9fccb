// Package procedure is the page of one procedure: what it is, what one can do today, by when, with what, and where. It
// works without a network where the device keeps the place.
package procedure

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
	"madoguchi/frontend/frame/shell"
	"madoguchi/frontend/part/catalog"
)

// Feature hangs the page into the house.
var Feature = shell.Feature{
	Pages: []shell.Page{{
		Pattern: "^/procedures/(nation|[0-9]{6})/[^/]+$", Document: "procedure", Title: textTitle,
		Parent: catalog.SearchPath,
		New:    func() app.Composer { return &page{} },
	}},
}
