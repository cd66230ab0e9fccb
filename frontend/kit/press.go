package kit

import (
	"maps"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// pressed are the elements that were pressed and are not drawn anew yet. Events come one at a time, so nothing guards it.
var pressed = map[app.UI]bool{}

// Once does what a press asks for, unless it is the second of a double click, or one that came before the page could
// show that it works on the first: Busy is seen only once the button is drawn anew. Button does it by itself; this is
// for buttons that a page draws.
func Once(ctx app.Context, event app.Event, press func(ctx app.Context)) {
	source := ctx.Src()
	if number(event.Get("detail")) > 1 || pressed[source] {
		return
	}
	// What is deferred by an element that goes is left out.
	maps.DeleteFunc(pressed, func(e app.UI, _ bool) bool { return !e.Mounted() })
	pressed[source] = true
	press(ctx)
	ctx.Defer(func(app.Context) { delete(pressed, source) })
}

// pressable are what a click does something with.
const pressable = "a, button, summary, input, select, textarea, label, [role=option]"

// PressesStay has the second click of a double click mean what the first was on, and an Enter that is held down mean one press. By the second
// the first may have brought another page, a question or the next line of a list under the pointer or the focus, which nobody meant. The
// shell calls it once.
func PressesStay() (stop func()) {
	var first app.Value
	heard := app.FuncOf(func(_ app.Value, args []app.Value) any {
		event := app.Event{Value: args[0]}
		target := event.Get("target")
		if !target.Get("closest").Truthy() {
			return nil
		}
		on := target.Call("closest", pressable)
		if number(event.Get("detail")) <= 1 {
			first = on
			return nil
		}
		if on.Truthy() && !sameThing(first, on) {
			event.PreventDefault()
			event.Call("stopImmediatePropagation")
		}
		return nil
	})
	held := app.FuncOf(func(_ app.Value, args []app.Value) any {
		event := app.Event{Value: args[0]}
		target := event.Get("target")
		if event.Get("repeat").Truthy() && event.Get("key").String() == "Enter" && target.Get("closest").Truthy() &&
			target.Call("closest", "a, button, summary").Truthy() {
			event.PreventDefault()
		}
		return nil
	})
	window := app.Window()
	window.Call("addEventListener", "click", heard, true)
	window.Call("addEventListener", "keydown", held, true)
	return func() {
		window.Call("removeEventListener", "click", heard, true)
		window.Call("removeEventListener", "keydown", held, true)
		heard.Release()
		held.Release()
	}
}

// sameThing says that two clicks are on one thing; a label is one with its field.
func sameThing(a, b app.Value) bool {
	if a == nil || !a.Truthy() {
		return false
	}
	labels := func(label, field app.Value) bool {
		control := label.Get("control")
		return control.Truthy() && control.Equal(field)
	}
	return a.Equal(b) || labels(a, b) || labels(b, a)
}
