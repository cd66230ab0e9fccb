// Package kit holds the components that every page is made of, on the Digital Agency's design tokens: they look the
// same, work by keyboard and with a screen reader, and say things in the person's language. It knows no feature, no RPC
// and no route.
//
// A component without a state of its own is a struct with UI(): kit.Button{Label: …}.UI(). Combobox and Dialog keep a
// state and are go-app components: &kit.Dialog{…} goes into a Body as it is.
//
// What go-app asks of those who use these:
//   - Children are matched by position. Something that comes and goes before a field takes the field's place, and with
//     it focus and text. Use the parts that are always there and empty at first (ErrorSummary, NotificationBanner with
//     an empty Title), or put what comes and goes into an element of its own.
//   - A handler is replaced only when its code or its scope changes, not when what it captured does. In lists, set ID
//     or Scope to what tells the item apart.
//   - Style attributes are refused by the CSP: classes only.
package kit

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
)

// classes joins the names that are not empty.
func classes(names ...string) string {
	kept := names[:0:0]
	for _, n := range names {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, " ")
}

// Focus moves the focus to the element with this id once it is drawn; without such an element nothing happens.
func Focus(ctx app.Context, id string) {
	ctx.Defer(func(app.Context) {
		if app.IsServer {
			return
		}
		if e := app.Window().GetElementByID(id); e.Truthy() {
			e.Call("focus")
		}
	})
}

// OfInputMethod says that a key belongs to an input method, which turns kana to kanji with it: Enter takes its proposal
// then and asks for nothing of the page. Safari ends the composition before it tells of that Enter, and marks it by its
// code alone (https://bugs.webkit.org/show_bug.cgi?id=165004).
func OfInputMethod(key app.Event) bool {
	const process = 229
	return key.Get("isComposing").Truthy() || number(key.Get("keyCode")) == process
}

// number is 0 for what is none: events that software makes up, as for what a browser fills in, do not have everything.
func number(v app.Value) int {
	if v.Type() != app.TypeNumber {
		return 0
	}
	return v.Int()
}

// Hidden is a text for screen readers alone.
func Hidden(t lang.Text) app.UI { return t.Span("visually-hidden") }

// Paragraphs shows plain text as an office wrote it: blank lines separate paragraphs, line ends are kept.
func Paragraphs(text string) app.UI {
	var body []app.UI
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			body = append(body, app.P().Class("prose-line").Text(p))
		}
	}
	return app.Div().Class("prose").Body(body...)
}

// SetValue changes the text of an input itself. It is needed to empty one: go-app only takes the attribute away then,
// and what was typed stays.
func SetValue(ctx app.Context, id, value string) {
	ctx.Defer(func(app.Context) { Write(id, value) })
}

// Write is SetValue at once.
func Write(id, value string) {
	if app.IsServer {
		return
	}
	if e := app.Window().GetElementByID(id); e.Truthy() {
		e.Set("value", value)
	}
}
