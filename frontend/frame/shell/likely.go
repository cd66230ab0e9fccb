package shell

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Until the portal has said who is there (Unknown), and in the document that comes before the program, what differs for
// who is logged in is drawn both ways, and the style shows one: that of a person where the device has a mark that
// somebody is likely in, since they were when a page was here last. So nothing jumps once it is known. The mark
// (static/boot.js sets it from what part/session keeps) says nothing of whom, and opens nothing. What is not drawn once
// it is known leaves an empty place: go-app goes by places, and what stands behind would be made of what is gone.
const (
	ifIn  = "if-in"
	ifOut = "if-out"
)

// Either draws what in gives for who is logged in, and what out gives for others; both while nobody knows.
func Either(in, out func() app.UI) app.UI {
	box := func(class string, body app.UI) app.UI { return app.Span().Class("either " + class).Body(body) }
	switch CurrentSession().State {
	case Unknown:
		return app.Span().Class("either").Body(box(ifIn, in()), box(ifOut, out()))
	case CitizenState:
		return app.Span().Class("either").Body(box("", in()))
	default:
		return app.Span().Class("either").Body(app.Span().Class("tool-none"), box("", out()))
	}
}

// markLikely has the document say what is known, so that the style for what is not never differs from it.
func markLikely(state State) {
	if !app.IsClient || state == Unknown {
		return
	}
	app.Window().Get("document").Get("documentElement").Call("toggleAttribute", "data-likely", state == CitizenState)
}
