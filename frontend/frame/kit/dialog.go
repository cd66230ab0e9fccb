package kit

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// Dialog asks or tells something before anything else goes on. It is the browser's own modal dialog: the rest of the
// page is inert, the focus stays in it and comes back afterwards, Esc closes it.
type Dialog struct {
	app.Compo

	ID    string
	Open  bool
	Title lang.Text
	// Body and Actions are drawn anew each time; the first action is the one that has the focus.
	Body    func() []app.UI
	Actions func() []app.UI
	// Alert is for what must not be overlooked.
	Alert bool
	// Drawer has it come in from the side, for a menu.
	Drawer bool
	// OnClose is called when the person closes it with Esc; the page then sets Open to false.
	OnClose func(ctx app.Context)
}

// OnMount opens it if it is to be open.
func (d *Dialog) OnMount(ctx app.Context) { d.sync(ctx) }

// OnUpdate opens or closes it.
func (d *Dialog) OnUpdate(ctx app.Context) { d.sync(ctx) }

func (d *Dialog) sync(ctx app.Context) {
	ctx.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		element := app.Window().GetElementByID(d.ID)
		if !element.Truthy() || element.Get("open").Bool() == d.Open {
			return
		}
		if d.Open {
			element.Call("showModal")
		} else {
			element.Call("close")
		}
	})
}

// Render draws the dialog; its body only while it is open. A menu's is in the document from the beginning: boot.js
// opens it before the program runs.
func (d *Dialog) Render() app.UI {
	role := "dialog"
	if d.Alert {
		role = "alertdialog"
	}
	class := "dialog"
	if d.Drawer {
		class = "dialog drawer"
	}
	e := app.Dialog().ID(d.ID).Class(class).Attr("role", role).Aria("labelledby", d.ID+"-title").
		On("cancel", func(ctx app.Context, e app.Event) {
			e.PreventDefault()
			if d.OnClose != nil {
				d.OnClose(ctx)
			}
		})
	if !d.Open && (!d.Drawer || app.IsClient) {
		return e.Body(app.H2().ID(d.ID + "-title").Class("dialog-title").Body(d.Title.UI()))
	}
	return e.Body(
		app.H2().ID(d.ID+"-title").Class("dialog-title").Body(d.Title.UI()),
		app.Div().Class("dialog-body").Body(call(d.Body)...),
		app.Div().Class("dialog-actions").Body(call(d.Actions)...),
	)
}

func call(f func() []app.UI) []app.UI {
	if f == nil {
		return nil
	}
	return f()
}
