package kit

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"madoguchi/frontend/frame/lang"
	"madoguchi/proto/plaintext"
)

// Field is a line of text to type, with its label, hint and error tied to it. The page keeps the value: set Value to
// what OnInput gave.
type Field struct {
	// ID is that of the input; the label, hint and error are ID-label, ID-hint, ID-error.
	ID    string
	Label lang.Text
	Hint  lang.Text
	// Error is what is wrong and how to mend it; empty when nothing is.
	Error lang.Text
	// Type is text, email, password, tel …; text when empty.
	Type         string
	InputMode    string
	Autocomplete string
	Value        string
	Required     bool
	// Max is the number of characters allowed, counted as a person sees them, and shown; 0 for no limit. What is typed
	// beyond it stays and is an error of the page's to tell.
	Max int
	// Short narrows the field to what a name or number needs.
	Short bool
	// Disabled shows the value but takes no input.
	Disabled bool
	// Kept tells that what is typed is kept at once, and is there again when the page is loaded anew.
	Kept    bool
	OnInput func(ctx app.Context, value string)
	OnBlur  func(ctx app.Context)
	// OnEnter is called for the Enter key; not needed within a form.
	OnEnter func(ctx app.Context)
}

// KeptMark is the data attribute of a field whose contents loading the page anew would not lose.
const KeptMark = "kept"

// UI renders the field.
func (f Field) UI() app.UI {
	kind := f.Type
	if kind == "" {
		kind = "text"
	}
	short := ""
	if f.Short {
		short = "input-short"
	}
	input := app.Input().ID(f.ID).Name(f.ID).Type(kind).Class(classes("input", short)).
		Value(f.Value).Required(f.Required).Disabled(f.Disabled).
		Aria("describedby", describedBy(f.ID, f.Max > 0)).Aria("invalid", !f.Error.Empty())
	if f.Kept {
		input = input.DataSet(KeptMark, "")
	}
	if f.InputMode != "" {
		input = input.Attr("inputmode", f.InputMode)
	}
	if f.Autocomplete != "" {
		input = input.Attr("autocomplete", f.Autocomplete)
	}
	if f.OnInput != nil {
		onInput := f.OnInput
		input = input.OnInput(func(ctx app.Context, _ app.Event) { onInput(ctx, ctx.JSSrc().Get("value").String()) },
			app.EventScope(f.ID))
	}
	if f.OnBlur != nil {
		onBlur := f.OnBlur
		input = input.OnBlur(func(ctx app.Context, _ app.Event) { onBlur(ctx) }, app.EventScope(f.ID))
	}
	if f.OnEnter != nil {
		onEnter := f.OnEnter
		input = input.OnKeyDown(func(ctx app.Context, e app.Event) {
			if e.Get("key").String() == "Enter" && !OfInputMethod(e) {
				Once(ctx, e, onEnter)
			}
		}, app.EventScope(f.ID))
	}
	return app.Div().Class(classes("field", invalidClass(f.Error))).Body(
		LabelOf(f.ID, f.Label, f.Required),
		hintOf(f.ID, f.Hint),
		ErrorOf(f.ID, f.Error),
		input,
		counterOf(f.ID, f.Value, f.Max),
	)
}

// TextArea is for several lines of text, and is otherwise as a Field. It grows with what is typed where browsers know
// how.
type TextArea struct {
	ID       string
	Label    lang.Text
	Hint     lang.Text
	Error    lang.Text
	Value    string
	Required bool
	Max      int // as that of a Field
	Rows     int // how many lines are in sight at first; 4 when 0
	OnInput  func(ctx app.Context, value string)
}

// UI renders the field.
func (a TextArea) UI() app.UI {
	rows := a.Rows
	if rows == 0 {
		rows = 4
	}
	input := app.Textarea().ID(a.ID).Name(a.ID).Class("input textarea").Rows(rows).Required(a.Required).
		Aria("describedby", describedBy(a.ID, a.Max > 0)).Aria("invalid", !a.Error.Empty()).Body(app.Text(a.Value))
	if a.OnInput != nil {
		onInput := a.OnInput
		input = input.OnInput(func(ctx app.Context, _ app.Event) { onInput(ctx, ctx.JSSrc().Get("value").String()) },
			app.EventScope(a.ID))
	}
	return app.Div().Class(classes("field", invalidClass(a.Error))).Body(
		LabelOf(a.ID, a.Label, a.Required), hintOf(a.ID, a.Hint), ErrorOf(a.ID, a.Error), input,
		counterOf(a.ID, a.Value, a.Max),
	)
}

// counterOf tells how many characters there are and may be; nothing where there is no limit.
func counterOf(id, value string, most int) app.UI {
	return app.If(most > 0, func() app.UI {
		n := plaintext.Count(plaintext.Clean(value))
		over := ""
		if n > most {
			over = "counter-over"
		}
		return app.P().ID(id + "-count").Class(classes("counter", over)).Body(textCounter.F(n, most).UI())
	})
}

// Recount has the counter of a field say at once how much stands in it, before go-app draws the field next. It says
// whether that was all that there is to change: not where there is too much, or was, and not where characters have
// readings.
func Recount(id, value string, most int) bool {
	if most == 0 {
		return true
	}
	n := plaintext.Count(plaintext.Clean(value))
	if app.IsServer || n > most {
		return false
	}
	return app.Window().Call("madoguchiCount", id+"-count", textCounter.F(n, most).String()).Truthy()
}

func describedBy(id string, counted bool) string {
	ids := id + "-hint " + id + "-error"
	if counted {
		ids += " " + id + "-count"
	}
	return ids
}

func invalidClass(err lang.Text) string {
	if err.Empty() {
		return ""
	}
	return "field-invalid"
}

// LabelOf is the label of a field that a component draws itself, with the word whether it must be filled in.
func LabelOf(id string, label lang.Text, required bool) app.UI {
	return labelWith(id, label.UI(), mark(required))
}

func labelWith(id string, body ...app.UI) app.UI {
	return app.Label().ID(id + "-label").For(id).Class("label").Body(body...)
}

func mark(required bool) app.UI {
	if required {
		return textRequired.Span("mark mark-required")
	}
	return textOptional.Span("mark")
}

func hintOf(id string, hint lang.Text) app.UI {
	return app.P().ID(id + "-hint").Class("hint").Body(hint.UI())
}

// ErrorOf is what is wrong with the field of this id. It is always there, so that nothing shifts when an error comes.
func ErrorOf(id string, err lang.Text) app.UI {
	if err.Empty() {
		return app.P().ID(id + "-error").Class("error-text")
	}
	return app.P().ID(id+"-error").Class("error-text").Body(Icon(IconError), err.UI())
}
