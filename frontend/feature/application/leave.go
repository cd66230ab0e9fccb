package application

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/kit"
	portalv1 "madoguchi/proto/gen/portal/v1"
)

// leave is to download a file, once: a form that a browser sends, so that nothing of the file passes through the page.
type leave struct{ path, ticket string }

func (l *leave) form() app.UI {
	return app.Form().ID("application-ticket").Method("post").Action(l.path).Hidden(true).Body(
		app.Input().Type("hidden").Name("ticket").Value(l.ticket),
	)
}

func (l *leave) use(ctx app.Context, path, ticket string) {
	l.path, l.ticket = path, ticket
	ctx.Defer(func(ctx app.Context) {
		if app.IsServer {
			return
		}
		if e := app.Window().GetElementByID("application-ticket"); e.Truthy() {
			e.Call("submit")
		}
	})
}

// attached is a file, with the way to open it.
func attached(at *portalv1.Attachment, busy bool, open func(app.Context)) app.UI {
	return app.P().Body(
		app.Elem("bdi").Text(at.GetName()), app.Span().Class("hint").Text(" "+kit.Size(at.GetSize())+" "),
		kit.Button{
			ID: "attachment-" + at.GetId(), Label: textOpen, Kind: kit.TextOnly, Icon: kit.IconDownload, OnPress: open,
			Busy: busy,
		}.UI(),
	)
}
