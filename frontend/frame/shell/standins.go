package shell

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	"madoguchi/frontend/frame/lang"
)

func standIn(title, text lang.Text, ways ...app.UI) app.UI {
	return app.Div().Class("column stand-in-page").Body(
		Heading(title),
		text.P("lead"),
		app.Div().Class("actions").Body(ways...),
	)
}

func notFoundPage() app.UI {
	return standIn(textNotFound, textNotFoundBody,
		kit.Link{Label: textToTop, Href: "/", Kind: kit.Primary}.UI(),
		kit.Link{Label: textToHelp, Href: "/help", Kind: kit.Secondary}.UI(),
	)
}

// waitingPage is what the prerendered frame of a personal page shows until the program runs.
func waitingPage() app.UI {
	return app.Div().Class("stand-in-page").Body(
		app.H1().Class("visually-hidden").Body(textProduct.UI()),
		kit.Skeleton(4, nil),
		app.NoScript().Body(textBootNeeds.P("lead")),
	)
}

// Mark is the project's own sign: a window over a counter.
func Mark() app.UI {
	return kit.Drawing("mark-sign", "0 0 48 48",
		`<path class="mark-frame" d="M10 33V19a14 14 0 0 1 28 0v14"/><path class="mark-light" d="M16 33V19.500a8 8 0 0 1 16 0V33z"/><path class="mark-counter" d="M5 37.500h38"/>`)
}
