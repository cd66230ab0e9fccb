package kit

import (
	"maps"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// pressed are the elements that were pressed and are not drawn anew yet. Events come one at a time, so nothing
// guards it.
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

// strayMs is how soon a press after another one, on what the page has put under the focus meanwhile, was meant for
// what was there before.
const strayMs = 500

// presses remembers the press before.
type presses struct {
	on    app.Value
	at    int
	moved bool // the person has used another key since
}

// PressesStay has the second click of a double click, and the second of two quick presses of a key, mean what the
// first was on; an Enter that is held down is one press. By the second the first may have brought another page, a
// question or the next line of a list under the pointer or the focus, which nobody meant. The shell calls it once.
func PressesStay() (stop func()) {
	p := &presses{}
	window := app.Window()
	click := app.FuncOf(func(_ app.Value, args []app.Value) any {
		p.click(app.Event{Value: args[0]})
		return nil
	})
	window.Call("addEventListener", "click", click, true)
	deaf := hearKeys(p.key, true, "Enter", " ")
	return func() {
		window.Call("removeEventListener", "click", click, true)
		click.Release()
		deaf()
	}
}

// hearKeys tells of keys, named as browsers do, that are pressed anywhere on the page; first is to hear of them before
// the element that they are for, and then of the first other key after a click, too. What nobody asks for costs no call
// into the program: somebody is typing.
func hearKeys(hear func(app.Event), first bool, keys ...any) (stop func()) {
	heard := app.FuncOf(func(_ app.Value, args []app.Value) any {
		hear(app.Event{Value: args[0]})
		return nil
	})
	deaf := app.Window().Call("madoguchiKeys", heard, keys, first)
	return func() {
		deaf.Invoke()
		heard.Release()
	}
}

func (p *presses) click(event app.Event) {
	if !event.Get("isTrusted").Truthy() {
		return // a program's
	}
	on := within(event, pressable)
	if on != nil && !sameThing(p.on, on) && p.again(event) {
		event.PreventDefault()
		event.Call("stopImmediatePropagation")
		return
	}
	p.on, p.at, p.moved = on, number(event.Get("timeStamp")), false
}

// again says that a click is a press that began on what was there before.
func (p *presses) again(event app.Event) bool {
	if detail := number(event.Get("detail")); detail > 0 {
		return detail > 1
	}
	return p.on != nil && !p.moved && number(event.Get("timeStamp"))-p.at < strayMs
}

func (p *presses) key(event app.Event) {
	key := event.Get("key").String()
	if key != "Enter" && key != " " {
		p.moved = true
		return
	}
	if event.Get("repeat").Truthy() && key == "Enter" && within(event, "a, button, summary") != nil {
		event.PreventDefault()
	}
}

// within is the nearest thing of some kinds that an event is on; nil when there is none.
func within(event app.Event, kinds string) app.Value {
	target := event.Get("target")
	if !target.Get("closest").Truthy() {
		return nil
	}
	if on := target.Call("closest", kinds); on.Truthy() {
		return on
	}
	return nil
}

// sameThing says that two clicks are on one thing; a label is one with its field.
func sameThing(a, b app.Value) bool {
	if a == nil || b == nil {
		return false
	}
	labels := func(label, field app.Value) bool {
		control := label.Get("control")
		return control.Truthy() && control.Equal(field)
	}
	return a.Equal(b) || labels(a, b) || labels(b, a)
}
